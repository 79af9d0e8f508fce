//! Security headers, with Helmet's defaults.
//!
//! ```
//! use connect::{app, get, Html};
//! use connect_middleware::helmet::{Csp, Helmet, Nonce};
//!
//! #[get("/")]
//! fn index(nonce: &Nonce) -> Html<String> {
//!     Html(format!("<script nonce=\"{nonce}\">console.log(\"runs\")</script>"))
//! }
//!
//! let csp = Csp::new().set("img-src", "'self' https://images.example.com");
//! let app = app![Helmet::new().csp(csp).nonces(), index];
//! ```
//!
//! # Options
//! Each header is left out by `None`.
//!
//! | option | header | default |
//! |---|---|---|
//! | [`csp`](Helmet::csp) | `Content-Security-Policy` | [`Csp::new`] |
//! | [`nonces`](Helmet::nonces) | the same, with a nonce for each response in `script-src` and `style-src` | no |
//! | [`cross_origin_embedder_policy`](Helmet::cross_origin_embedder_policy) | `Cross-Origin-Embedder-Policy` | left out |
//! | [`cross_origin_opener_policy`](Helmet::cross_origin_opener_policy) | `Cross-Origin-Opener-Policy` | `same-origin` |
//! | [`cross_origin_resource_policy`](Helmet::cross_origin_resource_policy) | `Cross-Origin-Resource-Policy` | `same-origin` |
//! | [`origin_agent_cluster`](Helmet::origin_agent_cluster) | `Origin-Agent-Cluster` | `?1` |
//! | [`referrer_policy`](Helmet::referrer_policy) | `Referrer-Policy` | `no-referrer` |
//! | [`strict_transport_security`](Helmet::strict_transport_security) | `Strict-Transport-Security` | `max-age=31536000; includeSubDomains` |
//! | [`no_sniff`](Helmet::no_sniff) | `X-Content-Type-Options` | `nosniff` |
//! | [`dns_prefetch_control`](Helmet::dns_prefetch_control) | `X-DNS-Prefetch-Control` | `off` |
//! | [`download_options`](Helmet::download_options) | `X-Download-Options` | `noopen` |
//! | [`frame_options`](Helmet::frame_options) | `X-Frame-Options` | `SAMEORIGIN` |
//! | [`permitted_cross_domain_policies`](Helmet::permitted_cross_domain_policies) | `X-Permitted-Cross-Domain-Policies` | `none` |
//! | [`xss_protection`](Helmet::xss_protection) | `X-XSS-Protection` | `0` |
//!
//! # Needs and provides
//! [`Helmet::nonces`] provides the [`Nonce`]. It states no facts and has no laws.
//!
//! # What goes wrong
//! A directive with a character that ends it is a panic when the layer is made. The headers are set before the layers below run, so what these set
//! counts, and they are on errors too; the final handler's own pages have a stricter `Content-Security-Policy`.
//!
//! # Differences from Helmet
//! - Values are types, so a misspelt policy does not compile.
//! - A nonce is a method, and not a function for a directive.
//! - `X-Powered-By` is not removed, since nothing sets it.
//! - `Content-Security-Policy-Report-Only` is not here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connect::{Declared, Declares, Error, IntoLayer, Next, PlainFn, PlainLayer, Request, Response, Result};
use http::header::{self, HeaderName, HeaderValue};
use std::fmt;
use std::time::Duration;

/// A content security policy: directives and their sources (CSP Level 3).
#[derive(Debug, Clone)]
pub struct Csp {
    directives: Vec<(String, String)>,
}

const DEFAULTS: [(&str, &str); 11] = [
    ("default-src", "'self'"),
    ("base-uri", "'self'"),
    ("font-src", "'self' https: data:"),
    ("form-action", "'self'"),
    ("frame-ancestors", "'self'"),
    ("img-src", "'self' data:"),
    ("object-src", "'none'"),
    ("script-src", "'self'"),
    ("script-src-attr", "'none'"),
    ("style-src", "'self' https: 'unsafe-inline'"),
    ("upgrade-insecure-requests", ""),
];

impl Default for Csp {
    fn default() -> Self {
        Csp::new()
    }
}

