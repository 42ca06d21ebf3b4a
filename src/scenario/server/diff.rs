//! Two texts line by line, as `diff -u` writes them.

/// Lines around a change.
const AROUND: usize = 3;

/// The difference of two texts as one hunk; empty if they are equal.
pub(super) fn unified(path: &str, before: &str, after: &str) -> String {
    if before == after {
        return String::new();
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - same;
    let end = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let begin = same.saturating_sub(AROUND);
    let tail = end.min(AROUND);
    let (from, to) = (old.len() - end, new.len() - end);
    let mut text = format!(
        "--- {path}\n+++ {path}\n@@ -{},{} +{},{} @@\n",
        begin + 1,
        from + tail - begin,
        begin + 1,
        to + tail - begin
    );
    let mut add = |sign: char, lines: &[&str]| {
        for line in lines {
            text.push(sign);
            text += line;
            text.push('\n');
        }
    };
    add(' ', &old[begin..same]);
    // Between two changes most lines are equal: those of equal number stand beside one another.
    if from - same == to - same {
        let mut at = same;
        while at < from {
            let next = (at..from).find(|n| old[*n] == new[*n]).unwrap_or(from);
            add('-', &old[at..next]);
            add('+', &new[at..next]);
            let after = (next..from).find(|n| old[*n] != new[*n]).unwrap_or(from);
            add(' ', &old[next..after]);
            at = after;
        }
    } else {
        add('-', &old[same..from]);
        add('+', &new[same..to]);
    }
    add(' ', &old[from..from + tail]);
    text
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn a_hunk_has_the_changes_and_three_lines_around() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\n";
        assert_eq!(unified("x", old, old), "");
        let new = "a\nb\nc\nd\nE\nf\ng\nh\n";
        let head = "--- x\n+++ x\n@@ -2,7 +2,7 @@\n";
        assert_eq!(unified("x", old, new), format!("{head} b\n c\n d\n-e\n+E\n f\n g\n h\n"));
        let new = "a\nb\nc\nd\ne\nf\ng\nh\ni\n";
        let head = "--- x\n+++ x\n@@ -6,3 +6,4 @@\n";
        assert_eq!(unified("x", old, new), format!("{head} f\n g\n h\n+i\n"));
    }
}
