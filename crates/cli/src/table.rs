//! How are figures laid out for a person to read?

use std::fmt::Write as _;

/// Rows of cells under a heading: the first column to the left, the others, figures, to the right.
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
        self.rows.push(cells.into_iter().collect());
    }

    /// The table as text, each line ended.
    pub(crate) fn render(&self) -> String {
        let lines = || std::iter::once(&self.heading).chain(&self.rows);
        let widths: Vec<usize> = (0..self.heading.len())
            .map(|column| lines().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0))
            .collect();
        let mut text = String::new();
        for (number, line) in lines().enumerate() {
            let mut out = String::new();
            for (column, (cell, width_wanted)) in line.iter().zip(&widths).enumerate() {
                let gap = " ".repeat(width_wanted - width(cell));
                let parts = if column == 0 { ["  ", cell, &gap] } else { ["  ", &gap, cell] };
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

/// Columns on a terminal: Chinese characters take two.
fn width(text: &str) -> usize {
    text.chars().map(|c| if matches!(u32::from(c), 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0x20000..=0x3fffd) { 2 } else { 1 }).sum()
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
    fn thousands_are_set_apart() {
        for (number, shown) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), shown);
        }
    }
}
