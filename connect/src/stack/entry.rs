//! An entry of a list: [`Entry`], and what makes one entry of another: a declaration, a function, an `Option`.

use std::marker::PhantomData;

use super::kinds::Optional;
use crate::provide::declared::Declared;
use crate::provide::proof::{And, Declaration};
use crate::route::pattern::{Options, Pattern};

/// One entry of a stack, as a segment to join with its neighbours.
///
/// The parameter is inferred. It keeps the implementations apart for the compiler: one for layers, one for
/// functions that make them, and so on.
#[diagnostic::on_unimplemented(
    message = "this entry of the stack is not a layer",
    label = "not a layer: a function needs `#[middleware]` or `#[error_handler]` on it, and one with `#[config]` parameters is called",
    note = "a struct becomes a layer by implementing `Layer` or `PlainLayer`, one of tower's by `tower(..)`"
)]
pub trait Entry<Kind>: Sized {
    /// The segment.
    type Segment;
    /// The segment under a path.
    type Mounted;
    /// What is known of it when it is checked.
    type Known;
    /// What is known of it when it is built.
    type Built;
    /// What it needs and provides.
    type Declares: Declaration;
    /// As an entry without a path.
    fn entry(self) -> Self::Segment;
    /// As an entry with a path.
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted;
}

/// An entry that is there or not, decided when the app is built.
#[derive(Debug)]
pub struct ByOption<Kind>(PhantomData<Kind>);

/// An entry of which an `Option` is one too.
pub trait Maybe<Kind>: Entry<Kind> {
    /// The kind of entry that the `Option` is.
    type Kind;
    /// The `Option`, as an entry.
    type Out: Entry<Self::Kind>;
    /// Makes it.
    fn maybe(this: Option<Self>) -> Self::Out;
}

#[diagnostic::do_not_recommend]
impl<E: Maybe<Kind>, Kind> Entry<ByOption<Kind>> for Option<E> {
    type Segment = <E::Out as Entry<E::Kind>>::Segment;
    type Mounted = <E::Out as Entry<E::Kind>>::Mounted;
    type Known = Optional<E::Known>;
    type Built = Optional<E::Built>;
    type Declares = <<E::Out as Entry<E::Kind>>::Declares as Declaration>::Maybe;
    fn entry(self) -> Self::Segment {
        E::maybe(self).entry()
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        E::maybe(self).mount(path, options)
    }
}

/// A layer and what it declares.
#[derive(Debug)]
pub struct ByDeclared<Kind>(PhantomData<Kind>);

#[diagnostic::do_not_recommend]
impl<E: Entry<Of, Declares: And<D>>, Of, D: Declaration> Entry<ByDeclared<Of>> for Declared<E, D> {
    type Segment = E::Segment;
    type Mounted = E::Mounted;
    type Known = E::Known;
    type Built = E::Built;
    type Declares = <E::Declares as And<D>>::Out;
    fn entry(self) -> Self::Segment {
        self.layer.entry()
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        self.layer.mount(path, options)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Maybe<Of> + Entry<Of, Declares: And<D>>, Of, D> Maybe<ByDeclared<Of>> for Declared<E, D>
where
    E::Out: Entry<E::Kind, Declares: And<D::Maybe>>,
    D: Declaration,
{
    type Kind = ByDeclared<E::Kind>;
    type Out = Declared<E::Out, D::Maybe>;
    fn maybe(this: Option<Self>) -> Self::Out {
        Declared::of(E::maybe(this.map(|this| this.layer)))
    }
}

/// A function that makes an entry: what an attribute puts in place of a function, or `fn() -> impl Stack`.
#[derive(Debug)]
pub struct ByFunction<Kind>(PhantomData<Kind>);

#[diagnostic::do_not_recommend]
impl<F, E, Of> Entry<ByFunction<Of>> for F
where
    F: FnOnce() -> E,
    E: Entry<Of>,
{
    type Segment = E::Segment;
    type Mounted = E::Mounted;
    type Known = E::Known;
    type Built = E::Built;
    type Declares = E::Declares;
    fn entry(self) -> Self::Segment {
        self().entry()
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        self().mount(path, options)
    }
}

#[diagnostic::do_not_recommend]
impl<F, E, Kind> Maybe<ByFunction<Kind>> for F
where
    F: FnOnce() -> E,
    E: Maybe<Kind>,
{
    type Kind = E::Kind;
    type Out = E::Out;
    fn maybe(this: Option<Self>) -> Self::Out {
        E::maybe(this.map(|make| make()))
    }
}
