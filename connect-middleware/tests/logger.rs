//! The lines of requests that end well, early or never, over sockets, compared with those of morgan.
#![cfg(feature = "logger")]

#[path = "support/raw.rs"]
mod raw;

use std::fmt;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect::bytes::Bytes;
use connect::testing::Client;
use connect::{
    App, Chain, Error, Next, Request, Response, Result, Rewrite, app, get, middleware, post, provide,
};
use connect_middleware::logger::Logger;
use futures_util::{StreamExt, stream};
use http::Method;
use raw::{read_to, reset, send_get, send_raw, until};
use tokio::sync::Notify;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn all(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
        text.lines().map(str::to_owned).collect()
    }

    async fn wait(&self, number: usize) -> Vec<String> {
        until(&format!("{number} lines"), || {
            let all = self.all();
            (all.len() >= number).then_some(all)
        })
        .await
    }
}

fn written(logger: Logger) -> (Logger, Lines) {
    let lines = Lines::default();
    (logger.writer(lines.clone()), lines)
}

async fn serve<C: Chain, P>(app: App<C, P>) -> Client {
    Client::serve(app).await.unwrap()
}

#[get("/hello")]
fn hello(res: &mut Response) -> Result {
    res.append("x-two", "1").append("x-two", "2").text("hello")
}

#[post("/error")]
fn error(res: &mut Response) -> Result {
    res.status(500).text("broken")
}

#[get("/moved")]
fn moved(res: &mut Response) -> Result {
    res.status(302).set("location", "/x").end("")
}

#[get("/empty")]
fn empty(res: &mut Response) -> Result {
    res.status(204).end("")
}

/// Says when the handler runs.
#[derive(Clone, Default)]
struct Arrived(Arc<Notify>);

#[get("/never")]
async fn never(arrived: &Arrived) -> &'static str {
    arrived.0.notify_one();
    std::future::pending().await
}

#[get("/fails")]
fn fails(res: &mut Response) -> Result {
    res.stream(stream::iter([Ok(Bytes::from_static(b"first")), Err(io::Error::other("broken"))]))
}

#[middleware]
fn missing(res: &mut Response) -> Result {
    res.status(404).text("Not Found")
}

/// A stream whose second chunk waits until the test says so.
#[derive(Clone, Default)]
struct Gate(Arc<Notify>);

#[get("/stream/:name")]
fn long(gate: &Gate, name: &str, res: &mut Response) -> Result {
    let (gate, name) = (gate.clone(), name.to_owned());
    let second = stream::once(async move {
        gate.0.notified().await;
        Ok::<_, io::Error>(Bytes::from(name))
    });
    res.stream(stream::iter([Ok(Bytes::from_static(b"first"))]).chain(second))
}

/// What morgan is asked as well.
const REQUESTS: [&str; 6] = [
    "GET /hello?a=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nUser-Agent: curl/8.0\r\nReferer: http://example.com/a\r\nX-Thing: 1\r\nAuthorization: Basic dG9iaTpzZWNyZXQ=\r\n\r\n",
    "GET /missing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "POST /error HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\nUser-Agent: a\"b\\c\td\r\nX-Thing: one\r\nX-Thing: two\r\n\r\n",
    "GET /moved HTTP/1.0\r\nHost: a\r\nAuthorization: Basic !!!\r\nReferrer: other\r\nUser-Agent: \r\n\r\n",
    "HEAD /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Basic dG8iYmkKOnNlY3JldA==\r\n\r\n",
    "GET /empty HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
];

