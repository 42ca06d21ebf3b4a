//! The documents: every command in a `console` block of `README.md` and of `docs/` is run and its
//! output compared, and the reference of scenario files leaves nothing out.

use simsrv::experiment::row::Measure;
use simsrv::scenario::chart::ChartKind;
use simsrv::scenario::keys::KEYS;

const REFERENCE: &str = include_str!("../docs/scenario.md");

/// Documents that changed on purpose are written anew with `TRYCMD=overwrite`.
#[test]
fn every_command_says_what_the_documents_say() {
    trycmd::TestCases::new().env("LANG", "C.UTF-8").case("README.md").case("docs/*.md");
}

/// The first cells of the rows of tables that begin with a name.
fn rows(name: &str) -> usize {
    let start = format!("| `{name}` |");
    REFERENCE.lines().filter(|line| line.starts_with(&start)).count()
}

#[test]
fn every_key_has_its_row() {
    for key in KEYS {
        assert!(rows(key.name) >= 1, "docs/scenario.md has no row for the key '{}'", key.name);
    }
}

#[test]
fn every_kind_of_chart_has_its_row() {
    for kind in ChartKind::ALL {
        let name = kind.name();
        assert!(rows(name) >= 1, "docs/scenario.md has no row for the chart '{name}'");
    }
}

#[test]
fn every_measure_has_its_row() {
    for measure in Measure::ALL {
        let name = measure.name();
        assert_eq!(rows(name), 1, "docs/scenario.md has no row for the measure '{name}'");
    }
    assert_eq!(rows("response_p98_s"), 0);
}
