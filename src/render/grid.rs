//! Columns of text, aligned.

use comfy_table::{CellAlignment, Table, TableStyle, presets};

/// A column: its name, its values, and whether they are words (left) or numbers (right).
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub name: String,
    pub values: Vec<String>,
    pub words: bool,
}

impl Column {
    pub(super) fn numbers(name: &str, values: Vec<String>) -> Self {
        Column { name: name.to_owned(), values, words: false }
    }

    pub(super) fn words(name: &str, values: Vec<String>) -> Self {
        Column { name: name.to_owned(), values, words: true }
    }
}

fn table(columns: &[Column], style: TableStyle) -> Table {
    let mut table = Table::new();
    table.load_style(style);
    table.set_header(columns.iter().map(|column| column.name.as_str()));
    let rows = columns.iter().map(|column| column.values.len()).max().unwrap_or(0);
    for at in 0..rows {
        table.add_row(columns.iter().map(|column| column.values.get(at).map_or("", |v| v)));
    }
    for (column, wanted) in table.column_iter_mut().zip(columns) {
        let side = if wanted.words { CellAlignment::Left } else { CellAlignment::Right };
        column.set_cell_alignment(side);
    }
    table
}

/// For the terminal: blanks between columns, none at the ends of lines.
pub(super) fn plain(columns: &[Column]) -> String {
    let mut table = table(columns, presets::NOTHING);
    for column in table.column_iter_mut() {
        column.set_padding((0, 3));
    }
    let text = table.to_string();
    text.lines().map(|line| format!("  {}\n", line.trim_end())).collect()
}

/// For a document: a Markdown table.
pub(super) fn markdown(columns: &[Column]) -> String {
    let mut text = table(columns, presets::ASCII_MARKDOWN).to_string();
    text.push('\n');
    text
}