/// The lines of morgan 1.12.1 with Express 5.3.0 and Node 20.20.2 for these requests, with the date and times replaced.
const RECORDED: [(&str, [&str; 6]); 6] = [
    (
        "combined",
        [
            r#"127.0.0.1 - tobi [DATE] "GET /hello?a=1 HTTP/1.1" 200 5 "http://example.com/a" "curl/8.0""#,
            r#"127.0.0.1 - - [DATE] "GET /missing HTTP/1.1" 404 9 "-" "-""#,
            r#"127.0.0.1 - - [DATE] "POST /error HTTP/1.1" 500 6 "-" "a\"b\\c\td""#,
            r#"127.0.0.1 - - [DATE] "GET /moved HTTP/1.0" 302 - "other" "-""#,
            r#"127.0.0.1 - to\"bi\n [DATE] "HEAD /hello HTTP/1.1" 200 5 "-" "-""#,
            r#"127.0.0.1 - - [DATE] "GET /empty HTTP/1.1" 204 - "-" "-""#,
        ],
    ),
    (
        "common",
        [
            r#"127.0.0.1 - tobi [DATE] "GET /hello?a=1 HTTP/1.1" 200 5"#,
            r#"127.0.0.1 - - [DATE] "GET /missing HTTP/1.1" 404 9"#,
            r#"127.0.0.1 - - [DATE] "POST /error HTTP/1.1" 500 6"#,
            r#"127.0.0.1 - - [DATE] "GET /moved HTTP/1.0" 302 -"#,
            r#"127.0.0.1 - to\"bi\n [DATE] "HEAD /hello HTTP/1.1" 200 5"#,
            r#"127.0.0.1 - - [DATE] "GET /empty HTTP/1.1" 204 -"#,
        ],
    ),
    (
        "dev",
        [
            "\x1b[0mGET /hello?a=1 \x1b[32m200\x1b[0m N.NNN ms - 5\x1b[0m",
            "\x1b[0mGET /missing \x1b[33m404\x1b[0m N.NNN ms - 9\x1b[0m",
            "\x1b[0mPOST /error \x1b[31m500\x1b[0m N.NNN ms - 6\x1b[0m",
            "\x1b[0mGET /moved \x1b[36m302\x1b[0m N.NNN ms - -\x1b[0m",
            "\x1b[0mHEAD /hello \x1b[32m200\x1b[0m N.NNN ms - 5\x1b[0m",
            "\x1b[0mGET /empty \x1b[32m204\x1b[0m N.NNN ms - -\x1b[0m",
        ],
    ),
    (
        "short",
        [
            "127.0.0.1 tobi GET /hello?a=1 HTTP/1.1 200 5 - N.NNN ms",
            "127.0.0.1 - GET /missing HTTP/1.1 404 9 - N.NNN ms",
            "127.0.0.1 - POST /error HTTP/1.1 500 6 - N.NNN ms",
            "127.0.0.1 - GET /moved HTTP/1.0 302 - - N.NNN ms",
            r#"127.0.0.1 to\"bi\n HEAD /hello HTTP/1.1 200 5 - N.NNN ms"#,
            "127.0.0.1 - GET /empty HTTP/1.1 204 - - N.NNN ms",
        ],
    ),
    (
        "tiny",
        [
            "GET /hello?a=1 200 5 - N.NNN ms",
            "GET /missing 404 9 - N.NNN ms",
            "POST /error 500 6 - N.NNN ms",
            "GET /moved 302 - - N.NNN ms",
            "HEAD /hello 200 5 - N.NNN ms",
            "GET /empty 204 - - N.NNN ms",
        ],
    ),
    (
        ":method|:url|:status|:http-version|:req[x-thing]|:req[X-Missing]|:res[content-type]|:res[x-two]|:referrer|:user-agent|:remote-user|:x|a: b",
        [
            "GET|/hello?a=1|200|1.1|1|-|text/plain; charset=utf-8|1, 2|http://example.com/a|curl/8.0|tobi|:x|a: b",
            "GET|/missing|404|1.1|-|-|text/plain; charset=utf-8|-|-|-|-|:x|a: b",
            r#"POST|/error|500|1.1|one, two|-|text/plain; charset=utf-8|-|-|a\"b\\c\td|-|:x|a: b"#,
            "GET|/moved|302|1.0|-|-|-|-|other|-|-|:x|a: b",
            r#"HEAD|/hello|200|1.1|-|-|text/plain; charset=utf-8|1, 2|-|-|to\"bi\n|:x|a: b"#,
            "GET|/empty|204|1.1|-|-|-|-|-|-|-|:x|a: b",
        ],
    ),
];

