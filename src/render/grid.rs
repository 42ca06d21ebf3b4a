//! Columns of text, aligned.

use comfy_table::{CellAlignment, Table, TableStyle, presets};

/// The side that the values of a column stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Words.
    Left,
    /// Several numbers in one cell.
    Middle,
    /// Numbers.
    Right,
}

/// A column: its name, its values, and their side.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(crate) name: String,
    pub(crate) values: Vec<String>,
    pub(crate) side: Side,
}

impl Column {
    pub(super) fn numbers(name: &str, values: Vec<String>) -> Self {
        Column { name: name.to_owned(), values, side: Side::Right }
    }

    pub(super) fn words(name: &str, values: Vec<String>) -> Self {
        Column { name: name.to_owned(), values, side: Side::Left }
    }

    pub(super) fn centred(name: &str, values: Vec<String>) -> Self {
        Column { name: name.to_owned(), values, side: Side::Middle }
    }
}

fn table(columns: &[Column], headers: &[String], style: TableStyle) -> Table {
    let mut table = Table::new();
    table.load_style(style);
    table.set_header(headers);
    let rows = columns.iter().map(|column| column.values.len()).max().unwrap_or(0);
    for at in 0..rows {
        table.add_row(columns.iter().map(|column| column.values.get(at).map_or("", |v| v)));
    }
    for (column, wanted) in table.column_iter_mut().zip(columns) {
        let side = match wanted.side {
            Side::Left => CellAlignment::Left,
            Side::Middle => CellAlignment::Center,
            Side::Right => CellAlignment::Right,
        };
        column.set_cell_alignment(side);
    }
    table
}

/// Whether every line fits into so many columns of a terminal.
pub(super) fn fits(text: &str, width: usize) -> bool {
    text.lines().all(|line| line.chars().count() <= width)
}

/// For the terminal: blanks between columns, none at the ends of lines. A name with a line break
/// takes two lines; names without one then stand on the lower.
pub(super) fn plain(columns: &[Column], gap: u16) -> String {
    let tall = columns.iter().any(|column| column.name.contains('\n'));
    let lowered = |name: &str| match name.contains('\n') || !tall {
        true => name.to_owned(),
        false => format!("\n{name}"),
    };
    let headers: Vec<String> = columns.iter().map(|column| lowered(&column.name)).collect();
    let mut table = table(columns, &headers, presets::NOTHING);
    for column in table.column_iter_mut() {
        column.set_padding((0, gap));
    }
    let text = table.to_string();
    text.lines().map(|line| format!("  {}\n", line.trim_end())).collect()
}

/// The table in as many columns as there are: with narrow gaps where it is too wide, then without the
/// columns of these names, one after the other.
pub(super) fn fitted(mut columns: Vec<Column>, width: usize, left_out: &[&str]) -> String {
    let mut text = plain(&columns, 3);
    for name in std::iter::once(&"").chain(left_out) {
        if fits(&text, width) {
            break;
        }
        columns.retain(|column| name.is_empty() || column.name != *name);
        text = plain(&columns, 2);
    }
    text
}

/// For a document: a Markdown table.
pub(super) fn markdown(columns: &[Column]) -> String {
    let headers: Vec<String> =
        columns.iter().map(|column| column.name.replace('\n', " ")).collect();
    // A bar in a name, such as that of a case, is no edge of a cell.
    let escaped: Vec<Column> = columns
        .iter()
        .map(|column| Column {
            values: column.values.iter().map(|cell| cell.replace('|', "\\|")).collect(),
            ..column.clone()
        })
        .collect();
    let mut text = table(&escaped, &headers, presets::ASCII_MARKDOWN).to_string();
    text.push('\n');
    text
}
