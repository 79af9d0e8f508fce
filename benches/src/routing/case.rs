//! A case: passes over all paths, of which each is found.

/// Makes a number of passes over all paths; the sum of what was found in the last.
pub(super) type Case = Box<dyn FnMut(u64) -> usize>;

/// A case, from what finds something for one of the paths.
pub(super) fn case<P: Clone + 'static>(
    paths: &[P],
    mut find: impl FnMut(&P) -> Option<usize> + 'static,
) -> Case {
    let paths = paths.to_vec();
    Box::new(move |passes| {
        let mut sum = 0;
        for _ in 0..passes {
            sum = paths.iter().map(|path| find(path).unwrap_or(NOTHING)).sum();
        }
        sum
    })
}

/// More than there is to be found in all.
pub(super) const NOTHING: usize = 1 << 40;
