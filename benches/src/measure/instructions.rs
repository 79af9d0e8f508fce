//! Counts instructions: this program runs itself under callgrind.

use std::process::Command;

/// Callgrind counts an instruction that repeats itself (`rep stosb`, `rep movsb`) once for each byte, and glibc sets and copies large
/// pieces of memory with these. Without them it counts what there is to do: an instruction for 32 bytes.
const WITHOUT_REPEATED: (&str, &str) = (
    "GLIBC_TUNABLES",
    "glibc.cpu.x86_rep_stosb_threshold=1000000000:glibc.cpu.x86_rep_movsb_threshold=1000000000",
);

/// Whether valgrind can be run here.
pub(crate) fn can_be_counted() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Instructions of one request, from a command of this program that makes as many as its last argument says.
///
/// That is given two numbers. What they do not share is requests alone, without start and warming up.
pub(crate) fn per_request(command: &[&str], [few, many]: [u64; 2]) -> Result<f64, String> {
    let [of_few, of_many] = [few, many].map(|requests| of_process(command, requests));
    Ok((of_many? - of_few?) / (many - few) as f64)
}

fn of_process(command: &[&str], requests: u64) -> Result<f64, String> {
    let this = std::env::current_exe().map_err(|err| err.to_string())?;
    let (tunables, without_repeated) = WITHOUT_REPEATED;
    let output = Command::new("valgrind")
        .env(tunables, without_repeated)
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(this)
        .args(command)
        .arg(requests.to_string())
        .output()
        .map_err(|err| format!("valgrind: {err}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines()
        .find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
        .ok_or_else(|| format!("callgrind did not count `{} {requests}`:\n{text}", command.join(" ")))
}
