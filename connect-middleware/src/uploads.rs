//! Files that clients send, on the disk.
