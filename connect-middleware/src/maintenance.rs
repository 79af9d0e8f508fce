//! A response for all requests while the app is being worked on.
