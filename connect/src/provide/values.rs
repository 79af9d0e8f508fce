//! The values of a request: slots that are found by type.

use std::any::{Any, TypeId, type_name};
use std::fmt;
use std::sync::Arc;

use smallvec::SmallVec;

use super::tuples::up_to_twelve;
use crate::Error;
use crate::request::Number;

/// A value of any type, shared: a route may hold it beside `&mut Request`.
pub(crate) type Value = Arc<dyn Any + Send + Sync>;

/// The values that a layer provides, on their way from `next` into the request. Every layer returns one, so it is kept
/// small: the types are checked when it arrives. The number is that of the request that it was made for.
pub(crate) enum Provided {
    One(Number, Value),
    Several(Number, Box<[Value]>),
}

impl Provided {
    /// Whether it was made for the request of this number.
    #[inline]
    pub(crate) fn is_for(&self, number: Number) -> bool {
        let (Provided::One(to, _) | Provided::Several(to, _)) = self;
        *to == number
    }

    #[inline]
    pub(crate) fn put(self, values: &mut Values) {
        match self {
            Provided::One(_, value) => values.add(value),
            Provided::Several(_, all) => all.into_iter().for_each(|value| values.add(value)),
        }
    }
}

impl fmt::Debug for Provided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provided").finish_non_exhaustive()
    }
}

/// The values provided so far, the newest last.
#[derive(Default)]
pub(crate) struct Values {
    slots: SmallVec<[(TypeId, Value); 2]>,
    /// Ranges of slots that are not visible now, since the request has left the scope that they were provided in. The
    /// later ones end later.
    hidden: Vec<(u32, u32)>,
}

/// The number of values at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    slots: u32,
    hidden: u32,
}

impl Values {
    pub(crate) fn add(&mut self, value: Value) {
        self.slots.push(((*value).type_id(), value));
    }

    #[inline]
    pub(crate) fn mark(&self) -> Mark {
        Mark { slots: self.slots.len() as u32, hidden: self.hidden.len() as u32 }
    }

    /// Drops what was provided since.
    #[inline]
    pub(crate) fn back_to(&mut self, mark: Mark) {
        if self.slots.len() > mark.slots as usize {
            self.slots.truncate(mark.slots as usize);
        }
        self.hidden.truncate(mark.hidden as usize);
    }

    /// Hides what was provided since, until [`back_to`](Values::back_to) a mark from before this.
    pub(crate) fn out_to(&mut self, mark: Mark) {
        if self.slots.len() > mark.slots as usize {
            self.hidden.push((mark.slots, self.slots.len() as u32));
        }
    }

    /// The newest value of a type: below a second provider its value is used.
    #[inline]
    fn find<T: Any>(&self) -> Option<&Value> {
        if !self.hidden.is_empty() {
            return self.find_between(TypeId::of::<T>());
        }
        self.slots.iter().rev().find(|(id, _)| *id == TypeId::of::<T>()).map(|(_, value)| value)
    }

    /// The same where some are hidden.
    #[cold]
    fn find_between(&self, id: TypeId) -> Option<&Value> {
        let mut end = self.slots.len();
        for &(from, to) in self.hidden.iter().rev() {
            // One inside of another that was looked at has no end of its own.
            let (from, to) = (from as usize, (to as usize).min(end));
            if let Some((_, value)) = self.slots[to..end].iter().rev().find(|(it, _)| *it == id) {
                return Some(value);
            }
            end = end.min(from);
        }
        self.slots[..end].iter().rev().find(|(it, _)| *it == id).map(|(_, value)| value)
    }

    #[inline]
    pub(crate) fn get<T: Any>(&self) -> Option<&T> {
        self.find::<T>()?.downcast_ref()
    }

    pub(crate) fn share<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        Arc::clone(self.find::<T>()?).downcast().ok()
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} values", self.slots.len())
    }
}

/// What `next: Next<T>` and `next: Next<(A, B)>` provide. `Form` keeps a tuple of types apart from one type that
/// is a tuple.
pub trait Provides<Form> {
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "it is for this crate alone")]
    fn provided(self, to: Number) -> Provided;
}

/// One type.
#[derive(Debug)]
pub struct Single;

/// A tuple of types.
#[derive(Debug)]
pub struct Tuple;

impl<T: Any + Send + Sync> Provides<Single> for T {
    #[allow(private_interfaces, reason = "it is for this crate alone")]
    fn provided(self, to: Number) -> Provided {
        Provided::One(to, Arc::new(self))
    }
}

macro_rules! several {
    ($(($($name:ident)+))*) => { $(
        impl<$($name: Any + Send + Sync),+> Provides<Tuple> for ($($name,)+) {
            #[allow(private_interfaces, reason = "it is for this crate alone")]
            #[allow(non_snake_case, reason = "the types' names stand for the values")]
            fn provided(self, to: Number) -> Provided {
                let ($($name,)+) = self;
                Provided::Several(to, Box::new([$(Arc::new($name) as Value),+]))
            }
        }
    )* };
}
up_to_twelve!(several);

/// The error for a value that is missing although the compiler has checked that it is provided: the request was
/// replaced, or a layer written by hand did not provide what it declares.
#[cold]
pub(crate) fn missing<T: ?Sized>() -> Error {
    Error::msg(format!("`{}` should have been provided above this layer, and was not", type_name::<T>()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Mark, Values};

    /// What is seen, as a list of its own for each place that a request has gone to.
    #[test]
    fn what_is_seen_is_what_a_list_for_each_place_would_have() {
        let mut state = 7_u32;
        let mut random = move |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % below
        };
        for _ in 0..500 {
            let mut values = Values::default();
            let mut seen: Vec<Vec<u32>> = vec![Vec::new()];
            // Marks of places further out, with what was seen there, and those to go back to.
            let mut outside: Vec<(Mark, Vec<u32>)> = Vec::new();
            let mut back: Vec<Mark> = Vec::new();
            for n in 0..40 {
                match random(4) {
                    0 => {
                        values.add(Arc::new(n));
                        seen.last_mut().unwrap().push(n);
                    }
                    // Into a scope.
                    1 => {
                        back.push(values.mark());
                        outside.push((values.mark(), seen.last().unwrap().clone()));
                        seen.push(seen.last().unwrap().clone());
                    }
                    // Out of the innermost that it was not out of yet, to what follows.
                    2 if !outside.is_empty() => {
                        let (mark, there) = outside.pop().unwrap();
                        back.push(values.mark());
                        values.out_to(mark);
                        seen.push(there);
                    }
                    // All is done there.
                    3 if !back.is_empty() => {
                        values.back_to(back.pop().unwrap());
                        seen.pop();
                        // A mark of a place that is gone is not gone to any more.
                        outside.retain(|(mark, _)| *mark <= values.mark());
                    }
                    _ => {}
                }
                assert_eq!(values.get::<u32>(), seen.last().unwrap().last());
            }
        }
    }
}
