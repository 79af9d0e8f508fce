//! The method of a request from a header, the query or a form.
