//! Connect's README, "Create an app": the smallest one has no layers, and the final handler answers 404.

use connect::app;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = app![];
    let listener = connect_examples::listener(&app).await?;
    app.serve(listener).await
}
