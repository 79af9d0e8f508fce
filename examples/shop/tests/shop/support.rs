//! A shop in a folder of its own, with accounts and products.

use argon2::Params;
use connect::testing::{Client, TestResponse};
use connect::{App, Chain, Environment, Outermost};
use shop::config::Config;
use shop::db::{Db, ProductDraft, Role};
use shop::passwords::{Password, Passwords, digest};
use tempfile::TempDir;

pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct Shop {
    pub(crate) client: Client,
    pub(crate) db: Db,
    // Removed with the shop.
    pub(crate) folder: TempDir,
}

/// Hashes that cost next to nothing.
fn passwords() -> Passwords {
    Passwords::with(Params::new(8, 1, 1, None).expect("parameters")).expect("a decoy")
}

pub(crate) fn app(folder: &TempDir) -> App<impl Chain + use<>, Outermost> {
    let config =
        Config { api_origins: vec!["https://app.example".to_owned()], ..Config::in_folder(folder.path()) };
    // With the pages that customers see.
    shop::shop(&config, passwords()).expect("a shop").environment(Environment::Production)
}

impl Shop {
    /// Called in process.
    pub(crate) async fn new() -> Shop {
        let folder = tempfile::tempdir().expect("a folder");
        Shop::with(Client::new(app(&folder)), folder).await
    }

    /// Behind a socket.
    pub(crate) async fn serve() -> Shop {
        let folder = tempfile::tempdir().expect("a folder");
        let client = Client::serve(app(&folder)).await.expect("a port");
        Shop::with(client, folder).await
    }

    async fn with(client: Client, folder: TempDir) -> Shop {
        let db = Db::open(folder.path().join("shop.db")).expect("a database");
        let passwords = passwords();
        for (email, role) in [("ann@example.com", Role::Admin), ("bob@example.com", Role::Customer)] {
            let added =
                shop::accounts::add(&db, &passwords, email.to_owned(), Password::from(PASSWORD), role);
            assert!(added.await.expect("a database").is_some());
        }
        let tea = ProductDraft {
            name: "Tea <green>".to_owned(),
            description: "hot & wet".to_owned(),
            price: 1205,
            stock: 10,
        };
        assert_eq!(db.add_product(tea).await.expect("a database"), 1);
        Shop { client, db, folder }
    }

    /// What a browser gets that opens a page.
    pub(crate) async fn open(&self, target: &str) -> TestResponse {
        self.client.get(target).header("accept", "text/html,*/*;q=0.8").send().await
    }

    pub(crate) async fn sign_in(&self, email: &str) -> TestResponse {
        let form = [("email", email), ("password", PASSWORD), ("remember", "true"), ("then", "/account")];
        self.client.post("/sign-in").form(&form).send().await
    }

    /// A token of an account, by its number.
    pub(crate) async fn token(&self, account: i64) -> String {
        let secret = format!("secret-{account}");
        self.db.add_token(account, "test".to_owned(), digest(&secret)).await.expect("a database");
        secret
    }

    pub(crate) async fn stock(&self) -> i64 {
        self.db.product(1).await.expect("a database").expect("a product").stock
    }
}
