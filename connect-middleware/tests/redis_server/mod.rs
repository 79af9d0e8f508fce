//! A Redis of the test's own, which ends with it.

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// A running `redis-server`, without files.
pub(crate) struct RedisServer {
    pub(crate) process: Child,
    pub(crate) port: u16,
}

impl RedisServer {
    /// Starts one on a free port. `None`, and the reason is printed, where Redis is not installed, unless
    /// `CONNECT_REQUIRE_REDIS` is set.
    pub(crate) fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let started = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .stdout(Stdio::null())
            .spawn();
        let process = match started {
            Ok(process) => process,
            Err(err) if err.kind() == ErrorKind::NotFound => {
                assert!(
                    std::env::var_os("CONNECT_REQUIRE_REDIS").is_none(),
                    "CONNECT_REQUIRE_REDIS is set, and there is no `redis-server`"
                );
                println!("ignored: there is no `redis-server` on this machine");
                return None;
            }
            Err(err) => panic!("redis-server: {err}"),
        };
        let server = RedisServer { process, port };
        for _ in 0..500 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(server);
            }
            sleep(Duration::from_millis(10));
        }
        panic!("redis-server does not listen")
    }

    pub(crate) fn address(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
