//! Floods by HTTP/2, in frames written by hand.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::child::Process;
use crate::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, PREFACE, RST_STREAM, SETTINGS,
    WINDOW_UPDATE, frame,
};
use crate::slow::latencies;

/// `GET /` of `x` by http, in HPACK (RFC 7541): three fields of the static table, and one with a value of its own.
const GET: &[u8] = &[0x82, 0x84, 0x86, 0x41, 1, b'x'];

/// The outcome of a flood.
#[derive(Debug)]
struct FloodOutcome {
    /// The pieces that were sent.
    sent: usize,
    /// The error code of the GOAWAY, if one was received.
    code: Option<u32>,
    /// Whether the server closed the connection.
    closed: bool,
}

/// Sends pieces until the server has enough of them, or there are no more. `reads`: whether the answers are read meanwhile.
/// `refused`: whether a GOAWAY has to come, for which there is time on a machine that has other work to do.
async fn flood(
    server: &Process,
    pieces: impl Iterator<Item = Vec<u8>>,
    reads: bool,
    refused: bool,
) -> FloodOutcome {
    let (pause, most) = if refused { (5, 20) } else { (1, 2) };
    let (pause, most) = (Duration::from_secs(pause), Duration::from_secs(most));
    let stream = TcpStream::connect(server.address).await.expect("accepted");
    let (mut read, mut write) = stream.into_split();
    let send = async {
        let mut begin = PREFACE.to_vec();
        begin.extend(frame(SETTINGS, 0, 0, &[]));
        write.write_all(&begin).await.expect("the preface");
        let mut sent = 0;
        for piece in pieces {
            // Who is not read from any more has reached a limit, too.
            if !matches!(timeout(pause, write.write_all(&piece)).await, Ok(Ok(()))) {
                break;
            }
            sent += 1;
        }
        sent
    };
    let mut received = Vec::new();
    let receive = async {
        if !reads {
            std::future::pending::<()>().await;
        }
        // Nothing new after a while: the flood is over, and was borne.
        while goaway(&received).is_none()
            && matches!(timeout(pause, read.read_buf(&mut received)).await, Ok(Ok(1..)))
        {}
    };
    let mut sent = 0;
    tokio::select! {
        ((), ()) = async { tokio::join!(async { sent = send.await }, receive) } => {}
        () = tokio::time::sleep(most) => {}
    }
    // The last frames of the server.
    let closed = loop {
        match timeout(Duration::from_millis(300), read.read_buf(&mut received)).await {
            Ok(Ok(1..)) => continue,
            Ok(_) => break true,
            Err(_) => break false,
        }
    };
    FloodOutcome { sent, code: goaway(&received), closed }
}

/// The code of the last GOAWAY.
fn goaway(mut bytes: &[u8]) -> Option<u32> {
    let mut code = None;
    while bytes.len() >= 9 {
        let length = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]) as usize;
        if bytes.len() < 9 + length {
            break;
        }
        if bytes[3] == GOAWAY {
            code = Some(u32::from_be_bytes(bytes[13..17].try_into().expect("four bytes")));
        }
        bytes = &bytes[9 + length..];
    }
    code
}

/// The streams that a client may open: the odd numbers.
fn streams(count: u32) -> impl Iterator<Item = u32> {
    (0..count).map(|number| 2 * number + 1)
}

/// The same request over and over.
fn head(stream: u32, flags: u8) -> Vec<u8> {
    frame(HEADERS, flags, stream, GET)
}

