//! The servers that are measured, by name.

use std::path::PathBuf;

use crate::builds::{Build, node_folder, program};

/// A server with a number of layers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) layers: usize,
    pub(crate) label: &'static str,
    pub(crate) build: Build,
}

const fn server(name: &'static str, layers: usize, label: &'static str, build: Build) -> Server {
    Server { name, layers, label, build }
}

/// The server that all others are compared with.
pub(crate) const HYPER: Server = server("hyper", 0, "bare hyper", Build::Plain);

/// The servers of the second table. The others are compared with the first.
pub(crate) const ALL: &[Server] = &[
    HYPER,
    server("connect-plain", 0, "connect", Build::Plain),
    server("connect-etags", 0, "connect, with ETags", Build::Plain),
    server("connect-plain", 10, "connect, 10 `fn`", Build::Plain),
    server("connect-running", 10, "connect, 10 `async fn` running", Build::Plain),
    server("axum", 0, "axum", Build::Plain),
    server("axum", 10, "axum, 10", Build::Plain),
    server("actix", 0, "actix-web", Build::Plain),
    server("actix", 10, "actix-web, 10", Build::Plain),
    server("ntex", 0, "ntex", Build::More),
    server("ntex", 10, "ntex, 10", Build::More),
    server("salvo", 0, "salvo", Build::More),
    server("salvo", 10, "salvo, 10", Build::More),
    server("poem", 0, "poem", Build::Plain),
    server("poem", 10, "poem, 10", Build::Plain),
    server("connect.js", 0, "Node's connect", Build::Node),
    server("connect.js", 10, "Node's connect, 10", Build::Node),
    server("express.js", 0, "Express 5", Build::Node),
    server("express.js", 10, "Express 5, 10", Build::Node),
];

/// The servers of the third table. The others are compared with the first.
pub(crate) const FEW: [Server; 4] = [
    HYPER,
    server("connect-plain", 0, "connect", Build::Plain),
    server("axum", 0, "axum", Build::Plain),
    server("actix", 0, "actix-web", Build::Plain),
];

impl Server {
    /// The same server in its build with HTTP/2.
    pub(crate) fn with_http2(self) -> Server {
        Server { build: Build::Http2, ..self }
    }

    /// The program and its arguments.
    pub(crate) fn command(&self, port: u16) -> (PathBuf, Vec<String>) {
        let numbers = [self.layers.to_string(), port.to_string()];
        let (program, first) = match self.build {
            Build::Node => ("node".into(), node_folder().join(self.name).to_string_lossy().into_owned()),
            build => (program(build), self.name.to_owned()),
        };
        (program, [first].into_iter().chain(numbers).collect())
    }
}
