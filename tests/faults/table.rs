//! The five faults that the guide promises to bound, over each protocol: what the client does, the limit, what happened, after how
//! long, and what the server held. `cargo test -p connect-tests --test faults five_faults -- --nocapture` prints the table.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::child::Process;
use crate::frames::{DATA, END_HEADERS, GOAWAY, HEADERS, PREFACE, RST_STREAM, SETTINGS, frame, get};
use crate::tls::Certificate;

const CLIENTS: usize = 100;

/// What happened has to have happened by then: several times what it takes, for a machine that has other work to do, and half
/// of what the handlers would take.
const MOST: Duration = Duration::from_secs(30);

/// A connection that is open after that counts as held.
const LONG: Duration = Duration::from_secs(40);

/// A frame of a WebSocket that asks for nothing (RFC 6455, section 5.5.3).
const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Protocol {
    Http1,
    Http2,
    Tls,
    WebSocket,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    SlowHead,
    SlowBody,
    UnreadResponse,
    TooManyConnections,
    Shutdown,
}

/// A server, and how to connect to it.
struct Target {
    protocol: Protocol,
    server: Process,
    certificate: Option<Certificate>,
    /// How many clients have sent what comes before the fault.
    begun: AtomicUsize,
}

impl Target {
    fn start(protocol: Protocol, settings: &str) -> Target {
        let certificate = (protocol == Protocol::Tls).then(Certificate::new);
        let server = match &certificate {
            Some(certificate) => Process::start_with_tls(settings, certificate),
            None => Process::start_with(settings),
        };
        Target { protocol, server, certificate, begun: AtomicUsize::new(0) }
    }

    async fn connect(&self) -> Box<dyn Stream> {
        let stream = TcpStream::connect(self.server.address).await.expect("accepted");
        match &self.certificate {
            Some(certificate) => Box::new(certificate.connect(stream).await),
            None => Box::new(stream),
        }
    }

    /// Connects, and sends what comes before the fault. A server that closes the connection meanwhile is an outcome, which
    /// the client sees when it reads.
    async fn begin(&self, bytes: &[u8]) -> Box<dyn Stream> {
        let mut stream = self.connect().await;
        let _ = stream.write_all(bytes).await;
        // TLS may keep a part of it.
        let _ = stream.flush().await;
        self.begun.fetch_add(1, Ordering::Relaxed);
        stream
    }

    /// A GET, as bytes of the protocol.
    fn request(&self, path: &str) -> Vec<u8> {
        match self.protocol {
            Protocol::Http1 | Protocol::Tls => format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").into_bytes(),
            Protocol::Http2 => [PREFACE, &frame(SETTINGS, 0, 0, &[]), &get(1, path)].concat(),
            Protocol::WebSocket => upgrade(path),
        }
    }
}

fn upgrade(path: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    .into_bytes()
}

/// The outcome that the client sees.
async fn read_to_end(stream: &mut (impl AsyncRead + Unpin), protocol: Protocol) -> String {
    let mut received = Vec::new();
    let _ = stream.read_to_end(&mut received).await;
    outcome(&received, protocol)
}

fn outcome(received: &[u8], protocol: Protocol) -> String {
    if protocol != Protocol::Http2 {
        let line = received.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let status = String::from_utf8_lossy(line).split(' ').nth(1).unwrap_or_default().to_owned();
        return if status.is_empty() { "closed".to_owned() } else { format!("{status}, closed") };
    }
    let kinds = kinds(received);
    if kinds.contains(&HEADERS) {
        // 408 as a literal of HPACK, plain or in Huffman's code.
        let timed_out = [&b"408"[..], &[0x68, 0x0f, 0x7f]];
        let is_408 = received.windows(3).any(|bytes| timed_out.contains(&bytes));
        return if is_408 { "408".to_owned() } else { "another response".to_owned() };
    }
    if kinds.contains(&GOAWAY) { "`GOAWAY`, closed".to_owned() } else { "closed".to_owned() }
}

