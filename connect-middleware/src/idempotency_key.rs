//! A response that is sent again for a request that is.
