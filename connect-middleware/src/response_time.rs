//! The duration of a request in a header.
