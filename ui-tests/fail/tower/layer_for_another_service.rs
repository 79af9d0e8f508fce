use connect::{app, tower};
use tower::layer::layer_fn;

fn main() {
    let layer = layer_fn(|service: String| service);
    let _ = app![tower(layer)];
    //           ^^^^^^^^^^^^ error: rustc
}
