//! poem: a function `around` an endpoint, `boxed` after every five, since rustc gives up at ten without.

use std::hint::black_box;
use std::io;
use std::sync::Arc;

use poem::http::header::ACCEPT;
use poem::listener::TcpAcceptor;
use poem::web::Path;
use poem::{Endpoint, EndpointExt, IntoResponse, Request, Response, Result, Route, Server, get, handler};

use crate::common::{self, VALUE, X_LAYER, listener, on_one_thread};

async fn layer<E: Endpoint>(next: Arc<E>, req: Request) -> Result<Response> {
    black_box(req.headers().get(ACCEPT));
    let mut res = next.call(req).await?.into_response();
    res.headers_mut().insert(X_LAYER, VALUE);
    Ok(res)
}

#[handler]
async fn user(Path(id): Path<u64>) -> String {
    common::user(id)
}

#[handler]
async fn slow() -> &'static str {
    common::slow()
}

pub(crate) fn serve(layers: usize, port: u16) -> io::Result<()> {
    let app = Route::new().at("/users/:id", get(user)).at("/slow", get(slow));
    match layers {
        0 => run(app, port),
        10 => run(five(five(app).boxed()), port),
        other => Err(io::Error::other(format!("no server has {other} layers"))),
    }
}

fn five(inner: impl Endpoint + 'static) -> impl Endpoint {
    inner.around(layer).around(layer).around(layer).around(layer).around(layer)
}

fn run(app: impl Endpoint + 'static, port: u16) -> io::Result<()> {
    on_one_thread(
        async move { Server::new_with_acceptor(TcpAcceptor::from_std(listener(port)?)?).run(app).await },
    )
}
