//! Static files on the wire: the CPU time of the server for a request, beside nginx.
//!
//! `cargo run --release -p files` prints the table. All servers run at the same time, and take turns in short rounds, so that
//! whatever else the machine does meets all of them.

mod load;
mod servers;

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use load::{Client, Expected};
use servers::{SERVERS, serve, start};

/// A row: a name, the length of the file, the requests of a round, and what the client accepts.
struct Row {
    name: &'static str,
    file: &'static str,
    requests: usize,
    accepted: Option<&'static str>,
}

const ROWS: [Row; 6] = [
    Row { name: "1 kB", file: "small.js", requests: 1500, accepted: None },
    Row { name: "1 kB, gzip beside it", file: "small-coded.js", requests: 1500, accepted: Some("gzip") },
    Row { name: "64 kB", file: "middle.js", requests: 600, accepted: None },
    Row { name: "64 kB, gzip beside it", file: "middle-coded.js", requests: 1000, accepted: Some("gzip") },
    Row { name: "10 MB", file: "large.js", requests: 6, accepted: None },
    Row { name: "10 MB, gzip beside it", file: "large-coded.js", requests: 16, accepted: Some("gzip") },
];
const CONNECTIONS: usize = 8;
const FIRST_PORT: u16 = 4710;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [command, server, folder, port] if command == "serve" => {
            serve(server, Path::new(folder), port.parse().map_err(io::Error::other)?)
        }
        [rounds] => measure(rounds.parse().map_err(io::Error::other)?),
        _ => measure(20),
    }
}

fn measure(rounds: usize) -> io::Result<()> {
    let scratch = tempfile::tempdir()?;
    let folder = scratch.path().join("files");
    fs::create_dir(&folder)?;
    write_files(&folder)?;
    // A file that has just changed is not cached.
    std::thread::sleep(Duration::from_secs(4));
    let running = SERVERS
        .iter()
        .zip(FIRST_PORT..)
        .map(|(server, port)| Ok((start(server, &folder, scratch.path(), port)?, port)));
    let running = running.collect::<io::Result<Vec<_>>>()?;
    println!("| file | {} |", SERVERS.join(" | "));
    println!("|---{}|", "|---:".repeat(SERVERS.len()));
    for row in &ROWS {
        let coding = row.accepted.filter(|_| row.name.contains("beside"));
        let sent =
            folder.join(if coding.is_some() { format!("{}.gz", row.file) } else { row.file.to_owned() });
        let expected = Expected {
            length: usize::try_from(fs::metadata(sent)?.len()).map_err(io::Error::other)?,
            coding,
        };
        let clients = running.iter().map(|(_, port)| {
            let mut client = Client::new(*port, CONNECTIONS, &format!("/{}", row.file), row.accepted)?;
            // Warm.
            client.run(row.requests, &expected)?;
            Ok(client)
        });
        let mut clients = clients.collect::<io::Result<Vec<_>>>()?;
        let cpu_times =
            || running.iter().map(|(server, _)| cpu_time(server.process)).collect::<io::Result<Vec<_>>>();
        let before = cpu_times()?;
        for _ in 0..rounds {
            for client in &mut clients {
                client.run(row.requests, &expected)?;
            }
        }
        let spent: Vec<Duration> =
            cpu_times()?.iter().zip(&before).map(|(after, before)| *after - *before).collect();
        let requests = u32::try_from(rounds * row.requests).map_err(io::Error::other)?;
        let times: Vec<f64> =
            spent.iter().map(|spent| spent.as_secs_f64() * 1e6 / f64::from(requests)).collect();
        let cells = times.iter().map(|time| format!("{time:.1} ({:.2})", time / times[0]));
        println!("| {} | {} |", row.name, cells.collect::<Vec<_>>().join(" | "));
    }
    Ok(())
}

/// The CPU time of a process and all its threads: `utime` and `stime` of `/proc/pid/stat`, in ticks of 10 ms. A server spends
/// none while others have their turn, so that the error is one tick for all rounds.
fn cpu_time(process: u32) -> io::Result<Duration> {
    let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name of the program stands in parentheses, and may have spaces in it.
    let fields = text.rsplit_once(") ").map_or("", |(_, fields)| fields).split(' ');
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(10 * ticks))
}

fn write_files(folder: &Path) -> io::Result<()> {
    // As compressible as scripts are.
    let mut state = 5_u64;
    let mut text = String::new();
    while text.len() < 10_000_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        text += &format!("let v{} = call(w{});\n", state >> 54, (state >> 40) & 0xfff);
    }
    let old = SystemTime::now() - Duration::from_secs(60);
    for (name, length) in [("small", 1000), ("middle", 64_000), ("large", 10_000_000)] {
        for file in [format!("{name}.js"), format!("{name}-coded.js")] {
            let path = folder.join(&file);
            fs::write(&path, &text[..length])?;
            fs::File::options().write(true).open(&path)?.set_modified(old)?;
        }
        let sidecar = fs::File::create(folder.join(format!("{name}-coded.js.gz")))?;
        let mut encoder = flate2::write::GzEncoder::new(sidecar, flate2::Compression::best());
        encoder.write_all(&text.as_bytes()[..length])?;
        encoder.finish()?.set_modified(old)?;
    }
    Ok(())
}
