//! Building and sending a test request.

use std::net::SocketAddr;

use http::{HeaderName, HeaderValue, Method, header};
use http_body::Body as _;
use serde::Serialize;

use super::client::Client;
use super::print;
use super::response::{Open, Ran, TestResponse};
use crate::{Body, Request};

impl Client {
    /// Makes a request. The target begins with a slash, and may have a query.
    pub fn request(&self, method: Method, target: &str) -> RequestBuilder {
        RequestBuilder::new(self.clone(), method, target)
    }
}

macro_rules! methods {
    ($($function:ident $method:ident;)*) => {
        impl Client { $(
            #[doc = concat!("Makes a `", stringify!($method), "` request.")]
            pub fn $function(&self, target: &str) -> RequestBuilder {
                self.request(Method::$method, target)
            }
        )* }
    };
}
methods! {
    get GET;
    post POST;
    put PUT;
    patch PATCH;
    delete DELETE;
    head HEAD;
    options OPTIONS;
}

/// A request to the app of a [`Client`].
///
/// Its methods panic if they are given what cannot be sent, such as a header name with a space.
#[derive(Debug)]
#[must_use = "`.send().await` sends it"]
pub struct RequestBuilder {
    client: Client,
    request: http::Request<Body>,
    peer: SocketAddr,
    cookies: Vec<String>,
}

impl RequestBuilder {
    #[track_caller]
    fn new(client: Client, method: Method, target: &str) -> Self {
        let request = http::Request::builder()
            .method(method)
            .uri(target)
            .header(header::HOST, "localhost")
            .body(Body::empty())
            .unwrap_or_else(|err| panic!("`{target}` is not a request target: {err}"));
        RequestBuilder { client, request, peer: SocketAddr::from(([127, 0, 0, 1], 0)), cookies: Vec::new() }
    }

    /// Sets a header, and replaces headers of that name.
    #[track_caller]
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName, Error: Into<http::Error>>,
        V: TryInto<HeaderValue, Error: Into<http::Error>>,
    {
        let name = name.try_into().unwrap_or_else(|err| panic!("not a header name: {}", err.into()));
        let value = value.try_into().unwrap_or_else(|err| panic!("not a value of `{name}`: {}", err.into()));
        self.request.headers_mut().insert(name, value);
        self
    }

    /// Adds a cookie to this request, in addition to those that the client keeps.
    #[track_caller]
    pub fn cookie(mut self, name: &str, value: &str) -> Self {
        self.cookies.push(format!("{name}={value}"));
        self
    }

    /// Sets the `authorization` header to a bearer token.
    #[track_caller]
    pub fn bearer(self, token: &str) -> Self {
        self.header(header::AUTHORIZATION, format!("Bearer {token}"))
    }

    /// Adds pairs of names and values to the query.
    #[track_caller]
    pub fn query(mut self, pairs: &impl Serialize) -> Self {
        let added = serde_html_form::to_string(pairs).unwrap_or_else(|err| panic!("not a query: {err}"));
        let uri = self.request.uri();
        let sign = if uri.query().is_some() { '&' } else { '?' };
        let target = format!("{uri}{sign}{added}");
        *self.request.uri_mut() =
            target.parse().unwrap_or_else(|err| panic!("`{target}` is not a target: {err}"));
        self
    }

    /// Sets the address that the app sees as the peer: 127.0.0.1 by default. It applies in process only; over a socket
    /// the app sees the real address.
    pub fn peer(mut self, peer: SocketAddr) -> Self {
        self.peer = peer;
        self
    }

    /// Sets the body, without a content type.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        *self.request.body_mut() = body.into();
        self
    }

    /// Sets the body to JSON, with the type `application/json`.
    #[track_caller]
    pub fn json(self, value: &impl Serialize) -> Self {
        let body = serde_json::to_vec(value).unwrap_or_else(|err| panic!("not JSON: {err}"));
        self.header(header::CONTENT_TYPE, "application/json").body(body)
    }

    /// Sets the body to a form, with the type `application/x-www-form-urlencoded`.
    #[track_caller]
    pub fn form(self, pairs: &impl Serialize) -> Self {
        let body = serde_html_form::to_string(pairs).unwrap_or_else(|err| panic!("not a form: {err}"));
        self.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body)
    }

    /// Sets the body to text, with the type `text/plain; charset=utf-8`.
    #[track_caller]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.header(header::CONTENT_TYPE, "text/plain; charset=utf-8").body(text.into())
    }

    /// Sends the request and reads the whole response.
    ///
    /// # Panics
    /// If there is no whole response, because the connection or the body failed.
    pub async fn send(self) -> TestResponse {
        self.open().await.read().await
    }

    /// Sends the request and returns the response when its head has arrived, to read the body chunk by chunk, for
    /// example a stream of events.
    ///
    /// # Panics
    /// If there is no response.
    pub async fn open(mut self) -> Open {
        let request_text = self.prepare();
        let RequestBuilder { client, request, peer, .. } = self;
        let path = request.uri().path().to_owned();
        let response = match client.transport.send(request, peer).await {
            Ok(response) => response,
            Err(err) => panic!("there is no response: {err}\n\n{request_text}"),
        };
        client.jar().keep(response.headers(), &path);
        Open::new(request_text, response)
    }

    /// Runs only the app's layers, without what the server does to a response, and returns the request and the response
    /// as the layers left them: for tests of a single middleware, `Client::new(app![auth])`.
    ///
    /// # Panics
    /// Over a socket: use [`Client::new`].
    pub async fn run(mut self) -> Ran {
        self.prepare();
        let RequestBuilder { client, request, peer, .. } = self;
        let mut req = Request::from(request);
        req.set_peer(peer);
        client.transport.run(req).await
    }

    /// Completes the head, and returns the request as a failed assertion shows it.
    fn prepare(&mut self) -> String {
        let kept = self.client.jar().header(self.request.uri().path());
        self.cookies.splice(0..0, kept);
        if !self.cookies.is_empty() {
            let cookies = self.cookies.join("; ");
            match HeaderValue::try_from(&cookies) {
                Ok(value) => self.request.headers_mut().insert(header::COOKIE, value),
                Err(err) => panic!("`{cookies}` is not a `cookie` header: {err}"),
            };
        }
        // An HTTP client adds these, so an app in process sees the same head.
        let (length, framed) = (self.request.body().size_hint().exact(), self.is_framed());
        match length {
            _ if framed => {}
            Some(0) if matches!(*self.request.method(), Method::GET | Method::HEAD | Method::OPTIONS) => {}
            Some(length) => {
                self.request.headers_mut().insert(header::CONTENT_LENGTH, length.into());
            }
            None => {
                let chunked = HeaderValue::from_static("chunked");
                self.request.headers_mut().insert(header::TRANSFER_ENCODING, chunked);
            }
        }
        let request = &self.request;
        let first = format!("{} {} {:?}", request.method(), request.uri(), request.version());
        print::message('>', &first, request.headers(), request.body().as_bytes().map(|body| &body[..]))
    }

    fn is_framed(&self) -> bool {
        let headers = self.request.headers();
        headers.contains_key(header::CONTENT_LENGTH) || headers.contains_key(header::TRANSFER_ENCODING)
    }
}
