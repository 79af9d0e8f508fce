use connect::websocket::WebSocket;
use connect::{app, get};

#[get("/chat")]
async fn chat(mut socket: WebSocket) -> &'static str {
    //                    ^^^^^^^^^ error: rustc
    let _ = socket.send("hello").await;
    "done"
}

fn main() {
    let _ = app![chat];
}
