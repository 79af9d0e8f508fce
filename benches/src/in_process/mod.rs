//! Requests and answers in one process, without sockets: what a framework itself costs.
//!
//! Every row builds the request, calls the framework, and drops the response. The layers of every row do the same
//! [header work](work), and the handler behind them answers with the same text.

#[cfg(feature = "peers")]
mod actix;
#[cfg(feature = "peers")]
mod axum;
mod ours;
#[cfg(feature = "peers")]
mod poem;
#[cfg(feature = "peers")]
mod report;
pub(crate) mod rows;
#[cfg(feature = "more-peers")]
mod salvo;
#[cfg(feature = "peers")]
mod tower;
pub(crate) mod work;

#[allow(unused_imports, reason = "the counter of allocations needs the cases alone")]
#[cfg(feature = "peers")]
pub(crate) use report::report;

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Makes that many requests, and returns what the last response was.
pub(crate) type Case = Box<dyn FnMut(u64) -> Summary>;

/// The parts of a response that show that the handler and the layers ran.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) status: u16,
    pub(crate) from_layers: bool,
}

/// A case, from one request and a look at its response.
pub(crate) fn case<R: 'static>(mut request: impl FnMut() -> R + 'static, look: fn(&R) -> Summary) -> Case {
    Box::new(move |requests| {
        for _ in 1..requests {
            black_box(request());
        }
        look(&request())
    })
}

/// Runs a future for which there is nothing to wait.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here waits"),
    }
}

/// The macro named by `$with`, called with the layer's name as many times as there are layers.
macro_rules! repeat {
    ($layers:expr, $with:ident, $l:tt) => {
        match $layers {
            0 => Some($with!()),
            5 => Some($with!($l $l $l $l $l)),
            10 => Some($with!($l $l $l $l $l  $l $l $l $l $l)),
            20 => Some($with!($l $l $l $l $l  $l $l $l $l $l  $l $l $l $l $l  $l $l $l $l $l)),
            _ => None,
        }
    };
}
use repeat;
