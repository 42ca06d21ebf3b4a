//! The table of what is compared and what is not yet, made from the cases.

use std::collections::BTreeMap;

use super::model::{Case, Reason};

const HEAD: &str = "\
# Oracles: exact answers that the program is held against

Other programs computed these values: closed forms, inverted transforms, matrix-geometric solutions
and numerically solved Markov chains (`tests/data/theory`). An ignored test runs every case that the
public command can express and compares every value that it has a column for:

    cargo test --test suite oracles -- --ignored --nocapture

20 replications, as long as Whitt's formula (1989) asks for a relative standard error of 0.5 % of the
mean wait, within a cap; each case has its number as its seed. A value agrees if it is within 4 standard errors or 0.5 %, whichever
is larger; between 4 and 6, one more run, four times as long and with another seed, must be within 3.
Over all, the root mean square of the differences in standard errors must lie in 0.8 .. 1.25 and
their mean within 0.3 of zero. Each value moved by ten standard errors must be seen to differ. What a
run of that length sees too seldom for a standard error is counted and left out: refusals that fewer
than 100 of its requests meet, waits that fewer than 100 requests or 200 relaxation times meet,
percentiles beyond which fewer than 20 relaxation times lie, and a percentile of the wait at its jump
to zero. Percentiles whose standard error is below 0.1 %, the rounding of their histogram, are compared
but do not enter the mean squares.
`SIMSRV_ORACLES=0` to `9` runs a tenth of the cases, shorter; `.ci/run` takes the tenth of the day of
the last commit. `SIMSRV_ORACLES='GIL open'` runs one family, the beginning of a case's name those cases. Beside this, an ordinary test holds `simsrv theory` against the same values.

This table is written by `SIMSRV_ORACLES_TABLE=overwrite cargo test --test suite oracles`, and a test
keeps it so.

| family | cases | run | values | compared | not compared, and why |
|---|---|---|---|---|---|
";

#[derive(Default)]
struct Counts {
    cases: usize,
    run: usize,
    values: usize,
    compared: usize,
    left: BTreeMap<Reason, usize>,
}

impl Counts {
    fn add(&mut self, case: &Case) {
        self.cases += 1;
        self.values += case.rows.len();
        let runs = match case.runs() {
            Ok(runs) => runs,
            Err(why) => {
                *self.left.entry(why).or_default() += case.rows.len();
                return;
            }
        };
        let compared: usize = runs.iter().map(|run| run.rows.len()).sum();
        self.run += usize::from(compared > 0);
        self.compared += compared;
        for why in case.rows.iter().filter_map(|(metric, _)| case.column(metric).err()) {
            *self.left.entry(why).or_default() += 1;
        }
    }

    fn line(&self, family: &str) -> String {
        let left: Vec<String> =
            self.left.iter().map(|(why, count)| format!("{count}: {why}")).collect();
        let Counts { cases, run, values, compared, .. } = self;
        let name = family.replace('|', "\\|");
        format!("| {name} | {cases} | {run} | {values} | {compared} | {} |\n", left.join("; "))
    }
}

/// The whole document.
pub fn document(cases: &[Case]) -> String {
    let mut families: Vec<(&str, Counts)> = Vec::new();
    let mut all = Counts::default();
    for case in cases {
        let known = families.iter().position(|(family, _)| *family == case.family);
        let at = known.unwrap_or_else(|| {
            families.push((&case.family, Counts::default()));
            families.len() - 1
        });
        families[at].1.add(case);
        all.add(case);
    }
    all.left.clear();
    let lines: String = families.iter().map(|(family, counts)| counts.line(family)).collect();
    format!("{HEAD}{lines}{}", all.line("all"))
}
