use connect::testing::TestResponse;

use crate::support::Shop;

async fn upload(shop: &Shop, product: i64, content: &[u8]) -> TestResponse {
    let head = "--b\r\ncontent-disposition: form-data; name=\"image\"; filename=\"../../tea.png\"\r\n\r\n";
    let body = [head.as_bytes(), content, b"\r\n--b--\r\n"].concat();
    let target = format!("/admin/products/{product}/image");
    let request = shop.client.post(&target).header("content-type", "multipart/form-data; boundary=b");
    request.body(body).send().await
}

#[tokio::test]
async fn administration_is_for_administrators() {
    let shop = Shop::new().await;
    shop.open("/admin").await.assert_status(303).assert_redirect("/sign-in?then=/admin");
    shop.client.get("/admin").send().await.assert_status(401);
    shop.sign_in("bob@example.com").await;
    for path in ["/admin", "/admin/products/new", "/admin/support", "/admin/nothing"] {
        shop.client.get(path).send().await.assert_status(403).assert_contains("<h1>403</h1>");
    }
    shop.client.post("/admin/orders/1/ship").send().await.assert_status(403);
}

#[tokio::test]
async fn an_administrator_adds_and_changes_a_product() {
    let shop = Shop::new().await;
    shop.sign_in("ann@example.com").await;
    let mut draft = vec![("name", "Cup"), ("description", "round"), ("price", "-1"), ("stock", "7")];
    let page = shop.client.post("/admin/products").form(&draft).send().await;
    page.assert_status(422).assert_contains("class=\"fault\"").assert_contains("Cup");
    draft[2].1 = "350";
    shop.client.post("/admin/products").form(&draft).send().await.assert_redirect("/admin/products/2");
    draft[0].1 = "Large cup";
    shop.client.post("/admin/products/2").form(&draft).send().await.assert_redirect("/admin/products/2");
    shop.client.get("/?q=large").send().await.assert_contains("Large cup").assert_contains("3.50");
    shop.client.get("/admin").send().await.assert_contains("Large cup");
    shop.client.post("/admin/products/9").form(&draft).send().await.assert_status(404);
}

#[tokio::test]
async fn an_image_is_stored_and_served_to_everybody_for_a_year() {
    let shop = Shop::new().await;
    shop.sign_in("ann@example.com").await;
    let png = b"\x89PNG\r\n\x1a\nand so on";
    upload(&shop, 1, png).await.assert_redirect("/admin/products/1");
    let image = shop.db.product(1).await.expect("a database").and_then(|product| product.image);
    let image = image.expect("an image");
    shop.client.clear_cookies();
    shop.client.get("/").send().await.assert_contains(&image);
    let served = shop.client.get(&format!("/images/{image}")).send().await;
    served.assert_header("content-type", "image/png");
    served.assert_header("cache-control", "public, max-age=31536000, immutable");
    assert_eq!(&served.bytes()[..], png);
}

#[tokio::test]
async fn what_is_no_image_or_too_large_is_not_stored() {
    let shop = Shop::new().await;
    shop.sign_in("ann@example.com").await;
    upload(&shop, 1, b"<script>").await.assert_status(415);
    upload(&shop, 9, b"\x89PNG\r\n\x1a\n").await.assert_status(404);
    let large = [b"\x89PNG\r\n\x1a\n".as_slice(), &vec![0; 5 << 20]].concat();
    upload(&shop, 1, &large).await.assert_status(413);
    let files = std::fs::read_dir(shop.folder.path().join("images")).expect("a folder");
    assert_eq!(files.count(), 0);
}
