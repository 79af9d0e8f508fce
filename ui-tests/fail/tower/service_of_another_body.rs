use std::convert::Infallible;

use connect::{TowerRest, app, http, tower};
use tower::layer::layer_fn;

fn main() {
    let layer = layer_fn(|_: TowerRest| {
        tower::service_fn(|req: http::Request<String>| async {
            Ok::<_, Infallible>(http::Response::new(req.into_body()))
        })
    });
    let _ = app![tower(layer)];
    //           ^^^^^^^^^^^^ error: rustc
}