fn kinds(mut received: &[u8]) -> Vec<u8> {
    let mut kinds = Vec::new();
    while let [a, b, c, kind, ..] = *received {
        kinds.push(kind);
        let length = 9 + u32::from_be_bytes([0, a, b, c]) as usize;
        received = received.get(length..).unwrap_or_default();
    }
    kinds
}

/// Sends a piece again and again until the connection ends.
async fn send_slowly(stream: Box<dyn Stream>, piece: Vec<u8>, protocol: Protocol, last: u8) -> String {
    let (mut read, mut write) = tokio::io::split(stream);
    let send = async {
        while write.write_all(&piece).await.is_ok() {
            sleep(Duration::from_millis(100)).await;
        }
        std::future::pending::<()>().await;
    };
    let receive = async {
        let mut received = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            match read.read(&mut buffer).await {
                Ok(0) | Err(_) => return outcome(&received, protocol),
                Ok(length) => received.extend_from_slice(&buffer[..length]),
            }
            // Over HTTP/2 the connection stays open when a stream has ended.
            if protocol == Protocol::Http2 && kinds(&received).contains(&last) {
                return outcome(&received, protocol);
            }
        }
    };
    tokio::select! {
        seen = receive => seen,
        () = send => unreachable!("it never ends"),
    }
}

/// Runs one client with the fault; returns the outcome that it saw.
async fn run_client(target: &Target, fault: Fault) -> String {
    let protocol = target.protocol;
    match (fault, protocol) {
        (Fault::SlowHead, Protocol::Http2) => {
            let begin =
                [PREFACE, &frame(SETTINGS, 0, 0, &[]), &[0, 0x10, 0, HEADERS, 0, 0, 0, 0, 1]].concat();
            send_slowly(target.begin(&begin).await, vec![0x82], protocol, GOAWAY).await
        }
        (Fault::SlowHead, _) => {
            send_slowly(target.begin(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ").await, vec![b'a'], protocol, 0)
                .await
        }
        (Fault::SlowBody, Protocol::Http2) => {
            let fields = [&[0x83, 0x86, 0x41, 1, b'x', 4, 7], &b"/upload"[..]].concat();
            let head = frame(HEADERS, END_HEADERS, 1, &fields);
            let begin = [PREFACE, &frame(SETTINGS, 0, 0, &[]), &head].concat();
            send_slowly(target.begin(&begin).await, frame(DATA, 0, 1, &[b'x'; 20]), protocol, HEADERS).await
        }
        // A message whose frame says that it is long, and a byte of it from time to time.
        (Fault::SlowBody, Protocol::WebSocket) => {
            let begin = [&upgrade("/socket")[..], &[0x82, 0xfe, 0xff, 0xff, 0, 0, 0, 0]].concat();
            let seen = send_slowly(target.begin(&begin).await, vec![b'x'], protocol, 0);
            timeout(Duration::from_secs(3), seen).await.unwrap_or_else(|_| "it goes on".to_owned())
        }
        (Fault::SlowBody, _) => {
            let head = b"POST /upload HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n";
            send_slowly(target.begin(head).await, vec![b'x'; 20], protocol, 0).await
        }
        (Fault::UnreadResponse, Protocol::Http2) => {
            let mut stream = target.begin(&target.request("/big/65536")).await;
            let mut received = Vec::new();
            let mut buffer = vec![0; 64 << 10];
            // It reads frames, but sends no window update.
            while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                received.extend_from_slice(&buffer[..length]);
                if kinds(&received).contains(&RST_STREAM) {
                    return "stream reset".to_owned();
                }
            }
            "closed".to_owned()
        }
        (Fault::UnreadResponse, _) => {
            let path = if protocol == Protocol::WebSocket { "/flood_websocket/64" } else { "/big/65536" };
            let stream = target.begin(&target.request(path)).await;
            // It reads nothing, and checks from time to time whether the connection is open: a write to one that was
            // reset fails.
            let little = if protocol == Protocol::WebSocket { &PONG[..] } else { b"\r\n" };
            let (_read, mut write) = tokio::io::split(stream);
            loop {
                sleep(Duration::from_millis(100)).await;
                if write.write_all(little).await.is_err() {
                    return "reset".to_owned();
                }
            }
        }
        (Fault::TooManyConnections, Protocol::WebSocket) => {
            let mut stream = target.begin(&upgrade("/socket")).await;
            let mut first = [0; 12];
            stream.read_exact(&mut first).await.expect("a response");
            sleep(Duration::from_millis(500)).await;
            "it waits, then 101".to_owned()
        }
        (Fault::TooManyConnections, Protocol::Http2) => {
            let mut stream = target.begin(&target.request("/")).await;
            let mut received = Vec::new();
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                received.extend_from_slice(&buffer[..length]);
                if kinds(&received).contains(&DATA) {
                    sleep(Duration::from_millis(500)).await;
                    return "it waits, then 200".to_owned();
                }
            }
            "closed".to_owned()
        }
        (Fault::TooManyConnections, _) => {
            let mut stream = target.begin(&target.request("/")).await;
            let mut first = [0; 12];
            stream.read_exact(&mut first).await.expect("a response");
            sleep(Duration::from_millis(500)).await;
            "it waits, then 200".to_owned()
        }
        (Fault::Shutdown, Protocol::WebSocket) => {
            let mut stream = target.begin(&upgrade("/socket")).await;
            let mut received = Vec::new();
            let _ = stream.read_to_end(&mut received).await;
            // A close frame with code 1001, unmasked.
            let going =
                received.windows(4).any(|bytes| bytes[0] == 0x88 && bytes[2..] == 1001_u16.to_be_bytes());
            if going { "close 1001, closed".to_owned() } else { "closed".to_owned() }
        }
        (Fault::Shutdown, _) => {
            let mut stream = target.begin(&target.request("/slow/60000")).await;
            read_to_end(&mut stream, protocol).await
        }
    }
}

