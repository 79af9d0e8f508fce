use connect::{TowerRest, app, tower};
use tower::ServiceBuilder;

#[derive(Debug)]
struct Denied;

fn main() {
    let layer = ServiceBuilder::new().map_err(|_| Denied).layer_fn(|rest: TowerRest| rest);
    let _ = app![tower(layer)];
    //           ^^^^^^^^^^^^ error: rustc
}
