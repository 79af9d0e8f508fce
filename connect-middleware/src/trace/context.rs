//! The trace that a request is part of.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use tracing::Span;
use tracing::field::{DisplayValue, display};

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

    /// Records the ids in a span that was made without them.
    pub(super) fn record(&self, span: &Span, all: bool) {
        tracing::record_all!(
            span,
            "trace_id" = self.shown_trace_id(),
            "span_id" = all.then(|| self.shown_span_id()),
            "parent_id" = self.shown_parent_id().filter(|_| all),
        );
    }

    pub(super) fn shown_trace_id(&self) -> DisplayValue<Hex<'_>> {
        display(Hex(&self.trace_id))
    }

    pub(super) fn shown_span_id(&self) -> DisplayValue<Hex<'_>> {
        display(Hex(&self.span_id))
    }

    pub(super) fn shown_parent_id(&self) -> Option<DisplayValue<Hex<'_>>> {
        self.parent_id.as_ref().map(|id| display(Hex(id)))
    }
}

/// Bytes of an id as lower-case digits.
pub(super) struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        // In one piece: a subscriber looks through each.
        let mut text = [b'0'; 32];
        for (byte, digits) in self.0.iter().zip(text.chunks_exact_mut(2)) {
            digits.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        f.write_str(std::str::from_utf8(&text[..self.0.len() * 2]).unwrap_or_default())
    }
}

/// Eight random bytes that are not all zero, which no id is.
fn random() -> [u8; 8] {
    match crate::random::bytes() {
        Ok(bytes) if bytes != [0; 8] => bytes,
        _ => fallback(),
    }
}

/// Where there are no random numbers: ids have to differ, and are no secrets.
#[cold]
fn fallback() -> [u8; 8] {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let number = RandomState::new().hash_one((time, COUNT.fetch_add(1, Relaxed)));
    number.max(1).to_be_bytes()
}
