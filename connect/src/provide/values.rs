//! The values of a request: slots that are found by type.

use std::any::{Any, TypeId, type_name};
use std::fmt;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::{Error, Request};

/// A value of any type, shared: a route may hold it beside `&mut Request`.
pub(crate) type Value = Arc<dyn Any + Send + Sync>;

/// What a layer provides, on its way from `next` into the request. It is a part of what every layer returns, and so kept
/// small: the types are asked for when it arrives.
pub(crate) enum Provided {
    One(Value),
    Several(Box<[Value]>),
}

impl fmt::Debug for Provided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provided").finish_non_exhaustive()
    }
}

/// What the layers provided so far, the newest last.
#[derive(Default)]
pub(crate) struct Values(SmallVec<[(TypeId, Value); 2]>);

impl Values {
    pub(crate) fn add(&mut self, provided: Provided) {
        match provided {
            Provided::One(value) => self.0.push(((*value).type_id(), value)),
            Provided::Several(all) => self.0.extend(all.into_iter().map(|value| ((*value).type_id(), value))),
        }
    }

    /// The newest of a type: below a second provider, on another way, its value counts.
    #[inline]
    fn find<T: Any>(&self) -> Option<&Value> {
        self.0.iter().rev().find(|(id, _)| *id == TypeId::of::<T>()).map(|(_, value)| value)
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
        write!(f, "{} values", self.0.len())
    }
}

/// A value for its slot.
pub(crate) fn one<T: Any + Send + Sync>(value: Arc<T>) -> Provided {
    Provided::One(value)
}

/// What `next: Next<T>` and `next: Next<(A, B)>` provide. `Form` keeps a tuple of types apart from one type that
/// is a tuple.
pub trait Provides<Form> {
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "it is for this crate alone")]
    fn provided(self) -> Provided;
}

/// One type.
#[derive(Debug)]
pub struct Single;

/// A tuple of types.
#[derive(Debug)]
pub struct Tuple;

impl<T: Any + Send + Sync> Provides<Single> for T {
    #[allow(private_interfaces, reason = "it is for this crate alone")]
    fn provided(self) -> Provided {
        one(Arc::new(self))
    }
}

macro_rules! several {
    ($(($($name:ident),+))*) => { $(
        impl<$($name: Any + Send + Sync),+> Provides<Tuple> for ($($name,)+) {
            #[allow(private_interfaces, reason = "it is for this crate alone")]
            #[allow(non_snake_case, reason = "the types' names stand for the values")]
            fn provided(self) -> Provided {
                let ($($name,)+) = self;
                Provided::Several(Box::new([$(Arc::new($name) as Value),+]))
            }
        }
    )* };
}
several! {
    (A)
    (A, B)
    (A, B, C)
    (A, B, C, D)
    (A, B, C, D, E)
    (A, B, C, D, E, F)
}

/// The error for a need that the compiler saw met and that is not: the request was put in place of another, a layer
/// written by hand did not keep what it declares, or a stack from a function came back from the error track.
#[cold]
pub(crate) fn missing<T: ?Sized>() -> Error {
    Error::msg(format!("`{}` should have been provided above this layer, and was not", type_name::<T>()))
}

impl Request {
    /// Provides a value to the layers below, as [`next.with(value)`](crate::Next::with) does for a middleware
    /// with an attribute. A layer written by hand says what it provides with [`Declared`](crate::Declared).
    ///
    /// It takes one slot and one allocation.
    ///
    /// ```
    /// use connect::Request;
    ///
    /// struct User(&'static str);
    ///
    /// let mut req = Request::from(http::Request::new(""));
    /// req.provide(User("ann"));
    /// assert_eq!(req.provided::<User>().unwrap().0, "ann");
    /// # use connect::http;
    /// ```
    pub fn provide<T: Any + Send + Sync>(&mut self, value: T) -> &mut Self {
        self.values.add(one(Arc::new(value)));
        self
    }

    /// The newest value of this type that a layer above provided, if one did. Where the compiler is to see to it,
    /// take `req: &mut With<T>` or, in a route, `value: &T`.
    #[must_use]
    pub fn provided<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.values.get()
    }
}