impl Csp {
    /// Helmet's: `default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action 'self';frame-ancestors
    /// 'self';img-src 'self' data:;object-src 'none';script-src 'self';script-src-attr 'none';style-src 'self' https:
    /// 'unsafe-inline';upgrade-insecure-requests`.
    #[must_use]
    pub fn new() -> Self {
        Csp { directives: DEFAULTS.map(|(name, sources)| (name.to_owned(), sources.to_owned())).into() }
    }

    /// No directive.
    #[must_use]
    pub fn empty() -> Self {
        Csp { directives: Vec::new() }
    }

    /// Sets a directive, in place of the one of its name.
    ///
    /// # Panics
    /// If the name is not of letters and `-`, or the sources have `;`, `,` or what is no visible ASCII.
    #[must_use]
    pub fn set(mut self, name: &str, sources: &str) -> Self {
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
        assert!(!name.is_empty() && name.bytes().all(is_name), "`{name}` is no name of a directive");
        let is_source = |byte: u8| (byte.is_ascii_graphic() || byte == b' ') && byte != b';' && byte != b',';
        assert!(sources.bytes().all(is_source), "`{sources}` has a character that a directive cannot have");
        match self.directives.iter_mut().find(|(own, _)| own == name) {
            Some((_, own)) => sources.clone_into(own),
            None => self.directives.push((name.to_owned(), sources.to_owned())),
        }
        self
    }

    /// Leaves a directive out.
    #[must_use]
    pub fn remove(mut self, name: &str) -> Self {
        self.directives.retain(|(own, _)| own != name);
        self
    }

    /// The text in front of each nonce, and what stands behind the last.
    fn around_nonces(&self) -> Vec<String> {
        let mut parts = vec![String::new()];
        for (i, (name, sources)) in self.directives.iter().enumerate() {
            let Some(last) = parts.last_mut() else { break };
            let semicolon = if i == 0 { "" } else { ";" };
            let space = if sources.is_empty() { "" } else { " " };
            last.extend([semicolon, name, space, sources]);
            if matches!(&**name, "script-src" | "style-src") {
                last.push_str(" 'nonce-");
                parts.push("'".to_owned());
            }
        }
        parts
    }

    fn value(&self) -> HeaderValue {
        let directives = self.directives.iter().map(|(name, sources)| match &**sources {
            "" => name.clone(),
            sources => format!("{name} {sources}"),
        });
        header_value(&directives.collect::<Vec<_>>().join(";"))
    }
}

/// Of text that was checked.
fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

macro_rules! policies {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* })*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* #[doc = concat!("`", $text, "`")] $variant,)*
        }

        impl $name {
            const fn text(self) -> &'static str {
                match self {
                    $($name::$variant => $text,)*
                }
            }
        }
    )* };
}
policies! {
    /// `Cross-Origin-Embedder-Policy`.
    EmbedderPolicy {
        RequireCorp = "require-corp",
        Credentialless = "credentialless",
        UnsafeNone = "unsafe-none",
    }
    /// `Cross-Origin-Opener-Policy`.
    OpenerPolicy {
        SameOrigin = "same-origin",
        SameOriginAllowPopups = "same-origin-allow-popups",
        NoopenerAllowPopups = "noopener-allow-popups",
        UnsafeNone = "unsafe-none",
    }
    /// `Cross-Origin-Resource-Policy`.
    ResourcePolicy {
        SameOrigin = "same-origin",
        SameSite = "same-site",
        CrossOrigin = "cross-origin",
    }
    /// `Referrer-Policy`.
    ReferrerPolicy {
        NoReferrer = "no-referrer",
        NoReferrerWhenDowngrade = "no-referrer-when-downgrade",
        SameOrigin = "same-origin",
        Origin = "origin",
        StrictOrigin = "strict-origin",
        OriginWhenCrossOrigin = "origin-when-cross-origin",
        StrictOriginWhenCrossOrigin = "strict-origin-when-cross-origin",
        UnsafeUrl = "unsafe-url",
    }
    /// `X-Frame-Options`.
    FrameOptions {
        Deny = "DENY",
        SameOrigin = "SAMEORIGIN",
    }
    /// `X-Permitted-Cross-Domain-Policies`.
    CrossDomainPolicies {
        None = "none",
        MasterOnly = "master-only",
        ByContentType = "by-content-type",
        All = "all",
    }
}

