use connect::{app, body_parser, get};
use connect_middleware::auth::BearerAuth;

struct Client;

#[get("/")]
fn index(_client: &Client) -> &'static str {
    "hello"
}

fn main() {
    let _ = app![
        body_parser::json(),
        BearerAuth::new(|_token: String| async { Ok(Some(Client)) }),
      //^^^^^^^^^^ error: rustc
        index,
    ];
}
