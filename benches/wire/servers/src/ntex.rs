//! ntex: middleware by hand, as its documentation writes them, and one worker.

use std::hint::black_box;
use std::io;

use ntex::http::header::{ACCEPT, HeaderName, HeaderValue};
use ntex::service::cfg::SharedCfg;
use ntex::service::{Middleware, Service, ServiceCtx};
use ntex::web::{self, App, Error, HttpServer, WebRequest, WebResponse};

use crate::common::{self, listener, ten_or_none};

// Its header map is of its own kind.
const X_LAYER: HeaderName = HeaderName::from_static("x-layer");
const VALUE: HeaderValue = HeaderValue::from_static("1");

struct Layer;

struct Layered<S> {
    inner: S,
}

impl<S> Middleware<S, SharedCfg> for Layer {
    type Service = Layered<S>;

    fn create(&self, inner: S, _: SharedCfg) -> Layered<S> {
        Layered { inner }
    }
}

impl<S, E> Service<WebRequest<E>> for Layered<S>
where
    S: Service<WebRequest<E>, Response = WebResponse, Error = Error>,
{
    type Response = WebResponse;
    type Error = Error;

    ntex::forward_ready!(inner);

    async fn call(&self, req: WebRequest<E>, ctx: ServiceCtx<'_, Self>) -> Result<WebResponse, Error> {
        black_box(req.headers().get(ACCEPT));
        let mut res = ctx.call(&self.inner, req).await?;
        res.headers_mut().insert(X_LAYER, VALUE);
        Ok(res)
    }
}

async fn user(id: web::types::Path<u64>) -> String {
    common::user(*id)
}

async fn slow() -> &'static str {
    common::slow()
}

macro_rules! serve {
    ($port:ident: $($layer:ident)*) => {
        ntex::rt::System::new("servers", ntex::rt::DefaultRuntime).block_on(async move {
            let server = HttpServer::new(async || {
                App::new()$(.middleware($layer))*
                    .route("/users/{id}", web::get().to(user))
                    .route("/slow", web::get().to(slow))
            });
            server.workers(1).listen(listener($port)?)?.run().await
        })
    };
}

pub(crate) fn serve(layers: usize, port: u16) -> io::Result<()> {
    macro_rules! with { ($($layer:ident)*) => { serve!(port: $($layer)*) }; }
    ten_or_none!(layers, with, Layer)
}
