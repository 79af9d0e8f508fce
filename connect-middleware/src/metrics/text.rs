//! The text format of Prometheus, version 0.0.4.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::series::{Counts, Labels, Registry, UNFINISHED};

/// Escapes the value of a label: backslashes, quotes and line breaks.
///
/// ```
/// use connect_middleware::metrics::escape_label;
///
/// assert_eq!(escape_label("C:\\\"a\"\n"), "C:\\\\\\\"a\\\"\\n");
/// ```
#[must_use]
pub fn escape_label(value: &str) -> Cow<'_, str> {
    if !value.contains(['\\', '"', '\n']) {
        return Cow::Borrowed(value);
    }
    let mut escaped = String::with_capacity(value.len() + 8);
    for letter in value.chars() {
        match letter {
            '\\' => escaped.push_str("\\\\"),
            '"' => escaped.push_str("\\\""),
            '\n' => escaped.push_str("\\n"),
            _ => escaped.push(letter),
        }
    }
    Cow::Owned(escaped)
}

/// Writes all metrics.
pub(super) fn write(text: &mut String, registry: &Registry, in_flight: i64) {
    let sums = registry.sums();
    let series: Vec<(String, &Counts)> =
        sums.iter().map(|(labels, counts)| (written(labels), counts)).collect();
    begin(text, "http_requests_in_flight", "gauge", "HTTP requests whose response is not finished.");
    line(text, format_args!("http_requests_in_flight {in_flight}"));
    begin(text, "http_requests_total", "counter", "HTTP requests whose response is finished.");
    for (labels, counts) in &series {
        line(text, format_args!("http_requests_total{{{labels}}} {}", counts.total()));
    }
    histogram(text, &series, registry.bounds());
    let help = "Bytes of HTTP request bodies, as their Content-Length says.";
    begin(text, "http_request_body_bytes_total", "counter", help);
    for (labels, counts) in &series {
        line(text, format_args!("http_request_body_bytes_total{{{labels}}} {}", counts.request_bytes));
    }
    let help = "Bytes of HTTP response bodies that were given to the connection.";
    begin(text, "http_response_body_bytes_total", "counter", help);
    for (labels, counts) in &series {
        line(text, format_args!("http_response_body_bytes_total{{{labels}}} {}", counts.response_bytes));
    }
    unfinished(text, &sums);
}

fn histogram(text: &mut String, series: &[(String, &Counts)], bounds: &[f64]) {
    const NAME: &str = "http_request_duration_seconds";
    begin(text, NAME, "histogram", "Time until the HTTP response was finished.");
    for (labels, counts) in series {
        let mut sum = 0;
        for (bound, count) in bounds.iter().zip(&counts.buckets) {
            sum += count;
            line(text, format_args!("{NAME}_bucket{{{labels},le=\"{bound}\"}} {sum}"));
        }
        let total = counts.total();
        line(text, format_args!("{NAME}_bucket{{{labels},le=\"+Inf\"}} {total}"));
        line(text, format_args!("{NAME}_sum{{{labels}}} {}", counts.seconds));
        line(text, format_args!("{NAME}_count{{{labels}}} {total}"));
    }
}

/// By how they ended, without the status.
fn unfinished(text: &mut String, sums: &BTreeMap<Labels, Counts>) {
    let help = "HTTP responses that ended before they were complete.";
    begin(text, "http_requests_unfinished_total", "counter", help);
    for (index, (_, ended)) in UNFINISHED.iter().enumerate() {
        let mut routes: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for (Labels(method, route, _), counts) in sums {
            if counts.unfinished[index] > 0 {
                *routes.entry((method, route)).or_default() += counts.unfinished[index];
            }
        }
        for ((method, route), count) in routes {
            let route = escape_label(route);
            let labels = format_args!("ended=\"{ended}\",method=\"{method}\",route=\"{route}\"");
            line(text, format_args!("http_requests_unfinished_total{{{labels}}} {count}"));
        }
    }
}

fn written(Labels(method, route, status): &Labels) -> String {
    format!("method=\"{method}\",route=\"{}\",status=\"{status}\"", escape_label(route))
}

fn begin(text: &mut String, name: &str, kind: &str, help: &str) {
    line(text, format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // A `String` takes everything.
    let _ = writeln!(text, "{line}");
}
