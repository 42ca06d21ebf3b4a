//! Some of many, evenly spread.

/// Positions of `most` of `count` items, the first and the last among them; the first alone, if one
/// is wanted.
pub(crate) fn spread(count: usize, most: usize) -> impl Iterator<Item = usize> {
    let gaps = most.saturating_sub(1).max(1);
    (0..most).map(move |at| at * count.saturating_sub(1) / gaps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_among_them() {
        let spread = |count, most| spread(count, most).collect::<Vec<_>>();
        assert_eq!(spread(9, 6), [0, 1, 3, 4, 6, 8]);
        assert_eq!(spread(300, 3), [0, 149, 299]);
        assert_eq!(spread(5, 1), [0]);
        assert!(spread(5, 0).is_empty());
    }
}
