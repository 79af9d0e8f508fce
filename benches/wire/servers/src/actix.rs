//! actix-web: `middleware::from_fn`, one `App::wrap` each, and one worker.

use std::hint::black_box;
use std::io;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT, HeaderName, HeaderValue};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, Error, HttpResponse, HttpServer, web};
use futures_util::StreamExt;

use crate::common::{self, Order, Receipt, listener, ten_or_none};

// Its header map is of its own kind.
const X_LAYER: HeaderName = HeaderName::from_static("x-layer");
const VALUE: HeaderValue = HeaderValue::from_static("1");

async fn layer(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    black_box(req.headers().get(ACCEPT));
    let mut res = next.call(req).await?;
    res.headers_mut().insert(X_LAYER, VALUE);
    Ok(res)
}

async fn user(id: web::Path<u64>) -> String {
    common::user(*id)
}

async fn order(order: web::Json<Order>) -> web::Json<Receipt> {
    web::Json(order.into_inner().receipt())
}

async fn upload(mut body: web::Payload) -> Result<String, Error> {
    let mut length = 0;
    while let Some(chunk) = body.next().await {
        length += chunk?.len();
    }
    Ok(length.to_string())
}

async fn stream() -> HttpResponse {
    HttpResponse::Ok().streaming(common::chunks())
}

async fn slow() -> &'static str {
    common::slow()
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/users/{id}", web::get().to(user))
        .route("/json", web::post().to(order))
        .route("/upload", web::post().to(upload))
        .route("/stream", web::get().to(stream))
        .route("/slow", web::get().to(slow));
}

macro_rules! serve {
    ($port:ident: $($layer:ident)*) => {{
        let server = HttpServer::new(|| App::new()$(.wrap(from_fn($layer)))*.configure(routes));
        let server = server.workers(1).tcp_nodelay(true);
        let listener = listener($port)?;
        #[cfg(not(feature = "http2"))]
        let server = server.listen(listener)?;
        #[cfg(feature = "http2")]
        let server = server.listen_auto_h2c(listener)?;
        actix_web::rt::System::new().block_on(server.run())
    }};
}

pub(crate) fn serve(layers: usize, port: u16) -> io::Result<()> {
    macro_rules! with { ($($layer:ident)*) => { serve!(port: $($layer)*) }; }
    ten_or_none!(layers, with, layer)
}
