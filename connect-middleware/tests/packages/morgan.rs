//! As `tests/real/packages/morgan.cjs`.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect::testing::Client;
use connect::{Error, Response, Result, app, get, post, provide};
use connect_middleware::logger::Logger;
use futures_util::stream;
use regex::Regex;

use super::failed;

/// Times, dates and process ids are replaced.
pub fn normalized(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, with) in [
        (r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", "(clf)"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "(iso)"),
        (r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", "(web)"),
        (r"pid=\d+", "pid=(number)"),
    ] {
        text = Regex::new(pattern).unwrap().replace_all(&text, with).into_owned();
    }
    let time = Regex::new(r"(?m)\b\d+(\.\d+)( ?ms|$)").unwrap();
    let digits = |found: &regex::Captures<'_>| format!("({} digits){}", found[1].len() - 1, &found[2]);
    time.replace_all(&text, digits).into_owned()
}

/// The lines so far.
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

/// The lines are written on a thread of its own: until there is one, and no more come.
#[get("/log")]
async fn log(lines: &Lines, res: &mut Response) -> Result {
    let length = || lines.0.lock().unwrap().len();
    let mut before = 0;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if before > 0 && length() == before {
            break;
        }
        before = length();
    }
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    res.text(text)
}

#[get("/")]
fn index() -> &'static str {
    "hello"
}

#[post("/")]
fn posted(res: &mut Response) -> Result {
    res.status(201).text("posted")
}

#[get("/moved")]
fn moved(res: &mut Response) -> Result {
    res.redirect("/")
}

#[get("/nothing")]
fn nothing(res: &mut Response) -> Result {
    res.status(204).end("")
}

#[get("/stream")]
fn streamed(res: &mut Response) -> Result {
    res.content_type("text").stream(stream::iter(["hel", "lo"].map(Ok::<_, std::io::Error>)))
}

#[get("/fails")]
fn fails() -> Result<&'static str> {
    Err(Error::new(429, "slow down"))
}

#[get("/broken")]
fn broken() -> Result<&'static str> {
    Err(Error::msg("broken"))
}

pub async fn serve(configuration: &str) -> Option<Client> {
    let logger = match configuration {
        "combined" => Logger::combined(),
        "common" => Logger::common(),
        "dev" => Logger::dev(),
        "short" => Logger::short(),
        "tiny" => Logger::tiny(),
        "dates" => Logger::new(":date[clf] :date[iso] :date[web] :date"),
        "basics" => {
            Logger::new(":http-version :method :url :status :referrer :remote-addr :remote-user :user-agent")
        }
        "headers" => {
            Logger::new(":req[x-one] :res[content-type] :res[content-length] :req[x-none] :res[x-none]")
        }
        "times" => {
            Logger::new(":response-time ms :response-time[0]ms :response-time[1] ms :total-time[2] ms")
        }
        "pid" => Logger::new("pid=:pid"),
        "text" => Logger::new("a text: [:method] \"x\" : \\ end"),
        "skip" => Logger::tiny().skip(|record| record.status().is_some_and(|status| status.as_u16() < 400)),
        "immediate" => Logger::new(":method :url :status").immediate(),
        "token" => Logger::new(":id :method").token("id", |req| req.header("x-id").map(str::to_owned)),
        _ => return None,
    };
    let lines = Lines::default();
    let logger = logger.writer(lines.clone());
    let app =
        app![provide(lines), logger, log, index, posted, moved, nothing, streamed, fails, broken, failed,];
    Some(Client::serve(app).await.unwrap())
}
