//! How much will a reader take at once?

use jiku_model::Problem;

use crate::fault::{FileFault, reject};

/// Bounds that keep memory flat whatever is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest row or line, in bytes; of rows that may hold a boundary it is `feature_bytes`. A longer one is skipped and reported as `too-long`.
    pub row_bytes: usize,
    /// The longest value of a row, in bytes; geometry is bounded by the row alone.
    pub field_bytes: usize,
    /// The longest GeoJSON feature, or row with a boundary, in bytes: room for 100,000 vertices.
    pub feature_bytes: usize,
    /// How much may go by without the end of a row, or blank between two, before the file is given up with `line-too-long`.
    pub give_up_bytes: u64,
    /// The deepest nesting of JSON.
    pub json_depth: usize,
    /// The most members and items a JSON value may have in all.
    pub json_members: usize,
    /// The most columns of a table.
    pub columns: usize,
}

impl Limits {
    /// The limits of the service.
    pub const STANDARD: Self = Self {
        row_bytes: 1024 * 1024,
        field_bytes: 64 * 1024,
        feature_bytes: 8 * 1024 * 1024,
        give_up_bytes: 32 * 1024 * 1024,
        json_depth: 64,
        json_members: 10_000,
        columns: 1000,
    };

    /// The limits for one row that may hold a boundary: its coordinates count as members.
    #[must_use]
    pub const fn for_features(self) -> Self {
        Self { row_bytes: self.feature_bytes, json_members: 400_000, ..self }
    }
}

impl Limits {
    /// What to do about JSON with more members and items than these limits allow.
    pub(crate) const fn fewer_members(&self) -> &'static str {
        if self.json_members > Self::STANDARD.json_members {
            "send fewer vertices: a geometry has at most 100,000"
        } else {
            "send fewer members at once: at most 10,000 with the items of lists"
        }
    }

    /// The problem of a row that is longer than these limits allow.
    pub(crate) fn row_too_long(&self) -> Problem {
        reject("too-long", None, format!("keep a row within {} KiB", self.row_bytes / 1024))
    }

    /// The fault of a file in which no row ends.
    pub(crate) fn no_end(&self) -> FileFault {
        FileFault::new("line-too-long", format!("end each row within {} KiB", self.row_bytes / 1024))
    }

    /// The fault of a file that goes on without rows.
    pub(crate) fn nothing_but_blank(&self) -> FileFault {
        FileFault::new("line-too-long", format!("leave blank lines out: {} MiB of them hold no row", self.give_up_bytes / (1024 * 1024)))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::STANDARD
    }
}