fn settings(fault: Fault) -> &'static str {
    match fault {
        Fault::SlowHead => "header 1000",
        Fault::SlowBody => "body 1000, rate 1000",
        Fault::UnreadResponse => "write 1000",
        Fault::TooManyConnections => "connections 50",
        Fault::Shutdown => "shutdown 1000",
    }
}

fn describe(fault: Fault, protocol: Protocol) -> [&'static str; 2] {
    match (fault, protocol) {
        (Fault::SlowHead, _) => ["a byte of its request head every 100 ms", "`header_timeout` 1 s"],
        (Fault::SlowBody, Protocol::WebSocket) => {
            ["a byte of a message every 100 ms", "none: a client that sends is not silent"]
        }
        (Fault::SlowBody, _) => {
            ["20 bytes of a body every 100 ms", "`min_body_rate` 1000 B/s after `body_timeout` 1 s"]
        }
        (Fault::UnreadResponse, Protocol::WebSocket) => ["reads no message of 64 KiB", "`write_timeout` 1 s"],
        (Fault::UnreadResponse, _) => ["reads nothing of 64 MiB", "`write_timeout` 1 s"],
        (Fault::TooManyConnections, _) => ["100 connections, each held for 0.5 s", "`max_connections` 50"],
        (Fault::Shutdown, Protocol::WebSocket) => ["an open socket", "`shutdown_timeout` 1 s"],
        (Fault::Shutdown, _) => ["waits for a handler of 60 s", "`shutdown_timeout` 1 s"],
    }
}

