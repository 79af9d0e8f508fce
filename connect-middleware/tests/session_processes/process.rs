//! The app, and the processes that it runs in.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use connect::{App, Chain, Outermost, Result, app, get, post};
use connect_middleware::session::{Part, Principal, RedisStore, Session, Sessions, SqliteStore};
use serde::{Deserialize, Serialize};

/// Set in the environment of the processes: their store.
const VARIABLE: &str = "CONNECT_SESSION_STORE";

/// The numbers that were put in, and how many: two fields that are changed together.
#[derive(Serialize, Deserialize, Default)]
struct A {
    numbers: Vec<u64>,
    count: usize,
}

impl Part for A {
    const NAME: &'static str = "a";
}

#[derive(Serialize, Deserialize, Default)]
struct B {
    numbers: Vec<u64>,
    count: usize,
}

impl Part for B {
    const NAME: &'static str = "b";
}

/// `principal|1,2,3|4,5`
#[get("/read")]
async fn read(sessions: &Sessions) -> Result<String> {
    let principal = sessions.principal().await?;
    let (a, b) = (sessions.get::<A>().await?, sessions.get::<B>().await?);
    let is_whole = a.count == a.numbers.len() && b.count == b.numbers.len();
    let text = |numbers: &[u64]| numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
    let principal = principal.as_ref().map_or("", Principal::id);
    Ok(if is_whole {
        format!("{principal}|{}|{}", text(&a.numbers), text(&b.numbers))
    } else {
        "half".into()
    })
}

#[post("/a/:number")]
async fn put_a(sessions: &Sessions, number: u64) -> Result<&'static str> {
    let put = |part: &mut A| {
        part.numbers.push(number);
        part.count += 1;
    };
    sessions.change(put).await.map(|_| "stored")
}

#[post("/b/:number")]
async fn put_b(sessions: &Sessions, number: u64) -> Result<&'static str> {
    let put = |part: &mut B| {
        part.numbers.push(number);
        part.count += 1;
    };
    sessions.change(put).await.map(|_| "stored")
}

#[post("/login/:id")]
async fn login(sessions: &Sessions, id: String) -> Result<&'static str> {
    sessions.login(Principal::new(id)).await.map(|()| "welcome")
}

#[post("/logout")]
async fn logout(sessions: &Sessions) -> Result<&'static str> {
    sessions.logout().await.map(|()| "bye")
}

#[post("/logout-everywhere")]
async fn logout_everywhere(sessions: &Sessions) -> Result<&'static str> {
    sessions.logout_everywhere().await.map(|()| "bye")
}

fn app_with(session: Session) -> App<impl Chain, Outermost> {
    // A store on a loaded machine may be slow.
    app![session.store_timeout(Duration::from_secs(60)), read, put_a, put_b, login, logout, logout_everywhere]
        .etag(false)
}

async fn serve<C: Chain>(app: App<C, Outermost>) {
    let server = app.server().listen("127.0.0.1:0").banner(false).bind().expect("a free port");
    println!("listening {}", server.addresses()[0]);
    server.run().await.expect("it serves");
}

/// Not a test: the main function of the processes.
#[test]
fn serves_in_a_process_of_its_own() {
    let Ok(store) = std::env::var(VARIABLE) else { return };
    // It ends with the process that has started it.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        if store.starts_with("redis:") {
            serve(app_with(Session::new(RedisStore::new(store).expect("an address")))).await;
        } else {
            serve(app_with(Session::new(SqliteStore::open(store).expect("a database")))).await;
        }
    });
}

struct Process {
    child: Child,
    address: SocketAddr,
}

impl Process {
    fn start(store: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("a program"))
            .args(["--exact", "process::serves_in_a_process_of_its_own", "--nocapture"])
            .env(VARIABLE, store)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a process");
        let output = child.stdout.take().expect("a pipe");
        // Nobody reads more, and nothing more is printed before the end.
        let address = listening(BufReader::new(output)).expect("an address");
        Process { child, address }
    }
}

/// The address that a process prints when it listens.
fn listening(output: impl BufRead) -> Option<SocketAddr> {
    let mut lines = output.lines().map_while(std::io::Result::ok);
    lines.find_map(|line| line.split_once("listening ")?.1.trim().parse().ok())
}

impl Drop for Process {
    /// SIGKILL.
    fn drop(&mut self) {
        self.child.kill().expect("a process");
        self.child.wait().expect("its end");
    }
}

/// Two processes of the app.
pub(crate) struct Processes {
    store: String,
    processes: [Mutex<Process>; 2],
}

impl Processes {
    pub(crate) fn start(store: &str) -> Self {
        let processes = std::array::from_fn(|_| Mutex::new(Process::start(store)));
        Processes { store: store.to_owned(), processes }
    }

    fn process(&self, number: usize) -> MutexGuard<'_, Process> {
        self.processes[number].lock().unwrap()
    }

    pub(crate) fn address(&self, number: usize) -> SocketAddr {
        self.process(number).address
    }

    /// Kills one, whatever it is doing, and starts it again.
    pub(crate) fn kill_and_start(&self, number: usize) {
        self.process(number).child.kill().expect("a process");
        // The requests of this time find nobody who listens.
        let next = Process::start(&self.store);
        *self.process(number) = next;
    }
}
