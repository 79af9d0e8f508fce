use std::rc::Rc;

use connect::websocket::{SwitchingProtocols, WebSocketUpgrade};
use connect::{app, get};

#[get("/chat")]
fn chat(ws: WebSocketUpgrade) -> SwitchingProtocols {
    ws.on_upgrade(async |mut socket| {
    // ^^^^^^^^^^ error: rustc
        let name = Rc::new("me".to_owned());
        let _ = socket.send(name.as_str()).await;
        drop(name);
    })
}

fn main() {
    let _ = app![chat];
}