/// `Strict-Transport-Security` (RFC 6797).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hsts {
    /// How long a browser uses https alone, in whole seconds.
    pub max_age: Duration,
    /// For the hosts below this one, too.
    pub include_subdomains: bool,
    /// The host may be put on the list that browsers come with.
    pub preload: bool,
}

/// A year, with the hosts below: `max-age=31536000; includeSubDomains`.
impl Default for Hsts {
    fn default() -> Self {
        Hsts { max_age: Duration::from_secs(31_536_000), include_subdomains: true, preload: false }
    }
}

/// The headers that every response has.
#[derive(Debug)]
pub struct Helmet {
    csp: Option<Csp>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Default for Helmet {
    fn default() -> Self {
        Helmet::new()
    }
}

impl Helmet {
    /// Helmet's defaults.
    #[must_use]
    pub fn new() -> Self {
        Helmet { csp: Some(Csp::new()), headers: Vec::new() }
            .cross_origin_opener_policy(Some(OpenerPolicy::SameOrigin))
            .cross_origin_resource_policy(Some(ResourcePolicy::SameOrigin))
            .origin_agent_cluster(true)
            .referrer_policy(Some(ReferrerPolicy::NoReferrer))
            .strict_transport_security(Some(Hsts::default()))
            .no_sniff(true)
            .dns_prefetch_control(Some(false))
            .download_options(true)
            .frame_options(Some(FrameOptions::SameOrigin))
            .permitted_cross_domain_policies(Some(CrossDomainPolicies::None))
            .xss_protection(true)
    }

    fn put(mut self, name: &'static str, value: Option<&str>) -> Self {
        let name = HeaderName::from_static(name);
        self.headers.retain(|(own, _)| *own != name);
        if let Some(value) = value {
            self.headers.push((name, header_value(value)));
        }
        self
    }

    /// Sets the content security policy: by default [`Csp::new`].
    #[must_use]
    pub fn csp(mut self, csp: impl Into<Option<Csp>>) -> Self {
        self.csp = csp.into();
        self
    }

    /// Puts a new nonce into `script-src` and `style-src` of each response, and provides it as [`Nonce`].
    ///
    /// A browser ignores `'unsafe-inline'` beside a nonce.
    #[must_use]
    pub fn nonces(self) -> WithNonces {
        WithNonces(self)
    }

    /// Sets `Cross-Origin-Embedder-Policy`: left out by default.
    #[must_use]
    pub fn cross_origin_embedder_policy(self, policy: Option<EmbedderPolicy>) -> Self {
        self.put("cross-origin-embedder-policy", policy.map(EmbedderPolicy::text))
    }

    /// Sets `Cross-Origin-Opener-Policy`: `same-origin` by default.
    #[must_use]
    pub fn cross_origin_opener_policy(self, policy: Option<OpenerPolicy>) -> Self {
        self.put("cross-origin-opener-policy", policy.map(OpenerPolicy::text))
    }

    /// Sets `Cross-Origin-Resource-Policy`: `same-origin` by default. Files that pages of other sites embed need
    /// [`CrossOrigin`](ResourcePolicy::CrossOrigin).
    #[must_use]
    pub fn cross_origin_resource_policy(self, policy: Option<ResourcePolicy>) -> Self {
        self.put("cross-origin-resource-policy", policy.map(ResourcePolicy::text))
    }

    /// Sets whether there is `Origin-Agent-Cluster: ?1`: yes by default.
    #[must_use]
    pub fn origin_agent_cluster(self, on: bool) -> Self {
        self.put("origin-agent-cluster", on.then_some("?1"))
    }

    /// Sets `Referrer-Policy`: `no-referrer` by default.
    #[must_use]
    pub fn referrer_policy(self, policy: Option<ReferrerPolicy>) -> Self {
        self.put("referrer-policy", policy.map(ReferrerPolicy::text))
    }

    /// Sets `Strict-Transport-Security`: [`Hsts::default`] by default. Browsers ignore it without TLS.
    #[must_use]
    pub fn strict_transport_security(self, hsts: Option<Hsts>) -> Self {
        let value = hsts.map(|hsts| {
            let subdomains = if hsts.include_subdomains { "; includeSubDomains" } else { "" };
            let preload = if hsts.preload { "; preload" } else { "" };
            format!("max-age={}{subdomains}{preload}", hsts.max_age.as_secs())
        });
        self.put("strict-transport-security", value.as_deref())
    }

