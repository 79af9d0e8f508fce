//! salvo: handlers hooped around a router, in the order of its own documentation.

use std::hint::black_box;
use std::io;

use salvo::conn::tcp::TcpAcceptor;
use salvo::http::header::ACCEPT;
use salvo::prelude::*;

use crate::common::{self, VALUE, X_LAYER, listener, on_one_thread};

#[handler]
async fn layer(req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
    black_box(req.headers().get(ACCEPT));
    ctrl.call_next(req, depot, res).await;
    res.headers_mut().insert(X_LAYER, VALUE);
}

#[handler]
async fn user(req: &mut Request) -> Result<String, StatusError> {
    req.param("id").map(common::user).ok_or_else(StatusError::bad_request)
}

#[handler]
async fn slow() -> &'static str {
    common::slow()
}

pub(crate) fn serve(layers: usize, port: u16) -> io::Result<()> {
    let mut app = Router::new();
    for _ in 0..layers {
        app = app.hoop(layer);
    }
    let app = app.push(Router::with_path("users/{id}").get(user)).push(Router::with_path("slow").get(slow));
    on_one_thread(async move {
        let listener = tokio::net::TcpListener::from_std(listener(port)?)?;
        Server::new(TcpAcceptor::try_from(listener)?).try_serve(app).await
    })
}
