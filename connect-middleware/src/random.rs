//! Random bytes for ids, which are no secrets: they end up in headers and in logs.

use std::cell::RefCell;

/// Bytes that were not used yet.
struct Pool {
    bytes: [u8; 512],
    used: usize,
}

thread_local! {
    // The system is asked once for 32 ids.
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; 512], used: 512 }) };
}

/// Random bytes, at most 512.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    POOL.with_borrow_mut(|Pool { bytes, used }| {
        if bytes.len() - *used < N {
            // What is left is given up.
            *used = bytes.len();
            getrandom::fill(bytes)?;
            *used = 0;
        }
        let mut taken = [0; N];
        taken.copy_from_slice(&bytes[*used..*used + N]);
        *used += N;
        Ok(taken)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::bytes;

    #[test]
    fn no_bytes_are_given_twice() {
        let mut seen = HashSet::new();
        for _ in 0..2000 {
            let (long, short) = (bytes::<16>().unwrap(), bytes::<8>().unwrap());
            assert!(seen.insert(long[..8].to_vec()) && seen.insert(long[8..].to_vec()));
            assert!(seen.insert(short.to_vec()));
        }
    }
}