#[tokio::test]
async fn an_http2_flood_closes_its_own_connection_and_delays_no_other_client() {
    const ENHANCE_YOUR_CALM: Option<u32> = Some(0xb);
    const PROTOCOL_ERROR: Option<u32> = Some(1);
    const NO_GOAWAY: Option<u32> = None;
    println!(
        "| flood | sent | GOAWAY | closed | memory | CPU time | other clients, slowest |\n|---|---|---|---|---|---|---|"
    );
    // A literal field, never indexed, of 1000 bytes: `x: yyy..`.
    let long = [&[0x10, 1, b'x', 0x7f, 0xe9, 6][..], &[b'y'; 1000]].concat();
    let reset = |code: u32| code.to_be_bytes();
    type Pieces = Box<dyn Iterator<Item = Vec<u8>>>;
    let floods: Vec<(&str, Pieces, bool, Option<Option<u32>>)> = vec![
        (
            "rapid reset: 50,000 requests, each reset at once",
            Box::new(streams(50_000).map(move |stream| {
                [head(stream, END_HEADERS | END_STREAM), frame(RST_STREAM, 0, stream, &reset(8))].concat()
            })),
            true,
            Some(ENHANCE_YOUR_CALM),
        ),
        (
            "a window update of 0 on each of 50,000 requests",
            Box::new(streams(50_000).map(|stream| {
                [head(stream, END_HEADERS), frame(WINDOW_UPDATE, 0, stream, &[0; 4])].concat()
            })),
            true,
            Some(PROTOCOL_ERROR),
        ),
        (
            "made you reset: a window too large on each of 50,000 requests",
            Box::new(streams(50_000).map(|stream| {
                [head(stream, END_HEADERS), frame(WINDOW_UPDATE, 0, stream, &[0x7f, 0xff, 0xff, 0xff])]
                    .concat()
            })),
            true,
            Some(ENHANCE_YOUR_CALM),
        ),
        (
            "10,000 times 100 SETTINGS, whose ACKs are not read",
            Box::new((0..10_000).map(|_| frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 100]).repeat(100))),
            false,
            None,
        ),
        (
            "10,000 times 100 PINGs, whose ACKs are not read",
            Box::new((0..10_000).map(|_| frame(PING, 0, 0, &[7; 8]).repeat(100))),
            false,
            None,
        ),
        (
            "a head without an end: 20,000 CONTINUATIONs",
            Box::new(std::iter::once(frame(HEADERS, 0, 1, GET)).chain((0..20_000).map({
                let long = long.clone();
                move |_| frame(CONTINUATION, 0, 1, &long)
            }))),
            true,
            Some(ENHANCE_YOUR_CALM),
        ),
        (
            "20,000 empty CONTINUATIONs",
            Box::new(
                std::iter::once(frame(HEADERS, 0, 1, GET))
                    .chain((0..20_000).map(|_| frame(CONTINUATION, 0, 1, &[]))),
            ),
            true,
            Some(ENHANCE_YOUR_CALM),
        ),
        (
            "50,000 empty DATA",
            Box::new(
                std::iter::once(frame(
                    HEADERS,
                    END_HEADERS,
                    1,
                    &[&[0x83, 0x86, 0x41, 1, b'x', 4, 7], &b"/upload"[..]].concat(),
                ))
                .chain((0..50_000).map(|_| frame(DATA, 0, 1, &[]))),
            ),
            true,
            None,
        ),
        (
            "a stream with an even number",
            Box::new(std::iter::once(head(2, END_HEADERS | END_STREAM))),
            true,
            Some(PROTOCOL_ERROR),
        ),
        (
            "a frame longer than allowed",
            Box::new(std::iter::once(frame(DATA, 0, 1, &[0; 20_000]))),
            true,
            Some(Some(6)),
        ),
        (
            "1000 streams, where 100 are allowed",
            Box::new(streams(1000).map(|stream| head(stream, END_HEADERS))),
            true,
            Some(NO_GOAWAY),
        ),
    ];
    let mut wrong = Vec::new();
    for (what, pieces, reads, expected) in floods {
        let server = Process::start();
        let _ = latencies(server.address, 50).await;
        let (memory, ticks) = (server.memory(), server.ticks());
        let (outcome, (_, slowest)) = tokio::join!(
            flood(&server, pieces, reads, matches!(expected, Some(Some(_)))),
            latencies(server.address, 100)
        );
        let (memory, ticks) = (server.memory().saturating_sub(memory), server.ticks() - ticks);
        println!(
            "| {what} | {} | {} | {} | {memory} KiB | {} ms | {slowest} us |",
            outcome.sent,
            outcome.code.map_or("-".to_owned(), |code| code.to_string()),
            if outcome.closed { "yes" } else { "no" },
            ticks * 10
        );
        if let Some(code) = expected
            && code != outcome.code
        {
            wrong.push(format!("{what}: {outcome:?}, and not {code:?}"));
        }
        if memory > 16 << 10 || slowest > 10_000_000 {
            wrong.push(format!("{what}: {memory} KiB, {slowest} us"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
