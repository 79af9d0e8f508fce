//! As `tests/real/packages/method-override.cjs`.

use connect::testing::Client;
use connect::{Request, Response, Result, app, middleware};
use connect_middleware::method_override::{MethodOverride, OriginalMethod};
use http::Method;
use http::header::HeaderName;

#[derive(serde::Deserialize)]
struct Named {
    #[serde(default)]
    name: String,
}

#[middleware]
async fn answer(req: &mut Request, res: &mut Response) -> Result {
    let name = match req.is("application/x-www-form-urlencoded") && *req.method() != Method::GET {
        true => req.form::<Named>().await?.name,
        false => String::new(),
    };
    let original = req.provided::<OriginalMethod>().map_or(req.method(), |original| &original.0);
    res.text(format!("{original} {} {name}", req.method()))
}

pub async fn serve(configuration: &str) -> Option<Client> {
    let client = match configuration {
        "defaults" => Client::serve(app![MethodOverride::new(), answer]).await,
        "header" => {
            let layer = MethodOverride::header(HeaderName::from_static("x-method"));
            Client::serve(app![layer, answer]).await
        }
        "query" => Client::serve(app![MethodOverride::query("_method"), answer]).await,
        "form" => Client::serve(app![MethodOverride::form("_method"), answer]).await,
        "both" => Client::serve(app![MethodOverride::new(), MethodOverride::query("_method"), answer]).await,
        _ => return None,
    };
    Some(client.unwrap())
}
