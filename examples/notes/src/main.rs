//! Starts the notes; see the library.

use connect::Result;
use notes::store::Store;

#[tokio::main]
async fn main() -> Result<()> {
    let path = std::env::var("NOTES_DB").unwrap_or_else(|_| "notes.db".to_owned());
    let port = std::env::var("PORT").unwrap_or_else(|_| "3000".to_owned());
    let app = notes::notes(Store::open(path)?);
    println!("http://127.0.0.1:{port}");
    app.listen(format!("127.0.0.1:{port}")).await?;
    Ok(())
}
