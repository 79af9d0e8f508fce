//! The servers as processes.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server that runs, and ends when this is dropped.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(
        name: &'static str,
        command: impl FnOnce(u16) -> Result<Command, String>,
    ) -> Result<Self, String> {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.map_err(|err| format!("no port: {err}"))?;
        let mut command = command(address.port())?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).env_remove("RUST_LOG");
        let child = command.spawn().map_err(|err| format!("{name} could not be started: {err}"))?;
        let server = Server { name, child, address };
        let end = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(address).is_err() {
            if Instant::now() > end {
                return Err(format!("{name} did not listen"));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(server)
    }

    /// The CPU time so far, in seconds.
    pub(crate) fn cpu(&self) -> Result<f64, String> {
        let text = fs::read_to_string(format!("/proc/{}/schedstat", self.child.id()))
            .map_err(|err| err.to_string())?;
        let nanoseconds: f64 =
            text.split(' ').next().and_then(|text| text.parse().ok()).ok_or("no CPU time")?;
        Ok(nanoseconds / 1e9)
    }
}

/// ours, axum and, if it can be had, Express.
pub(crate) fn start_all() -> Result<Vec<Server>, String> {
    let this = std::env::current_exe().map_err(|err| err.to_string())?;
    let own = |name: &'static str| {
        Server::start(name, |port| {
            let mut command = Command::new(&this);
            command.args(["serve", name, &port.to_string()]);
            Ok(command)
        })
    };
    let mut servers = vec![own("connect")?, own("axum")?];
    match express().and_then(|script| {
        Server::start("express", |port| {
            let mut command = Command::new("node");
            command.arg(&script).arg(port.to_string()).env("NODE_ENV", "production");
            Ok(command)
        })
    }) {
        Ok(server) => servers.push(server),
        Err(message) => println!("Express is not measured: {message}"),
    }
    Ok(servers)
}

/// The script of Express's server, with its packages installed beside it.
fn express() -> Result<PathBuf, String> {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
    let to = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/stack-node");
    fs::create_dir_all(&to).map_err(|err| err.to_string())?;
    for name in ["package.json", "express.js"] {
        fs::copy(from.join(name), to.join(name)).map_err(|err| err.to_string())?;
    }
    let npm = Command::new("npm")
        .args(["install", "--silent", "--no-audit", "--no-fund", "--omit=dev"])
        .current_dir(&to)
        .status()
        .map_err(|err| format!("npm: {err}"))?;
    if npm.success() {
        Ok(to.join("express.js"))
    } else {
        Err("npm could not install the packages".to_owned())
    }
}
