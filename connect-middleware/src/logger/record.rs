//! What is known of a request: when it arrives, with the head of its response, and at its end.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use connect::{Ended, Finish, Request, RoutePattern, SentHead};
use http::{HeaderMap, HeaderName, Method, StatusCode, Uri, Version, header};

use super::format::{Format, Known, escape};
use super::{Token, date, is_for_request, now};

/// With padding or without, as clients send it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The values of some tokens, in the order of the format's tokens; nothing for the others.
struct Values {
    text: String,
    ends: Vec<u32>,
}

impl Values {
    fn new() -> Self {
        Values { text: String::new(), ends: Vec::new() }
    }

    fn end(&mut self) {
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    fn get(&self, index: usize) -> &str {
        let end = |index: usize| self.ends.get(index).map_or(0, |end| *end as usize);
        let begin = index.checked_sub(1).map_or(0, end);
        self.text.get(begin..end(index)).unwrap_or("")
    }
}

/// A request as it arrives.
pub(super) struct Start {
    method: Method,
    uri: Uri,
    version: Version,
    ip: Option<IpAddr>,
    values: Values,
}

impl Start {
    pub(super) fn of(req: &Request, format: &Format, own: &[Token]) -> Self {
        let mut values = Values::new();
        for token in format.tokens().filter(|token| is_for_request(token)) {
            match token {
                Known::Request(name) => {
                    let both = [header::REFERER, HeaderName::from_static("referrer")];
                    match name == header::REFERER {
                        true if !req.headers().contains_key(header::REFERER) => {
                            join(&mut values.text, req.headers(), &both[1]);
                        }
                        _ => join(&mut values.text, req.headers(), name),
                    }
                }
                Known::RemoteUser => values.text.extend(user(req)),
                Known::Own(index) => values.text.extend(own[*index](req)),
                _ => {}
            }
            values.end();
        }
        Start {
            method: req.method().clone(),
            uri: req.original_uri().clone(),
            version: req.version(),
            ip: req.ip(),
            values,
        }
    }
}

/// The name in the credentials.
fn user(req: &Request) -> Option<String> {
    let (scheme, credentials) = req.header("authorization")?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = BASE64.decode(credentials.trim()).ok()?;
    let end = decoded.iter().position(|byte| *byte == b':')?;
    Some(String::from_utf8_lossy(&decoded[..end]).into_owned())
}

/// Adds all values of a header, separated by commas.
fn join(text: &mut String, headers: &HeaderMap, name: &HeaderName) {
    for (index, value) in headers.get_all(name).iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        match std::str::from_utf8(value.as_bytes()) {
            Ok(value) => text.push_str(value),
            // As Node reads them.
            Err(_) => text.extend(value.as_bytes().iter().map(|byte| char::from(*byte))),
        }
    }
}

/// The head of a response.
pub(super) struct Head {
    after: Duration,
    values: Values,
}

impl Head {
    pub(super) fn of(sent: &SentHead<'_>, begin: Instant, format: &Format) -> Self {
        let mut values = Values::new();
        for token in format.tokens() {
            let Known::Response(name) = token else { continue };
            let length = sent.length.filter(|length| *length > 0 && *name == header::CONTENT_LENGTH);
            match length {
                // The connection adds the header.
                Some(length) if !sent.headers.contains_key(name) => {
                    let _ = write!(values.text, "{length}");
                }
                _ => join(&mut values.text, sent.headers, name),
            }
            values.end();
        }
        Head { after: begin.elapsed(), values }
    }
}

/// A request that is logged: what a [`skip`](super::Logger::skip) function decides by.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    start: &'a Start,
    begin: Instant,
    head: Option<&'a Head>,
    finish: Option<&'a Finish>,
    route: Option<&'a RoutePattern>,
}

impl std::fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record")
            .field("method", self.method())
            .field("uri", self.uri())
            .field("finish", &self.finish)
            .finish_non_exhaustive()
    }
}

impl<'a> Record<'a> {
    pub(super) fn at_start(start: &'a Start, begin: Instant) -> Self {
        Record { start, begin, head: None, finish: None, route: None }
    }

