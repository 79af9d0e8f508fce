//! A server for suites that others wrote: h2spec, Autobahn, slowhttptest, and nginx and haproxy as proxies.
//!
//! It listens at `PLAIN` (default `127.0.0.1:0`) and, with PEM files in `CERTIFICATES` and `KEY`, by TLS at `ENCRYPTED`
//! (default `127.0.0.1:0`). Standard output has one line for each, `plain 127.0.0.1:34567` and `encrypted 127.0.0.1:34568`,
//! when both are bound. The variables in [`Limits`] change the server's limits, and the files of the folder `FILES` are served
//! under `/files`. SIGTERM ends it.

mod app;

use std::env;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use connect::{Chain, Environment, Server, Tls};

/// The limits that a suite can set; a variable that is not there leaves the server's default.
struct Limits {
    /// `HEADER_TIMEOUT`, in seconds.
    header_timeout: Option<Duration>,
    /// `BODY_TIMEOUT`, in seconds.
    body_timeout: Option<Duration>,
    /// `MIN_BODY_RATE`, in bytes a second.
    min_body_rate: Option<u32>,
    /// `WRITE_TIMEOUT`, in seconds.
    write_timeout: Option<Duration>,
}

impl Limits {
    fn from_env() -> io::Result<Self> {
        let seconds = |name| Ok::<_, io::Error>(number::<u64>(name)?.map(Duration::from_secs));
        Ok(Limits {
            header_timeout: seconds("HEADER_TIMEOUT")?,
            body_timeout: seconds("BODY_TIMEOUT")?,
            min_body_rate: number("MIN_BODY_RATE")?,
            write_timeout: seconds("WRITE_TIMEOUT")?,
        })
    }

    fn apply<C: Chain>(&self, mut server: Server<C>) -> Server<C> {
        if let Some(limit) = self.header_timeout {
            server = server.header_timeout(limit);
        }
        if let Some(limit) = self.body_timeout {
            server = server.body_timeout(limit);
        }
        if let Some(rate) = self.min_body_rate {
            server = server.min_body_rate(rate);
        }
        if let Some(limit) = self.write_timeout {
            server = server.write_timeout(limit);
        }
        server
    }
}

/// The number in a variable.
fn number<N: FromStr>(name: &str) -> io::Result<Option<N>> {
    let Ok(text) = env::var(name) else { return Ok(None) };
    let invalid = || io::Error::new(io::ErrorKind::InvalidInput, format!("{name} is not a number: {text:?}"));
    text.parse().map(Some).map_err(|_| invalid())
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let limits = Limits::from_env()?;
    let server = |address: &str| {
        let address = env::var(address).unwrap_or_else(|_| "127.0.0.1:0".to_owned());
        let server =
            app::app(env::var_os("FILES").map(PathBuf::from)).environment(Environment::Production).server();
        limits.apply(server.listen(address).banner(false))
    };
    let plain = server("PLAIN").bind()?;
    let (Ok(certificates), Ok(key)) = (env::var("CERTIFICATES"), env::var("KEY")) else {
        println!("plain {}", plain.addresses()[0]);
        return plain.run().await;
    };
    let tls = Tls::pem_files(certificates, key)?;
    let encrypted = server("ENCRYPTED").tls(tls).bind()?;
    println!("plain {}", plain.addresses()[0]);
    println!("encrypted {}", encrypted.addresses()[0]);
    tokio::try_join!(plain.run(), encrypted.run())?;
    Ok(())
}
