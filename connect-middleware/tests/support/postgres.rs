//! A PostgreSQL of a test's own.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A cluster in a temporary folder, with its server. Both end with the test.
pub(crate) struct Server {
    programs: PathBuf,
    folder: TempDir,
    user: Option<(u32, u32)>,
    port: u16,
    process: Option<Child>,
}

impl Server {
    /// `None`, and the reason is printed, where PostgreSQL is not installed: a failure if `CONNECT_REQUIRE_POSTGRES` is `1`.
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            let reason = "there are no `initdb` and `postgres` in PATH or in /usr/lib/postgresql/*/bin";
            let is_required = std::env::var("CONNECT_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
            assert!(!is_required, "{reason}");
            println!("ignored: {reason}");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        // PostgreSQL refuses to run as root.
        let is_root = fs::metadata(folder.path()).unwrap().uid() == 0;
        let user = is_root.then(other_user);
        if let Some((user, group)) = user {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let mut server = Server { programs, folder, user, port: 0, process: None };
        let mut initdb = server.command("initdb");
        initdb.args(["--username=connect", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        let made = initdb.arg("--pgdata").arg(server.data()).output().unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        // Another process may take a port that was free.
        for _ in 0..5 {
            server.port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            if server.run() {
                return Some(server);
            }
        }
        panic!("postgres does not start: {}", server.log());
    }

    /// Starts the server, on the port of before. `false` if it ends at once.
    pub(crate) fn run(&mut self) -> bool {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.folder.path().join("log"));
        let mut postgres = self.command("postgres");
        postgres.arg("-D").arg(self.data()).args(["-F", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
        postgres.args(["-c", "unix_socket_directories=", "-c", "deadlock_timeout=100ms"]);
        let mut process = postgres.stdout(Stdio::null()).stderr(log.unwrap()).spawn().unwrap();
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(120) {
            // The server writes its state there, as `pg_ctl` reads it.
            let state = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
            if state.lines().nth(7).is_some_and(|line| line.trim() == "ready") {
                self.process = Some(process);
                return true;
            }
            if process.try_wait().unwrap().is_some() {
                return false;
            }
            sleep(Duration::from_millis(10));
        }
        self.process = Some(process);
        panic!("postgres is not ready: {}", self.log());
    }

    /// Stops the server, with all of its connections.
    pub(crate) fn stop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        let asked = Command::new("kill").args(["-QUIT", &process.id().to_string()]).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = process.kill();
        }
        let _ = process.wait();
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://connect@127.0.0.1:{}/postgres", self.port)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        // Its environment is that of the test but for variables like `PGPORT`.
        let own = std::env::vars_os().filter(|(name, _)| !name.as_encoded_bytes().starts_with(b"PG"));
        command.env_clear().envs(own).current_dir(self.folder.path()).stdin(Stdio::null());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The folder with the programs: of several versions the newest.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<_> = std::env::split_paths(&path).collect();
    let mut versions: Vec<(u32, PathBuf)> = match fs::read_dir("/usr/lib/postgresql") {
        Ok(entries) => entries
            .filter_map(|entry| {
                let entry = entry.unwrap();
                let version = entry.file_name().to_str()?.parse().ok()?;
                Some((version, entry.path().join("bin")))
            })
            .collect(),
        Err(err) if err.kind() == ErrorKind::NotFound => Vec::new(),
        Err(err) => panic!("/usr/lib/postgresql: {err}"),
    };
    versions.sort();
    folders.extend(versions.into_iter().rev().map(|(_, folder)| folder));
    let has = |folder: &Path, program: &str| folder.join(OsStr::new(program)).is_file();
    folders.into_iter().find(|folder| has(folder, "initdb") && has(folder, "postgres"))
}

/// The user and the group `postgres`, or those of a user without rights.
fn other_user() -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let ids = |name: &str| {
        let mut fields = users.lines().find(|line| line.split(':').next() == Some(name))?.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    ids("postgres").or_else(|| ids("nobody")).unwrap_or((65534, 65534))
}
