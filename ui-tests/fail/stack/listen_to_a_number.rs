use connect::{app, get};

#[get("/")]
fn index() -> &'static str {
    "index"
}

#[tokio::main]
async fn main() {
    app![index].listen(3000).await.unwrap();
//                     ^^^^ error: rustc
}
