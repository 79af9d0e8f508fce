//! The recorded tables of patterns and paths: every path of every row goes through the app of the row.

use std::collections::BTreeMap;
use std::pin::Pin;

use connect::{App, Chain, Environment, ParamValue, Request, Response, Result};
use serde_json::{Value, json};

/// A pattern, or several that are tried in order, against many paths.
pub(crate) struct Row {
    /// The mode of matching.
    pub(crate) mode: &'static str,
    pub(crate) patterns: &'static [&'static str],
    /// The number of its router, which is its mount path.
    pub(crate) number: usize,
    /// The recorded `matches` and `misses`, as JSON.
    pub(crate) responses: &'static str,
}

/// The status and the body for each path.
pub(crate) type Responses = Pin<Box<dyn Future<Output = Vec<(u16, String)>>>>;

/// Takes a request for each path through an app.
pub(crate) fn call_all<C: Chain + 'static>(app: App<C>, paths: Vec<String>) -> Responses {
    let app = app.environment(Environment::Test);
    Box::pin(async move {
        let mut responses = Vec::with_capacity(paths.len());
        for path in paths {
            let mut req: Request = http::Request::get(&path).body("").expect("a target").into();
            let mut res = Response::new();
            let _ = app.run(&mut req, &mut res).await;
            let body = res.body().as_bytes().map(|body| body.to_vec()).unwrap_or_default();
            responses.push((res.status_code().as_u16(), String::from_utf8_lossy(&body).into_owned()));
        }
        responses
    })
}

/// Responses with the parameters.
pub(crate) fn respond(req: &mut Request, res: &mut Response) -> Result {
    let params = params(req);
    res.send(json!({ "params": params }).to_string())
}

/// Responses with the parameters and with what the mount covers.
#[connect::middleware]
pub(crate) fn respond_with_mount(req: &mut Request, res: &mut Response) -> Result {
    let params = params(req);
    // The routers of the rows are mounted themselves, at a path without a slash in it.
    let path = req.mount_path()[1..].find('/').map_or("", |at| &req.mount_path()[1 + at..]).to_owned();
    res.send(json!({ "path": path, "params": params }).to_string())
}

fn params(req: &Request) -> BTreeMap<&'static str, Value> {
    let value = |value| match value {
        ParamValue::Text(text) => json!(text),
        ParamValue::Segments(list) => json!(list),
    };
    req.params().iter().map(|(name, given)| (name, value(given))).collect()
}

/// How a response differs from the recorded one.
pub(crate) fn difference(hit: &Value, is_mount: bool, (status, body): &(u16, String)) -> Option<String> {
    if let Some(wanted) = hit["status"].as_u64() {
        return (u64::from(*status) != wanted).then(|| format!("{wanted}, not {status} {body}"));
    }
    let mut wanted = json!({ "params": hit["params"] });
    if is_mount {
        // A trailing slash is matched, and is not part of the stripped path, as in Express.
        let path = hit["path"].as_str().unwrap_or_default();
        wanted["path"] = json!(path.strip_suffix('/').unwrap_or(path));
    }
    let same = *status == 200 && serde_json::from_str::<Value>(body).is_ok_and(|body| body == wanted);
    (!same).then(|| format!("{wanted}, not {status} {body}"))
}
