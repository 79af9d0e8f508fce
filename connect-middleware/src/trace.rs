//! A span for each request.
