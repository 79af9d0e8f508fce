//! The server, and the process that it runs in.

use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use connect::websocket::{SwitchingProtocols, WebSocketUpgrade};
use connect::{
    Body, Environment, Error, Next, Request, Response, Result, app, body_limit, error_handler, get,
    middleware, post, router,
};

#[get("/")]
fn hello() -> &'static str {
    "hello"
}

#[get("/number/:n")]
fn number(n: u64) -> String {
    n.to_string()
}

#[get("/slow/:ms")]
async fn slow(ms: u64) -> String {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    ms.to_string()
}

/// A stream of that many KiB.
#[get("/big/:kib")]
fn big(kib: u64, res: &mut Response) -> Result {
    res.write(async move |mut out| {
        for _ in 0..kib {
            out.write(vec![b'x'; 1024]).await?;
        }
        Ok(())
    })
}

/// A body that ends by a panic.
#[get("/breaks")]
fn breaks(res: &mut Response) -> Result {
    res.write(async |mut out| {
        out.write("a part").await?;
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert!(out.write("").await.is_err(), "on purpose");
        Ok(())
    })
}

#[get("/panics")]
async fn panics() -> &'static str {
    tokio::task::yield_now().await;
    panic!("on purpose")
}

/// The length of what is uploaded, and the sum of its bytes.
#[post("/upload")]
async fn upload(req: &mut Request) -> Result<String> {
    let (mut length, mut sum) = (0, 0_u64);
    while let Some(chunk) = req.body_mut().chunk().await {
        let chunk = chunk?;
        length += chunk.len();
        sum += chunk.iter().map(|byte| u64::from(*byte)).sum::<u64>();
    }
    Ok(format!("{length} {sum}"))
}

/// The body, in one buffer.
#[post("/echo")]
fn echo(body: connect::bytes::Bytes) -> Body {
    body.into()
}

#[get("/socket")]
fn socket(ws: WebSocketUpgrade) -> SwitchingProtocols {
    ws.on_upgrade(async |mut socket| {
        while let Some(message) = socket.recv().await {
            socket.send(message?).await?;
        }
        Ok(())
    })
}

/// Requests without a call of `on_finish`.
static UNFINISHED: AtomicU64 = AtomicU64::new(0);

/// How many tasks there are, and how many requests beside this one that are not finished.
#[get("/state")]
async fn state() -> String {
    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    format!("{tasks} {}", UNFINISHED.load(Ordering::Relaxed) - 1)
}

#[middleware]
async fn timed(req: &mut Request, res: &mut Response, next: Next) -> Result {
    let started = Instant::now();
    let done = next.run(req, res).await;
    res.set("x-time", started.elapsed().as_micros().to_string());
    Ok(done)
}

#[middleware]
fn counted(_req: &mut Request, res: &mut Response, next: Next) -> Result {
    UNFINISHED.fetch_add(1, Ordering::Relaxed);
    res.on_finish(|_| {
        UNFINISHED.fetch_sub(1, Ordering::Relaxed);
    });
    next.pass()
}

#[error_handler]
fn on_error(err: Error, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
    res.status(err.status()).send(err.public_message())
}

/// Serves until SIGTERM.
pub(crate) fn run() -> ExitCode {
    std::panic::set_hook(Box::new(|_| {}));
    let app = app![
        timed,
        counted,
        body_limit(4 << 20),
        router![hello, number, slow, big, breaks, panics, upload, echo, socket, state],
        on_error
    ];
    let serve = async {
        let server =
            app.environment(Environment::Production).server().listen("127.0.0.1:0").banner(false).bind()?;
        println!("{}", server.addresses()[0]);
        server.run().await
    };
    match tokio::runtime::Runtime::new().and_then(|runtime| runtime.block_on(serve)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("{err}");
            ExitCode::FAILURE
        }
    }
}

/// The server process, which is killed when this is dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Process {
    pub(crate) fn start() -> io::Result<Self> {
        let mut child =
            Command::new(std::env::current_exe()?).arg("--serve").stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        match line.trim().parse() {
            Ok(address) => Ok(Process { child, address }),
            Err(_) => Err(io::Error::other(format!("it printed {line:?}"))),
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGTERM; returns the exit code, and after how long it exited.
    pub(crate) async fn terminate(&mut self) -> (Option<i32>, Duration) {
        let started = Instant::now();
        // Without `kill` it does not exit, and the verdict fails.
        let _ = Command::new("kill").args(["-TERM", &self.id().to_string()]).status();
        while started.elapsed() < Duration::from_secs(30) {
            if let Ok(Some(status)) = self.child.try_wait() {
                return (status.code(), started.elapsed());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        (None, started.elapsed())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
