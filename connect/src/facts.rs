//! What a layer states about itself, and where it has to stand by that: [`Facts`], [`Law`], [`Stated`].

use std::marker::PhantomData;

/// Something that a layer does, so that other layers can say where they stand beside it.
///
/// Two facts are the same if their names are: put the name of your crate in front.
#[derive(Debug, Clone, Copy)]
pub struct Fact {
    name: &'static str,
}

impl Fact {
    /// A fact with a name that no other crate uses, such as `"my_crate::limits_by_address"`.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Fact { name }
    }

    pub(crate) const fn is(&self, other: &Fact) -> bool {
        same(self.name, other.name)
    }
}

/// Where a layer has to stand beside those that state a fact, and why.
///
/// The compiler checks it over the whole list, and over what is mounted in it, as far as it can see which layers a request
/// passes: a layer above on the request's way counts, one under another path or in a router beside it does not, and neither
/// does one in an app that is mounted as a whole. That a layer with the fact is missing breaks no law: a value that is needed
/// belongs into [`Declares`](crate::Declares).
#[derive(Debug, Clone, Copy)]
pub struct Law {
    pub(crate) name: &'static str,
    pub(crate) fact: Fact,
    pub(crate) stands: Stands,
    pub(crate) reason: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stands {
    Outside,
    Inside,
    Apart,
}

impl Law {
    /// The layer stands outside of, and so is listed above, every layer that states `fact`.
    ///
    /// `name` is what `#![allow(name)]` says in a list that is to break the law. `reason` is the end of the compiler's message: what
    /// goes wrong otherwise, as in `"a browser cannot read a 429 that has no CORS headers"`.
    #[must_use]
    pub const fn outside_of(name: &'static str, fact: Fact, reason: &'static str) -> Self {
        Law { name, fact, stands: Stands::Outside, reason }
    }

    /// The layer stands inside of, and so is listed below, every layer that states `fact`. The parameters are those of
    /// [`outside_of`](Law::outside_of).
    #[must_use]
    pub const fn inside_of(name: &'static str, fact: Fact, reason: &'static str) -> Self {
        Law { name, fact, stands: Stands::Inside, reason }
    }

    /// The layer stands neither inside nor outside of a layer that states `fact`: of the two a request passes one. The parameters are
    /// those of [`outside_of`](Law::outside_of).
    #[must_use]
    pub const fn apart_from(name: &'static str, fact: Fact, reason: &'static str) -> Self {
        Law { name, fact, stands: Stands::Apart, reason }
    }
}

/// The facts and the laws of a layer, as a constant: see [`Stated`].
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    pub(crate) layer: &'static str,
    pub(crate) facts: &'static [Fact],
    pub(crate) laws: &'static [Law],
}

impl Facts {
    /// Those of a layer of this name: what users call it in a list. A function with an attribute is named by its own name.
    #[must_use]
    pub const fn of(layer: &'static str) -> Self {
        Facts { layer, facts: &[], laws: &[] }
    }

    /// What the layer does.
    #[must_use]
    pub const fn states(self, facts: &'static [Fact]) -> Self {
        Facts { facts, ..self }
    }

    /// Where the layer has to stand.
    #[must_use]
    pub const fn laws(self, laws: &'static [Law]) -> Self {
        Facts { laws, ..self }
    }
}

/// A type that stands for the facts of a layer: the second parameter of [`Stated`], or `#[middleware(facts = Type)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` states no facts",
    label = "not a type of facts: write `impl StatesFacts for {Self}`, with the constant `FACTS`"
)]
pub trait StatesFacts: 'static {
    /// The facts and the laws.
    const FACTS: Facts;
}

/// A layer with what it states about itself, and where it therefore has to stand.
///
/// A list that breaks a law does not compile, and the message names both layers and the reason. It holds for layers of
/// any crate: `connect` knows the facts of none.
///
/// ```
/// use connect::{app, middleware, Fact, Facts, Law, Next, PlainFn, PlainLayer, Request, Response, Result, Stated, StatesFacts};
///
/// /// Requests beyond a limit are refused here.
/// const LIMITS: Fact = Fact::new("example::limits");
///
/// struct Cors;
///
/// impl PlainLayer for Cors {
///     fn run(&self, _req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
///         res.set("access-control-allow-origin", "https://example.com");
///         next.pass()
///     }
/// }
///
/// struct CorsFacts;
///
/// impl StatesFacts for CorsFacts {
///     const FACTS: Facts = Facts::of("cors").laws(&[Law::outside_of(
///         "cors_outside_of_limits",
///         LIMITS,
///         "a browser cannot read a 429 without CORS headers",
///     )]);
/// }
///
/// fn cors() -> Stated<Cors, CorsFacts> {
///     Stated::new(Cors)
/// }
///
/// struct LimitFacts;
///
/// impl StatesFacts for LimitFacts {
///     const FACTS: Facts = Facts::of("limit").states(&[LIMITS]);
/// }
///
/// // With an attribute:
/// #[middleware(facts = LimitFacts)]
/// fn limit(_req: &mut Request, _res: &mut Response, next: Next) -> Result {
///     next.pass()
/// }
///
/// // `app![limit, cors()]` does not compile.
/// let app = app![cors(), limit];
/// ```
///
/// The layer may be whatever an entry of a list may be: a [`Layer`](crate::Layer), a
/// [`Declared`](crate::Declared) one, a stack.
#[derive(Debug)]
pub struct Stated<L, F> {
    pub(crate) layer: L,
    facts: PhantomData<fn() -> F>,
}

impl<L, F: StatesFacts> Stated<L, F> {
    /// A layer that states the facts of `F`.
    #[must_use]
    pub const fn new(layer: L) -> Self {
        Stated { layer, facts: PhantomData }
    }
}

/// A type that becomes a layer where it is listed: one with methods that set its options.
///
/// What the layer declares and states is in [`Layer`](IntoLayer::Layer), so that the options can be set on a type of one's own:
/// `app![limit().requests(100)]`.
///
/// ```
/// use connect::{app, get, Declared, Declares, IntoLayer, Next, PlainFn, PlainLayer, Request, Response, Result};
///
/// struct Tenant(String);
///
/// /// Provides the [`Tenant`]: by default `"nobody"`.
/// struct ByHeader {
///     name: &'static str,
/// }
///
/// fn tenant() -> ByHeader {
///     ByHeader { name: "x-tenant" }
/// }
///
/// impl ByHeader {
///     /// Sets the header: by default `x-tenant`.
///     fn header(self, name: &'static str) -> Self {
///         ByHeader { name }
///     }
/// }
///
/// impl IntoLayer for ByHeader {
///     type Layer = Declared<Reader, Declares<(), (Tenant,)>>;
///
///     fn into_layer(self) -> Self::Layer {
///         Declared::new(Reader(self.name))
///     }
/// }
///
/// struct Reader(&'static str);
///
/// impl PlainLayer for Reader {
///     fn run(&self, req: &mut Request, _res: &mut Response, next: Next<(), PlainFn>) -> Result {
///         let name = req.header(self.0).unwrap_or("nobody").to_owned();
///         req.provide(Tenant(name));
///         next.pass()
///     }
/// }
///
/// #[get("/")]
/// fn index(tenant: &Tenant) -> String {
///     format!("hello, {}", tenant.0)
/// }
///
/// let app = app![tenant().header("x-customer"), index];
/// ```
pub trait IntoLayer {
    /// The layer: whatever an entry of a list may be.
    type Layer;

    /// Makes the layer.
    fn into_layer(self) -> Self::Layer;
}

/// Whether two texts are the same.
pub(crate) const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}
