use connect::{TowerRest, app, tower};
use tower::layer::layer_fn;

fn main() {
    let layer = layer_fn(|_: TowerRest| "hello");
    let _ = app![tower(layer)];
    //           ^^^^^^^^^^^^ error: rustc
}
