//! The app in a process of its own, for what concerns a whole process: its memory, its descriptors, its signals.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use connect::{Chain, Server, Tls};

use crate::app::{STARTED, app};
use crate::process;
use crate::tls::Certificate;

/// Set in the environment of the child process.
const VARIABLE: &str = "CONNECT_FAULTS_CHILD";

/// A certificate and its key for the child, which is then a server of TLS.
const PEM: [&str; 2] = ["CONNECT_FAULTS_CERTIFICATE", "CONNECT_FAULTS_KEY"];

/// A server in a child process, which is killed when this is dropped.
pub struct Process {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    pub address: SocketAddr,
}

impl Process {
    pub fn start() -> Self {
        Self::start_as("", "", None)
    }

    /// Starts it with settings: see [`settings`].
    pub fn start_with(settings: &str) -> Self {
        Self::start_as("", settings, None)
    }

    /// The same for clients of TLS.
    pub fn start_with_tls(settings: &str, certificate: &Certificate) -> Self {
        Self::start_as("", settings, Some(certificate))
    }

    /// Starts it after a shell command, such as `ulimit -n 40`.
    pub fn start_with_shell(command: &str) -> Self {
        Self::start_as(command, "", None)
    }

    fn start_as(command: &str, settings: &str, certificate: Option<&Certificate>) -> Self {
        let this = std::env::current_exe().expect("a program");
        let mut child = Command::new("sh")
            .args(["-c", &format!("{command}\nexec \"$0\" \"$@\"")])
            .arg(this)
            .args(["--exact", "child::serves_in_the_child_process", "--nocapture"])
            .env(VARIABLE, settings)
            .env(PEM[0], certificate.map_or("", |certificate| &certificate.pem))
            .env(PEM[1], certificate.map_or("", |certificate| &certificate.key))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let address = loop {
            let mut line = String::new();
            assert!(output.read_line(&mut line).expect("text") > 0, "it does not start");
            if let Some((_, address)) = line.split_once("listening ") {
                break address.trim().parse().expect("an address");
            }
        };
        Process { child, output, address }
    }

    /// Resident memory, in KiB.
    pub fn memory(&self) -> u64 {
        self.memory_if_running().expect("a running process")
    }

    pub fn memory_if_running(&self) -> Option<u64> {
        process::memory(self.child.id())
    }

    /// Open descriptors.
    pub fn descriptors(&self) -> usize {
        process::descriptors(self.child.id()).expect("a running process")
    }

    /// CPU time so far, in ticks of 10 ms.
    pub fn ticks(&self) -> u64 {
        process::ticks(self.child.id()).expect("a running process")
    }

    /// Waits until no more than so many descriptors are open.
    pub async fn wait_for_descriptors(&self, descriptors: usize) {
        let started = Instant::now();
        while self.descriptors() > descriptors {
            assert!(started.elapsed() < Duration::from_secs(25), "{} are open", self.descriptors());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        let kill = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(kill.expect("`kill`").success());
    }

    /// Waits until it exits; returns its exit code and the number of requests that it has started.
    pub fn wait(&mut self) -> (Option<i32>, u64) {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).expect("text");
        let started = rest.split_once("started ").expect("its last line").1;
        let started =
            started.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number");
        (self.child.wait().expect("it ends").code(), started)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `workers 2, header 500, shutdown 500`: threads, and times in milliseconds.
fn settings<C: Chain>(mut server: Server<C>, settings: &str) -> Server<C> {
    for setting in settings.split(", ").filter(|setting| !setting.is_empty()) {
        let (name, value) = setting.split_once(' ').expect("a name and a value");
        let value: u16 = value.parse().expect("a number");
        let time = Duration::from_millis(value.into());
        server = match name {
            "workers" => server.workers(value.into()),
            "header" => server.header_timeout(time),
            "write" => server.write_timeout(time),
            "body" => server.body_timeout(time),
            "half" => server.half_close_timeout(time),
            "rate" => server.min_body_rate(value.into()),
            "keep-alive" => server.keep_alive_timeout(time),
            "connections" => server.max_connections(value.into()),
            "shutdown" => server.shutdown_timeout(time),
            _ => panic!("no setting: {name}"),
        };
    }
    server
}

/// Not a test: the main function of the child process.
#[test]
fn serves_in_the_child_process() {
    let Ok(requested) = std::env::var(VARIABLE) else { return };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let server = app().server().listen("127.0.0.1:0").banner(false);
        let [certificate, key] = PEM.map(|name| std::env::var(name).unwrap_or_default());
        let server = match certificate.as_str() {
            "" => server,
            certificate => server.tls(Tls::pem(certificate, key).expect("a certificate")),
        };
        let server = settings(server, &requested).bind().expect("a free port");
        println!("listening {}", server.addresses()[0]);
        server.run().await.expect("it serves");
    });
    println!("started {}", STARTED.load(Ordering::Relaxed));
}
