//! Starts the program; see the library.

use connect::{Error, Result};
use connect_middleware::session::{MemoryStore, Session};
use openid::{Config, openid};

#[tokio::main]
async fn main() -> Result<()> {
    let config = Config {
        issuer: setting("ISSUER")?,
        client_id: setting("CLIENT_ID")?,
        client_secret: setting("CLIENT_SECRET").ok(),
        url: setting("URL").unwrap_or_else(|_| "http://127.0.0.1:3000".to_owned()),
    };
    let app = openid(Session::new(MemoryStore::new()), config)?;
    println!("http://127.0.0.1:3000");
    app.listen("127.0.0.1:3000").await?;
    Ok(())
}

fn setting(name: &str) -> Result<String> {
    std::env::var(name)
        .map_err(|err| Error::from(err).with_message(format!("set `{name}` in the environment")))
}
