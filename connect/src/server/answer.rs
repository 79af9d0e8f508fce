//! What a connection asks an app for.
//!
//! A server is much code that would be compiled with each app, since its types hold the app's. In a debug build the app is
//! handed over without its type, and the server is compiled once, with the library: of what an app
//! of 5 routes takes after a change a third is saved. In a release the server knows the app.

use std::time::Duration;

use crate::chain::Chain;
use crate::{App, Body, Outermost, Request};

/// How much of a body that no layer has read is read before the answer, and for how long. So a client that waits for the whole
/// response before it sends the next request finds the connection open. What is longer or slower is answered first, and the
/// connection is closed behind the answer.
const UNREAD: (usize, Duration) = (1 << 20, Duration::from_secs(2));

/// An app, as connections see it.
pub(super) trait Answer: Clone + Send + Sync + 'static {
    /// Answers a request, and then reads what is left of its body.
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

    /// A type-erased app: a `dyn` and a box a request, in debug builds alone.
    #[derive(Clone)]
    pub(in crate::server) struct TypeErased(Arc<Box<Function>>);

    impl TypeErased {
        pub(in crate::server) fn new(app: impl Answer) -> Self {
            // In a box first, as in `erased`.
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

/// Reads what nobody has read of a body, within limits, and forgets it.
async fn discard(req: &mut Request) {
    use http_body::Body as _;
    // Who asks first (`Expect: 100-continue`) has not sent it yet, and reading would be the permission.
    if req.body().is_end_stream() || req.headers().contains_key(http::header::EXPECT) {
        return;
    }
    let (limit, time) = UNREAD;
    let read = async {
        let mut bytes = 0;
        while let Some(Ok(chunk)) = req.body_mut().chunk().await {
            bytes += chunk.len();
            if bytes > limit {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(time, read).await;
}
