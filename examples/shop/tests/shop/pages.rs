use crate::support::Shop;

#[tokio::test]
async fn every_page_is_shown() {
    let shop = Shop::new().await;
    for path in ["/", "/products/1", "/cart", "/register", "/sign-in"] {
        let page = shop.client.get(path).send().await;
        page.assert_status(200).assert_header("content-type", "text/html; charset=utf-8");
    }
    shop.sign_in("ann@example.com").await;
    for path in [
        "/account",
        "/orders",
        "/support",
        "/admin",
        "/admin/products/new",
        "/admin/products/1",
        "/admin/support",
    ] {
        let page = shop.client.get(path).send().await;
        page.assert_status(200).assert_header("content-type", "text/html; charset=utf-8");
    }
}
