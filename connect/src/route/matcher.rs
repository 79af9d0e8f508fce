//! One pattern against one path.
