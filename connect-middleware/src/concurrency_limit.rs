//! Requests that wait for one another.
