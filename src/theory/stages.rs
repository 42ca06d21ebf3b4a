//! Distributions as walks over exponential stages: the phase-type distributions that Markov chains
//! can take.

/// A time that is spent in exponential stages, one after another.
///
/// Erlang, hyperexponential, their mixtures and sums are such distributions; Cox (1955), "A use of
/// complex probabilities in the theory of stochastic processes", shows that every distribution is
/// near one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stages {
    /// Mean time in each stage, in seconds.
    pub(crate) means: Vec<f64>,
    /// P(the walk begins in a stage).
    pub(crate) start: Vec<f64>,
    /// P(stage i is followed by stage j); what is missing to 1 ends the time.
    pub(crate) next: Vec<Vec<f64>>,
}

/// The most stages that are written out.
pub(crate) const MOST_STAGES: usize = 150;

impl Stages {
    /// `count` stages in a row, together `mean` seconds: Erlang, or exponential for one.
    pub(crate) fn in_a_row(count: usize, mean: f64) -> Self {
        let unit = |at: usize| (0..count).map(|i| f64::from(u8::from(i == at))).collect();
        Stages {
            means: vec![mean / count as f64; count],
            start: unit(0),
            next: (1..=count).map(unit).collect(),
        }
    }

    /// One of several distributions, with probabilities.
    pub(crate) fn one_of(parts: &[(f64, Stages)]) -> Self {
        let mut all = Stages { means: Vec::new(), start: Vec::new(), next: Vec::new() };
        for (p, part) in parts {
            all.append(part);
            let first = all.start.len() - part.start.len();
            all.start[first..].iter_mut().zip(&part.start).for_each(|(to, s)| *to = p * s);
        }
        all
    }

    /// This time and then another one.
    pub(crate) fn then(mut self, other: &Stages) -> Self {
        let count = self.means.len();
        let ends: Vec<f64> = self.next.iter().map(|row| ends(row)).collect();
        self.append(other);
        for (row, end) in self.next.iter_mut().zip(ends) {
            row[count..].iter_mut().zip(&other.start).for_each(|(to, start)| *to = end * start);
        }
        self
    }

    /// Adds the stages of another distribution; nothing leads to them yet.
    fn append(&mut self, other: &Stages) {
        let (before, more) = (self.means.len(), other.means.len());
        self.next.iter_mut().for_each(|row| row.resize(before + more, 0.0));
        self.next.extend(other.next.iter().map(|row| [&vec![0.0; before][..], row].concat()));
        self.means.extend(&other.means);
        self.start.resize(before + more, 0.0);
    }
}

fn ends(row: &[f64]) -> f64 {
    (1.0 - row.iter().sum::<f64>()).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An Erlang of two stages, or an exponential; then an exponential: by hand.
    #[test]
    fn mixtures_and_sums() {
        let mixed =
            Stages::one_of(&[(0.25, Stages::in_a_row(2, 4.0)), (0.75, Stages::in_a_row(1, 5.0))]);
        let all = mixed.then(&Stages::in_a_row(1, 7.0));
        assert_eq!(all.means, [2.0, 2.0, 5.0, 7.0]);
        assert_eq!(all.start, [0.25, 0.0, 0.75, 0.0]);
        let to_last = vec![0.0, 0.0, 0.0, 1.0];
        assert_eq!(all.next, [vec![0.0, 1.0, 0.0, 0.0], to_last.clone(), to_last, vec![0.0; 4]]);
        assert_eq!((ends(&all.next[0]), ends(&all.next[3])), (0.0, 1.0));
    }
}
