//! An app of this library.

use std::fmt::Write;

use super::file::{File, response_text};
use crate::app::{App, Takes, route};

pub(super) fn source(app: &App, changed: usize) -> Vec<File> {
    let mut files = Vec::new();
    let mut entries: Vec<String> = (0..app.middleware).map(|i| format!("middleware::m{i}")).collect();
    let mut modules = String::new();
    for (m, numbers) in app.modules().enumerate() {
        let mut text = "use connect::{get, Response, Result};\n".to_owned();
        if app.stacked {
            text.push_str("use connect::{middleware, Next, Request};\n");
        }
        for number in numbers {
            entries.push(format!("routes{m}::r{number}"));
            let (pattern, takes) = route(number);
            let own = if app.stacked {
                let _ = write!(text, "{}", middleware(&format!("s{number}"), number));
                format!(", s{number}")
            } else {
                String::new()
            };
            let response = response_text(number, changed);
            let (params, shown) = match takes {
                Takes::Nothing => ("", String::new()),
                Takes::Id => ("id: u64, ", " {id}".to_owned()),
                Takes::IdAndName => ("id: u64, name: String, ", " {id} {name}".to_owned()),
                Takes::Rest => ("path: Vec<String>, ", " {path:?}".to_owned()),
            };
            let _ = write!(
                text,
                "\n#[get(\"{pattern}\"{own})]\npub async fn r{number}({params}res: &mut Response) -> Result {{\n    \
                 res.send(format!(\"{response}{shown}\"))\n}}\n"
            );
        }
        files.push(File { name: format!("routes{m}.rs"), text });
        let _ = writeln!(modules, "mod routes{m};");
    }
    let mut text = "use connect::{middleware, Next, Request, Response, Result};\n".to_owned();
    (0..app.middleware).for_each(|i| text.push_str(&middleware(&format!("m{i}"), i)));
    files.push(File { name: "middleware.rs".to_owned(), text });
    let main = format!(
        "mod middleware;\n{modules}\n#[tokio::main]\nasync fn main() -> std::io::Result<()> {{\n    \
         let app = connect::app![\n        {}\n    ];\n    app.listen(\"127.0.0.1:3411\").await\n}}\n",
        entries.join(",\n        ")
    );
    files.push(File { name: "main.rs".to_owned(), text: main });
    files
}

/// Reads a header and sets one. Every second one comes back from what is below.
fn middleware(name: &str, number: usize) -> String {
    let (first, last) = if number.is_multiple_of(2) {
        ("    let done = next.run(req, res).await;\n", "    Ok(done)\n")
    } else {
        ("", "    next.pass()\n")
    };
    format!(
        "\n#[middleware]\npub async fn {name}(req: &mut Request, res: &mut Response, next: Next) -> Result {{\n    \
         let length = req.header(\"accept\").map_or(0, str::len);\n{first}    \
         res.set(\"x-{name}\", length as u64);\n{last}}}\n"
    )
}
