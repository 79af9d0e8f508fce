//! Extractors that read the head.

use std::convert::Infallible;
use std::net::SocketAddr;

use cookie::{Cookie, CookieJar};
use http::{HeaderMap, Method, Uri, Version};

use super::{FromRequest, Readable, ReadsHead};
use crate::{Error, Request, Result, Shutdown};

/// The query string as a `T`.
///
/// A key that appears more than once goes into a `Vec`. Without a query string, a `T` whose fields are all optional is
/// still extracted.
///
/// # Errors
/// With status 400 if the query does not fit `T`; the message names the key.
///
/// ```
/// use connect::{app, get, Query};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Search {
///     q: String,
///     #[serde(default)]
///     tag: Vec<String>,
/// }
///
/// /// `/search?q=tea&tag=green&tag=hot`
/// #[get("/search")]
/// fn search(Query(search): Query<Search>) -> String {
///     format!("{} with {} tags", search.q, search.tag.len())
/// }
///
/// let app = app![search];
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Query<T>(pub T);

impl<T: Readable + Send> FromRequest for Query<T> {
    type Reads = ReadsHead;
    type Rejection = Error;

    async fn from_request(req: &mut Request) -> Result<Self> {
        req.query().map(Query)
    }

    fn is_absent(req: &Request) -> bool {
        req.query_string().is_none()
    }
}

/// The address of the other end of the connection: the client, or the proxy in front of the server.
///
/// # Errors
/// With status 500 if there is no connection, as in a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

#[diagnostic::do_not_recommend]
impl FromRequest for Peer {
    type Reads = ReadsHead;
    type Rejection = Error;

    async fn from_request(req: &mut Request) -> Result<Self> {
        req.peer()
            .map(Peer)
            .ok_or_else(|| Error::msg("the request has no peer, because it did not arrive over a connection"))
    }

    fn is_absent(req: &Request) -> bool {
        req.peer().is_none()
    }
}

macro_rules! copies {
    ($($ty:ty: $this:ident => $value:expr;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl FromRequest for $ty {
            type Reads = ReadsHead;
            type Rejection = Infallible;

            async fn from_request($this: &mut Request) -> Result<Self, Infallible> {
                Ok($value)
            }
        }
    )* };
}
copies! {
    CookieJar: req => {
        let mut jar = CookieJar::new();
        for (name, value) in req.cookies().iter() {
            jar.add_original(Cookie::new(name.to_owned(), value.into_owned()));
        }
        jar
    };
    HeaderMap: req => req.headers().clone();
    Method: req => req.method().clone();
    Uri: req => req.original_uri().clone();
    Shutdown: req => req.shutdown();
    Version: req => req.version();
}
