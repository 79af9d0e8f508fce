use connect::{app, get};
use connect_middleware::auth::BearerAuth;
use connect_middleware::method_override::MethodOverride;

struct Client;

#[get("/")]
fn index(_client: &Client) -> &'static str {
    "hello"
}

fn main() {
    let _ = app![
        MethodOverride::form("_method"),
        BearerAuth::new(|_token: String| async { Ok(Some(Client)) }),
      //^^^^^^^^^^ error: rustc
        index,
    ];
}
