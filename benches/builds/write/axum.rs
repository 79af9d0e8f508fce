//! An app of axum: a router for each module, `middleware::from_fn` in one `ServiceBuilder`.

use std::fmt::Write;

use super::file::{File, response_text};
use crate::app::{App, Takes, route};

pub(super) fn source(app: &App, changed: usize) -> Vec<File> {
    let mut files = Vec::new();
    let (mut modules, mut merged) = (String::new(), String::new());
    for (m, numbers) in app.modules().enumerate() {
        let mut text = "use axum::{Router, routing::get};\nuse axum::extract::Path;\n".to_owned();
        if app.stacked {
            text.push_str("use axum::{extract::Request, http::HeaderValue, middleware::{Next, from_fn}, response::Response};\n");
        }
        let mut routes = String::new();
        for number in numbers {
            let (pattern, takes) = route(number);
            let pattern: Vec<String> = pattern
                .split('/')
                .map(|segment| match (segment.strip_prefix(':'), segment.strip_prefix('*')) {
                    (Some(name), _) => format!("{{{name}}}"),
                    (_, Some(name)) => format!("{{*{name}}}"),
                    _ => segment.to_owned(),
                })
                .collect();
            let pattern = pattern.join("/");
            let own = if app.stacked {
                text.push_str(&middleware(&format!("s{number}")));
                format!(".layer(from_fn(s{number}))")
            } else {
                String::new()
            };
            let _ = write!(routes, "\n        .route(\"{pattern}\", get(r{number}){own})");
            let response = response_text(number, changed);
            let (params, shown) = match takes {
                Takes::Nothing => ("", String::new()),
                Takes::Id => ("Path(id): Path<u64>", " {id}".to_owned()),
                Takes::IdAndName => ("Path((id, name)): Path<(u64, String)>", " {id} {name}".to_owned()),
                Takes::Rest => ("Path(path): Path<String>", " {path:?}".to_owned()),
            };
            let _ = write!(
                text,
                "\nasync fn r{number}({params}) -> String {{\n    format!(\"{response}{shown}\")\n}}\n"
            );
        }
        let _ = write!(text, "\npub fn router() -> Router {{\n    Router::new(){routes}\n}}\n");
        files.push(File { name: format!("routes{m}.rs"), text });
        let _ = writeln!(modules, "mod routes{m};");
        let _ = write!(merged, "\n        .merge(routes{m}::router())");
    }
    let mut text =
        "use axum::{extract::Request, http::HeaderValue, middleware::Next, response::Response};\n".to_owned();
    (0..app.middleware).for_each(|i| text.push_str(&middleware(&format!("m{i}"))));
    files.push(File { name: "middleware.rs".to_owned(), text });
    let layers: String =
        (0..app.middleware).map(|i| format!("\n            .layer(from_fn(middleware::m{i}))")).collect();
    let main = format!(
        "mod middleware;\n{modules}\nuse axum::{{Router, middleware::from_fn}};\nuse tower::ServiceBuilder;\n\n\
         #[tokio::main]\nasync fn main() -> std::io::Result<()> {{\n    let app = Router::new(){merged}\n        \
         .layer(ServiceBuilder::new(){layers});\n    \
         let listener = tokio::net::TcpListener::bind(\"127.0.0.1:3411\").await?;\n    \
         axum::serve(listener, app).await\n}}\n"
    );
    files.push(File { name: "main.rs".to_owned(), text: main });
    files
}

/// Reads a header and sets one.
fn middleware(name: &str) -> String {
    format!(
        "\npub async fn {name}(req: Request, next: Next) -> Response {{\n    \
         let length = req.headers().get(\"accept\").map_or(0, HeaderValue::len);\n    \
         let mut res = next.run(req).await;\n    \
         res.headers_mut().insert(\"x-{name}\", HeaderValue::from(length as u64));\n    res\n}}\n"
    )
}
