//! Reading JSON.

use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::charset::{self, without_mark};
use super::error::{BodyError, BodyErrorKind};
use super::fields::describe;
use crate::Request;

/// The charset of a body that is JSON.
pub(super) fn charset_of(req: &Request) -> Result<&'static Encoding, BodyError> {
    // As nearly all clients send it.
    if req.header("content-type") == Some("application/json") {
        return Ok(UTF_8);
    }
    let is_json = |kind: &str| {
        kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
    };
    if !req.media_type().is_some_and(|kind| is_json(&kind)) {
        let what = "expected a body of the type application/json";
        return Err(BodyError::new(BodyErrorKind::Type, what));
    }
    charset::of_json(req)
}

/// Deserializes JSON.
pub(super) fn read<T: DeserializeOwned>(bytes: Bytes, encoding: &'static Encoding) -> Result<T, BodyError> {
    let bytes =
        if encoding == UTF_8 { without_mark(bytes) } else { charset::decode(bytes, encoding)?.into() };
    if bytes.is_empty() {
        return Err(BodyError::malformed("the body is empty"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(&bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|err| {
        let path = err.path().to_string();
        wrong(err.into_inner(), &path)
    })?;
    deserializer.end().map_err(|err| wrong(err, "."))?;
    Ok(value)
}

fn wrong(err: serde_json::Error, path: &str) -> BodyError {
    let mut field = None;
    let message = match err.classify() {
        // The message of Express, which is that of JavaScript's `JSON.parse`.
        Category::Eof => "Unexpected end of JSON input".to_owned(),
        // serde_json says what it expected and where, and quotes nothing.
        Category::Syntax | Category::Io => format!("the body is not valid JSON: {err}"),
        Category::Data => {
            let text = err.to_string();
            let place = format!(" at line {} column {}", err.line(), err.column());
            let (message, of) = describe(text.strip_suffix(&place).unwrap_or(&text), path, "the body");
            field = of;
            message
        }
    };
    let kind = if err.is_data() { BodyErrorKind::Data } else { BodyErrorKind::Malformed };
    BodyError::new(kind, message).with_field(field).with_source(err)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde::de::IgnoredAny;
    use serde_json::Value;

    use crate::{BodyError, BodyErrorKind, Request};

    fn request(content_type: &str, body: impl Into<crate::Body>) -> Request {
        http::Request::post("/").header("content-type", content_type).body(body.into()).unwrap().into()
    }

    async fn failure<T: serde::de::DeserializeOwned>(
        content_type: &str,
        body: impl Into<crate::Body>,
    ) -> String {
        match request(content_type, body).json::<T>().await {
            Ok(_) => "none".to_owned(),
            Err(err) => format!("{} {}", err.status().as_u16(), err.public_message()),
        }
    }

    #[derive(Debug, Deserialize)]
    struct User {
        #[allow(dead_code, reason = "it is only read")]
        name: String,
        #[serde(default)]
        #[allow(dead_code, reason = "it is only read")]
        tags: Vec<u8>,
    }

    #[tokio::test]
    async fn json_is_recognized_by_its_media_type() {
        for content_type in
            ["application/json", "application/JSON; charset=utf-8", "application/vnd.api+json"]
        {
            assert_eq!(request(content_type, "{\"a\":1}").json::<Value>().await.unwrap()["a"], 1);
        }
        for content_type in ["text/plain", "text/json", "json", "application/jsonx"] {
            let wanted = "415 expected a body of the type application/json";
            assert_eq!(failure::<Value>(content_type, "{}").await, wanted, "{content_type}");
        }
        let untyped = Request::from(http::Request::new("{}")).json::<Value>().await;
        assert_eq!(untyped.unwrap_err().status(), 415);
    }

    #[tokio::test]
    async fn json_may_be_utf_16_and_begin_with_a_mark() {
        let mut req = request("application/json; charset=utf-16le", &b"\xff\xfe[\x001\x00]\x00"[..]);
        assert_eq!(req.json::<Vec<u8>>().await.unwrap(), [1]);
        assert_eq!(request("application/json", "\u{feff}[1]").json::<Vec<u8>>().await.unwrap(), [1]);
        let latin = failure::<Value>("application/json; charset=iso-8859-1", "[1]").await;
        assert_eq!(latin, "415 the body's charset is not supported");
    }

    #[tokio::test]
    async fn a_message_says_what_is_wrong_without_quoting_the_body() {
        let json = "application/json";
        for (body, wanted) in [
            ("", "400 the body is empty"),
            ("{\"name\":", "400 Unexpected end of JSON input"),
            ("{\"name\" 1}", "400 the body is not valid JSON: expected `:` at line 1 column 9"),
            (
                "{\"name\":\"a\"} {}",
                "400 the body is not valid JSON: trailing characters at line 1 column 14",
            ),
            ("{}", "400 the body lacks `name`"),
            ("{\"name\":7}", "400 `name` in the body: expected a string"),
            (
                "{\"name\":\"secret\",\"tags\":[1,\"secret\"]}",
                "400 `tags[1]` in the body: expected a whole number from 0 to 255",
            ),
            (
                "{\"name\":\"secret\",\"tags\":[300]}",
                "400 `tags[0]` in the body: expected a whole number from 0 to 255",
            ),
            ("[]", "400 the body does not fit: expected an object"),
            ("[\"secret\",1]", "400 `[1]` in the body: expected a sequence"),
            ("\"secret\"", "400 the body does not fit: expected an object"),
        ] {
            assert_eq!(failure::<User>(json, body).await, wanted, "{body}");
        }
        assert!(failure::<Value>(json, &b"\"\xff\""[..]).await.starts_with("400 the body is not valid JSON"));
    }

    #[tokio::test]
    async fn malformed_json_and_a_value_that_does_not_fit_are_two_kinds() {
        for (body, kind, name) in [
            ("{\"name\":", BodyErrorKind::Malformed, "entity.parse.failed"),
            ("{\"name\" 1}", BodyErrorKind::Malformed, "entity.parse.failed"),
            ("{\"name\":7}", BodyErrorKind::Data, "entity.data.invalid"),
            ("{}", BodyErrorKind::Data, "entity.data.invalid"),
        ] {
            let err = request("application/json", body).json::<User>().await.unwrap_err();
            let err = err.downcast_ref::<BodyError>().unwrap();
            assert_eq!((err.kind(), err.kind().as_str(), err.status().as_u16()), (kind, name, 400), "{body}");
        }
    }

    #[tokio::test]
    async fn nesting_is_limited() {
        let deep = "[".repeat(100_000);
        assert!(
            failure::<Value>("application/json", deep.clone()).await.contains("recursion limit exceeded")
        );
        assert!(failure::<IgnoredAny>("application/json", deep).await.starts_with("400 "));
    }
}
