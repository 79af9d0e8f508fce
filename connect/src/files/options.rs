//! The headers that are sent with a file.

use std::fs::Metadata;
use std::time::{Duration, SystemTime};

use http::header::HeaderValue;

use super::coding::Coding;

/// For how long a file may be used that never changes: the longest time that is of use (RFC 9111, section 1.2.2).
pub(super) const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The headers that are sent with a file.
#[derive(Debug, Clone)]
pub(super) struct Options {
    pub(super) accept_ranges: bool,
    pub(super) cache_control: bool,
    pub(super) etag: bool,
    pub(super) immutable: bool,
    pub(super) last_modified: bool,
    pub(super) max_age: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            accept_ranges: true,
            cache_control: true,
            etag: true,
            immutable: false,
            last_modified: true,
            max_age: Duration::ZERO,
        }
    }
}

impl Options {
    pub(super) fn cache_control(&self) -> HeaderValue {
        match (self.max_age.as_secs(), self.immutable) {
            (0, false) => HeaderValue::from_static("public, max-age=0"),
            (seconds, true) if seconds == YEAR.as_secs() => {
                HeaderValue::from_static("public, max-age=31536000, immutable")
            }
            (seconds, immutable) => {
                let immutable = if immutable { ", immutable" } else { "" };
                HeaderValue::try_from(format!("public, max-age={seconds}{immutable}"))
                    .unwrap_or(HeaderValue::from_static("public, max-age=0"))
            }
        }
    }
}

/// How long a file has to be unchanged until its modification time identifies its content: FAT's times are this coarse.
pub(super) const SETTLED: Duration = Duration::from_secs(2);

/// An `ETag` of size and modification time, as nginx and Apache make it. It is strong (RFC 9110, section 8.8.1), so
/// that a client can resume a download with it. It is weak if the file may still change within the same clock tick,
/// since equal tags then do not mean equal bytes.
///
/// The tag of a coded representation differs from that of the file by the name of its coding.
pub(super) fn etag(metadata: &Metadata, coding: Option<Coding>, now: SystemTime) -> Option<HeaderValue> {
    let modified = metadata.modified().ok()?;
    let is_settled = now.duration_since(modified).is_ok_and(|age| age >= SETTLED);
    let weak = if is_settled { "" } else { "W/" };
    let (sign, since) = match modified.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => ("", after),
        Err(before) => ("-", before.duration()),
    };
    let (hyphen, coding) = coding.map_or(("", ""), |coding| ("-", coding.extension()));
    let (length, nanos) = (metadata.len(), since.as_nanos());
    HeaderValue::try_from(format!("{weak}\"{length:x}-{sign}{nanos:x}{hyphen}{coding}\"")).ok()
}

/// The methods of a builder that has `options`.
macro_rules! builder_methods {
    () => {
        /// Sets whether byte ranges are served and `Accept-Ranges` is sent: on by default.
        #[must_use]
        pub fn accept_ranges(mut self, on: bool) -> Self {
            self.options.accept_ranges = on;
            self
        }

        /// Sets whether a response without a `Cache-Control` gets one: on by default. If off, [`max_age`](Self::max_age) and
        /// [`immutable`](Self::immutable) do nothing.
        #[must_use]
        pub fn cache_control(mut self, on: bool) -> Self {
            self.options.cache_control = on;
            self
        }

        /// Sets whether a response without an `ETag` gets one, of the file's size and time of change: on by default.
        ///
        /// It is strong, so that `If-Range` can resume a download; within 2 seconds of the file's last change it is
        /// weak. A program that changes a file without changing its length, and resets its modification time, has to
        /// set an `ETag` of its own.
        #[must_use]
        pub fn etag(mut self, on: bool) -> Self {
            self.options.etag = on;
            self
        }

        /// Sets whether `Cache-Control` has `immutable`: off by default. The file then never changes under this name, and a
        /// client does not revalidate it within [`max_age`](Self::max_age), not even on a reload (RFC 8246).
        #[must_use]
        pub fn immutable(mut self, on: bool) -> Self {
            self.options.immutable = on;
            self
        }

        /// Sets whether a response without a `Last-Modified` gets one: on by default.
        #[must_use]
        pub fn last_modified(mut self, on: bool) -> Self {
            self.options.last_modified = on;
            self
        }

        /// Sets for how long a client may use the file without revalidating it, in whole seconds: 0 by default.
        ///
        /// ```
        /// use connect::{serve_static, SendFile};
        /// use std::time::Duration;
        ///
        /// let year = Duration::from_secs(365 * 24 * 60 * 60);
        /// let assets = serve_static("assets").max_age(year).immutable(true).etag(false).last_modified(false);
        /// let report = SendFile::new("report.pdf").cache_control(false).accept_ranges(false);
        /// ```
        #[must_use]
        pub fn max_age(mut self, time: std::time::Duration) -> Self {
            self.options.max_age = time;
            self
        }
    };
}
pub(super) use builder_methods;
