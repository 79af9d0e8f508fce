//! HTML.

use http::StatusCode;

/// Text as HTML shows it.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(char),
        }
    }
    out
}

const STYLE: &str = "\
:root{color-scheme:light dark;--back:#fff;--text:#1d1f23;--soft:#5c6470;--line:#dfe3e8;--mark:#b3261e;--markback:#fdecea}\
@media(prefers-color-scheme:dark){:root{--back:#16181c;--text:#e6e8eb;--soft:#9aa3af;--line:#31363d;--mark:#ff8a80;--markback:#3a1d1b}}\
*{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--text);font:16px/1.5 system-ui,sans-serif}\
main{max-width:62rem;margin:0 auto;padding:2rem 1.25rem}h1{font-size:1.6rem;line-height:1.3;margin:.2rem 0 1rem;overflow-wrap:anywhere}\
h2{font-size:1rem;margin:2rem 0 .5rem}.soft{color:var(--soft)}.origin{color:var(--mark);font-weight:600;overflow-wrap:anywhere}\
pre,code,td{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.875rem}\
pre{border:1px solid var(--line);border-radius:8px;padding:.75rem 0;overflow-x:auto;margin:0}pre span{display:block;padding:0 1rem}\
pre .way{font-weight:600}pre .off{color:var(--soft)}pre .here{background:var(--markback);color:var(--mark);font-weight:700}\
ol{padding-left:1.5rem}li{overflow-wrap:anywhere}table{border-collapse:collapse;width:100%}\
td{border-top:1px solid var(--line);padding:.35rem .75rem .35rem 0;vertical-align:top;overflow-wrap:anywhere}td:first-child{color:var(--soft);white-space:nowrap}";

/// A page with a body that is HTML already.
pub(super) fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n<style>{STYLE}</style>\n\
         </head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n",
        escape(title)
    )
}

/// The page of production.
pub(super) fn plain(status: StatusCode, message: &str) -> String {
    let phrase = status.canonical_reason().unwrap_or("Error");
    let mut body = format!("<p class=\"soft\">{}</p>\n<h1>{}</h1>\n", status.as_u16(), escape(phrase));
    if message != phrase {
        body.push_str(&format!("<p>{}</p>\n", escape(message)));
    }
    page(phrase, &body)
}
