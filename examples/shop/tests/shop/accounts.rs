use serde_json::{Value, json};

use crate::support::{PASSWORD, Shop};

#[tokio::test]
async fn a_registration_signs_in_and_greets_once() {
    let shop = Shop::new().await;
    let form = [("email", "eve@example.com"), ("password", PASSWORD)];
    shop.client.post("/register").form(&form).send().await.assert_redirect("/");
    shop.client.get("/").send().await.assert_contains("Welcome to the shop.").assert_contains("Sign out");
    assert!(!shop.client.get("/").send().await.text().contains("Welcome"), "said once");
    shop.client.get("/account").send().await.assert_ok().assert_contains("eve@example.com");
}

#[tokio::test]
async fn an_invalid_registration_is_shown_again_without_the_password() {
    let shop = Shop::new().await;
    let form = [("email", "eve at example.com"), ("password", "geheim")];
    let page = shop.client.post("/register").form(&form).send().await;
    page.assert_status(422).assert_contains("eve at example.com").assert_contains("class=\"fault\"");
    assert!(!page.text().contains("geheim"));
    let taken = [("email", "BOB@example.com"), ("password", PASSWORD)];
    let page = shop.client.post("/register").form(&taken).send().await;
    page.assert_status(422).assert_contains("has an account already");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_look_the_same() {
    let shop = Shop::new().await;
    let mut pages = Vec::new();
    for email in ["bob@example.com", "eve@example.com"] {
        let form = [("email", email), ("password", "wrong horse battery")];
        let page = shop.client.post("/sign-in").form(&form).send().await;
        page.assert_status(422).assert_no_header("set-cookie");
        pages.push(page.text().replace(email, ""));
    }
    assert_eq!(pages[0], pages[1]);
}

#[tokio::test]
async fn a_browser_comes_back_to_the_page_that_needed_a_sign_in() {
    let shop = Shop::new().await;
    shop.open("/orders").await.assert_status(303).assert_redirect("/sign-in?then=/orders");
    shop.client.get("/sign-in?then=/orders").send().await.assert_contains("value=\"&#x2f;orders\"");
    shop.sign_in("bob@example.com").await.assert_redirect("/account");
    for elsewhere in ["//evil.example", "/\\evil.example", "https://evil.example", ""] {
        let form = [("email", "bob@example.com"), ("password", PASSWORD), ("then", elsewhere)];
        shop.client.post("/sign-in").form(&form).send().await.assert_redirect("/");
    }
}

#[tokio::test]
async fn a_remembered_browser_is_signed_in_again_until_it_signs_out() {
    let shop = Shop::new().await;
    shop.sign_in("bob@example.com").await;
    let remembered = shop.client.cookie("remember").expect("a cookie");
    shop.client.clear_cookies();
    shop.client.get("/account").cookie("remember", &remembered).send().await.assert_ok();
    shop.client.post("/sign-out").send().await.assert_redirect("/");
    assert_eq!((shop.client.cookie("id"), shop.client.cookie("remember")), (None, None));
    shop.client.get("/account").send().await.assert_status(401);
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let shop = Shop::new().await;
    shop.sign_in("bob@example.com").await;
    let other = shop.client.cookie("id").expect("a session");
    shop.client.clear_cookies();
    shop.sign_in("bob@example.com").await;
    let wrong = [("old", "wrong horse battery"), ("new", "another long password")];
    shop.client.post("/account/password").form(&wrong).send().await.assert_redirect("/account");
    shop.client.get("/account").send().await.assert_contains("The old password is another one.");
    let right = [("old", PASSWORD), ("new", "another long password")];
    shop.client.post("/account/password").form(&right).send().await.assert_redirect("/account");
    shop.client.get("/account").send().await.assert_ok().assert_contains("The password is changed.");
    shop.client.clear_cookies();
    shop.client.get("/account").cookie("id", &other).send().await.assert_status(401);
    shop.sign_in("bob@example.com").await.assert_status(422);
}

#[tokio::test]
async fn sign_ins_are_limited_more_strictly_than_pages() {
    let shop = Shop::new().await;
    let form = [("email", "bob@example.com"), ("password", "wrong horse battery")];
    let mut last = shop.client.post("/sign-in").form(&form).send().await;
    for _ in 0..10 {
        last = shop.client.post("/sign-in").form(&form).send().await;
    }
    assert!(last.assert_status(429).header("retry-after").is_some());
    shop.client.get("/").send().await.assert_ok();
}

#[tokio::test]
async fn a_page_of_another_site_cannot_sign_out() {
    let shop = Shop::new().await;
    shop.sign_in("bob@example.com").await;
    let forged = shop.client.post("/sign-out").header("sec-fetch-site", "cross-site").send().await;
    forged.assert_status(403).assert_contains("<h1>403</h1>");
    shop.client.get("/account").send().await.assert_ok();
}

#[tokio::test]
async fn a_token_from_the_account_page_opens_the_api_until_it_is_removed() {
    let shop = Shop::new().await;
    shop.sign_in("bob@example.com").await;
    let page = shop.client.post("/account/tokens").form(&[("name", "reports")]).send().await;
    let token = page.text().split("<code>").nth(1).and_then(|rest| rest.split("</code>").next());
    let token = token.expect("a token").to_owned();
    let orders: Value = shop.client.get("/api/orders").bearer(&token).send().await.assert_ok().json();
    assert_eq!(orders, json!([]));
    shop.client.post("/account/tokens/1/remove").send().await.assert_redirect("/account");
    shop.client.get("/api/orders").bearer(&token).send().await.assert_status(401);
}
