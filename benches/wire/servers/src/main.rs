//! The servers that are measured: `servers NAME LAYERS PORT`. All have the same routes, and their layers read one
//! request header and set one response header.

// For ntex with ten layers, in a release.
#![cfg_attr(feature = "more-peers", recursion_limit = "512")]

mod actix;
mod axum;
mod common;
mod hyper;
#[cfg(feature = "more-peers")]
mod ntex;
mod ours;
mod poem;
#[cfg(feature = "more-peers")]
mod salvo;

use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let [name, layers, port] = args[..] else {
        eprintln!("usage: servers NAME LAYERS PORT");
        return ExitCode::FAILURE;
    };
    let served = match (layers.parse(), port.parse()) {
        (Ok(layers), Ok(port)) => serve(name, layers, port),
        _ => Err(io::Error::other("the number of layers and the port are numbers")),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("{name}: {err}");
            ExitCode::FAILURE
        }
    }
}

fn serve(name: &str, layers: usize, port: u16) -> io::Result<()> {
    match name {
        "hyper" => hyper::serve(port),
        "connect-plain" => ours::with_plain(layers, port),
        "connect-etags" => ours::with_etags(port),
        "connect-running" => ours::with_running(layers, port),
        "axum" => axum::serve(layers, port),
        "actix" => actix::serve(layers, port),
        "poem" => poem::serve(layers, port),
        #[cfg(feature = "more-peers")]
        "ntex" => ntex::serve(layers, port),
        #[cfg(feature = "more-peers")]
        "salvo" => salvo::serve(layers, port),
        _ => Err(io::Error::other("this build has no such server")),
    }
}
