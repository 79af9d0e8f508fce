//! What is kept, and for how long.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{Cache, Cached, OVERHEAD, Stamp};

fn cached(length: usize) -> Cached {
    Cached { bytes: vec![b'x'; length].into(), etag: None, last_modified: None }
}

fn stamp() -> Stamp {
    let dir = tempfile();
    let stamp = Stamp::of(&fs::metadata(&dir).unwrap());
    fs::remove_file(dir).unwrap();
    stamp
}

fn tempfile() -> PathBuf {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let name = format!("connect-cache-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(name);
    fs::write(&path, "text").unwrap();
    path
}

#[test]
fn the_bytes_are_bounded_and_files_in_use_stay() {
    let stamp = stamp();
    let cache = Cache::new(10 * (OVERHEAD + 1000), 1 << 20);
    for n in 0..1000 {
        cache.keep(Path::new(&format!("/{n}")), stamp, cached(n % 900));
        let entries = cache.entries.read().unwrap();
        assert!(entries.bytes <= cache.limit);
        assert_eq!(entries.order.len(), entries.by_path.len());
        let cost = |(path, entry): (&std::ffi::OsString, &super::Entry)| super::cost(path, &entry.file);
        assert_eq!(entries.bytes, entries.by_path.iter().map(cost).sum::<usize>());
        // The first one is used all the time.
        if let Some(entry) = entries.by_path.get(Path::new("/0").as_os_str()) {
            entry.used.store(true, std::sync::atomic::Ordering::Relaxed);
        }
    }
    assert!(cache.has(Path::new("/0")) && !cache.has(Path::new("/1")) && cache.has(Path::new("/999")));
    cache.keep(Path::new("/huge"), stamp, cached(1 << 20));
    assert!(!cache.has(Path::new("/huge")) && cache.has(Path::new("/999")));
    cache.forget(Path::new("/999"));
    assert!(!cache.has(Path::new("/999")));
}

#[test]
fn a_file_that_grows_in_its_place_pushes_out_others_and_not_itself() {
    let stamp = stamp();
    let cache = Cache::new(4 * (OVERHEAD + 100), 1 << 20);
    for name in ["/a", "/b", "/c"] {
        cache.keep(Path::new(name), stamp, cached(50));
    }
    cache.keep(Path::new("/a"), stamp, cached(1500));
    assert!(cache.has(Path::new("/a")) && !cache.has(Path::new("/b")));
    let entries = cache.entries.read().unwrap();
    assert_eq!(entries.order.len(), entries.by_path.len());
}

#[test]
fn a_file_that_has_just_changed_is_read_and_not_kept() {
    let path = tempfile();
    let cache = Cache::new(1 << 20, 1 << 20);
    let (file, _) = cache.read(&path, &mut File::open(&path).unwrap()).unwrap().unwrap();
    assert_eq!(file.bytes, "text");
    assert!(!cache.has(&path));
    let stamp = Stamp::of(&fs::metadata(&path).unwrap());
    assert!(!stamp.is_settled(SystemTime::now()));
    assert!(stamp.is_settled(SystemTime::now() + Duration::from_secs(5)));
    fs::remove_file(path).unwrap();
}
