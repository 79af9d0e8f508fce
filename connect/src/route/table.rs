//! Many patterns against one path.
