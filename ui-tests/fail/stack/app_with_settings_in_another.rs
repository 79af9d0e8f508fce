use connect::{TrustProxy, app, get};

#[get("/")]
fn index() -> &'static str {
    "index"
}

fn main() {
    let shop = app![index].trust_proxy(TrustProxy::hops(1));
    let _ = app!["/shop" => shop];
    //                      ^^^^ error: rustc
}
