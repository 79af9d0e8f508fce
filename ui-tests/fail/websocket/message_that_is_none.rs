use connect::websocket::{SwitchingProtocols, WebSocketUpgrade};
use connect::{app, get};

#[get("/chat")]
fn chat(ws: WebSocketUpgrade) -> SwitchingProtocols {
    ws.on_upgrade(async |mut socket| {
        socket.send(42).await?;
        //          ^^ error: rustc
        Ok(())
    })
}

fn main() {
    let _ = app![chat];
}