/// A line without its date and times, as the recorded ones.
fn without_times(line: &str) -> String {
    let mut line = line.to_owned();
    if let Some(end) = line.find(" +0000]") {
        let begin = line[..end].rfind('[').unwrap();
        line.replace_range(begin..end + " +0000]".len(), "[DATE]");
    }
    if let Some(end) = line.find(" ms") {
        let begin = line[..end].rfind(' ').unwrap() + 1;
        let time = &line[begin..end];
        assert!(time.parse::<f64>().is_ok() && time.split('.').nth(1).unwrap().len() == 3, "{time}");
        line.replace_range(begin..end, "N.NNN");
    }
    line
}

#[tokio::test]
async fn the_lines_of_all_formats_are_those_of_morgan() {
    for (format, expected) in RECORDED {
        let logger = match format {
            "combined" => Logger::combined(),
            "common" => Logger::common(),
            "dev" => Logger::dev(),
            "short" => Logger::short(),
            "tiny" => Logger::tiny(),
            own => Logger::new(own),
        };
        if format == "dev" && std::env::var_os("NO_COLOR").is_some() {
            continue;
        }
        let (logger, lines) = written(logger);
        let client = serve(app![logger, hello, error, moved, empty, missing]).await;
        for (index, request) in REQUESTS.iter().enumerate() {
            let _socket = send_raw(&client, request).await;
            let all = lines.wait(index + 1).await;
            assert_eq!(without_times(&all[index]), expected[index], "{format}");
        }
    }
}

#[tokio::test]
async fn the_other_tokens() {
    let format = ":date[clf]|:date[iso]|:date[web]|:date|:pid|:total-time[0]|:response-time[6]|:ended|:route|:res[etag]";
    let (logger, lines) = written(Logger::new(format));
    let client = serve(app![logger, hello]).await;
    let etag = client.get("/hello").send().await.header("etag").unwrap().replace('"', "\\\"");
    let line = lines.wait(1).await.remove(0);
    let parts: Vec<&str> = line.split('|').collect();
    let [clf, iso, web, date, pid, total, response, ended, route, logged] = parts[..] else {
        panic!("{line}")
    };
    assert!(clf.ends_with(" +0000") && clf.len() == "10/Oct/2026:13:55:36 +0000".len(), "{clf}");
    assert!(iso.ends_with('Z') && iso.len() == "2026-10-10T13:55:36.000Z".len(), "{iso}");
    assert!(web.ends_with(" GMT") && web.len() == date.len(), "{web} {date}");
    assert_eq!(pid, std::process::id().to_string());
    assert!(total.parse::<u64>().is_ok(), "{total}");
    assert_eq!(response.split('.').nth(1).unwrap().len(), 6, "{response}");
    assert_eq!((ended, route), ("complete", "/hello"));
    // The one that the app has made when all layers were done.
    assert_eq!(logged, etag);
}

#[tokio::test]
async fn clients_cannot_write_lines_or_commands_for_a_terminal() {
    let format = r#":url ":user-agent" :req[x-evil] :own"#;
    let logger = Logger::new(format).token("own", |_| Some("a\n\u{1b}[2J\"b\\".to_owned()));
    let (logger, lines) = written(logger);
    let client = serve(app![logger, missing]).await;
    let request = b"GET /a\"b?c\\d HTTP/1.1\r\nHost: a\r\nUser-Agent: x\" 200 \"y\\\r\nX-Evil: \xff\xc2\x85\r\nConnection: close\r\n\r\n";
    let socket = send_raw(&client, "").await;
    assert_eq!(socket.try_write(request).unwrap(), request.len());
    let line = lines.wait(1).await.remove(0);
    assert_eq!(line, "/a\\\"b?c\\\\d \"x\\\" 200 \\\"y\\\\\" \u{ff}\u{c2}\\u0085 a\\n\\u001b[2J\\\"b\\\\");
}

