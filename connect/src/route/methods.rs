//! Sets of methods.

use std::fmt;

use http::Method;

/// The methods that a route answers.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Methods {
    bits: u16,
    /// The names, in upper case; searched only for methods that are not well known.
    other: &'static [&'static str],
}

/// In alphabetical order, as `Allow` lists them.
const NAMES: [&str; 9] = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];
const CONNECT: u16 = 1;
const GET: u16 = 1 << 2;
const HEAD: u16 = 1 << 3;
const EVERY: u16 = 1 << 14;
const OTHER: u16 = 1 << 15;
/// In [`Allowed`]: a route has the request's own method.
const ITS_OWN: u16 = EVERY;

impl Methods {
    /// Every method except `CONNECT`: `#[all("/x")]`. To `CONNECT` every 2xx opens a tunnel (RFC 9110, section 9.3.6),
    /// so only a route that names it answers it.
    pub const ALL: Methods = Methods { bits: EVERY, other: &[] };

    /// Every method: for a middleware that always answers.
    pub(crate) const ALL_AND_CONNECT: Methods = Methods { bits: EVERY | CONNECT, other: &[] };

    /// The methods of these names. `GET` also answers `HEAD`, as in Express.
    pub const fn new(names: &'static [&'static str]) -> Methods {
        let mut bits = 0;
        let mut i = 0;
        while i < names.len() {
            bits |= bit(names[i].as_bytes());
            i += 1;
        }
        if bits & GET != 0 {
            bits |= HEAD;
        }
        Methods { bits, other: names }
    }

    /// Whether it is every method except `CONNECT`.
    pub(crate) const fn is_all(&self) -> bool {
        self.bits & EVERY != 0
    }

    /// Whether every method of the other is one of these.
    pub(crate) const fn covers(&self, other: &Methods) -> bool {
        if self.is_all() {
            return other.bits & CONNECT == 0 || self.bits & CONNECT != 0;
        }
        if other.bits & !self.bits != 0 {
            return false;
        }
        let mut i = 0;
        while other.bits & OTHER != 0 && i < other.other.len() {
            let name = other.other[i].as_bytes();
            let mut known = bit(name) != OTHER;
            let mut j = 0;
            while !known && j < self.other.len() {
                known = equal(self.other[j].as_bytes(), name);
                j += 1;
            }
            if !known {
                return false;
            }
            i += 1;
        }
        true
    }

    /// Whether a route answers a method.
    #[inline]
    pub(crate) fn contains(&self, method: Wanted<'_>) -> bool {
        self.bits & method.bit & !OTHER != 0
            || (method.bit & self.bits & OTHER != 0 && self.contains_other(method))
    }

    #[cold]
    #[inline(never)]
    fn contains_other(&self, method: Wanted<'_>) -> bool {
        self.other.contains(&method.method.as_str())
    }
}

impl fmt::Display for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_all() { f.write_str("ALL") } else { f.write_str(&self.other.join(",")) }
    }
}

/// The bit of a method's name.
const fn bit(name: &[u8]) -> u16 {
    let mut i = 0;
    while i < NAMES.len() {
        if equal(NAMES[i].as_bytes(), name) {
            return 1 << i;
        }
        i += 1;
    }
    OTHER
}

const fn equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// The method of a request, to match routes by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The method's, and with it [`EVERY`] where `all` routes answer it.
    bit: u16,
    method: &'a Method,
}

impl<'a> Wanted<'a> {
    #[inline]
    pub(crate) fn new(method: &'a Method) -> Self {
        let bit = match *method {
            Method::GET => GET | EVERY,
            Method::HEAD => HEAD | EVERY,
            _ => Self::rarer(method),
        };
        Wanted { bit, method }
    }

    #[inline(never)]
    fn rarer(method: &Method) -> u16 {
        match bit(method.as_str().as_bytes()) {
            CONNECT => CONNECT,
            bit => bit | EVERY,
        }
    }
}

