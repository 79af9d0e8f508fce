//! What all servers answer with.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::Stream;
use http::header::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

/// What each layer sets.
pub(crate) const X_LAYER: HeaderName = HeaderName::from_static("x-layer");
pub(crate) const VALUE: HeaderValue = HeaderValue::from_static("1");

/// What `POST /json` takes.
#[derive(Deserialize)]
pub(crate) struct Order {
    id: u64,
    customer: String,
    items: Vec<Item>,
}

#[derive(Deserialize, Serialize)]
struct Item {
    name: String,
    quantity: u32,
    cents: u64,
}

/// What it answers with.
#[derive(Serialize)]
pub(crate) struct Receipt {
    id: u64,
    customer: String,
    items: Vec<Item>,
    total: u64,
}

impl Order {
    pub(crate) fn receipt(self) -> Receipt {
        let total = self.items.iter().map(|item| u64::from(item.quantity) * item.cents).sum();
        Receipt { id: self.id + 1, customer: self.customer, items: self.items, total }
    }
}

/// What `GET /users/:id` answers with.
pub(crate) fn user(id: u64) -> String {
    format!("user {id}")
}

/// What `GET /stream` answers with, piece by piece: a megabyte.
pub(crate) fn chunks() -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
    static CHUNK: [u8; 4096] = [b'x'; 4096];
    futures_util::stream::iter(std::iter::repeat_n(Ok(Bytes::from_static(&CHUNK)), 256))
}

/// What `GET /slow` does: it has the processor for two milliseconds.
pub(crate) fn slow() -> &'static str {
    let started = Instant::now();
    while started.elapsed() < Duration::from_millis(2) {
        std::hint::spin_loop();
    }
    "slow"
}

/// A listener whose connections send at once what is written, also with frameworks that have no setting for it: on Linux
/// connections inherit that.
pub(crate) fn listener(port: u16) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    socket2::SockRef::from(&listener).set_tcp_nodelay(true)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Runs a server that is a future on one thread.
pub(crate) fn on_one_thread(server: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(server)
}

/// As many layers as there are: 0 or 10 times the macro's word.
macro_rules! ten_or_none {
    ($layers:expr, $with:ident, $l:tt) => {
        match $layers {
            0 => $with!(),
            10 => $with!($l $l $l $l $l  $l $l $l $l $l),
            other => Err(std::io::Error::other(format!("no server has {other} layers"))),
        }
    };
}
pub(crate) use ten_or_none;
