//! Starts the shop, or adds an administrator to it.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::net::SocketAddr;
use std::time::Duration;

use garde::Validate as _;
use shop_axum::config::Config;
use shop_axum::db::{Db, Role};
use shop_axum::passwords::{Password, Passwords};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "\
usage: shop_axum             starts the server
       shop_axum admin EMAIL adds an administrator; the password is the first line of the standard input";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(io::stderr().is_terminal()).init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let config = Config::from_env();
    match arguments[..] {
        [] => serve(&config).await,
        ["admin", email] => add_admin(&config, email).await,
        _ => {
            eprintln!("{USAGE}");
            std::process::exit(2);
        }
    }
}

async fn serve(config: &Config) -> anyhow::Result<()> {
    let failed = |err| anyhow::anyhow!("{err:?}");
    let (app, state) = shop_axum::shop(config, Passwords::new().map_err(failed)?).await.map_err(failed)?;
    let listener = TcpListener::bind(&config.address).await?;
    let mut terminate = signal(SignalKind::terminate())?;
    let live = state.live.clone();
    let shutdown = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        // The health check fails for so long before the server stops.
        live.begin_end();
        tokio::time::sleep(Duration::from_secs(5)).await;
        live.end();
        // Running requests have so long.
        tokio::spawn(async {
            tokio::time::sleep(Duration::from_secs(20)).await;
            std::process::exit(0);
        });
    };
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, service).with_graceful_shutdown(shutdown).await?)
}

async fn add_admin(config: &Config, email: &str) -> anyhow::Result<()> {
    let failed = |err| anyhow::anyhow!("{err:?}");
    let line = io::stdin().lock().lines().next().transpose()?.unwrap_or_default();
    let password = Password::from(&*line);
    password.validate()?;
    std::fs::create_dir_all(&config.data)?;
    let db = Db::open(config.database()).map_err(failed)?;
    let hash = Passwords::new().map_err(failed)?.hash(password).await.map_err(failed)?;
    match db.add_account(email.to_owned(), hash, Role::Admin).await.map_err(failed)? {
        Some(_) => {
            println!("{email} is an administrator");
            Ok(())
        }
        None => anyhow::bail!("{email} has an account already"),
    }
}
