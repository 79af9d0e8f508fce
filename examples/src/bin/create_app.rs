//! Connect's README, "Create an app": the smallest one has no layers, and the final handler responds with 404.

use connect::app;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app![];
    app.listen(connect_examples::address()).await
}
