//! A shop in a folder of its own, with accounts and products.

use std::net::SocketAddr;

use argon2::Params;
use axum::Router;
use shop_axum::config::Config;
use shop_axum::db::{Db, ProductDraft, Role};
use shop_axum::passwords::{Password, Passwords, digest};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::client::{Client, TestResponse};

pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct Shop {
    pub(crate) app: Router,
    pub(crate) client: Client,
    pub(crate) db: Db,
    // Removed with the shop.
    pub(crate) folder: TempDir,
}

/// Hashes that cost next to nothing.
fn passwords() -> Passwords {
    Passwords::with(Params::new(8, 1, 1, None).expect("parameters")).expect("a decoy")
}

pub(crate) async fn app(folder: &TempDir) -> Router {
    let config =
        Config { api_origins: vec!["https://app.example".to_owned()], ..Config::in_folder(folder.path()) };
    shop_axum::shop(&config, passwords()).await.expect("a shop").0
}

impl Shop {
    pub(crate) async fn new() -> Shop {
        let folder = tempfile::tempdir().expect("a folder");
        let app = app(&folder).await;
        let client = Client::new(app.clone());
        let db = Db::open(folder.path().join("shop.db")).expect("a database");
        let passwords = passwords();
        for (email, role) in [("ann@example.com", Role::Admin), ("bob@example.com", Role::Customer)] {
            let hash = passwords.hash(Password::from(PASSWORD)).await.expect("a hash");
            let added = db.add_account(email.to_owned(), hash, role).await;
            assert!(added.expect("a database").is_some());
        }
        let tea = ProductDraft {
            name: "Tea <green>".to_owned(),
            description: "hot & wet".to_owned(),
            price: 1205,
            stock: 10,
        };
        assert_eq!(db.add_product(tea).await.expect("a database"), 1);
        Shop { app, client, db, folder }
    }

    pub(crate) async fn sign_in(&self, email: &str) -> TestResponse {
        let form = [("email", email), ("password", PASSWORD), ("remember", "true"), ("then", "/account")];
        self.client.post("/sign-in").form(&form).send().await
    }

    /// Behind a socket, too.
    pub(crate) async fn serve(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let service = self.app.clone().into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        address
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
