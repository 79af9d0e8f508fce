//! Compression at build time.

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::folder::Found;

/// Extensions of files that are compressed already.
const COMPRESSED: [&str; 25] = [
    "7z", "aac", "avif", "br", "bz2", "docx", "flac", "gif", "gz", "heic", "jpeg", "jpg", "jxl", "m4a",
    "mov", "mp3", "mp4", "ogg", "png", "webm", "webp", "woff", "woff2", "zip", "zst",
];

/// A shorter file is not worth a header.
const SHORTEST: usize = 200;

/// Above this length of all files, Brotli's highest quality takes too long.
const MUCH: usize = 1 << 20;

/// A file in the codings in which it is shorter.
#[derive(Default)]
pub(crate) struct Compressed {
    pub(crate) brotli: Option<Vec<u8>>,
    pub(crate) gzip: Option<Vec<u8>>,
}

/// Compresses files, on all processors. In a debug build none is: then a build, and `cargo check`, is fast.
pub(crate) fn all(files: &[Found]) -> Vec<Compressed> {
    // The profile of the program: cargo builds macros with the debug assertions of the profile that they are built for.
    if cfg!(debug_assertions) {
        return files.iter().map(|_| Compressed::default()).collect();
    }
    let total: usize = files.iter().filter(|file| is_worth(file)).map(|file| file.bytes.len()).sum();
    let quality = if total > MUCH { 9 } else { 11 };
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from).min(files.len());
    let work = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(place) else { return done };
            done.push((place, compress(file, quality)));
        }
    };
    let mut done: Vec<(usize, Compressed)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("compression does not panic")).collect()
    });
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, compressed)| compressed).collect()
}

fn is_worth(file: &Found) -> bool {
    let extension = file.path.extension().and_then(|extension| extension.to_str()).unwrap_or("");
    let is_compressed = COMPRESSED.iter().any(|other| extension.eq_ignore_ascii_case(other));
    file.bytes.len() >= SHORTEST && !is_compressed
}

fn compress(file: &Found, quality: u32) -> Compressed {
    if !is_worth(file) {
        return Compressed::default();
    }
    let shorter = |bytes: Vec<u8>| Some(bytes).filter(|bytes| bytes.len() < file.bytes.len());
    let mut brotli = brotli::CompressorWriter::new(Vec::new(), 1 << 16, quality, 22);
    brotli.write_all(&file.bytes).expect("memory takes everything");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&file.bytes).expect("memory takes everything");
    Compressed {
        brotli: shorter(brotli.into_inner()),
        gzip: shorter(gzip.finish().expect("memory takes everything")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::{Found, compress};

    fn file(name: &str, bytes: Vec<u8>) -> Found {
        Found { name: name.to_owned(), path: name.into(), bytes }
    }

    #[test]
    fn a_file_is_kept_compressed_where_that_is_shorter() {
        let text = "function f() { return 1; }\n".repeat(100).into_bytes();
        let compressed = compress(&file("a.js", text.clone()), 11);
        let (brotli, gzip) = (compressed.brotli.unwrap(), compressed.gzip.unwrap());
        assert!(brotli.len() < text.len() / 4 && gzip.len() < text.len() / 4);
        let mut read = Vec::new();
        brotli::Decompressor::new(&brotli[..], 4096).read_to_end(&mut read).unwrap();
        assert!(read == text);
        read.clear();
        flate2::read::GzDecoder::new(&gzip[..]).read_to_end(&mut read).unwrap();
        assert!(read == text);
        let mut state = 1_u64;
        let noise = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        });
        for other in
            [file("a.bin", noise.take(5000).collect()), file("a.PNG", text), file("a.txt", b"aaaa".repeat(9))]
        {
            let compressed = compress(&other, 11);
            assert!(compressed.brotli.is_none() && compressed.gzip.is_none(), "{}", other.name);
        }
    }
}