#[tokio::test]
async fn the_line_has_the_original_method_and_url() {
    #[middleware]
    fn rewrites(req: &mut Rewrite, next: Next) -> Result {
        req.set_method(Method::GET);
        req.set_url("/hello")?;
        next.pass()
    }

    let (logger, lines) = written(Logger::new(":method :url :route"));
    let client = serve(app![logger, rewrites, hello]).await;
    client.put("/%68ello/../x?y=1").send().await.assert_status(200);
    assert_eq!(lines.wait(1).await, ["PUT /%68ello/../x?y=1 /hello"]);
}

/// There are a scheme and a host in each target of HTTP/2, in fields of their own.
#[tokio::test]
async fn a_line_of_http2_has_the_path_alone_and_one_of_http1_what_was_sent() {
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let (logger, lines) = written(Logger::new(":url HTTP/:http-version"));
    let client = serve(app![logger, hello]).await;
    send_raw(&client, "GET http://a.example/hello?q=1 HTTP/1.1\r\nhost: a.example\r\n\r\n").await;
    assert_eq!(lines.wait(1).await, ["http://a.example/hello?q=1 HTTP/1.1"]);
    let io = tokio::net::TcpStream::connect(client.address().unwrap()).await.unwrap();
    let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(io));
    let (mut requests, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    let req = http::Request::get("http://a.example/hello?q=1").body(String::new()).unwrap();
    let response = requests.send_request(req).await.unwrap();
    http_body_util::BodyExt::collect(response.into_body()).await.unwrap();
    assert_eq!(lines.wait(2).await[1], "/hello?q=1 HTTP/2.0");
}

#[tokio::test]
async fn a_client_that_leaves_before_the_response_is_logged() {
    let (logger, lines) =
        written(Logger::new(":method :url :status :res[content-length] :response-time :ended :route"));
    let arrived = Arrived::default();
    let client = serve(app![provide(arrived.clone()), logger, never]).await;
    let socket = send_get(&client, "/never").await;
    arrived.0.notified().await;
    assert_eq!(lines.all().len(), 0);
    reset(socket);
    assert_eq!(lines.wait(1).await, ["GET /never - - - client_left /never"]);
}

#[tokio::test]
async fn a_timeout_above_that_drops_the_layers_is_logged_with_its_status() {
    #[middleware]
    async fn impatient(req: &mut Request, res: &mut Response, next: Next) -> Result {
        match tokio::time::timeout(Duration::from_millis(50), next.run(req, res)).await {
            Ok(done) => Ok(done),
            Err(_) => Err(Error::new(503, "too slow")),
        }
    }

    let (logger, lines) = written(Logger::new(":url :status :ended :route"));
    let client = serve(app![provide(Arrived::default()), impatient, logger, never]).await;
    client.get("/never").send().await.assert_status(503);
    assert_eq!(lines.wait(1).await, ["/never 503 complete /never"]);
}

#[tokio::test]
async fn a_stream_is_logged_at_its_end_and_says_how_it_ended() {
    let (gate, format) = (Gate::default(), ":url :status :ended :response-time[0] :total-time[0]");
    let (logger, lines) = written(Logger::new(format));
    let client = serve(app![provide(gate.clone()), logger, long, fails]).await;
    let mut open = client.get("/stream/a").open().await;
    assert_eq!(open.chunk().await.unwrap(), "first");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(lines.all().len(), 0, "the end of the head is not the end of the response");
    gate.0.notify_one();
    assert_eq!(open.read().await.text(), "a");
    let line = lines.wait(1).await.remove(0);
    let parts: Vec<&str> = line.split(' ').collect();
    assert_eq!(parts[..3], ["/stream/a", "200", "complete"]);
    let (response, total): (u64, u64) = (parts[3].parse().unwrap(), parts[4].parse().unwrap());
    assert!(total >= response + 250, "{line}");

    let socket = send_get(&client, "/stream/b").await;
    read_to(&socket, "first\r\n").await;
    reset(socket);
    assert!(lines.wait(2).await[1].starts_with("/stream/b 200 client_left "));

    let socket = send_get(&client, "/fails").await;
    assert!(lines.wait(3).await[2].starts_with("/fails 200 failed "));
    drop(socket);
}

