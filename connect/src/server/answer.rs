//! The app, as the connections of a server call it.
//!
//! The server's types contain the app's type, so all of the server's code would be compiled again with each app. In a
//! debug build the app is type-erased, and the server is compiled once, with the library: for an app of 5 routes that
//! saves a third of the build time after a change. In a release build the server knows the app's type.

use std::time::Duration;

use crate::chain::Chain;
use crate::{App, Body, Outermost, Request};

/// How much of an unread request body the server reads before it sends the response, in bytes, so that a client that
/// sends its whole body before it reads the response finds the connection still open. With a longer body the response
/// is sent first, and the connection is closed after it.
const DISCARD_LIMIT: usize = 1 << 20;
/// How long the server reads such a body.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(2);

/// An app, as the connections call it.
pub(super) trait Answer: Clone + Send + Sync + 'static {
    /// Answers a request, and then discards what is left of its body.
    fn answer(&self, req: &mut Request) -> impl Future<Output = http::Response<Body>> + Send;
}

impl<C: Chain> Answer for App<C, Outermost> {
    fn answer(&self, req: &mut Request) -> impl Future<Output = http::Response<Body>> + Send {
        async move {
            req.body_mut().set_pace(self.body_pace);
            let response = self.respond(req).await;
            discard(req).await;
            response
        }
    }
}

#[cfg(debug_assertions)]
pub(super) use self::type_erased::TypeErased;

#[cfg(debug_assertions)]
mod type_erased {
    use std::sync::Arc;

    use super::Answer;
    use crate::chain::erased::{Erased, erased};
    use crate::{Body, Request};

    type Answering<'a> = Erased<'a, http::Response<Body>>;
    type Function = dyn for<'a> Fn(&'a mut Request) -> Answering<'a> + Send + Sync;

    /// A type-erased app, in debug builds alone. It costs a dynamic call and a box for each request.
    #[derive(Clone)]
    pub(in crate::server) struct TypeErased(Arc<Box<Function>>);

    impl TypeErased {
        pub(in crate::server) fn new(app: impl Answer) -> Self {
            // Boxed before it is coerced to `dyn`, as in `erased`.
            let function: Box<Function> = Box::new(move |req| answering(app.clone(), req));
            TypeErased(Arc::new(function))
        }
    }

    impl Answer for TypeErased {
        fn answer(&self, req: &mut Request) -> impl Future<Output = http::Response<Body>> + Send {
            (self.0)(req)
        }
    }

    fn answering<'a>(app: impl Answer, req: &'a mut Request) -> Answering<'a> {
        erased(|| async move { app.answer(req).await })
    }
}

/// Reads and drops the rest of a request body, within the limits.
async fn discard(req: &mut Request) {
    use http_body::Body as _;
    // With `Expect: 100-continue` the client has not sent the body yet, and reading would make hyper ask for it.
    if req.body().is_end_stream() || req.headers().contains_key(http::header::EXPECT) {
        return;
    }
    let read = async {
        let mut bytes = 0;
        while let Some(Ok(chunk)) = req.body_mut().chunk().await {
            bytes += chunk.len();
            if bytes > DISCARD_LIMIT {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(DISCARD_TIMEOUT, read).await;
}
