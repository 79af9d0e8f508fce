use connect::app;
use connect_middleware::embedded::serve_embedded;

const SITE: &str = "site";

fn main() {
    let _ = app![serve_embedded!(SITE)];
    //                           ^^^^ error: macro
}
