//! When are so many rows bad that a file is better sent again?

/// Counts rows, and says when a file should be given up: when more than 20 % of its rows are bad, looked at from the
/// 100th row on and once more at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErrorBudget {
    /// Rows looked at.
    pub rows: u64,
    /// Rows rejected.
    pub bad: u64,
}

impl ErrorBudget {
    /// The reason code of a file that is given up.
    pub const CODE: &'static str = "too-many-row-errors";

    /// Rows that are looked at before the share counts.
    pub const FIRST_LOOK: u64 = 100;

    /// Counts a row.
    pub const fn count(&mut self, is_bad: bool) {
        self.rows += 1;
        if is_bad {
            self.bad += 1;
        }
    }

    /// Whether to stop now.
    #[must_use]
    pub const fn is_spent(&self) -> bool {
        self.rows >= Self::FIRST_LOOK && self.is_spent_at_end()
    }

    /// Whether a file that ends here was mostly unusable.
    #[must_use]
    pub const fn is_spent_at_end(&self) -> bool {
        self.bad * 5 > self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_of_the_rows_may_be_bad() {
        let mut budget = ErrorBudget::default();
        (0..99).for_each(|_| budget.count(true));
        assert!(!budget.is_spent() && budget.is_spent_at_end());
        (0..396).for_each(|_| budget.count(false));
        assert!(!budget.is_spent() && !budget.is_spent_at_end());
        budget.count(true);
        assert!(budget.is_spent());
    }
}
