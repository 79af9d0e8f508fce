//! The query of the target.

use serde::Deserialize;

use super::Request;
use crate::Result;
use crate::read::fields;

impl Request {
    /// Deserializes the query into a type of your own. A name that appears more than once goes into a `Vec`.
    ///
    /// It reads the query of the current target ([`uri`](Request::uri)), which is flat, as in Express 5: `user[name]`
    /// is a plain name. `+` and percent-encoding are decoded, and bytes that are not UTF-8 become `U+FFFD`.
    ///
    /// ```
    /// use connect::{app, get, Request, Result};
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// struct Search {
    ///     q: String,
    ///     #[serde(default)]
    ///     tag: Vec<String>,
    ///     page: Option<u32>,
    /// }
    ///
    /// #[get("/search")]
    /// async fn search(req: &Request) -> Result<String> {
    ///     let Search { q, tag, page } = req.query()?;
    ///     Ok(format!("{q} {tag:?} {}", page.unwrap_or(1)))
    /// }
    ///
    /// let app = app![search];
    /// ```
    ///
    /// # Errors
    /// With status 400 and a [`BodyError`](crate::BodyError) as its cause, which names the key
    /// ([`field`](crate::BodyError::field)), if the query does not fit the type.
    pub fn query<'a, T: Deserialize<'a>>(&'a self) -> Result<T> {
        fields::read(self.query_string().unwrap_or(""), "the query")
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use crate::Request;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Search {
        q: String,
        #[serde(default)]
        tag: Vec<String>,
        page: Option<u32>,
        #[serde(default)]
        exact: bool,
    }

    fn query(query: &str) -> Result<Search, String> {
        let req = Request::from(http::Request::get(format!("/?{query}")).body("").unwrap());
        req.query().map_err(|err| format!("{} {}", err.status().as_u16(), err.public_message()))
    }

    #[test]
    fn the_key_that_does_not_fit_is_a_field_of_the_error() {
        for (text, wanted) in [("page=2", "q"), ("q=a&page=x", "page")] {
            let req = Request::from(http::Request::get(format!("/?{text}")).body("").unwrap());
            let err = req.query::<Search>().unwrap_err();
            assert_eq!(err.downcast_ref::<crate::BodyError>().unwrap().field(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn a_key_that_appears_more_than_once_is_a_list() {
        let found = query("q=a+b%21&tag=x&tag=y&page=2&exact=true&other=1").unwrap();
        let tag = vec!["x".to_owned(), "y".to_owned()];
        assert_eq!(found, Search { q: "a b!".to_owned(), tag, page: Some(2), exact: true });
    }

    #[test]
    fn a_query_that_does_not_fit_is_reported_with_its_key_and_without_its_value() {
        for (text, wanted) in [
            ("page=2", "400 the query lacks `q`"),
            ("q=a&page=secret", "400 `page` in the query: not a whole number in the allowed range"),
            ("q=a&page=-1", "400 `page` in the query: not a whole number in the allowed range"),
            ("q=a&exact=secret", "400 `exact` in the query: expected \"true\", \"on\" or \"false\""),
        ] {
            assert_eq!(query(text).unwrap_err(), wanted, "{text}");
        }
        assert!(
            query("q=secret&q=secret")
                .unwrap_err()
                .starts_with("400 `q` appears more than once in the query")
        );
        assert!(!query("q=secret&q=secret").unwrap_err().contains("secret"));
    }

    #[test]
    fn a_query_can_borrow() {
        let req = Request::from(http::Request::get("/?a=1&b=2&a=3").body("").unwrap());
        let pairs: Vec<(String, String)> = req.query().unwrap();
        assert_eq!(pairs.len(), 3);
        let none = Request::from(http::Request::get("/").body("").unwrap());
        assert_eq!(none.query::<Vec<(String, String)>>().unwrap(), []);
    }
}
