//! The servers as processes.

use std::fs::{self, File};
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::builds::folder;
use crate::peers::Server;
use crate::system;

/// How long a server may take to listen.
const START: Duration = Duration::from_secs(15);

/// A server that runs, and ends when this is dropped.
pub(crate) struct Running {
    child: Child,
    log: PathBuf,
    pub(crate) address: SocketAddr,
}

impl Running {
    /// Starts a server on a core and waits until it takes connections.
    pub(crate) fn start(server: &Server, core: Option<usize>) -> Result<Self, String> {
        let port = free_port().map_err(|err| format!("no port: {err}"))?;
        let (program, args) = server.command(port);
        let log = folder("logs")?.join(format!("{}-{}.log", server.name, server.layers));
        let file = File::create(&log).map_err(|err| format!("{}: {err}", log.display()))?;
        let this = std::env::current_exe().map_err(|err| err.to_string())?;
        let child = Command::new(this)
            .arg("pinned")
            .arg(core.map_or_else(|| "-".to_owned(), |core| core.to_string()))
            .arg(program)
            .args(args)
            .env("NODE_ENV", "production")
            .env("RUST_BACKTRACE", "0")
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .map_err(|err| format!("it could not be started: {err}"))?;
        let mut running = Running { child, log, address: SocketAddr::from(([127, 0, 0, 1], port)) };
        running.wait_until_listening()?;
        Ok(running)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    fn wait_until_listening(&mut self) -> Result<(), String> {
        let started = Instant::now();
        loop {
            if TcpStream::connect(self.address).is_ok() {
                return Ok(());
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("it ended at once, {status}: {}", self.last_log_line()));
            }
            if started.elapsed() > START {
                return Err(format!(
                    "it did not listen within {} s: {}",
                    START.as_secs(),
                    self.last_log_line()
                ));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The error, with the server's last log line if it has ended.
    pub(crate) fn explain(&mut self, error: String) -> String {
        match self.child.try_wait() {
            Ok(Some(status)) => format!("{error}; it has ended, {status}: {}", self.last_log_line()),
            _ => error,
        }
    }

    fn last_log_line(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines = || text.lines().filter(|line| !line.trim().is_empty());
        let panic = lines().skip_while(|line| !line.contains("panicked at")).nth(1);
        let line = panic.or_else(|| lines().next_back()).unwrap_or("it said nothing");
        line.trim().chars().take(160).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that no process listens on.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Replaces this process by another program, pinned to a core, which ends with its parent.
pub(crate) fn become_pinned(core: &str, program: &str, args: &[&str]) -> Result<(), String> {
    system::end_with_parent().map_err(|err| err.to_string())?;
    if let Ok(core) = core.parse() {
        system::stay_on(core).map_err(|err| format!("cannot stay on core {core}: {err}"))?;
    }
    Err(format!("{program}: {}", Command::new(program).args(args).exec()))
}
