//! An app of actix-web: a `configure` function for each module, `middleware::from_fn` in `App::wrap`.

use std::fmt::Write;

use super::file::{File, response_text};
use crate::app::{App, Takes, route};

pub(super) fn source(app: &App, changed: usize) -> Vec<File> {
    let mut files = Vec::new();
    let (mut modules, mut configured) = (String::new(), String::new());
    for (m, numbers) in app.modules().enumerate() {
        let mut text = "use actix_web::{get, web};\n".to_owned();
        if app.stacked {
            text.push_str(MIDDLEWARE);
        }
        let mut services = String::new();
        for number in numbers {
            let (pattern, takes) = route(number);
            let pattern: Vec<String> = pattern
                .split('/')
                .map(|segment| match (segment.strip_prefix(':'), segment.strip_prefix('*')) {
                    (Some(name), _) => format!("{{{name}}}"),
                    (_, Some(name)) => format!("{{{name}:.+}}"),
                    _ => segment.to_owned(),
                })
                .collect();
            let pattern = pattern.join("/");
            let own = if app.stacked {
                text.push_str(&middleware(&format!("s{number}")));
                format!(", wrap = \"actix_web::middleware::from_fn(s{number})\"")
            } else {
                String::new()
            };
            let _ = write!(services, ".service(r{number})");
            let response = response_text(number, changed);
            let (params, shown) = match takes {
                Takes::Nothing => ("", ("", String::new())),
                Takes::Id => {
                    ("path: web::Path<u64>", ("    let id = path.into_inner();\n", " {id}".to_owned()))
                }
                Takes::IdAndName => (
                    "path: web::Path<(u64, String)>",
                    ("    let (id, name) = path.into_inner();\n", " {id} {name}".to_owned()),
                ),
                Takes::Rest => (
                    "path: web::Path<String>",
                    ("    let path = path.into_inner();\n", " {path:?}".to_owned()),
                ),
            };
            let (first, shown) = shown;
            let _ = write!(
                text,
                "\n#[get(\"{pattern}\"{own})]\nasync fn r{number}({params}) -> String {{\n{first}    \
                 format!(\"{response}{shown}\")\n}}\n"
            );
        }
        let _ = write!(
            text,
            "\npub fn configure(config: &mut web::ServiceConfig) {{\n    config{};\n}}\n",
            services.replace(".service", "\n        .service")
        );
        files.push(File { name: format!("routes{m}.rs"), text });
        let _ = writeln!(modules, "mod routes{m};");
        let _ = write!(configured, "\n            .configure(routes{m}::configure)");
    }
    let mut text = MIDDLEWARE.to_owned();
    (0..app.middleware).for_each(|i| text.push_str(&middleware(&format!("m{i}"))));
    files.push(File { name: "middleware.rs".to_owned(), text });
    let layers: String =
        (0..app.middleware).map(|i| format!("\n            .wrap(from_fn(middleware::m{i}))")).collect();
    let main = format!(
        "mod middleware;\n{modules}\nuse actix_web::{{App, HttpServer, middleware::from_fn}};\n\n\
         #[actix_web::main]\nasync fn main() -> std::io::Result<()> {{\n    HttpServer::new(|| {{\n        \
         App::new(){configured}{layers}\n    }})\n    .bind(\"127.0.0.1:3411\")?\n    .run()\n    .await\n}}\n"
    );
    files.push(File { name: "main.rs".to_owned(), text: main });
    files
}

const MIDDLEWARE: &str = "use actix_web::Error;\nuse actix_web::body::MessageBody;\n\
                          use actix_web::dev::{ServiceRequest, ServiceResponse};\n\
                          use actix_web::http::header::{HeaderName, HeaderValue};\n\
                          use actix_web::middleware::Next;\n";

/// Reads a header and sets one.
fn middleware(name: &str) -> String {
    format!(
        "\npub async fn {name}(req: ServiceRequest, next: Next<impl MessageBody>)\n    \
         -> Result<ServiceResponse<impl MessageBody>, Error> {{\n    \
         let length = req.headers().get(\"accept\").map_or(0, HeaderValue::len);\n    \
         let mut res = next.call(req).await?;\n    \
         res.headers_mut().insert(HeaderName::from_static(\"x-{name}\"), HeaderValue::from(length as u64));\n    \
         Ok(res)\n}}\n"
    )
}
