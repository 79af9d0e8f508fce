use serde_json::{Value, json};
use shop::db::ProductDraft;

use crate::support::Shop;

#[tokio::test]
async fn products_come_in_pages_that_link_to_the_next() {
    let shop = Shop::new().await;
    for number in 2..=5 {
        let draft = ProductDraft { name: format!("Cup {number}"), ..ProductDraft::default() };
        shop.db.add_product(draft).await.expect("a database");
    }
    let (mut seen, mut target) = (Vec::new(), "/api/products?limit=2".to_owned());
    loop {
        let page = shop.client.get(&target).send().await;
        let products: Vec<Value> = page.assert_ok().json();
        seen.extend(products.iter().map(|product| product["id"].as_i64().expect("a number")));
        let Some(link) = page.header("link") else { break };
        let next = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
        target = next.expect("a link").to_owned();
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
    shop.client.get("/api/products?limit=101").send().await.assert_status(422);
}

#[tokio::test]
async fn an_order_that_is_sent_again_is_placed_once() {
    let shop = Shop::new().await;
    let token = shop.token(2).await;
    let order = json!({ "address": "12 Long Lane", "lines": [{ "product": 1, "quantity": 2 }] });
    let place = || shop.client.post("/api/orders").bearer(&token).header("idempotency-key", "1").json(&order);
    let first = place().send().await;
    first.assert_status(201).assert_header("location", "/api/orders/1");
    let again = place().send().await;
    again.assert_status(201).assert_header("idempotent-replayed", "true").assert_text(first.text());
    assert_eq!(shop.stock().await, 8);
    let shown: Value = shop.client.get("/api/orders/1").bearer(&token).send().await.assert_ok().json();
    assert_eq!((&shown["total"], &shown["status"]), (&json!(2410), &json!("placed")));
}

#[tokio::test]
async fn an_invalid_order_is_refused_with_what_is_wrong() {
    let shop = Shop::new().await;
    let token = shop.token(2).await;
    let send = |order: Value| shop.client.post("/api/orders").bearer(&token).json(&order).send();
    let line = json!({ "product": 1, "quantity": 0 });
    let refused = send(json!({ "address": "12 Long Lane", "lines": [line] })).await;
    refused.assert_status(422).assert_contains("\"pointer\":\"#/lines/0/quantity\"");
    send(json!({ "address": "12 Long Lane", "lines": [] })).await.assert_status(422);
    let line = json!({ "product": 1, "quantity": 11 });
    send(json!({ "address": "12 Long Lane", "lines": [line] })).await.assert_status(409);
    let line = json!({ "product": 99, "quantity": 1 });
    send(json!({ "address": "12 Long Lane", "lines": [line] })).await.assert_status(404);
    send(json!("no order")).await.assert_status(422);
}

#[tokio::test]
async fn the_stock_is_set_by_administrators_alone() {
    let shop = Shop::new().await;
    let (ann, bob) = (shop.token(1).await, shop.token(2).await);
    let set =
        |token: &str| shop.client.put("/api/products/1/stock").bearer(token).json(&json!({ "stock": 3 }));
    set(&bob).send().await.assert_status(403);
    let product: Value = set(&ann).send().await.assert_ok().json();
    assert_eq!(product["stock"], 3);
}

#[tokio::test]
async fn errors_are_problems() {
    let shop = Shop::new().await;
    let refused = shop.client.get("/api/orders").send().await;
    refused.assert_status(401).assert_header("www-authenticate", "Bearer realm=\"Shop\"");
    refused.assert_header("content-type", "application/problem+json");
    shop.client.get("/api/orders").bearer("wrong").send().await.assert_status(401);
    let token = shop.token(2).await;
    for (target, status) in [("/api/products/x", 400), ("/api/nothing", 404), ("/api/products/9", 404)] {
        let response = shop.client.get(target).bearer(&token).send().await;
        response.assert_status(status).assert_header("content-type", "application/problem+json");
    }
    shop.client.delete("/api/products").bearer(&token).send().await.assert_status(405);
}

#[tokio::test]
async fn pages_of_the_listed_origins_may_use_the_api() {
    let shop = Shop::new().await;
    let preflight = |origin: &str| {
        let request = shop.client.options("/api/orders").header("origin", origin);
        request.header("access-control-request-method", "POST").send()
    };
    let allowed = preflight("https://app.example").await;
    allowed.assert_status(204).assert_header("access-control-allow-origin", "https://app.example");
    preflight("https://evil.example").await.assert_no_header("access-control-allow-origin");
    let refused = shop.client.get("/api/orders").header("origin", "https://app.example").send().await;
    refused.assert_status(401).assert_header("access-control-allow-origin", "https://app.example");
}
