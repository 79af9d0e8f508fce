use connect::websocket::{SwitchingProtocols, WebSocketUpgrade};
use connect::{app, get, provide};

struct Room(String);

#[get("/chat")]
fn chat(ws: WebSocketUpgrade, room: &Room) -> SwitchingProtocols {
    ws.on_upgrade(async |mut socket| {
//  ^ error: rustc
        let _ = socket.send(room.0.as_str()).await;
    })
}

fn main() {
    let _ = app![provide(Room("room".to_owned())), chat];
}
