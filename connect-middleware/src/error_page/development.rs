//! What a developer is told.

use std::fmt::Write as _;

use connect::{Error, Request};
use http::StatusCode;

use super::html::{escape, page};
use crate::problem::Problem;

/// Everything that is known about an error.
pub(super) struct Report<'a> {
    status: StatusCode,
    /// The message, and its causes.
    messages: Vec<String>,
    origin: Option<String>,
    layer: Option<String>,
    route: Option<String>,
    stack: &'a str,
    req: &'a Request,
}

/// Names of headers and of a query's values that are secrets.
fn is_secret(name: &str) -> bool {
    matches!(name, "code" | "cookie" | "sig")
        || ["token", "secret", "key", "password", "session", "auth"].iter().any(|part| name.contains(part))
}

/// What was asked for, without the secrets of its query.
fn shown(url: &str) -> String {
    let Some((path, query)) = url.split_once('?') else { return url.to_owned() };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret(&name.to_ascii_lowercase()) => format!("{name}=(not shown)"),
        _ => pair.to_owned(),
    });
    format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
}

impl<'a> Report<'a> {
    pub(super) fn new(err: &Error, req: &'a Request, status: StatusCode, stack: &'a str) -> Self {
        let mut messages = vec![err.to_string()];
        let mut cause = err.source().map(|source| source as &(dyn std::error::Error + 'static));
        while let Some(one) = cause {
            let text = one.to_string();
            // A message that is its cause's is said once, and the status is on the page.
            if messages.last() != Some(&text) && status.canonical_reason() != Some(&text) {
                messages.push(text);
            }
            cause = one.source();
        }
        let origin = err.origin();
        Report {
            status,
            messages,
            origin: origin.map(ToString::to_string),
            layer: origin.map(|origin| origin.layer().to_owned()),
            route: req.route(),
            stack,
            req,
        }
    }

    fn message(&self) -> &str {
        self.messages.first().map_or("", String::as_str)
    }

    pub(super) fn text(&self) -> String {
        let mut text = self.message().to_owned();
        for cause in &self.messages[1..] {
            let _ = write!(text, "\ncaused by: {cause}");
        }
        if let Some(origin) = &self.origin {
            let _ = write!(text, "\nin {origin}");
        }
        text + "\n"
    }

    pub(super) fn add_to(&self, mut problem: Problem) -> Problem {
        if self.status.canonical_reason() != Some(self.message()) {
            problem = problem.detail(self.message().to_owned());
        }
        if self.messages.len() > 1 {
            problem = problem.with("causes", &self.messages[1..]);
        }
        if let Some(origin) = &self.origin {
            problem = problem.with("origin", origin);
        }
        if let Some(route) = &self.route {
            problem = problem.with("route", route);
        }
        problem
    }

    pub(super) fn html(&self) -> String {
        let mut body = String::new();
        let (method, uri) = (self.req.method().as_str(), shown(&self.req.original_url()));
        let phrase = self.status.canonical_reason().unwrap_or("Error");
        // Writing to a string cannot fail.
        let _ = writeln!(
            body,
            "<p class=\"soft\">{} {phrase} &middot; {} {}</p>",
            self.status.as_u16(),
            escape(method),
            escape(&uri)
        );
        let _ = writeln!(body, "<h1>{}</h1>", escape(self.message()));
        if let Some(origin) = &self.origin {
            let _ = writeln!(body, "<p class=\"origin\">in {}</p>", escape(origin));
        }
        if let Some(route) = &self.route {
            let _ = writeln!(
                body,
                "<p class=\"soft\">the last route that matched is <code>{}</code></p>",
                escape(route)
            );
        }
        if self.messages.len() > 1 {
            body.push_str("<h2>Caused by</h2>\n<ol>\n");
            for cause in &self.messages[1..] {
                let _ = writeln!(body, "<li>{}</li>", escape(cause));
            }
            body.push_str("</ol>\n");
        }
        if !self.stack.is_empty() {
            body.push_str("<h2>The way of the request</h2>\n<pre>");
            for (line, step) in self.stack.lines().zip(way(self.stack, self.layer.as_deref())) {
                let class = match step {
                    Step::Here => "here",
                    Step::Passed => "way",
                    Step::Off => "off",
                };
                let _ = write!(body, "<span class=\"{class}\">{}</span>", escape(line));
            }
            body.push_str("</pre>\n");
        }
        body.push_str("<h2>The request</h2>\n<table>\n");
        for (name, value) in self.req.headers() {
            let value = match is_secret(name.as_str()) {
                true => "(not shown)".into(),
                false => String::from_utf8_lossy(value.as_bytes()),
            };
            let _ = writeln!(body, "<tr><td>{}</td><td>{}</td></tr>", escape(name.as_str()), escape(&value));
        }
        body.push_str("</table>\n");
        page(&format!("{} {phrase}", self.status.as_u16()), &body)
    }
}

/// Where a line of the printed stack stands beside the way of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The error came from here.
    Here,
    /// The request has come through.
    Passed,
    /// Not on the way, or below.
    Off,
}

fn depth(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The name of the layer of a line: a route is `GET /path name`.
fn name(line: &str) -> &str {
    let line = line.trim();
    if is_route(line) { line.rsplit(' ').next().unwrap_or(line) } else { line }
}

/// Whether it is a route, which a request passes only if it matches.
fn is_route(line: &str) -> bool {
    let mut words = line.trim().split(' ');
    let is_method =
        words.next().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b','));
    is_method && words.next().is_some_and(|word| word.starts_with('/') || word == "*")
}

/// The way to the first layer of this name: the stacks around it, and the layers above it in each of them. Without a name, or a line that has it,
/// nothing is known.
fn way(stack: &str, layer: Option<&str>) -> Vec<Step> {
    let lines: Vec<&str> = stack.lines().collect();
    let mut steps = vec![Step::Off; lines.len()];
    let Some(here) = layer.and_then(|layer| lines.iter().position(|line| name(line) == layer)) else {
        return steps;
    };
    steps[here] = Step::Here;
    let mut level = depth(lines[here]);
    for at in (0..here).rev() {
        let (line, of_line) = (lines[at], depth(lines[at]));
        let has_children = lines.get(at + 1).is_some_and(|next| depth(next) > of_line);
        if of_line < level {
            // A stack around.
            steps[at] = Step::Passed;
            level = of_line;
        } else if of_line == level && !has_children && !is_route(line) {
            steps[at] = Step::Passed;
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::{Step, shown, way};

    #[test]
    fn secrets_of_a_query_are_not_shown() {
        let url = "/reset?Token=abc&page=2&flag&new_password=x=y&code=1";
        let expected = "/reset?Token=(not shown)&page=2&flag&new_password=(not shown)&code=(not shown)";
        assert_eq!(shown(url), expected);
        assert_eq!(shown("/plain"), "/plain");
    }

    #[test]
    fn the_way_goes_through_the_stacks_around_and_the_layers_above() {
        let stack = "  logger\n  GET / index\n  /api\n    auth\n    GET /a a\n    /deep\n      other\n    POST,PUT /b save\n  last";
        let marks: String = way(stack, Some("save"))
            .iter()
            .map(|step| match step {
                Step::Here => '!',
                Step::Passed => '+',
                Step::Off => '.',
            })
            .collect();
        assert_eq!(marks, "+.++...!.");
        assert!(way(stack, Some("nowhere")).iter().all(|step| *step == Step::Off));
        assert!(way(stack, None).iter().all(|step| *step == Step::Off));
    }
}
