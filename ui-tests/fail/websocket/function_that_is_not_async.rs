use connect::websocket::{SwitchingProtocols, WebSocketUpgrade};
use connect::{app, get};

#[get("/chat")]
fn chat(ws: WebSocketUpgrade) -> SwitchingProtocols {
    ws.on_upgrade(|socket| drop(socket))
    // ^^^^^^^^^^ error: rustc
}

fn main() {
    let _ = app![chat];
}
