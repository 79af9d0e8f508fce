//! `connect`, with its default settings; but for one row without the tags that the others do not make either (`ETag`).

use std::io;

use connect::{
    App, Chain, Json, Next, Request, Response, Result, app, get, http::header::ACCEPT, middleware, post,
};
use std::hint::black_box;
use tokio::net::TcpListener;

use crate::common::{self, Order, Receipt, VALUE, X_LAYER, listener, on_one_thread, ten_or_none};

#[middleware]
fn plain(req: &mut Request, res: &mut Response, next: Next) -> Result {
    black_box(req.headers().get(ACCEPT));
    res.set(X_LAYER, VALUE);
    next.pass()
}

#[middleware]
async fn running(req: &mut Request, res: &mut Response, next: Next) -> Result {
    black_box(req.headers().get(ACCEPT));
    let done = next.run(req, res).await;
    res.set(X_LAYER, VALUE);
    Ok(done)
}

#[get("/users/:id")]
async fn user(id: u64) -> String {
    common::user(id)
}

#[post("/json")]
async fn order(order: Json<Order>) -> Json<Receipt> {
    Json(order.0.receipt())
}

#[post("/upload")]
async fn upload(req: &mut Request) -> Result<String> {
    let mut length = 0;
    while let Some(chunk) = req.body_mut().chunk().await {
        length += chunk?.len();
    }
    Ok(length.to_string())
}

#[get("/stream")]
async fn stream(res: &mut Response) -> Result {
    res.stream(common::chunks())
}

#[get("/slow")]
async fn slow() -> &'static str {
    common::slow()
}

macro_rules! serve {
    ($port:ident: $($layer:ident)*) => {
        serve(app![$($layer,)* user, order, upload, stream, slow], $port)
    };
}

pub(crate) fn with_plain(layers: usize, port: u16) -> io::Result<()> {
    macro_rules! with { ($($layer:ident)*) => { serve!(port: $($layer)*) }; }
    ten_or_none!(layers, with, plain)
}

pub(crate) fn with_running(layers: usize, port: u16) -> io::Result<()> {
    macro_rules! with { ($($layer:ident)*) => { serve!(port: $($layer)*) }; }
    ten_or_none!(layers, with, running)
}

pub(crate) fn with_etags(port: u16) -> io::Result<()> {
    serve_as_it_is(app![user, order, upload, stream, slow], port)
}

fn serve(app: App<impl Chain>, port: u16) -> io::Result<()> {
    serve_as_it_is(app.etag(false), port)
}

fn serve_as_it_is<P>(app: App<impl Chain, P>, port: u16) -> io::Result<()> {
    on_one_thread(async move { app.serve(TcpListener::from_std(listener(port)?)?).await })
}
