use connect::{app, get};
use connect_middleware::auth::BearerAuth;
use connect_middleware::maintenance::Maintenance;

struct Client;

#[get("/")]
fn index(_client: &Client) -> &'static str {
    "hello"
}

fn main() {
    let _ = app![
        BearerAuth::new(|_token: String| async { Ok(Some(Client)) }),
        Maintenance::off(),
      //^^^^^^^^^^^ error: rustc
        index,
    ];
}
