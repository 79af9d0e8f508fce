//! Layers that state facts, and types that become a layer where they are listed, as entries.

use std::marker::PhantomData;

use super::entry::{Entry, Maybe};
use super::kinds::{HandWritten, Optional, Stating};
use super::layers::{ByLayer, ByPlain};
use crate::chain::layer::{Layer, PlainLayer};
use crate::facts::{IntoLayer, Stated, StatesFacts};
use crate::provide::proof::Free;
use crate::route::pattern::{Options, Pattern};

/// A layer and the facts that it states.
#[derive(Debug)]
pub struct ByStated<Kind>(PhantomData<Kind>);

#[diagnostic::do_not_recommend]
impl<E: Entry<Of>, Of, F: StatesFacts> Entry<ByStated<Of>> for Stated<E, F> {
    type Segment = E::Segment;
    type Mounted = E::Mounted;
    type Known = Stating<F, E::Known>;
    type Built = Stating<F, E::Built>;
    type Declares = E::Declares;
    fn entry(self) -> Self::Segment {
        self.layer.entry()
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        self.layer.mount(path, options)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Maybe<Of>, Of, F: StatesFacts> Maybe<ByStated<Of>> for Stated<E, F> {
    type Kind = ByStated<E::Kind>;
    type Out = Stated<E::Out, F>;
    fn maybe(this: Option<Self>) -> Self::Out {
        Stated::new(E::maybe(this.map(|this| this.layer)))
    }
}

/// A hand-written layer that states facts, there or not: the `Option` of one is a layer itself, and no [`Maybe`].
#[derive(Debug)]
pub struct ByMaybeStated<Kind>(PhantomData<Kind>);

macro_rules! maybe_stated {
    ($($by:ident: $bound:ident;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<L: $bound, F: StatesFacts> Entry<ByMaybeStated<$by>> for Option<Stated<L, F>> {
            type Segment = <Option<L> as Entry<$by>>::Segment;
            type Mounted = <Option<L> as Entry<$by>>::Mounted;
            type Known = Optional<Stating<F, HandWritten>>;
            type Built = Optional<Stating<F, HandWritten>>;
            type Declares = Free;
            fn entry(self) -> Self::Segment {
                Entry::<$by>::entry(self.map(|this| this.layer))
            }
            fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
                Entry::<$by>::mount(self.map(|this| this.layer), path, options)
            }
        }
    )* };
}
maybe_stated! {
    ByLayer: Layer;
    ByPlain: PlainLayer;
}

/// A type that becomes a layer.
#[derive(Debug)]
pub struct ByInto<Kind>(PhantomData<Kind>);

#[diagnostic::do_not_recommend]
impl<E: Entry<Of>, Of, B: IntoLayer<Layer = E>> Entry<ByInto<Of>> for B {
    type Segment = E::Segment;
    type Mounted = E::Mounted;
    type Known = E::Known;
    type Built = E::Built;
    type Declares = E::Declares;
    fn entry(self) -> Self::Segment {
        self.into_layer().entry()
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        self.into_layer().mount(path, options)
    }
}

/// A type that becomes a layer, there or not.
#[derive(Debug)]
pub struct ByMaybeInto<Kind>(PhantomData<Kind>);

#[diagnostic::do_not_recommend]
impl<B: IntoLayer, Of> Entry<ByMaybeInto<Of>> for Option<B>
where
    Option<B::Layer>: Entry<Of>,
{
    type Segment = <Option<B::Layer> as Entry<Of>>::Segment;
    type Mounted = <Option<B::Layer> as Entry<Of>>::Mounted;
    type Known = <Option<B::Layer> as Entry<Of>>::Known;
    type Built = <Option<B::Layer> as Entry<Of>>::Built;
    type Declares = <Option<B::Layer> as Entry<Of>>::Declares;
    fn entry(self) -> Self::Segment {
        self.map(IntoLayer::into_layer).entry()
    }
    fn mount(self, path: &'static Pattern, options: Options) -> Self::Mounted {
        self.map(IntoLayer::into_layer).mount(path, options)
    }
}
