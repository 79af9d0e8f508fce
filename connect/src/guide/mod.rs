//! The guide: a book about the whole, in the order to read it.
//!
//! | to | page |
//! |---|---|
//! | write the first app | [`start`] |
//! | know how a request goes through an app: the list, `next`, errors, mounts | [`model`] |
//! | write patterns, take parameters, return one of several responses | [`routes`] |
//! | share a database pool, log users in, guard a group of routes, read a form twice | [`values`] |
//! | read queries, JSON, forms, files and cookies | [`requests`] |
//! | send JSON, HTML, files, streams and events | [`responses`] |
//! | send errors as pages or as JSON | [`errors`] |
//! | split an app over files and crates, write layers with arguments and by hand | [`composing`] |
#![cfg_attr(feature = "testing", doc = "| test an app, a route or a layer | [`testing`] |")]
//! | set addresses, threads, TLS, limits and graceful shutdown | [`serving`] |
//! | deploy: systemd, containers, nginx, load balancers, restarts without a gap | [`deploying`] |
//! | log, count and trace requests | [`observability`] |
//! | come from another framework | [`from_express`], [`from_axum`], [`from_actix`] |
//! | understand a message of the compiler | [`compiler`], [`rustc`], [`proof`] |
//! | know what a request and a build cost | [`performance`] |
//! | find a short answer, or a limit | [`faq`] |
#![cfg_attr(
    not(all(feature = "headers", feature = "testing", feature = "tower", feature = "websocket")),
    allow(rustdoc::broken_intra_doc_links, reason = "the guide speaks of the items of all features")
)]

/// A page, with what its links to other pages stand for. In the repository they stand for files, at the end of each: of two
/// definitions the first counts.
macro_rules! pages {
    ($($(#[$attribute:meta])* $page:ident $file:literal;)*) => { $(
        $(#[$attribute])*
        #[doc = include_str!("links.md")]
        #[doc = include_str!($file)]
        pub mod $page {}
    )* };
}
pages! {
    start "start.md";
    model "model.md";
    routes "routes.md";
    values "values.md";
    requests "requests.md";
    responses "responses.md";
    errors "errors.md";
    composing "composing.md";
    #[cfg(feature = "testing")]
    testing "testing.md";
    serving "serving.md";
    deploying "deploying.md";
    observability "observability.md";
    performance "performance.md";
    from_express "from_express.md";
    from_axum "from_axum.md";
    from_actix "from_actix.md";
    compiler "compiler.md";
    rustc "rustc.md";
    proof "proof.md";
    faq "faq.md";
}
