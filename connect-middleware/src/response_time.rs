//! The time that a response took, in a header: `X-Response-Time: 12.345ms`.
//!
//! ```
//! use connect::{app, get};
//! use connect_middleware::response_time::ResponseTime;
//!
//! #[get("/")]
//! fn index() -> &'static str {
//!     "hello"
//! }
//!
//! let app = app![ResponseTime::new(), index];
//! ```
//!
//! The time runs from when the request reaches the layer until the head of the response is ready. Hooks of
//! [`before_head`](connect::Response::before_head) that layers below have registered, such as the one that saves a session, are in it, and
//! the body that is sent afterwards is not. List the layer first to measure all others.
//!
//! For logs and metrics use [`on_finish`](connect::Response::on_finish), which gives the time until the last byte.
//!
//! # Options
//! | option | type | default | effect |
//! |---|---|---|---|
//! | [`digits`](ResponseTime::digits) | number, 0 to 9 | 3 | digits behind the point |
//! | [`header`](ResponseTime::header) | header name | `x-response-time` | the header |
//! | [`suffix`](ResponseTime::suffix) | `bool` | `true` | whether `ms` follows the number |
//! | [`ResponseTime::server_timing`] | name of a metric | | `Server-Timing: total;dur=12.345` in place of the header, which browsers show in their developer tools |
//!
//! A header that is set already stays. To `Server-Timing`, which is a list, the metric is added.
//!
//! # Needs and provides
//! Nothing.
//!
//! # What goes wrong
//! Nothing: every response has the header, errors included. One that replaces the response, `*res = other`, loses it.
//!
//! How long a response takes can tell an attacker what a handler did, whether a user exists for example, also without the header, but
//! less exactly.
//!
//! # Differences from Express
//! The package takes a function in place of options; here that is [`on_finish`](connect::Response::on_finish). `Server-Timing` is new.

use std::time::{Duration, Instant};

use connect::{Next, PlainFn, PlainLayer, Request, Response, Result};
use http::{HeaderName, HeaderValue};

/// Sets a header to the time that the response took.
#[derive(Debug, Clone)]
pub struct ResponseTime {
    format: Format,
    digits: usize,
}

#[derive(Debug, Clone)]
enum Format {
    /// A number, and whether its unit follows.
    Header(HeaderName, bool),
    /// The name of a metric in `Server-Timing`.
    ServerTiming(&'static str),
}

const RESPONSE_TIME: HeaderName = HeaderName::from_static("x-response-time");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

impl Default for ResponseTime {
    fn default() -> Self {
        Self::new()
    }
}

impl ResponseTime {
    /// `X-Response-Time`, with three digits behind the point.
    #[must_use]
    pub const fn new() -> Self {
        ResponseTime { format: Format::Header(RESPONSE_TIME, true), digits: 3 }
    }

    /// `Server-Timing`, with a metric of this name: `total`, for example.
    ///
    /// # Panics
    /// If it is not a token (RFC 9110, section 5.6.2).
    #[must_use]
    #[track_caller]
    pub fn server_timing(metric: &'static str) -> Self {
        assert!(is_token(metric), "`{metric}` is not the name of a metric: use letters, digits, `-` and `_`");
        ResponseTime { format: Format::ServerTiming(metric), digits: 3 }
    }

    /// Sets how many digits are behind the point: 3 by default, 9 at most.
    #[must_use]
    pub fn digits(mut self, digits: usize) -> Self {
        self.digits = digits.min(9);
        self
    }

    /// Sets the header: by default `x-response-time`.
    #[must_use]
    pub fn header(mut self, name: HeaderName) -> Self {
        let suffix = !matches!(self.format, Format::Header(_, false));
        self.format = Format::Header(name, suffix);
        self
    }

    /// Sets whether `ms` follows the number in the header: `true` by default. `Server-Timing` has no unit.
    #[must_use]
    pub fn suffix(mut self, suffix: bool) -> Self {
        if let Format::Header(_, has_suffix) = &mut self.format {
            *has_suffix = suffix;
        }
        self
    }
}

fn is_token(text: &str) -> bool {
    // The characters of a header name are those of a token.
    HeaderName::try_from(text).is_ok()
}

/// Sets the header of a response that took this long.
fn set(res: &mut Response, format: &Format, digits: usize, time: Duration) {
    let milliseconds = time.as_secs_f64() * 1000.0;
    let (name, text) = match format {
        Format::Header(name, _) if res.headers().contains_key(name) => return,
        Format::Header(name, suffix) => {
            let unit = if *suffix { "ms" } else { "" };
            (name, format!("{milliseconds:.digits$}{unit}"))
        }
        Format::ServerTiming(metric) => (&SERVER_TIMING, format!("{metric};dur={milliseconds:.digits$}")),
    };
    // A token, digits and a point are a value of a header.
    if let Ok(value) = HeaderValue::try_from(text) {
        res.headers_mut().append(name, value);
    }
}

impl PlainLayer for ResponseTime {
    fn run(&self, _req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        let (started, ResponseTime { format, digits }) = (Instant::now(), self.clone());
        res.before_head(async move |res| {
            set(res, &format, digits, started.elapsed());
            Ok(())
        });
        next.pass()
    }

    fn name(&self) -> &str {
        "ResponseTime"
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Response, ResponseTime, set};

    fn values(options: ResponseTime, micros: u64, res: &mut Response) -> Vec<String> {
        set(res, &options.format, options.digits, Duration::from_micros(micros));
        let values = res.headers().values();
        values.map(|value| value.to_str().unwrap().to_owned()).collect()
    }

    fn value(options: ResponseTime, micros: u64) -> String {
        values(options, micros, &mut Response::new()).concat()
    }

    #[test]
    fn the_number_has_the_digits_and_the_unit_that_were_asked_for() {
        assert_eq!(value(ResponseTime::new(), 12_345), "12.345ms");
        assert_eq!(value(ResponseTime::new(), 0), "0.000ms");
        assert_eq!(value(ResponseTime::new().digits(0), 12_545), "13ms");
        assert_eq!(value(ResponseTime::new().suffix(false), 3_600_000_000), "3600000.000");
        assert_eq!(value(ResponseTime::new().digits(1_000).suffix(false), 1), "0.001000000");
        assert_eq!(value(ResponseTime::server_timing("total").digits(1), 12_345), "total;dur=12.3");
    }

    #[test]
    fn a_header_that_is_set_stays_and_a_metric_is_added() {
        let mut res = Response::new();
        res.set("x-response-time", "mine");
        assert_eq!(values(ResponseTime::new(), 1, &mut res), ["mine"]);
        let mut res = Response::new();
        res.set("server-timing", "db;dur=1");
        assert_eq!(
            values(ResponseTime::server_timing("total"), 1000, &mut res),
            ["db;dur=1", "total;dur=1.000"]
        );
    }

    #[test]
    #[should_panic(expected = "is not the name of a metric")]
    fn a_metric_with_a_space_is_a_mistake() {
        let _ = ResponseTime::server_timing("the total");
    }
}
