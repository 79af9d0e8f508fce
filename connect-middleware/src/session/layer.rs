//! The layer that provides the session of a request.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use connect::{Facts, Layer, Next, Request, Response, Rest, Result, Startup, StatesFacts};

use super::cookie::Sent;
use super::request::PerRequest;
use super::sessions::Sessions;
use super::shared::Shared;
use crate::facts::HAS_SESSIONS;

/// The facts of [`Session`](super::Session).
#[derive(Debug)]
pub struct SessionFacts;

impl StatesFacts for SessionFacts {
    const FACTS: Facts = Facts::of("Session").states(&[HAS_SESSIONS]);
}

/// What [`Session`](super::Session) becomes in a list.
pub struct SessionLayer {
    shared: Arc<Shared>,
}

impl fmt::Debug for SessionLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer").field("cookie", &self.shared.cookie).finish_non_exhaustive()
    }
}

impl SessionLayer {
    pub(super) const fn new(shared: Arc<Shared>) -> Self {
        SessionLayer { shared }
    }
}

impl Layer for SessionLayer {
    async fn run<R: Rest>(&self, req: &mut Request, res: &mut Response, next: Next<(), R>) -> Result {
        let shared = &self.shared;
        let secure = shared.cookie.is_secure(req);
        if !shared.was_checked.load(Relaxed) {
            shared.was_checked.store(true, Relaxed);
            shared.cookie.warn_once(req, secure);
        }
        let sent = Sent::of(req, &shared.cookie, secure);
        let request = Arc::new(PerRequest::new(Arc::clone(shared), sent, secure));
        req.provide(Sessions::of(Arc::clone(&request)));
        let finish = Finish { request, res };
        Ok(next.run(req, finish.res).await)
    }

    fn name(&self) -> &str {
        "Session"
    }

    fn on_startup(&self, startup: &mut Startup) {
        startup.spawn(Arc::clone(&self.shared).keep_sweeping());
    }
}

/// Puts into the response what the layers below did, also where a layer above has dropped them, such as a timeout.
struct Finish<'a> {
    request: Arc<PerRequest>,
    res: &'a mut Response,
}

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        let Some(ending) = self.request.seal() else { return };
        self.res.vary("Cookie");
        if ending.cookie.is_none() && !ending.is_issuing {
            return;
        }
        let shared = &self.request.shared;
        // The first request of an app is often that of a health check: the next one is of a browser with a session.
        if !shared.cookie.has_warned() {
            shared.was_checked.store(false, Relaxed);
        }
        // For layers above that look at the response, such as a cache.
        if let Some(change) = &ending.cookie {
            self.request.send(change, self.res);
        }
        // What dropped layers have set is taken back, and those above may answer anew.
        let request = Arc::clone(&self.request);
        self.res.before_head(async move |res| {
            let change = if ending.is_issuing { request.settle().await } else { ending.cookie };
            if let Some(change) = change {
                request.send(&change, res);
            }
            Ok(())
        });
    }
}
