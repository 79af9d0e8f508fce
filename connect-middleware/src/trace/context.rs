//! The trace that a request is part of.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use tracing::Span;
use tracing::field::display;

use super::parse;

/// The trace context of a request (W3C Trace Context): the trace, the span of this request, and whether it is sampled.
///
/// A route takes it as `context: &TraceContext`, an error handler as `context: Option<&TraceContext>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: [u8; 16],
    span_id: [u8; 8],
    parent_id: Option<[u8; 8]>,
    flags: u8,
    state: Option<String>,
}

/// The flag of a trace that is sampled.
const SAMPLED: u8 = 1;
/// The flag of a trace id that is random (level 2 of the specification).
const RANDOM: u8 = 2;

impl TraceContext {
    /// A new trace.
    pub(super) fn begin(is_sampled: bool) -> Self {
        let mut trace_id = [0; 16];
        let (first, second) = trace_id.split_at_mut(8);
        first.copy_from_slice(&random());
        second.copy_from_slice(&random());
        let flags = if is_sampled { SAMPLED | RANDOM } else { RANDOM };
        TraceContext { trace_id, span_id: random(), parent_id: None, flags, state: None }
    }

    /// The trace that the headers of a request continue, if they are valid.
    pub(super) fn continued(headers: &HeaderMap) -> Option<Self> {
        let mut parents = headers.get_all("traceparent").iter();
        let (Some(parent), None) = (parents.next(), parents.next()) else { return None };
        let parent = parse::traceparent(parent.as_bytes())?;
        let state = parse::tracestate(headers.get_all("tracestate").iter().map(http::HeaderValue::as_bytes));
        Some(TraceContext {
            trace_id: parent.trace_id,
            span_id: random(),
            parent_id: Some(parent.span_id),
            flags: parent.flags & (SAMPLED | RANDOM),
            state,
        })
    }

    /// The header `traceparent` of requests to other services that are part of this one: their parent is the span of this request.
    #[must_use]
    pub fn traceparent(&self) -> String {
        format!("00-{}-{}-{:02x}", Hex(&self.trace_id), Hex(&self.span_id), self.flags)
    }

    /// The header `tracestate` of such requests, if there is one: what other systems have added, as it came.
    #[must_use]
    pub fn tracestate(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// The id of the trace.
    #[must_use]
    pub fn trace_id(&self) -> [u8; 16] {
        self.trace_id
    }

    /// The id of the span of this request.
    #[must_use]
    pub fn span_id(&self) -> [u8; 8] {
        self.span_id
    }

    /// The id of the caller's span, if the trace is continued.
    #[must_use]
    pub fn parent_id(&self) -> Option<[u8; 8]> {
        self.parent_id
    }

    /// Whether the trace is sampled.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// The flags of `traceparent`.
    #[must_use]
    pub fn flags(&self) -> u8 {
        self.flags
    }

    /// Sets the ids to those that an exporter has given the span, in [`on_span`](super::Trace::on_span).
    pub fn set_ids(&mut self, trace_id: [u8; 16], span_id: [u8; 8]) -> &mut Self {
        (self.trace_id, self.span_id) = (trace_id, span_id);
        self
    }

    /// Sets whether the trace is sampled, where an exporter decides.
    pub fn set_sampled(&mut self, is_sampled: bool) -> &mut Self {
        self.flags = if is_sampled { self.flags | SAMPLED } else { self.flags & !SAMPLED };
        self
    }

    pub(super) fn record(&self, span: &Span) {
        span.record("trace_id", display(Hex(&self.trace_id)));
        span.record("span_id", display(Hex(&self.span_id)));
        if let Some(parent) = &self.parent_id {
            span.record("parent_id", display(Hex(parent)));
        }
    }
}

/// Bytes as lower-case digits.
struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Eight random bytes that are not all zero, which no id is.
fn random() -> [u8; 8] {
    let mut bytes = [0; 8];
    if getrandom::fill(&mut bytes).is_err() || bytes == [0; 8] {
        bytes = fallback();
    }
    bytes
}

/// Where there are no random numbers: ids have to differ, and are no secrets.
#[cold]
fn fallback() -> [u8; 8] {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let number = RandomState::new().hash_one((time, COUNT.fetch_add(1, Relaxed)));
    number.max(1).to_be_bytes()
}
