//! HTTP/2: one connection with many streams, each of which sends the next request when the last is answered.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use h2::client::SendRequest;
use http::{Request, StatusCode};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use super::meter::{Counted, Meter, Span};

/// The results of the streams.
#[derive(Default)]
struct State {
    answered: Cell<u64>,
    failed: RefCell<Option<String>>,
}

pub(crate) fn run(
    address: SocketAddr,
    process: u32,
    span: Span,
    streams: usize,
    path: &str,
    body: &'static [u8],
) -> Result<Counted, String> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|err| err.to_string())?;
    let local = LocalSet::new();
    local.block_on(&runtime, async {
        let stream = TcpStream::connect(address).await.map_err(|err| err.to_string())?;
        stream.set_nodelay(true).map_err(|err| err.to_string())?;
        let (send, connection) =
            h2::client::handshake(stream).await.map_err(|err| format!("no HTTP/2: {err}"))?;
        let state = Rc::new(State::default());
        let of_connection = Rc::clone(&state);
        tokio::task::spawn_local(async move {
            let ended = connection.await;
            let reason =
                ended.err().map_or_else(|| "it closed the connection".to_owned(), |err| err.to_string());
            of_connection.failed.borrow_mut().get_or_insert(reason);
        });
        let request = Request::get(format!("http://localhost{path}"))
            .header("accept", "text/html")
            .header("user-agent", "bench")
            .body(())
            .map_err(|err| err.to_string())?;
        let mut meter = Meter::start(process, span);
        for _ in 0..streams {
            let (send, state, request) = (send.clone(), Rc::clone(&state), request.clone());
            tokio::task::spawn_local(async move {
                if let Err(reason) = send_again(send, &state, request, body).await {
                    state.failed.borrow_mut().get_or_insert(reason);
                }
            });
        }
        let (mut before, mut silent) = (0, 0);
        loop {
            tokio::time::sleep(Duration::from_millis(2)).await;
            if let Some(reason) = state.failed.borrow_mut().take() {
                return Err(reason);
            }
            let answered = state.answered.get();
            silent = if answered == before { silent + 1 } else { 0 };
            before = answered;
            if silent > 2000 {
                return Err("it answered nothing for 4 s".to_owned());
            }
            if let Some(counted) = meter.tick(answered)? {
                return Ok(counted);
            }
        }
    })
}

async fn send_again(
    mut send: SendRequest<Bytes>,
    state: &State,
    request: Request<()>,
    body: &[u8],
) -> Result<(), String> {
    loop {
        send = send.ready().await.map_err(|err| err.to_string())?;
        let (answer, _) = send.send_request(request.clone(), true).map_err(|err| err.to_string())?;
        let answer = answer.await.map_err(|err| err.to_string())?;
        if answer.status() != StatusCode::OK {
            return Err(format!("it answered {}", answer.status()));
        }
        let mut data = answer.into_body();
        let mut matched = 0;
        while let Some(piece) = data.data().await {
            let piece = piece.map_err(|err| err.to_string())?;
            if !body[matched..].starts_with(&piece) {
                return Err("it answered with another body".to_owned());
            }
            matched += piece.len();
            // Opens the flow control window again.
            data.flow_control().release_capacity(piece.len()).map_err(|err| err.to_string())?;
        }
        if matched != body.len() {
            return Err("it answered with half of a body".to_owned());
        }
        state.answered.set(state.answered.get() + 1);
    }
}
