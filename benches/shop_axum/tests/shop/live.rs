use std::time::Duration;

use axum::body::BodyDataStream;
use futures_util::{SinkExt as _, StreamExt as _};
use shop_axum::db::Lines;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::support::Shop;

const LIMIT: Duration = Duration::from_secs(60);

async fn hear(events: &mut BodyDataStream, until: &str) -> String {
    let mut heard = String::new();
    while !heard.contains(until) {
        let chunk = tokio::time::timeout(LIMIT, events.next()).await.expect("in time").expect("more");
        heard.push_str(std::str::from_utf8(&chunk.expect("a chunk")).expect("text"));
    }
    heard
}

#[tokio::test]
async fn an_open_page_sees_the_stock_change() {
    let shop = Shop::new().await;
    let mut events = shop.client.get("/stock").open().await.into_body().into_data_stream();
    let token = shop.token(2).await;
    let order = serde_json::json!({ "address": "12 Long Lane", "lines": [{ "product": 1, "quantity": 2 }] });
    shop.client.post("/api/orders").bearer(&token).json(&order).send().await.assert_status(201);
    let heard = hear(&mut events, "\n\n").await;
    assert_eq!(heard, "data: {\"product\":1,\"stock\":8}\n\n");
}

#[tokio::test]
async fn an_order_page_sees_that_the_order_is_shipped() {
    let shop = Shop::new().await;
    let lines = Lines::from([(1, 1)]);
    shop.db.place(1, "of ann".to_owned(), "12 Long Lane".to_owned(), lines).await.expect("an order");
    shop.sign_in("ann@example.com").await;
    let mut events = shop.client.get("/orders/1/events").open().await.into_body().into_data_stream();
    hear(&mut events, "\"status\":\"placed\"").await;
    shop.client.post("/admin/orders/1/ship").send().await.assert_redirect("/admin");
    hear(&mut events, "\"status\":\"shipped\"").await;
    shop.client.post("/admin/orders/1/ship").send().await.assert_status(409);
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn open(shop: &Shop, path: &str) -> Result<Socket, Error> {
    let address = shop.serve().await;
    let mut request = format!("ws://{address}{path}").into_client_request()?;
    if let Some(id) = shop.client.cookie("id") {
        request.headers_mut().insert("cookie", format!("id={id}").parse().expect("a header"));
    }
    Ok(connect_async(request).await?.0)
}

async fn receive(socket: &mut Socket) -> Option<Message> {
    loop {
        match tokio::time::timeout(LIMIT, socket.next()).await.expect("in time") {
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            other => return other.map(|message| message.expect("a message")),
        }
    }
}

#[tokio::test]
async fn a_customer_and_the_staff_talk_until_one_signs_out() {
    let shop = Shop::new().await;
    assert!(open(&shop, "/support/socket").await.is_err(), "without a sign-in");
    shop.sign_in("bob@example.com").await;
    assert!(open(&shop, "/admin/support/1/socket").await.is_err(), "without the role");
    let mut bob = open(&shop, "/support/socket").await.expect("a socket");
    bob.send(Message::text("Is it <hot>?")).await.expect("sent");
    let question = r#"{"customer":2,"from_staff":false,"text":"Is it <hot>?"}"#;
    assert_eq!(receive(&mut bob).await, Some(Message::text(question)));
    shop.client.post("/sign-out").send().await.assert_redirect("/");

    shop.sign_in("ann@example.com").await;
    shop.client.get("/admin/support").send().await.assert_contains("bob@example.com");
    let mut ann = open(&shop, "/admin/support/2/socket").await.expect("a socket");
    assert_eq!(receive(&mut ann).await, Some(Message::text(question)), "what was written before");
    ann.send(Message::text("Very.")).await.expect("sent");
    let answer = Message::text(r#"{"customer":2,"from_staff":true,"text":"Very."}"#);
    assert_eq!(receive(&mut bob).await, Some(answer.clone()));
    assert_eq!(receive(&mut ann).await, Some(answer));

    bob.send(Message::text("Thanks!")).await.expect("sent");
    let Some(Message::Close(Some(frame))) = receive(&mut bob).await else { panic!("he has signed out") };
    assert_eq!(frame.reason.as_str(), "sign in again");
    assert_eq!(shop.db.messages(2).await.expect("a database").len(), 2);
}
