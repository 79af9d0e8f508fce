//! A client that calls the router, and keeps cookies.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tower::ServiceExt as _;

#[derive(Clone)]
pub(crate) struct Client {
    app: Router,
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Client {
    pub(crate) fn new(app: Router) -> Self {
        Client { app, cookies: Arc::default() }
    }

    pub(crate) fn request(&self, method: Method, target: &str) -> RequestBuilder {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 50_000));
        let builder = Request::builder().method(method).uri(target).header(header::HOST, "localhost");
        let req = builder.extension(ConnectInfo(address)).body(Body::empty()).expect("a request");
        RequestBuilder { client: self.clone(), req, own_cookie: None }
    }

    pub(crate) fn get(&self, target: &str) -> RequestBuilder {
        self.request(Method::GET, target)
    }

    pub(crate) fn post(&self, target: &str) -> RequestBuilder {
        self.request(Method::POST, target)
    }

    pub(crate) fn put(&self, target: &str) -> RequestBuilder {
        self.request(Method::PUT, target)
    }

    pub(crate) fn delete(&self, target: &str) -> RequestBuilder {
        self.request(Method::DELETE, target)
    }

    pub(crate) fn options(&self, target: &str) -> RequestBuilder {
        self.request(Method::OPTIONS, target)
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().expect("no panic").get(name).cloned()
    }

    pub(crate) fn clear_cookies(&self) {
        self.cookies.lock().expect("no panic").clear();
    }
}

pub(crate) struct RequestBuilder {
    client: Client,
    req: Request<Body>,
    own_cookie: Option<(String, String)>,
}

impl RequestBuilder {
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.req.headers_mut().append(name, value.parse().expect("a value"));
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn cookie(mut self, name: &str, value: &str) -> Self {
        self.own_cookie = Some((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Body>) -> Self {
        *self.req.body_mut() = body.into();
        self
    }

    pub(crate) fn form(self, pairs: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.header("content-type", "application/x-www-form-urlencoded").body(body)
    }

    pub(crate) fn json(self, value: &impl Serialize) -> Self {
        let body = serde_json::to_string(value).expect("JSON");
        self.header("content-type", "application/json").body(body)
    }

    /// Sends it, and returns the response when its head is there.
    pub(crate) async fn open(mut self) -> axum::response::Response {
        let mut cookies = self.client.cookies.lock().expect("no panic").clone();
        cookies.extend(self.own_cookie);
        let pairs: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !pairs.is_empty() {
            self.req.headers_mut().insert(header::COOKIE, pairs.join("; ").parse().expect("cookies"));
        }
        let Ok(res) = self.client.app.clone().oneshot(self.req).await;
        for set in res.headers().get_all(header::SET_COOKIE) {
            let set = set.to_str().expect("text");
            let pair = set.split(';').next().and_then(|pair| pair.split_once('='));
            let (name, value) = pair.expect("a cookie");
            let mut cookies = self.client.cookies.lock().expect("no panic");
            if set.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        res
    }

    pub(crate) async fn send(self) -> TestResponse {
        let (head, body) = self.open().await.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        TestResponse { status: head.status, headers: head.headers, body: body.to_vec() }
    }
}

#[derive(Debug)]
pub(crate) struct TestResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl TestResponse {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("text"))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.body
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    #[track_caller]
    pub(crate) fn assert_status(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{self:?}\n{}", String::from_utf8_lossy(&self.body));
        self
    }

    #[track_caller]
    pub(crate) fn assert_ok(&self) -> &Self {
        self.assert_status(200)
    }

    #[track_caller]
    pub(crate) fn assert_header(&self, name: &str, value: &str) -> &Self {
        assert_eq!(self.header(name), Some(value), "{name}");
        self
    }

    #[track_caller]
    pub(crate) fn assert_no_header(&self, name: &str) -> &Self {
        assert_eq!(self.header(name), None, "{name}");
        self
    }

    #[track_caller]
    pub(crate) fn assert_contains(&self, text: &str) -> &Self {
        assert!(self.text().contains(text), "`{text}` is not in\n{}", self.text());
        self
    }

    #[track_caller]
    pub(crate) fn assert_redirect(&self, location: &str) -> &Self {
        assert_eq!((self.status.as_u16(), self.header("location")), (303, Some(location)));
        self
    }
}