#[tokio::test]
async fn skipped_requests_are_not_logged() {
    let logger = Logger::new(":url :status")
        .skip(|record| record.status().is_some_and(|status| status.as_u16() < 400));
    let (logger, lines) = written(logger);
    let client = serve(app![logger, hello, missing]).await;
    client.get("/hello").send().await.assert_status(200);
    client.get("/none").send().await.assert_status(404);
    assert_eq!(lines.wait(1).await, ["/none 404"]);
}

#[tokio::test]
async fn an_immediate_line_is_there_while_the_handler_runs() {
    let (logger, lines) = written(Logger::tiny().immediate());
    let client = serve(app![provide(Arrived::default()), logger, never]).await;
    let _socket = send_get(&client, "/never").await;
    assert_eq!(lines.wait(1).await, ["GET /never - - - - ms"]);
}

/// A writer that waits until the test lets it go on.
struct Slow {
    lines: Lines,
    go: Receiver<()>,
}

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // It fails when the test has dropped the other end: then it goes on.
        let _ = self.go.recv();
        self.lines.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_writer_that_hangs_stalls_no_request_and_its_lost_lines_are_counted() {
    let (lines, (go, wait)): (Lines, (Sender<()>, Receiver<()>)) = (Lines::default(), channel());
    let slow = Slow { lines: lines.clone(), go: wait };
    let client = Client::new(app![Logger::new(":url").writer(slow), hello]);
    for _ in 0..9000 {
        client.get("/hello").send().await.assert_status(200);
    }
    assert_eq!(lines.all().len(), 0);
    drop(go);
    let all = until("the count", || {
        let all = lines.all();
        all.iter().any(|line| line.contains("were dropped")).then_some(all)
    })
    .await;
    let lost = all.iter().find_map(|line| line.strip_prefix('(')?.split_once(" lines were dropped"));
    let lost: usize = lost.unwrap().0.parse().unwrap();
    let kept = 9000 - lost;
    until("the rest", || (lines.all().iter().filter(|line| *line == "/hello").count() == kept).then_some(()))
        .await;
    assert!((4096..=2 * 4096 + 1).contains(&kept), "{kept} are kept");
}

#[tokio::test]
async fn the_server_waits_for_the_lines_at_its_end() {
    let (logger, lines) = written(Logger::new(":url"));
    let client = serve(app![logger, hello]).await;
    for _ in 0..100 {
        client.get("/hello").send().await.assert_status(200);
    }
    client.shutdown().await;
    assert_eq!(lines.all().len(), 100);
}

/// The fields of the events.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber> Layer<S> for Events {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        struct Fields(String);
        impl Visit for Fields {
            fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
                if field.name() != "duration_ms" {
                    self.0 += &format!("{}={value:?} ", field.name());
                }
            }
        }
        if event.metadata().target() == "connect_middleware::logger" {
            let mut fields = Fields(String::new());
            event.record(&mut fields);
            self.0.lock().unwrap().push(fields.0);
        }
    }
}

#[tokio::test]
async fn by_default_lines_are_events_and_have_fields_if_asked_for() {
    let events = Events::default();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(events.clone()));
    let format = ":method :url :status";
    for logger in [Logger::new(format), Logger::new(format).fields()] {
        let client = Client::new(app![logger, hello]);
        client.get("/hello?secret=1").send().await.assert_status(200);
    }
    let all = until("two events", || {
        let all = events.0.lock().unwrap().clone();
        (all.len() == 2).then_some(all)
    })
    .await;
    assert_eq!(
        all,
        [
            "message=GET /hello?secret=1 200 ",
            "message=GET /hello?secret=1 200 method=\"GET\" path=\"/hello\" route=/hello status=200 bytes=5 ended=\"complete\" "
        ]
    );
}

#[test]
#[should_panic(expected = "the token `:ur` is unknown: add it with `.token(\"ur\", ..)`")]
fn a_mistake_in_a_format_is_a_panic_when_the_app_is_built() {
    let _ = app![Logger::new(":method :ur"), hello];
}

#[test]
#[should_panic(expected = "cannot be a token")]
fn a_token_that_no_format_can_name_is_a_panic() {
    let _ = Logger::new(":method").token("a b", |_| None);
}
