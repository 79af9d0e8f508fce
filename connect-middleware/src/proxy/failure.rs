//! What goes wrong at the target: no response in time, or none at all.

use std::error::Error as StdError;
use std::io;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use connect::Error;
use hyper_util::client::legacy::Error as ClientError;

use super::body::{Broken, Progress};

/// Waits for the response: `None` if it does not come. The time begins again with each piece of the request body.
pub(super) async fn in_time<F: Future>(
    response: F,
    limit: Option<Duration>,
    progress: Option<&Progress>,
) -> Option<F::Output> {
    let Some(limit) = limit else { return Some(response.await) };
    let mut response = std::pin::pin!(response);
    loop {
        let before = progress.map(|progress| progress.pieces.load(Relaxed));
        if let Ok(response) = tokio::time::timeout(limit, response.as_mut()).await {
            return Some(response);
        }
        let progress = progress?;
        if !progress.waits_for_client.load(Relaxed) && before == Some(progress.pieces.load(Relaxed)) {
            return None;
        }
    }
}

/// The errors from the outermost to its root.
fn causes<'a>(err: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(err), |err: &&'a (dyn StdError + 'static)| (*err).source())
}

/// Whether the target has closed the connection without a response.
pub(super) fn was_closed(err: &ClientError) -> bool {
    causes(err).any(|err| {
        err.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_incomplete_message)
            || err.downcast_ref::<io::Error>().is_some_and(|err| err.kind() == io::ErrorKind::ConnectionReset)
    })
}

pub(super) fn failed(err: ClientError) -> Error {
    let broken = causes(&err).find_map(|err| err.downcast_ref::<Broken>());
    if let Some(broken) = broken {
        return Error::new(broken.status(), broken.to_string()).with_source(err);
    }
    let is_timeout = causes(&err)
        .any(|err| err.downcast_ref::<io::Error>().is_some_and(|err| err.kind() == io::ErrorKind::TimedOut));
    if is_timeout {
        Error::new(504, "the upstream server did not respond in time").with_source(err)
    } else if err.is_connect() {
        Error::new(502, "the upstream server cannot be reached").with_source(err)
    } else {
        Error::new(502, "the response of the upstream server is broken").with_source(err)
    }
}
