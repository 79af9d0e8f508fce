//! How much is measured.

use std::time::Duration;

use crate::builds::Build;
use crate::load::Span;
use crate::peers::Server;
use crate::system;

/// How much is measured, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    span: Span,
    /// The warm-up of Node's servers, once a round: V8 compiles while it runs.
    node: Duration,
    pub(crate) idle: usize,
    /// The core of servers, and that of the load generator.
    pub(crate) cores: Option<[usize; 2]>,
}

/// The number of idle connections, if the limit of open files allows it.
const IDLE: u64 = 10_000;
/// The other files that a process has open.
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

    /// A short run that shows whether everything works. Its figures are noise.
    pub(crate) fn small() -> Result<Self, String> {
        let span = Span { warm: Duration::from_millis(30), counted: Duration::from_millis(100) };
        Ok(Effort { span, node: Duration::ZERO, idle: 200, ..Effort::full(1)? })
    }

    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// The load that a server gets before its first turn in a round.
    pub(crate) fn warm_up(&self, server: &Server) -> Option<Span> {
        let wanted = server.build == Build::Node && !self.node.is_zero();
        wanted.then_some(Span { warm: self.node, counted: Duration::from_millis(1) })
    }

    pub(crate) fn server_core(&self) -> Option<usize> {
        self.cores.map(|[server, _]| server)
    }

    /// A sentence that says which cores were used.
    pub(crate) fn cores_sentence(&self) -> String {
        match self.cores {
            Some([server, own]) => format!("Servers on core {server}, the load generator on core {own}."),
            None => "NOT PINNED: there is one core, which servers and load generator share.".to_owned(),
        }
    }
}
