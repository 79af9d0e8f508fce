use std::sync::Arc;

use shop_axum::db::{Lines, ProductDraft};

use crate::support::Shop;

const ADDRESS: [(&str, &str); 1] = [("address", "12 Long Lane, Oxford")];

#[tokio::test]
async fn a_visitor_fills_a_cart_signs_in_and_orders() {
    let shop = Shop::new().await;
    shop.client.get("/").send().await.assert_contains("Tea &lt;green&gt;").assert_contains("12.05");
    shop.client.get("/products/1").send().await.assert_contains("hot &amp; wet");
    let form = [("product", "1"), ("quantity", "3")];
    shop.client.post("/cart").form(&form).send().await.assert_redirect("/cart");
    shop.client.get("/cart").send().await.assert_contains("36.15").assert_contains("Sign in</a> to order");
    shop.sign_in("bob@example.com").await;
    let form = [("product", "1"), ("quantity", "2")];
    shop.client.post("/cart/change").form(&form).send().await.assert_redirect("/cart");
    shop.client.post("/checkout").form(&ADDRESS).send().await.assert_redirect("/orders/1");
    shop.client.get("/orders/1").send().await.assert_contains("24.10").assert_contains("12 Long Lane");
    shop.client.get("/orders").send().await.assert_contains("Order 1");
    shop.client.get("/cart").send().await.assert_contains("The cart is empty.");
    assert_eq!(shop.stock().await, 8);
}

#[tokio::test]
async fn a_page_of_products_leads_to_the_next_one() {
    let shop = Shop::new().await;
    for number in 2..=14 {
        let draft = ProductDraft { name: format!("Tea {number}"), ..ProductDraft::default() };
        shop.db.add_product(draft).await.expect("a database");
    }
    let first = shop.client.get("/?q=tea").send().await;
    first.assert_ok().assert_contains("name=\"after\" value=\"12\"").assert_contains("Tea 12");
    assert!(!first.text().contains("Tea 13"));
    let second = shop.client.get("/?q=tea&after=12").send().await;
    second.assert_ok().assert_contains("Tea 13").assert_contains("Tea 14");
    assert!(!second.text().contains("name=\"after\""));
}

#[tokio::test]
async fn an_order_beyond_the_stock_changes_nothing_and_says_what_is_left() {
    let shop = Shop::new().await;
    shop.sign_in("bob@example.com").await;
    shop.client.post("/cart").form(&[("product", "1"), ("quantity", "11")]).send().await;
    shop.client.post("/checkout").form(&ADDRESS).send().await.assert_redirect("/cart");
    shop.client.get("/cart").send().await.assert_contains("there are only 10 left").assert_contains("11");
    assert_eq!(shop.stock().await, 10);
    assert!(shop.db.purchases(None).await.expect("a database").is_empty());
}

#[tokio::test]
async fn a_checkout_that_is_sent_twice_is_one_order() {
    let shop = Shop::new().await;
    shop.sign_in("bob@example.com").await;
    shop.client.post("/cart").form(&[("product", "1"), ("quantity", "4")]).send().await;
    let checkout = || shop.client.post("/checkout").form(&ADDRESS).send();
    let (first, second) = tokio::join!(checkout(), checkout());
    first.assert_status(303);
    second.assert_status(303);
    assert_eq!(shop.db.purchases(None).await.expect("a database").len(), 1);
    assert_eq!(shop.stock().await, 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_orders_never_sell_more_than_there_is() {
    let shop = Arc::new(Shop::new().await);
    let orders: Vec<_> = (0..16)
        .map(|number| {
            let shop = Arc::clone(&shop);
            tokio::spawn(async move {
                let lines = Lines::from([(1, 3)]);
                shop.db.place(2, format!("key {number}"), "12 Long Lane".to_owned(), lines).await
            })
        })
        .collect();
    let mut placed = 0;
    for order in orders {
        match order.await.expect("no panic") {
            Ok(_) => placed += 1,
            Err(err) => assert_eq!(err.status(), 409, "{err:?}"),
        }
    }
    assert_eq!((placed, shop.stock().await), (3, 1));
    assert_eq!(shop.db.purchases(None).await.expect("a database").len(), 3);
}

#[tokio::test]
async fn the_order_of_another_customer_is_not_found() {
    let shop = Shop::new().await;
    let lines = Lines::from([(1, 1)]);
    shop.db.place(1, "of ann".to_owned(), "12 Long Lane".to_owned(), lines).await.expect("an order");
    shop.sign_in("bob@example.com").await;
    shop.client.get("/orders/1").send().await.assert_status(404);
    shop.client.get("/orders/1/events").send().await.assert_status(404);
    let token = shop.token(2).await;
    shop.client.get("/api/orders/1").bearer(&token).send().await.assert_status(404);
}