    /// Sets whether there is `X-Content-Type-Options: nosniff`: yes by default.
    #[must_use]
    pub fn no_sniff(self, on: bool) -> Self {
        self.put("x-content-type-options", on.then_some("nosniff"))
    }

    /// Sets `X-DNS-Prefetch-Control` to `on` or `off`: `off` by default.
    #[must_use]
    pub fn dns_prefetch_control(self, allow: Option<bool>) -> Self {
        self.put("x-dns-prefetch-control", allow.map(|allow| if allow { "on" } else { "off" }))
    }

    /// Sets whether there is `X-Download-Options: noopen`: yes by default.
    #[must_use]
    pub fn download_options(self, on: bool) -> Self {
        self.put("x-download-options", on.then_some("noopen"))
    }

    /// Sets `X-Frame-Options`: `SAMEORIGIN` by default.
    #[must_use]
    pub fn frame_options(self, options: Option<FrameOptions>) -> Self {
        self.put("x-frame-options", options.map(FrameOptions::text))
    }

    /// Sets `X-Permitted-Cross-Domain-Policies`: `none` by default.
    #[must_use]
    pub fn permitted_cross_domain_policies(self, policies: Option<CrossDomainPolicies>) -> Self {
        self.put("x-permitted-cross-domain-policies", policies.map(CrossDomainPolicies::text))
    }

    /// Sets whether there is `X-XSS-Protection: 0`, which turns off a filter of old browsers that has holes of its own: yes by
    /// default.
    #[must_use]
    pub fn xss_protection(self, on: bool) -> Self {
        self.put("x-xss-protection", on.then_some("0"))
    }

    fn layer(self, nonces: bool) -> HelmetLayer {
        let mut headers = self.headers;
        let mut around_nonces = Vec::new();
        match self.csp {
            Some(csp) if nonces => around_nonces = csp.around_nonces(),
            Some(csp) => headers.push((header::CONTENT_SECURITY_POLICY, csp.value())),
            None => {}
        }
        HelmetLayer { headers, around_nonces }
    }
}

impl IntoLayer for Helmet {
    type Layer = HelmetLayer;

    fn into_layer(self) -> HelmetLayer {
        self.layer(false)
    }
}

/// A [`Helmet`] with a nonce for each response.
#[derive(Debug)]
pub struct WithNonces(Helmet);

impl IntoLayer for WithNonces {
    type Layer = Declared<NonceLayer, Declares<(), (Nonce,)>>;

    fn into_layer(self) -> Self::Layer {
        Declared::new(NonceLayer(self.0.layer(true)))
    }
}

/// What [`Helmet`] becomes in a list.
#[derive(Debug)]
pub struct HelmetLayer {
    headers: Vec<(HeaderName, HeaderValue)>,
    around_nonces: Vec<String>,
}

impl HelmetLayer {
    fn set(&self, res: &mut Response) {
        let headers = res.headers_mut();
        // At once, and not in three steps.
        headers.reserve(self.headers.len());
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
    }
}

impl PlainLayer for HelmetLayer {
    fn run(&self, _req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        self.set(res);
        next.pass()
    }

    fn name(&self) -> &str {
        "Helmet"
    }
}

/// What [`Helmet::nonces`] becomes in a list.
#[derive(Debug)]
pub struct NonceLayer(HelmetLayer);

impl PlainLayer for NonceLayer {
    fn run(&self, req: &mut Request, res: &mut Response, next: Next<(), PlainFn>) -> Result {
        self.0.set(res);
        let nonce = Nonce::random()?;
        let parts = &self.0.around_nonces;
        if !parts.is_empty() {
            res.set(header::CONTENT_SECURITY_POLICY, parts.join(&nonce.0));
        }
        req.provide(nonce);
        next.pass()
    }

    fn name(&self) -> &str {
        "Helmet"
    }
}

/// The nonce of a response: 128 random bits as base64, for `<script nonce="..">`. `Display` and `AsRef<str>` give its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonce(String);

impl Nonce {
    fn random() -> Result<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)
            .map_err(|err| Error::msg("no random numbers for a nonce").with_source(err))?;
        Ok(Nonce(STANDARD.encode(bytes)))
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Nonce {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
