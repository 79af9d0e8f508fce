//! Figures of rounds.

/// One figure for each round, unless a round failed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Series(Vec<Option<f64>>);

impl Series {
    pub(crate) fn push(&mut self, figure: Option<f64>) {
        self.0.push(figure);
    }

    pub(crate) fn median(&self) -> Option<f64> {
        median(self.0.iter().copied().flatten().collect())
    }

    /// The median of what this is of another, each within a round.
    pub(crate) fn of(&self, other: &Series) -> Option<f64> {
        median(self.0.iter().zip(&other.0).filter_map(|(this, other)| Some((*this)? / (*other)?)).collect())
    }
}

fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    match figures.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(figures[middle]),
        _ => Some((figures[middle - 1] + figures[middle]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_that_of_rounds_which_have_both() {
        let series = |figures: &[Option<f64>]| Series(figures.to_vec());
        let this = series(&[Some(2.0), None, Some(9.0), Some(8.0)]);
        let other = series(&[Some(1.0), Some(1.0), Some(3.0), Some(2.0)]);
        assert_eq!(this.of(&other), Some(3.0));
        assert_eq!(this.median(), Some(8.0));
        assert_eq!(series(&[None]).median(), None);
    }
}
