//! Whether the process is alive, and ready.
