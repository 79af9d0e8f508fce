//! Counts instructions: this program runs itself under callgrind.

use std::process::Command;

/// Two numbers of requests. What they do not share is requests alone, without start and warming up.
const FEW: u32 = 100;
const MANY: u32 = 300;

/// Whether valgrind can be run here.
pub(crate) fn can_be_counted() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Instructions of one request of a row.
pub(crate) fn per_request(name: &str, layers: usize) -> Result<f64, String> {
    let [few, many] = [FEW, MANY].map(|requests| of_process(name, layers, requests));
    Ok((many? - few?) / f64::from(MANY - FEW))
}

fn of_process(name: &str, layers: usize, requests: u32) -> Result<f64, String> {
    let this = std::env::current_exe().map_err(|err| err.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(this)
        .args(["row", name, &layers.to_string(), &requests.to_string()])
        .output()
        .map_err(|err| format!("valgrind: {err}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines()
        .find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
        .ok_or_else(|| format!("callgrind did not count `row {name} {layers} {requests}`:\n{text}"))
}
