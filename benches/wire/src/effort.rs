//! How much is measured.

use std::time::Duration;

use crate::load::Span;
use crate::peers::{Build, Server};
use crate::system;

/// How much is measured, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    span: Span,
    /// Once a round: what V8 has to compile is not what is measured.
    node: Duration,
    pub(crate) idle: usize,
    /// The core of servers, and that of the load generator.
    pub(crate) cores: Option<[usize; 2]>,
}

/// Idle connections, where the system lets a process have as many.
const IDLE: u64 = 10_000;
/// Files that a process has open besides.
const OTHER_FILES: u64 = 200;

impl Effort {
    pub(crate) fn full(rounds: usize) -> Result<Self, String> {
        let files = system::raise_open_files().map_err(|err| format!("the limit of open files: {err}"))?;
        Ok(Effort {
            rounds,
            span: Span { warm: Duration::from_millis(150), counted: Duration::from_millis(1000) },
            node: Duration::from_secs(1),
            idle: files.saturating_sub(OTHER_FILES).min(IDLE) as usize,
            cores: system::two_cores(),
        })
    }

    /// A look at whether everything works. What it prints is noise.
    pub(crate) fn small() -> Result<Self, String> {
        let span = Span { warm: Duration::from_millis(30), counted: Duration::from_millis(100) };
        Ok(Effort { span, node: Duration::ZERO, idle: 200, ..Effort::full(1)? })
    }

    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// What a server has to be given before its first turn in a round.
    pub(crate) fn warm_up(&self, server: &Server) -> Option<Span> {
        let wanted = server.build == Build::Node && !self.node.is_zero();
        wanted.then_some(Span { warm: self.node, counted: Duration::from_millis(1) })
    }

    pub(crate) fn server_core(&self) -> Option<usize> {
        self.cores.map(|[server, _]| server)
    }
}
