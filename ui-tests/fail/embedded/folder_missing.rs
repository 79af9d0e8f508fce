use connect::app;
use connect_middleware::embedded::serve_embedded;

fn main() {
    let _ = app![serve_embedded!("dist/missing")];
    //                           ^^^^^^^^^^^^^^ error: macro
}
