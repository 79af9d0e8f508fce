//! The headers, and how they are restored when a run is dropped.

use std::cell::RefCell;
use std::ops::Deref;

use http::header::{AsHeaderName, Entry, HeaderMap, HeaderName, HeaderValue};

/// The headers of a response.
///
/// While a run that may be dropped is in progress, there is a [`Mark`]: the names that were there before it are the
/// first ones of the map, as new ones are added after them. Nothing is copied as long as the layers below only add
/// headers, as most do. Before the first old header is changed, all old ones are copied.
#[derive(Debug, Default)]
pub(super) struct Headers {
    map: HeaderMap,
    /// How many names there were at the mark.
    old: usize,
    /// A copy of the headers at the mark, once one of them has changed.
    before: Option<PooledMap>,
    /// How many marks there are.
    marks: usize,
}

/// The headers at some time. Marks end in the opposite order of their creation.
#[derive(Debug)]
pub(super) struct Mark {
    old: usize,
    /// The number of this mark.
    number: usize,
    outer_old: usize,
    outer_before: Option<PooledMap>,
}

impl Deref for Headers {
    type Target = HeaderMap;
    #[inline]
    fn deref(&self) -> &HeaderMap {
        &self.map
    }
}

impl Headers {
    // Without a mark the name is not compared, so that it can stay in registers.
    #[inline]
    pub(super) fn insert(&mut self, name: HeaderName, value: HeaderValue) {
        if self.old > 0 {
            self.insert_below(name, value);
        } else {
            self.map.insert(name, value);
        }
    }

    #[cold]
    fn insert_below(&mut self, name: HeaderName, value: HeaderValue) {
        self.save_if_old(name.as_str());
        self.map.insert(name, value);
    }

    #[inline]
    pub(super) fn append(&mut self, name: HeaderName, value: HeaderValue) {
        if self.old > 0 {
            self.append_below(name, value);
        } else {
            self.map.append(name, value);
        }
    }

    #[cold]
    fn append_below(&mut self, name: HeaderName, value: HeaderValue) {
        self.save_if_old(name.as_str());
        self.map.append(name, value);
    }

    #[inline]
    pub(super) fn remove<N: AsHeaderName + AsRef<str>>(&mut self, name: N) {
        if self.old > 0 {
            self.save_if_old(name.as_ref());
        }
        self.map.remove(name);
    }

    #[inline]
    pub(super) fn entry(&mut self, name: HeaderName) -> Entry<'_, HeaderValue> {
        if self.old > 0 {
            self.save_if_old(name.as_str());
        }
        self.map.entry(name)
    }

    /// The whole map, to change any header.
    pub(super) fn all_mut(&mut self) -> &mut HeaderMap {
        if self.old > 0 {
            self.save();
        }
        &mut self.map
    }

    pub(super) fn into_map(self) -> HeaderMap {
        self.map
    }

    #[cold]
    fn save_if_old(&mut self, name: &str) {
        // The caller's name may have upper-case letters.
        if self.map.keys().take(self.old).any(|old| old.as_str().eq_ignore_ascii_case(name)) {
            self.save();
        }
    }

    /// Copies the headers of the mark, none of which has changed yet.
    #[cold]
    fn save(&mut self) {
        if self.before.is_none() {
            self.before = Some(PooledMap::of(&self.map, self.old));
        }
    }

    pub(super) fn mark(&mut self) -> Mark {
        let outer_old = std::mem::replace(&mut self.old, self.map.keys_len());
        self.marks += 1;
        Mark { old: self.old, number: self.marks, outer_old, outer_before: self.before.take() }
    }

    /// Ends a mark and keeps the changes.
    pub(super) fn keep(&mut self, mark: Mark) {
        let Mark { outer_old, outer_before, number, .. } = mark;
        // A layer has replaced the response that was marked.
        if self.marks != number {
            return;
        }
        self.marks -= 1;
        self.before = match (outer_before, self.before.take()) {
            // Between the two marks none of the first mark's headers has changed.
            (None, Some(mut inner)) if outer_old > 0 => Some(PooledMap::of(inner.map(), outer_old)),
            (outer, _) => outer,
        };
        self.old = outer_old;
    }

    /// Ends a mark and undoes the changes.
    #[cold]
    pub(super) fn undo(&mut self, mark: Mark) {
        let Mark { old, outer_old, outer_before, number } = mark;
        if self.marks != number {
            // The headers of another response: those of the marked one were dropped with it.
            self.map.clear();
            return;
        }
        self.marks -= 1;
        let mut before = self.before.take().unwrap_or_else(|| PooledMap::of(&self.map, old));
        std::mem::swap(&mut self.map, before.map());
        (self.old, self.before) = (outer_old, outer_before);
    }
}

