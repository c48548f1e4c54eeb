//! How are figures laid out for a person to read?

use std::fmt::Write as _;

/// Rows of cells under a heading: words to the left, figures to the right. A cell is written whole however long it is: what does not fit the
/// terminal goes on in its next line.
#[derive(Debug)]
pub(crate) struct Table {
    heading: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new<'a>(heading: impl IntoIterator<Item = &'a str>) -> Self {
        Self { heading: heading.into_iter().map(str::to_owned).collect(), rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(printable).collect());
    }

    /// The table as text, each line ended.
    pub(crate) fn render(&self) -> String {
        let lines = || std::iter::once(&self.heading).chain(&self.rows);
        let columns = lines().map(Vec::len).max().unwrap_or(0);
        let of_column = |column: usize| lines().filter_map(move |row| row.get(column));
        let widths: Vec<usize> = (0..columns).map(|column| of_column(column).map(|cell| width(cell)).max().unwrap_or(0)).collect();
        let is_figures: Vec<bool> = (0..columns)
            .map(|column| column > 0 && self.rows.iter().filter_map(|row| row.get(column)).all(|cell| is_figure(cell)))
            .collect();
        let mut text = String::new();
        for (number, line) in lines().enumerate() {
            let mut out = String::new();
            for ((cell, width_wanted), is_figures) in line.iter().zip(&widths).zip(&is_figures) {
                let gap = " ".repeat(width_wanted - width(cell));
                let parts = if *is_figures { ["  ", &gap, cell] } else { ["  ", cell, &gap] };
                parts.iter().for_each(|part| out.push_str(part));
            }
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}", out.trim_end());
            if number == 0 {
                let rule: usize = widths.iter().map(|width| width + 2).sum();
                let _ = writeln!(text, "  {}", "─".repeat(rule - 2));
            }
        }
        text
    }
}

/// What was sent from outside may hold line ends, which would tear the table, and codes that a terminal obeys: each is seen as `�`.
fn printable(cell: String) -> String {
    if cell.contains(char::is_control) { cell.replace(char::is_control, "\u{fffd}") } else { cell }
}

/// Whether a cell is a figure, or stands for one that is not there.
fn is_figure(cell: &str) -> bool {
    cell.chars().next().is_none_or(|first| first.is_ascii_digit() || matches!(first, '+' | '-' | '–' | '−' | '…'))
}

/// Columns on a terminal: Chinese characters and pictures take two, marks that are written over a letter none.
fn width(text: &str) -> usize {
    let of = |c: char| match u32::from(c) {
        0x0300..=0x036f | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x2064 | 0xfe00..=0xfe0f | 0xfeff | 0xe0100..=0xe01ef => 0,
        0x1100..=0x115f | 0x2e80..=0x303e | 0x3041..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f => 2,
        0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1f64f | 0x1f680..=0x1f6ff | 0x1f900..=0x1f9ff | 0x20000..=0x3fffd => 2,
        _ => 1,
    };
    text.chars().map(of).sum()
}

/// A count with thousands apart: `20,000`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_in_chinese_too() {
        let mut table = Table::new(["kind", "records"]);
        table.row(["person".to_owned(), count(20_123)]);
        table.row(["宗地".to_owned(), count(7)]);
        assert_eq!(table.render(), "  kind    records\n  ───────────────\n  person   20,123\n  宗地          7\n");
    }

    #[test]
    fn words_stand_to_the_left_and_figures_to_the_right() {
        let mut table = Table::new(["name", "department", "read"]);
        table.row(["li".to_owned(), "数据管理局".to_owned(), count(1_200)]);
        table.row(["chen".to_owned(), "税务局".to_owned(), "–".to_owned()]);
        assert_eq!(
            table.render(),
            "  name  department   read\n  ───────────────────────\n  li    数据管理局  1,200\n  chen  税务局          –\n"
        );
    }

    #[test]
    fn nothing_is_cut_and_nothing_tears_the_table() {
        let mut table = Table::new(["name", "says"]);
        let long = "广".repeat(200);
        table.row(["a\nb\u{1b}[2J".to_owned(), long.clone(), "a cell more than the heading has".to_owned()]);
        let text = table.render();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.contains(&long) && text.contains("a cell more") && text.contains("a�b�[2J"), "{text}");
    }

    #[test]
    fn a_column_is_as_wide_as_it_is_seen() {
        for (text, columns) in [("宗地", 4), ("￥5", 3), ("e\u{301}", 1), ("🏠", 2), ("，", 2), ("𠮷", 2), ("№", 1)] {
            assert_eq!(width(text), columns, "{text}");
        }
    }

    #[test]
    fn thousands_are_set_apart() {
        for (number, shown) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), shown);
        }
    }
}
