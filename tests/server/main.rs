//! The server: addresses, limits, HTTP/2, TLS, disconnects, shutdown.
#![allow(missing_docs, missing_debug_implementations, unreachable_pub, reason = "lints for libraries")]

mod disconnect;
mod ended;
mod http2;
mod limits;
mod listening;
mod proxied;
mod refused;
mod shutdown;
mod startup;
#[path = "../integration/support.rs"]
#[allow(dead_code, reason = "the integration tests use more of it")]
mod support;
mod tls;
mod workers;
mod writes;

use std::net::SocketAddr;
use std::time::Duration;

use connect::{App, Chain, Environment, Request, Server, Shutdown, get};
use tokio::task::JoinHandle;

/// A server on a free port, until it is dropped.
struct TestServer {
    address: SocketAddr,
    addresses: Vec<SocketAddr>,
    shutdown: Shutdown,
    task: JoinHandle<std::io::Result<()>>,
}

impl TestServer {
    /// Runs the app with the settings that the function adds.
    fn start<C: Chain>(app: App<C>, settings: impl FnOnce(Server<C>) -> Server<C>) -> Self {
        let shutdown = Shutdown::new();
        let server = app.environment(Environment::Test).server().listen("127.0.0.1:0").shutdown(&shutdown);
        let server = settings(server).bind().expect("a free port");
        let addresses = server.addresses();
        let address = addresses[0];
        let task = tokio::spawn(server.run_until(std::future::pending::<()>()));
        TestServer { address, addresses, shutdown, task }
    }

    async fn client(&self) -> support::Client {
        support::Client::connect(self.address).await
    }

    /// Waits until it has ended, with a timeout.
    async fn ended(mut self) {
        let ended = tokio::time::timeout(Duration::from_secs(20), &mut self.task).await;
        ended.expect("it ends").expect("no panic").expect("no error");
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[get("/")]
fn index() -> &'static str {
    "index"
}

#[get("/sleep/:milliseconds")]
async fn sleep(milliseconds: u64) -> String {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    format!("slept {milliseconds} ms")
}

#[get("/scheme")]
fn scheme(req: &Request) -> String {
    format!("{} by {:?}", req.scheme(), req.version())
}
