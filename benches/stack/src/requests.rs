//! The requests that are measured.

/// A request, and what it is called.
pub(crate) struct Wanted {
    /// On the command line.
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) body: &'static str,
    /// Whether the client accepts compressed responses.
    pub(crate) compressed: bool,
}

pub(crate) const REQUESTS: &[Wanted] = &[
    Wanted {
        name: "user",
        label: "`GET`, JSON of 60 bytes, the session is read",
        method: "GET",
        path: "/users/42",
        body: "",
        compressed: true,
    },
    Wanted {
        name: "page",
        label: "`GET`, HTML of 9 kB, not compressed, no use of the session",
        method: "GET",
        path: "/",
        body: "",
        compressed: false,
    },
    Wanted {
        name: "compressed",
        label: "the same, compressed by gzip",
        method: "GET",
        path: "/",
        body: "",
        compressed: true,
    },
    Wanted {
        name: "visit",
        label: "`POST`, JSON of 30 bytes, the session is changed",
        method: "POST",
        path: "/visits",
        body: "{\"title\":\"a post of a visitor\"}",
        compressed: true,
    },
];

pub(crate) fn find(name: &str) -> Result<&'static Wanted, String> {
    REQUESTS.iter().find(|wanted| wanted.name == name).ok_or_else(|| format!("there is no request `{name}`"))
}

pub(crate) const HOST: &str = "shop.example.com";

/// What browsers send beside the rest.
pub(crate) const HEADERS: &[(&str, &str)] = &[
    ("host", HOST),
    ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("origin", "http://shop.example.com"),
    ("sec-fetch-site", "same-origin"),
    ("content-type", "application/json"),
];

/// A page of 9 kB.
pub(crate) fn page() -> String {
    let row = "<li><a href=\"/posts/1\">A post</a> by somebody, with a line of text below it.</li>\n";
    format!("<!doctype html><title>Posts</title><ul>{}</ul>", row.repeat(110))
}

impl Wanted {
    /// For the services in process.
    pub(crate) fn head(&self, cookie: &str) -> http::request::Parts {
        let mut request = http::Request::builder().method(self.method).uri(self.path);
        for (name, value) in HEADERS {
            request = request.header(*name, *value);
        }
        if self.compressed {
            request = request.header("accept-encoding", "gzip");
        }
        if !cookie.is_empty() {
            request = request.header("cookie", cookie);
        }
        request.body(()).expect("a request").into_parts().0
    }

    /// For the wire.
    pub(crate) fn bytes(&self, cookie: &str) -> Vec<u8> {
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        for (name, value) in HEADERS {
            text += &format!("{name}: {value}\r\n");
        }
        if self.compressed {
            text += "accept-encoding: gzip\r\n";
        }
        if !cookie.is_empty() {
            text += &format!("cookie: {cookie}\r\n");
        }
        (text + &format!("content-length: {}\r\n\r\n{}", self.body.len(), self.body)).into_bytes()
    }
}

/// The cookie of a response, as it is sent back.
pub(crate) fn cookie(set: &str) -> String {
    set.split(';').next().unwrap_or_default().to_owned()
}