/// A copy of headers, in a map from a pool, so that making one need not allocate. Boxed, since every response has space
/// for one, and hardly any needs it.
#[derive(Debug)]
struct PooledMap(Option<Box<HeaderMap>>);

/// How many maps each thread keeps.
const POOL_SIZE: usize = 16;

/// A map with a larger capacity than this is not kept.
const NAMES: usize = 64;

thread_local! {
    // The boxes are moved in and out of the pool with their maps.
    #[allow(clippy::vec_box, reason = "the box is used again, too")]
    static POOL: RefCell<Vec<Box<HeaderMap>>> = const { RefCell::new(Vec::new()) };
}

impl PooledMap {
    /// Copies the first names, with all of their values.
    fn of(map: &HeaderMap, names: usize) -> PooledMap {
        let mut out = POOL.with_borrow_mut(Vec::pop).unwrap_or_default();
        for name in map.keys().take(names) {
            for value in map.get_all(name) {
                out.append(name.clone(), value.clone());
            }
        }
        PooledMap(Some(out))
    }

    fn map(&mut self) -> &mut HeaderMap {
        self.0.get_or_insert_default()
    }
}

impl Drop for PooledMap {
    fn drop(&mut self) {
        let Some(mut map) = self.0.take().filter(|map| map.capacity() <= NAMES) else { return };
        map.clear();
        // Fails while the thread is ending.
        let _ = POOL.try_with(|pool| {
            let mut pool = pool.borrow_mut();
            if pool.len() < POOL_SIZE {
                pool.push(map);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 6] = ["vary", "set-cookie", "x-a", "x-b", "x-c", "X-D"];

    /// Makes the same change to both.
    fn act(random: &mut impl FnMut(usize) -> usize, headers: &mut Headers, naive: &mut HeaderMap) {
        let name = NAMES[random(NAMES.len())];
        let (key, value) = (HeaderName::try_from(name).unwrap(), HeaderValue::from(random(9)));
        match random(7) {
            0..=1 => {
                headers.insert(key.clone(), value.clone());
                naive.insert(key, value);
            }
            2..=3 => {
                headers.append(key.clone(), value.clone());
                naive.append(key, value);
            }
            4 => {
                headers.remove(name);
                naive.remove(name);
            }
            5 => {
                headers.entry(key.clone()).or_insert(value.clone());
                naive.entry(key).or_insert(value);
            }
            _ => {
                headers.all_mut().insert(key.clone(), value.clone());
                naive.insert(key, value);
            }
        }
    }

    fn some(
        random: &mut impl FnMut(usize) -> usize,
        headers: &mut Headers,
        naive: &mut HeaderMap,
        depth: usize,
    ) {
        for _ in 0..random(6) {
            if depth == 0 || random(4) > 0 {
                act(random, headers, naive);
                continue;
            }
            let (mark, before) = (headers.mark(), naive.clone());
            some(random, headers, naive, depth - 1);
            if random(2) == 0 {
                headers.keep(mark);
            } else {
                headers.undo(mark);
                *naive = before;
            }
            assert_eq!(**headers, *naive);
        }
    }

    #[test]
    fn marks_in_marks_put_back_what_a_copy_would() {
        for seed in 0..5_000_u64 {
            let mut state = seed;
            let mut random = move |n: usize| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                usize::try_from((state >> 33) % n as u64).unwrap()
            };
            let (mut headers, mut naive) = (Headers::default(), HeaderMap::new());
            for _ in 0..4 {
                some(&mut random, &mut headers, &mut naive, 3);
            }
            assert_eq!(*headers, naive);
            assert!(headers.old == 0 && headers.before.is_none());
        }
    }

    #[test]
    fn headers_that_are_added_and_kept_are_not_copied() {
        let mut headers = Headers::default();
        headers.insert(HeaderName::from_static("x-a"), HeaderValue::from_static("1"));
        let mark = headers.mark();
        headers.insert(HeaderName::from_static("x-b"), HeaderValue::from_static("2"));
        headers.remove("x-b");
        headers.append(HeaderName::from_static("x-c"), HeaderValue::from_static("3"));
        assert!(headers.before.is_none());
        headers.append(HeaderName::from_static("x-a"), HeaderValue::from_static("4"));
        assert!(headers.before.is_some());
        headers.undo(mark);
        assert_eq!(headers.len(), 1);
    }
}
