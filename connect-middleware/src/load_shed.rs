//! A limit of requests at the same time.
