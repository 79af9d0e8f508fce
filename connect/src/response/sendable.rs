//! The bodies that `send` takes.

use bytes::Bytes;
use http::header::HeaderValue;

use crate::Body;

/// What [`Response::send`](crate::Response::send) takes: text (`&'static str`, `String`) or bytes (`Bytes`, `Vec<u8>`,
/// `&'static [u8]`).
///
/// Nothing is copied, so borrowed text has to be made owned first, with `to_owned()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent",
    label = "not text or bytes",
    note = "`send` takes `&'static str`, `String`, `Bytes`, `Vec<u8>`; borrowed text needs `.to_owned()`, a value that implements `Serialize` is for `res.json(value)`"
)]
pub trait Sendable: Into<Body> {
    /// The `Content-Type`, if the response has none yet.
    #[doc(hidden)]
    const CONTENT_TYPE: HeaderValue;

    /// Whether it is text, and so in UTF-8.
    #[doc(hidden)]
    const IS_TEXT: bool;
}

macro_rules! sendable {
    ($($content_type:literal, $is_text:literal: $($ty:ty),*;)*) => { $($(
        impl Sendable for $ty {
            const CONTENT_TYPE: HeaderValue = HeaderValue::from_static($content_type);
            const IS_TEXT: bool = $is_text;
        }
    )*)* };
}
sendable! {
    "text/html; charset=utf-8", true: &'static str, String;
    "application/octet-stream", false: Bytes, Vec<u8>, &'static [u8];
}
