//! What the type of a stack from a function says: `impl Stack<(Needs,), (Provides,), Kind>`.

use super::declare::{Declaration, Declares, Follow, ResumesInside};
use super::find::Here;
use super::guard::{Access, Behind, GuardedBy, Place, Unguarded};
use super::tuple::Types;
use super::way::{MayResume, Resuming, Straight, Told};

/// Every route in the stack is below a layer of it that provides a `T`, or is `public`: `impl Stack<(), (),
/// Guarded<User>>`.
///
/// A list with `#![deny(unguarded = User)]` accepts a stack from a function below a layer that provides a `User`, and
/// anywhere if the type of the stack declares that its own list denies.
///
/// With a second argument, an error handler in the stack may resume: `Guarded<User, Resuming>`.
///
/// ```
/// use connect::{app, get, middleware, router, Guarded, Next, Request, Response, Result, Stack};
///
/// struct User(String);
///
/// #[middleware]
/// fn authenticate(req: &mut Request, res: &mut Response, next: Next<User>) -> Result {
///     match req.header("x-user").map(str::to_owned) {
///         Some(name) => next.with(User(name)).pass(),
///         None => res.status(401).text("Who are you?"),
///     }
/// }
///
/// #[get("/me")]
/// fn me(user: &User) -> String {
///     user.0.clone()
/// }
///
/// #[get("/login", public)]
/// fn login() -> &'static str {
///     "Log in"
/// }
///
/// fn accounts() -> impl Stack<(), (), Guarded<User>> {
///     router![#![deny(unguarded = User)] login, authenticate, me]
/// }
///
/// let app = app![#![deny(unguarded = User)] "/account" => accounts()];
/// ```
#[derive(Debug)]
pub struct Guarded<T, Resumption = Straight>(Told<(T, Resumption)>);

/// What is said of a stack beside its values: [`Straight`], [`Resuming`] or [`Guarded`].
#[diagnostic::on_unimplemented(
    message = "what is said of a stack beside its values is `Resuming`, `Guarded<User>` or `Guarded<User, Resuming>`",
    label = "write `impl Stack<(..), (..), Guarded<..>>`: first what it needs, then what it provides"
)]
pub trait StackKind {
    /// Whether an error handler in it resumes.
    type Resumption: MayResume;
    /// What it says to the list that it stands in.
    type Declares<Needs: Types, Provides: Types>: Declaration<Needs = Needs, Provides = Provides>;
    /// Who gets to its routes.
    type Behind<W: Place>;
}

impl StackKind for Straight {
    type Resumption = Straight;
    type Declares<N: Types, P: Types> = Declares<N, P>;
    type Behind<W: Place> = Behind<W::Now>;
}

impl StackKind for Resuming {
    type Resumption = Resuming;
    type Declares<N: Types, P: Types> = ResumesInside<N, P>;
    // An error may come in from above the guard, and its routes see the request that goes on.
    type Behind<W: Place> = Behind<W::Sure>;
}

impl<T, F: StackKind> StackKind for Guarded<T, F> {
    type Resumption = F::Resumption;
    type Declares<N: Types, P: Types> = F::Declares<N, P>;
    type Behind<W: Place> = ByItsList<T>;
}

/// Its own list denies.
#[derive(Debug)]
pub struct ByItsList<T>(Told<T>);

#[diagnostic::do_not_recommend]
impl<T> GuardedBy<T, Here> for ByItsList<T> {}

/// Whoever its kind says.
#[derive(Debug)]
pub struct ByKind<K>(Told<K>);

impl<K: StackKind> Access for ByKind<K> {
    type Behind<W: Place> = K::Behind<W>;
}

/// A stack from a function.
#[derive(Debug)]
pub struct FromFunction<Kind, D>(Told<(Kind, D)>);

impl<K: StackKind, D: Declaration> Declaration for FromFunction<K, D> {
    type Needs = D::Needs;
    type Place = D::Place;
    type Access = ByKind<K>;
    type Provides = D::Provides;
    type Maybe = FromFunction<K, D::Maybe>;
}

impl<W, K, D: Follow<W>> Follow<W> for FromFunction<K, D> {
    type After = D::After;
    type Around = D::Around;
    type Proof = D::Proof;
    type Upon = D::Upon;
}

/// What a stack from a function provides is what its type says.
#[diagnostic::on_unimplemented(
    message = "this stack does not provide what its type says",
    label = "the second tuple in `impl Stack<(..), (..)>` names all that it provides, in the order of its layers"
)]
pub trait Is<Declared> {}

#[diagnostic::do_not_recommend]
impl<T> Is<T> for T {}

/// Whether an error handler in a stack from a function resumes is what its type declares.
#[diagnostic::on_unimplemented(
    message = "an error handler in this stack resumes the normal track, and the type of the stack does not declare it",
    label = "write `impl Stack<(..), (..), Resuming>`, with `()` for an empty tuple, or `Guarded<.., Resuming>`"
)]
pub trait DeclaredAs<Declared> {}

#[diagnostic::do_not_recommend]
impl DeclaredAs<Straight> for Straight {}

#[diagnostic::do_not_recommend]
impl<T> DeclaredAs<Resuming> for T {}

/// Whether a list denies what its type says.
#[diagnostic::on_unimplemented(
    message = "the type of this stack says that its routes are guarded, and its list does not see to it",
    label = "write `#![deny(unguarded = ..)]` at the beginning of the list, with the type of `Guarded<..>`"
)]
pub trait Denies<Kind> {}

#[diagnostic::do_not_recommend]
impl<D> Denies<Straight> for D {}

#[diagnostic::do_not_recommend]
impl<D> Denies<Resuming> for D {}

#[diagnostic::do_not_recommend]
impl<T, F> Denies<Guarded<T, F>> for Unguarded<T> {}
