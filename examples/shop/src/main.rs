//! Starts the shop, or adds an administrator to it.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::time::Duration;

use connect::{Error, Result};
use garde::Validate as _;
use shop::config::Config;
use shop::db::{Db, Role};
use shop::passwords::{Password, Passwords};

const USAGE: &str = "\
usage: shop             starts the server
       shop admin EMAIL adds an administrator; the password is the first line of the standard input";

fn main() -> Result<()> {
    tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(io::stderr().is_terminal()).init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let config = Config::from_env()?;
    match arguments[..] {
        [] => serve(&config),
        ["admin", email] => add_admin(&config, email),
        _ => {
            eprintln!("{USAGE}");
            std::process::exit(2);
        }
    }
}

fn serve(config: &Config) -> Result<()> {
    shop::shop(config, Passwords::new()?)?
        .server()
        .listen(&*config.address)
        // The health check fails for so long before the server stops.
        .shutdown_delay(Duration::from_secs(5))
        .shutdown_timeout(Duration::from_secs(20))
        .run_blocking()?;
    Ok(())
}

#[tokio::main]
async fn add_admin(config: &Config, email: &str) -> Result<()> {
    let line = io::stdin().lock().lines().next().transpose()?.unwrap_or_default();
    let password = Password::from(&*line);
    password.validate().map_err(|report| Error::msg(format!("the password: {report}")))?;
    std::fs::create_dir_all(&config.data)?;
    let db = Db::open(config.database())?;
    let added = shop::accounts::add(&db, &Passwords::new()?, email.to_owned(), password, Role::Admin).await?;
    match added {
        Some(_) => {
            println!("{email} is an administrator");
            Ok(())
        }
        None => Err(Error::msg(format!("{email} has an account already"))),
    }
}