/// The methods of the routes that match a path and did not answer.
#[derive(Debug, Default, Clone)]
pub(crate) struct Allowed {
    bits: u16,
    /// Empty, and so not allocated, except for routes with less common methods.
    other: Vec<&'static str>,
}

impl Allowed {
    /// Adds the methods of a route. As in Express, `all` routes add none.
    #[inline]
    pub(crate) fn add(&mut self, methods: &Methods) {
        self.bits |= methods.bits & !(EVERY | OTHER);
        if methods.bits & OTHER != 0 {
            self.add_other(methods);
        }
    }

    /// Records a route that answers the request's own method. Again `all` routes add nothing.
    #[inline]
    pub(crate) fn found(&mut self, is_for_all: bool) {
        self.bits |= if is_for_all { 0 } else { ITS_OWN };
    }

    /// Whether there was one.
    pub(crate) fn has_its_own(&self) -> bool {
        self.bits & ITS_OWN != 0
    }

    #[cold]
    fn add_other(&mut self, methods: &Methods) {
        for name in methods.other {
            if bit(name.as_bytes()) == OTHER && !self.other.contains(name) {
                self.other.push(name);
            }
        }
    }

    pub(crate) fn merge(&mut self, other: Allowed) {
        self.bits |= other.bits;
        for name in other.other {
            if !self.other.contains(&name) {
                self.other.push(name);
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bits & !ITS_OWN == 0 && self.other.is_empty()
    }

    /// The value of `Allow`, in Express's form: sorted, and separated by a comma and a space.
    pub(crate) fn to_header(&self) -> String {
        let known =
            NAMES.iter().enumerate().filter(|(i, _)| self.bits & (1 << i) != 0).map(|(_, name)| *name);
        let mut names: Vec<&str> = known.chain(self.other.iter().copied()).collect();
        names.sort_unstable();
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::{Allowed, Methods, Wanted};

    #[test]
    fn a_set_contains_what_it_was_made_of() {
        let purge = Method::from_bytes(b"PURGE").unwrap();
        let set = Methods::new(&["GET", "PURGE"]);
        for (method, contained) in
            [(&Method::GET, true), (&Method::HEAD, true), (&Method::POST, false), (&purge, true)]
        {
            assert_eq!(set.contains(Wanted::new(method)), contained, "{method}");
            assert!(Methods::ALL.contains(Wanted::new(method)));
        }
        let connect = Wanted::new(&Method::CONNECT);
        assert!(!Methods::ALL.contains(connect) && !set.contains(connect));
        assert!(Methods::new(&["CONNECT"]).contains(connect));
        let other = Method::from_bytes(b"QUERY").unwrap();
        assert!(!set.contains(Wanted::new(&other)));
        assert!(!Methods::new(&["POST"]).contains(Wanted::new(&purge)));
    }

    #[test]
    fn a_route_for_all_methods_covers_all_but_connect() {
        let connect = Methods::new(&["GET", "CONNECT"]);
        assert!(Methods::ALL.covers(&Methods::ALL) && Methods::ALL.covers(&Methods::new(&["GET", "PURGE"])));
        assert!(!Methods::ALL.covers(&connect));
        assert!(Methods::ALL_AND_CONNECT.covers(&connect) && Methods::ALL_AND_CONNECT.covers(&Methods::ALL));
    }

    #[test]
    fn allow_is_sorted_and_leaves_out_what_is_for_all() {
        let mut allowed = Allowed::default();
        allowed.add(&Methods::ALL);
        assert!(allowed.is_empty());
        allowed.add(&Methods::new(&["PUT"]));
        allowed.add(&Methods::new(&["MOVE", "GET"]));
        allowed.add(&Methods::new(&["MOVE"]));
        assert_eq!(allowed.to_header(), "GET, HEAD, MOVE, PUT");
    }
}
