//! What a response calls before its head goes out.

use sync_wrapper::SyncWrapper;

use super::{Hook, Response};
use crate::Result;
use crate::chain::erased::{Erased, erased};

impl Response {
    /// Registers a hook: an async function that runs once, before the head of the response is sent, and that may change the
    /// response.
    ///
    /// A session middleware saves the session in it and sets the cookie: the final response is known then, and nothing has
    /// been sent. A hook runs when all layers and the final handler are done, and the server sends nothing until it has
    /// returned. It runs whatever the response is: a page, a redirect, a file, a stream, a 404, an error page, the response to
    /// a `HEAD`, a 101, and the response of a layer that did not call `next`.
    ///
    /// ```
    /// use connect::{app, get, middleware, Next, Request, Response, Result};
    /// use std::sync::Arc;
    ///
    /// struct Session(u64);
    ///
    /// impl Session {
    ///     async fn save(&self) -> Result<String> {
    ///         Ok(format!("id={}", self.0))
    ///     }
    /// }
    ///
    /// #[middleware]
    /// fn session(req: &mut Request, res: &mut Response, next: Next) -> Result {
    ///     let session = Arc::new(Session(7));
    ///     req.extensions_mut().insert(Arc::clone(&session));
    ///     res.before_head(async move |res| {
    ///         let cookie = session.save().await?;
    ///         res.append("set-cookie", cookie);
    ///         Ok(())
    ///     });
    ///     next.pass()
    /// }
    ///
    /// #[get("/old")]
    /// fn old(res: &mut Response) -> Result {
    ///     res.redirect("/new")
    /// }
    ///
    /// # #[tokio::main] async fn main() {
    /// # use connect::testing::Client;
    /// let client = Client::new(app![session, old]);
    /// client.get("/old").send().await.assert_status(302).assert_header("set-cookie", "id=7");
    /// client.get("/none").send().await.assert_status(404).assert_header("set-cookie", "id=7");
    /// # }
    /// ```
    ///
    /// # What the hook gets
    ///
    /// The response as the layers left it. It may set headers and the status, replace the body, or answer anew, as in
    /// `let _ = res.redirect("/login")?`. The request is not there: what the hook needs of it, the layer moves into the hook.
    ///
    /// `ETag`, `Content-Length`, a 304 and the form of a redirect are decided afterwards, from what the hooks have left. So
    /// the hook sees a status of 200 where the client gets a 304.
    ///
    /// # Order
    ///
    /// Several hooks run in the reverse order of their registration, one after the other, as those of Node's `on-headers`
    /// do: the hook of an outer layer sees what those of inner layers have set, as does code after `next.run(..)`. A hook
    /// that a hook registers runs next.
    ///
    /// # Errors of the hook
    ///
    /// An error that the hook returns replaces the response: the final handler answers with the error's own status, or 500,
    /// and logs it. Error handlers do not see it, since all layers are done. The body and the headers that describe it are
    /// dropped, and so is `Location`; other headers stay, those of earlier hooks included, and the remaining hooks still
    /// run. A panic counts as an error with status 500, and so does a header that HTTP does not allow.
    ///
    /// # When it does not run
    ///
    /// - The client disconnects: the hook is dropped at the `await` where it is suspended, as a handler is, and those after it
    ///   never run. Behind [`detached()`](crate::detached()) they run to their end.
    /// - A layer puts another response in place of this one, `*res = other`.
    /// - [`App::run`](crate::App::run) and the test client's `run` only run the layers, and return the response with its hooks.
    ///
    /// It does run when a layer above, such as a timeout, has dropped the [`run`](crate::Next::run) in which it was
    /// registered.
    ///
    /// # Cost
    ///
    /// Two allocations for each hook, and three for the response, one of which [`on_finish`](Response::on_finish) shares. A
    /// response without a hook costs a comparison.
    pub fn before_head<F>(&mut self, hook: F) -> &mut Self
    where
        F: for<'a> HeadHook<'a> + AsyncFnOnce(&mut Response) -> Result<()>,
    {
        let hook: Hook = SyncWrapper::new(Box::new(move |res| hook.call(res)));
        self.later.get_or_insert_default().hooks.push(hook);
        self
    }

    /// Whether there may be a hook to run, or a function that waits for the end.
    #[inline]
    pub(crate) fn has_callbacks(&self) -> bool {
        self.later.is_some()
    }

    /// Whether a hook is to run.
    #[inline]
    pub(crate) fn has_hooks(&self) -> bool {
        self.later.as_ref().is_some_and(|later| !later.hooks.is_empty())
    }

    /// The hook that runs next, taken out.
    pub(crate) fn next_hook(
        &mut self,
    ) -> Option<impl FnOnce(&mut Response) -> Erased<'_, Result<()>> + use<>> {
        Some(self.later.as_mut()?.hooks.pop()?.into_inner())
    }

    /// How many hooks there are.
    #[cfg(feature = "tower")]
    pub(super) fn hooks(&self) -> usize {
        self.later.as_ref().map_or(0, |later| later.hooks.len())
    }

    /// Drops all but the first hooks.
    #[cfg(feature = "tower")]
    pub(super) fn keep_hooks(&mut self, first: usize) {
        if let Some(later) = &mut self.later {
            later.hooks.truncate(first);
        }
    }

    /// Takes over what another response was to call.
    pub(super) fn join_later(&mut self, other: &mut Response) {
        let Some(mut later) = other.later.take() else { return };
        if let Some(waiting) = &mut later.waiting {
            self.waiting_mut().take_over(waiting);
        }
        if let Some(encode) = later.encode.take() {
            self.later.get_or_insert_default().encode = Some(encode);
        }
        if !later.hooks.is_empty() {
            self.later.get_or_insert_default().hooks.append(&mut later.hooks);
        }
    }

    /// Starts anew, after a panic. What was to be called still is.
    #[cold]
    pub(crate) fn reset(&mut self) {
        let later = self.later.take();
        *self = Response { later, ..Response::new() };
    }
}

/// What [`before_head`](Response::before_head) takes: `async |res| ..`, or an `async fn(&mut Response) -> Result<()>`, whose
/// future is `Send`.
// Beside `AsyncFnOnce`, from which rustc knows the type of `res`: of that trait's future it cannot be said that it is `Send`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this cannot be a hook of `before_head`",
    label = "not an `async move |res| ..` that returns a `Result<()>`, and owns what it uses"
)]
pub trait HeadHook<'a>: Send + 'static {
    #[doc(hidden)]
    fn call(self, res: &'a mut Response) -> Erased<'a, Result<()>>;
}

#[diagnostic::do_not_recommend]
impl<'a, F, Fut> HeadHook<'a> for F
where
    F: FnOnce(&'a mut Response) -> Fut + Send + 'static,
    Fut: Future<Output = Result<()>> + Send + 'a,
{
    fn call(self, res: &'a mut Response) -> Erased<'a, Result<()>> {
        erased(move || self(res))
    }
}