    pub(super) fn at_end(
        start: &'a Start,
        begin: Instant,
        head: Option<&'a Head>,
        finish: &'a Finish,
        route: Option<&'a RoutePattern>,
    ) -> Self {
        Record { start, begin, head, finish: Some(finish), route }
    }

    /// The method, as the client sent it.
    #[must_use]
    pub fn method(&self) -> &'a Method {
        &self.start.method
    }

    /// The target, as the client sent it.
    #[must_use]
    pub fn uri(&self) -> &'a Uri {
        &self.start.uri
    }

    /// The client's address.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        self.start.ip
    }

    /// The pattern of the last route that matched.
    #[must_use]
    pub fn route(&self) -> Option<&'a RoutePattern> {
        self.route
    }

    /// The status that was sent; `None` if there was no response, and with [`immediate`](super::Logger::immediate).
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.finish?.status
    }

    /// How the response ended; `None` with [`immediate`](super::Logger::immediate).
    #[must_use]
    pub fn ended(&self) -> Option<Ended> {
        Some(self.finish?.ended)
    }

    /// How many bytes of the body were given to the connection.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.finish.map_or(0, |finish| finish.bytes)
    }

    /// The time since the request arrived here.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.begin.elapsed()
    }

    pub(super) fn ended_label(&self) -> &'static str {
        match self.ended() {
            None => "",
            Some(Ended::Complete) => "complete",
            Some(Ended::ClientLeft) => "client_left",
            Some(Ended::TimedOut) => "timed_out",
            Some(Ended::Shutdown) => "shutdown",
            Some(_) => "failed",
        }
    }

    /// Writes the value of a token. `seen` counts those of the request and of the response before it.
    pub(super) fn write(&self, line: &mut String, seen: &mut (usize, usize), token: &Known) {
        // What `write!` returns: a `String` takes everything.
        let _ = match token {
            Known::Request(_) | Known::Own(_) | Known::RemoteUser => {
                escape(line, self.start.values.get(seen.0));
                seen.0 += 1;
                Ok(())
            }
            Known::Response(_) => {
                if let Some(head) = self.head {
                    escape(line, head.values.get(seen.1));
                }
                seen.1 += 1;
                Ok(())
            }
            Known::Date(form) => {
                date::write(line, now(), *form);
                Ok(())
            }
            Known::Ended => line.write_str(self.ended_label()),
            Known::HttpVersion => line.write_str(version(self.start.version)),
            // A method is a token, and has nothing to escape.
            Known::Method => line.write_str(self.method().as_str()),
            Known::Pid => write!(line, "{}", std::process::id()),
            Known::RemoteAddr => self.ip().map_or(Ok(()), |ip| write!(line, "{ip}")),
            Known::ResponseTime(digits) => {
                self.head.map_or(Ok(()), |head| write!(line, "{:.digits$}", millis(head.after)))
            }
            Known::TotalTime(digits) => {
                self.finish.map_or(Ok(()), |_| write!(line, "{:.digits$}", millis(self.duration())))
            }
            Known::Route => {
                if let Some(route) = self.route {
                    escape(line, &route.to_string());
                }
                Ok(())
            }
            Known::Status => self.status().map_or(Ok(()), |status| line.write_str(status.as_str())),
            Known::Colour => line.write_str(colour(self.status())),
            Known::Url => {
                let has_host = self.uri().authority().is_some() && self.start.version < Version::HTTP_2;
                match self.uri().path_and_query() {
                    // Without a copy where it is a path, as nearly always.
                    Some(path) if !has_host => escape(line, path.as_str()),
                    _ => escape(line, &self.uri().to_string()),
                }
                Ok(())
            }
        };
    }
}

/// A duration in milliseconds.
pub(super) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "0.9",
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2.0",
        Version::HTTP_3 => "3.0",
        _ => "1.1",
    }
}

/// The number of a terminal's colour.
fn colour(status: Option<StatusCode>) -> &'static str {
    match status.map_or(0, |status| status.as_u16()) {
        500.. => "31",
        400.. => "33",
        300.. => "36",
        200.. => "32",
        _ => "0",
    }
}
