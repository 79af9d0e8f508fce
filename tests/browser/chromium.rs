//! The browser.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::{Child, Command};

/// A browser that is killed when it is dropped.
pub(crate) struct Chromium {
    program: PathBuf,
    child: Child,
    profile: tempfile::TempDir,
}

impl Chromium {
    /// The program, if there is one.
    pub(crate) fn find() -> Option<PathBuf> {
        let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path)
            .flat_map(|folder| names.map(|name| folder.join(name)))
            .find(|program| program.is_file());
        if found.is_none() {
            let required = std::env::var_os("CONNECT_REQUIRE_CHROMIUM").is_some_and(|value| value == "1");
            assert!(!required, "CONNECT_REQUIRE_CHROMIUM is set, and there is no Chromium");
            println!("NOT CHECKED: there is no Chromium on the PATH");
        }
        found
    }

    /// Opens a page. All names of hosts are this machine, and the certificate is not checked.
    pub(crate) fn open(program: &Path, url: &str) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let child = Command::new(program)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
            ])
            .args(["--ignore-certificate-errors", "--host-resolver-rules=MAP * 127.0.0.1"])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--remote-debugging-port=0",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(url)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Chromium { program: program.to_owned(), child, profile }
    }

    /// Where it is driven from.
    pub(crate) async fn devtools(&self) -> String {
        let file = self.profile.path().join("DevToolsActivePort");
        for _ in 0..600 {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            if let Some((port, path)) = text.split_once('\n').filter(|(_, path)| path.starts_with('/')) {
                return format!("ws://127.0.0.1:{port}{}", path.trim());
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("Chromium did not start")
    }

    pub(crate) async fn version(&self) -> String {
        let output = Command::new(&self.program).arg("--version").output().await.unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    pub(crate) async fn close(&mut self) {
        let _ = self.child.kill().await;
    }
}
