//! Starts the apps and asks them, so that what is measured is known to work.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command};
use std::time::Duration;

use crate::app::TRIED;
use crate::cargo::{Step, binary, run};
use crate::write::FRAMEWORKS;

/// A path for each of the routes, and what is in the response.
const ASKED: &[(&str, &str)] = &[
    ("/api/v0/users", "change 0"),
    ("/api/v0/users/7", "route 1 7"),
    ("/api/v0/users/7/edit", "route 2 7"),
    ("/api/v0/users/7/sub/ann", "route 3 7 ann"),
    ("/api/v0/users/files/a/b", "route 4 "),
];

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn all() -> Result<(), String> {
    for app in TRIED {
        for framework in FRAMEWORKS {
            framework.write(app)?;
            run(&framework.package(app), Step::Debug)?;
            let program = binary(&format!("{}-{}", framework.name, app.name), Step::Debug);
            let child =
                Command::new(&program).spawn().map_err(|err| format!("{}: {err}", program.display()))?;
            let _running = Running(child);
            for (number, (path, part)) in ASKED.iter().enumerate() {
                let response = ask(path)?;
                let headers = [Some("x-m2".to_owned()), app.stacked.then(|| format!("x-s{number}"))];
                if !response.starts_with("HTTP/1.1 200")
                    || !response.contains(part)
                    || !headers.iter().flatten().all(|header| response.contains(header))
                {
                    return Err(format!("{} answers {path} with\n{response}", framework.name));
                }
            }
            println!("{} answers: {}", framework.name, app.label());
        }
    }
    Ok(())
}

fn ask(path: &str) -> Result<String, String> {
    let mut stream = (0..50)
        .find_map(|_| {
            TcpStream::connect("127.0.0.1:3411")
                .inspect_err(|_| std::thread::sleep(Duration::from_millis(100)))
                .ok()
        })
        .ok_or("the app does not listen")?;
    let mut response = String::new();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .and_then(|()| stream.read_to_string(&mut response))
        .map_err(|err| err.to_string())?;
    Ok(response)
}
