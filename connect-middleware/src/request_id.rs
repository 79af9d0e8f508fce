//! An id for each request.
