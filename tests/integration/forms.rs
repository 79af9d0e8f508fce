//! Forms with nested fields, over a socket.

use connect::{Form, Query, Request, Result, app, get, post};
use serde::Deserialize;

use crate::support::Server;

#[derive(Debug, Deserialize)]
struct Order {
    user: User,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    pets: Vec<User>,
}

#[derive(Debug, Deserialize)]
struct User {
    name: String,
}

impl Order {
    fn summary(&self) -> String {
        let pets: Vec<&str> = self.pets.iter().map(|pet| &*pet.name).collect();
        format!("{} {} {}", self.user.name, self.tags.join("+"), pets.join("+"))
    }
}

#[post("/extractor")]
fn extractor(Form(order): Form<Order>) -> String {
    order.summary()
}

#[post("/reader")]
async fn reader(req: &mut Request) -> Result<String> {
    Ok(req.form::<Order>().await?.summary())
}

#[tokio::test]
async fn bracketed_names_are_nested_fields_in_forms() {
    let server = Server::start(app![extractor, reader]).await;
    let send = async |path: &str, body: &str| {
        server.post(path, "content-type: application/x-www-form-urlencoded\r\n", body).await
    };
    let form = "user%5Bname%5D=tj&tags[]=a&tags[]=b&pets[1][name]=tobi&pets[0][name]=loki";
    for path in ["/extractor", "/reader"] {
        assert_eq!(send(path, form).await.seen(), (200, "tj a+b loki+tobi"), "{path}");
        assert_eq!(send(path, "user[name]=tj&tags=a").await.seen(), (200, "tj a "), "{path}");
        assert_eq!(send(path, "tags[]=a").await.status, 400, "{path}");
        let deep = format!("user[name]=tj&a{}=1", "[b]".repeat(33));
        assert_eq!(send(path, &deep).await.status, 400, "{path}");
        let many = format!("user[name]=tj{}", "&tags[]=a".repeat(1000));
        assert_eq!(send(path, &many).await.status, 413, "{path}");
    }
}

#[tokio::test]
async fn bracketed_names_stay_flat_in_queries() {
    #[derive(Deserialize)]
    struct Search {
        #[serde(rename = "user[name]")]
        name: String,
    }
    #[get("/")]
    fn search(Query(search): Query<Search>) -> String {
        search.name
    }
    let server = Server::start(app![search]).await;
    assert_eq!(server.get("/?user[name]=tj").await.seen(), (200, "tj"));
}