/// What has to happen, and not before which time.
fn expected(fault: Fault, protocol: Protocol) -> (&'static str, Duration) {
    let (outcome, least) = match (fault, protocol) {
        (Fault::SlowHead, Protocol::Http2) => ("`GOAWAY`, closed", 900),
        (Fault::SlowHead, _) => ("408, closed", 900),
        (Fault::SlowBody, Protocol::Http2) => ("408", 900),
        (Fault::SlowBody, Protocol::WebSocket) => ("it goes on", 2900),
        (Fault::SlowBody, _) => ("408, closed", 900),
        (Fault::UnreadResponse, Protocol::Http2) => ("stream reset", 900),
        (Fault::UnreadResponse, _) => ("reset", 900),
        (Fault::TooManyConnections, Protocol::WebSocket) => ("it waits, then 101", 900),
        (Fault::TooManyConnections, _) => ("it waits, then 200", 900),
        (Fault::Shutdown, Protocol::WebSocket) => ("close 1001, closed", 0),
        (Fault::Shutdown, Protocol::Http2) => ("`GOAWAY`, closed", 900),
        (Fault::Shutdown, _) => ("closed", 900),
    };
    (outcome, Duration::from_millis(least))
}

/// Runs all clients with a fault at once; the row of the table.
async fn row(fault: Fault, protocol: Protocol) -> String {
    let target = Target::start(protocol, settings(fault));
    for _ in 0..10 {
        // Memory that the first requests of a process allocate for good.
        let mut stream = target.connect().await;
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("written");
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
    let before = target.server.memory();
    let mut most = 0;
    let started = Instant::now();
    let clients = futures_util::future::join_all((0..CLIENTS).map(|_| async {
        let seen = timeout(LONG, run_client(&target, fault)).await.unwrap_or_else(|_| "held".to_owned());
        (seen, started.elapsed())
    }));
    let watch = async {
        if fault == Fault::Shutdown {
            while target.begun.load(Ordering::Relaxed) < CLIENTS {
                sleep(Duration::from_millis(20)).await;
            }
            // For the server to read the last of them.
            sleep(Duration::from_secs(1)).await;
            target.server.terminate();
        }
        loop {
            if let Some(memory) = target.server.memory_if_running() {
                most = most.max(memory.saturating_sub(before));
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    let seen = tokio::select! {
        seen = clients => seen,
        () = watch => unreachable!("it never ends"),
    };
    let (outcome, least) = expected(fault, protocol);
    let last = seen.iter().map(|(_, after)| *after).max().unwrap_or_default();
    for (seen, _) in &seen {
        assert_eq!(seen, outcome, "{fault:?} {protocol:?}");
    }
    assert!(last >= least && last <= MOST, "{fault:?} {protocol:?}: {last:?}");
    assert!(most < 64 << 10, "{fault:?} {protocol:?}: {most} KiB");
    let [what, limit] = describe(fault, protocol);
    let name = match protocol {
        Protocol::Http1 => "HTTP/1.1",
        Protocol::Http2 => "HTTP/2",
        Protocol::Tls => "TLS",
        Protocol::WebSocket => "WebSocket",
    };
    format!(
        "| {name} | {what} | {limit} | {outcome} | {:.1} s | {:.1} MiB |",
        last.as_secs_f64(),
        most as f64 / 1024.0
    )
}

#[tokio::test]
async fn the_five_faults_are_bounded_over_each_protocol() {
    let mut table = String::from(
        "| protocol | 100 clients, each | limit | what happened | the last after | memory held at most |\n|---|---|---|---|---|---|\n",
    );
    for fault in
        [Fault::SlowHead, Fault::SlowBody, Fault::UnreadResponse, Fault::TooManyConnections, Fault::Shutdown]
    {
        let [a, b, c, d] = [Protocol::Http1, Protocol::Http2, Protocol::Tls, Protocol::WebSocket];
        let rows = tokio::join!(row(fault, a), row(fault, b), row(fault, c), row(fault, d));
        let _ = writeln!(table, "{}\n{}\n{}\n{}", rows.0, rows.1, rows.2, rows.3);
    }
    println!("{table}");
}
