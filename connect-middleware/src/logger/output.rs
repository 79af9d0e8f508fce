//! Where lines go.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use tracing::Span;

use super::record::{Record, millis};

/// How many lines wait for the writer at most.
const QUEUE: usize = 4096;

pub(super) enum Output {
    /// Events, with fields or without.
    Tracing {
        fields: bool,
    },
    Writer(Queue),
}

/// The lines that wait for a writer on its thread.
pub(super) struct Queue {
    lines: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
}

enum Message {
    Line(String),
    /// Everything before it is written: says so by dropping this.
    Flush(SyncSender<()>),
}

impl Output {
    pub(super) fn writer(writer: impl Write + Send + 'static) -> Self {
        let (lines, waiting) = sync_channel(QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        let queue = Queue { lines, dropped: Arc::clone(&dropped) };
        let spawned = thread::Builder::new()
            .name("connect-logger".into())
            .spawn(move || write_all(&waiting, io::BufWriter::new(writer), &dropped));
        if let Err(err) = spawned {
            panic!("the thread of the logger cannot be started: {err}");
        }
        Output::Writer(queue)
    }

    /// Whether lines are of use to anybody.
    pub(super) fn is_wanted(&self) -> bool {
        match self {
            Output::Tracing { .. } => {
                tracing::enabled!(target: "connect_middleware::logger", tracing::Level::INFO)
            }
            Output::Writer(_) => true,
        }
    }

    /// The span that lines of this request belong to.
    pub(super) fn span(&self) -> Span {
        match self {
            Output::Tracing { .. } => Span::current(),
            Output::Writer(_) => Span::none(),
        }
    }

    pub(super) fn write(&self, record: &Record<'_>, line: impl FnOnce() -> String) {
        match self {
            Output::Tracing { fields: false } => {
                tracing::info!(target: "connect_middleware::logger", "{}", line());
            }
            Output::Tracing { fields: true } => event(record, &line()),
            Output::Writer(queue) => {
                let mut line = line();
                line.push('\n');
                if let Err(TrySendError::Full(_)) = queue.lines.try_send(Message::Line(line)) {
                    queue.dropped.fetch_add(1, Relaxed);
                }
            }
        }
    }

    /// Waits until all lines are written.
    pub(super) async fn flush(&self) {
        let Output::Writer(queue) = self else { return };
        let (said, done) = sync_channel(0);
        let lines = queue.lines.clone();
        let (tell, told) = tokio::sync::oneshot::channel();
        // A thread of its own: the queue may be full, and both calls block.
        let spawned = thread::Builder::new().spawn(move || {
            if lines.send(Message::Flush(said)).is_ok() {
                let _ = done.recv();
            }
            let _ = tell.send(());
        });
        if spawned.is_ok() {
            let _ = told.await;
        }
    }
}

fn event(record: &Record<'_>, line: &str) {
    tracing::info!(
        target: "connect_middleware::logger",
        method = record.method().as_str(),
        path = record.uri().path(),
        route = record.route().map(tracing::field::display),
        status = record.status().map(|status| status.as_u16()),
        bytes = record.bytes(),
        duration_ms = millis(record.duration()),
        ended = record.ended_label(),
        "{line}"
    );
}

/// Writes lines until the logger is gone. What waits together is written together.
fn write_all(waiting: &Receiver<Message>, mut writer: impl Write, dropped: &AtomicU64) {
    let mut has_failed = false;
    while let Ok(first) = waiting.recv() {
        let mut flushes = Vec::new();
        let mut result = Ok(());
        for message in
            std::iter::once(first).chain(std::iter::from_fn(|| waiting.try_recv().ok())).take(QUEUE)
        {
            match message {
                Message::Line(line) => result = result.and(writer.write_all(line.as_bytes())),
                Message::Flush(said) => flushes.push(said),
            }
        }
        let lost = dropped.swap(0, Relaxed);
        if lost > 0 {
            let text = format!("({lost} lines were dropped: the log is written too slowly)\n");
            result = result.and(writer.write_all(text.as_bytes()));
        }
        if let Err(err) = result.and_then(|()| writer.flush())
            && !has_failed
        {
            has_failed = true;
            tracing::warn!("the logger cannot write, and says so once: {err}");
        }
        drop(flushes);
    }
}
