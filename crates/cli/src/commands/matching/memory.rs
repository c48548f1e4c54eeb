//! Is there enough memory for a table, asked before the work begins?

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// An amount of memory, as it is written on the command line: `512M`, `8G`, or a number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Bytes(pub(crate) u64);

impl std::str::FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let upper = text.trim().to_ascii_uppercase();
        let number = upper.trim_end_matches("IB").trim_end_matches('B');
        let (digits, unit) = match number.char_indices().last() {
            Some((at, 'K')) => (&number[..at], 1_u64 << 10),
            Some((at, 'M')) => (&number[..at], 1 << 20),
            Some((at, 'G')) => (&number[..at], 1 << 30),
            Some((at, 'T')) => (&number[..at], 1 << 40),
            _ => (number, 1),
        };
        let whole: Option<u64> = digits.trim().parse().ok().filter(|number| *number > 0);
        whole
            .and_then(|number| number.checked_mul(unit))
            .map(Self)
            .ok_or_else(|| format!("write 512M, 8G or a number of bytes, not {text:?}"))
    }
}

impl std::fmt::Display for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        #[expect(clippy::cast_precision_loss, reason = "a rounded amount for a person")]
        let mib = self.0 as f64 / f64::from(1 << 20);
        if mib < 1024.0 { write!(f, "{mib:.0} MiB") } else { write!(f, "{:.1} GiB", mib / 1024.0) }
    }
}

/// Refuses files that would not fit `limit`, or without one the memory that is free, before any of them is worked through.
pub(crate) fn check(files: &[PathBuf], of_kind: bool, columns: usize, limit: Option<Bytes>) -> Result<(), Failure> {
    let sizes: Vec<(u64, u64)> = files.iter().filter_map(|path| size(path)).collect();
    if sizes.is_empty() {
        return Ok(());
    }
    let need = need(&sizes, of_kind, columns);
    let (available, whose) = match limit {
        Some(limit) => (Some(limit), "is what --memory-limit allows"),
        None => (available(), "is free"),
    };
    match available {
        Some(available) if Bytes(need) > available => {
            let rows: u64 = sizes.iter().map(|(_, rows)| rows).sum();
            Err(Failure::place(format!(
                "about {} would be needed for about {rows} rows, and {available} {whose}; nothing was begun: split the table by a column in which \
                 duplicates agree (such as the division), take a larger machine, or allow more with --memory-limit",
                Bytes(need)
            )))
        }
        _ => Ok(()),
    }
}

/// About how many rows text files have; none of other formats.
pub(crate) fn rows(files: &[PathBuf]) -> u64 {
    files.iter().filter_map(|path| size(path)).map(|(_, rows)| rows).sum()
}

/// What a table takes at most while it is worked through, measured and rounded up: the program with its model; what pairs showed while the model is fitted,
/// which grows with the table up to a bound; and the table: with the columns of a kind distinct texts are kept once, any other is kept
/// as it is until its columns are understood.
fn need(sizes: &[(u64, u64)], of_kind: bool, columns: usize) -> u64 {
    let (bytes, rows) = sizes.iter().fold((0, 0), |sum, size| (sum.0 + size.0, sum.1 + size.1));
    let (program, table) =
        if of_kind { (56 << 20, rows * 400 + bytes * 3 / 2) } else { (28 << 20, rows * (300 + 40 * columns as u64) + bytes * 3) };
    program + (rows * PAIRS_OF_A_ROW).min(PAIRS) + table / 10 * 11
}

/// What the pairs of a row take while a model is fitted, and those of all rows at most.
const PAIRS_OF_A_ROW: u64 = 2_600;
const PAIRS: u64 = 64 << 20;

/// The bytes of a text file, and its rows as its first mebibyte foretells them. Of other formats the size says little.
fn size(path: &Path) -> Option<(u64, u64)> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    if matches!(extension.as_deref(), Some("parquet" | "xlsx" | "xls" | "gz" | "zst" | "zip")) {
        return None;
    }
    let bytes = fs::metadata(path).ok()?.len();
    let mut head = Vec::new();
    File::open(path).ok()?.take(1 << 20).read_to_end(&mut head).ok()?;
    let lines = head.iter().filter(|byte| **byte == b'\n').count().max(1) as u64;
    Some((bytes, bytes.saturating_mul(lines) / (head.len() as u64).max(1)))
}

/// The memory that is free, on systems that tell: of the machine, of the control group this process runs in, and of its own address space.
fn available() -> Option<Bytes> {
    let number = |text: &str| text.trim().trim_end_matches("kB").trim().parse::<u64>().ok();
    let info = fs::read_to_string("/proc/meminfo").ok()?;
    let free = info.lines().find_map(|line| number(line.strip_prefix("MemAvailable:")?))?.saturating_mul(1024);
    let group = |name: &str| fs::read_to_string(format!("/sys/fs/cgroup/{name}")).ok().and_then(|text| number(&text));
    let of_group = group("memory.max").map(|most| most.saturating_sub(group("memory.current").unwrap_or(0)));
    Some(Bytes([of_group, address_space()].into_iter().flatten().fold(free, u64::min)))
}

/// What is left of the address space this process may have (`ulimit -v`), if it is bounded.
fn address_space() -> Option<u64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let most: u64 = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?.split_whitespace().next()?.parse().ok()?;
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let used = status.lines().find_map(|line| line.strip_prefix("VmSize:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    Some(most.saturating_sub(used.unwrap_or(0).saturating_mul(1024)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, bytes) in
            [("512M", Ok(512 << 20)), ("8GiB", Ok(8 << 30)), ("1 gb", Ok(1 << 30)), ("4096", Ok(4096)), ("0", Err(())), ("much", Err(()))]
        {
            assert_eq!(text.parse::<Bytes>().map(|bytes| bytes.0).map_err(|_| ()), bytes, "{text}");
        }
        assert_eq!((Bytes(512 << 20).to_string(), Bytes(3 << 29).to_string()), ("512 MiB".to_owned(), "1.5 GiB".to_owned()));
    }

    #[test]
    fn what_was_measured_is_foretold_within_a_half() {
        // Bytes, rows, columns, and the peak in MiB of `jiku dedupe` on people of another generator, with the columns of the kind and without.
        for (bytes, rows, columns, of_kind, peak) in [
            (30_355, 200, 12, true, 55),
            (30_164, 200, 12, false, 26),
            (3_750_695, 24_148, 12, true, 119),
            (3_726_555, 24_148, 12, false, 99),
            (15_240_379, 96_492, 12, true, 174),
            (15_143_895, 96_492, 12, false, 196),
        ] {
            let foretold = need(&[(bytes, rows)], of_kind, columns) >> 20;
            assert!((peak..=peak * 3 / 2).contains(&foretold), "{rows} rows: {foretold} MiB for {peak}");
        }
    }

    #[test]
    fn a_table_that_does_not_fit_is_refused_before_the_work() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("people.csv");
        fs::write(&path, "name,phone\n".repeat(10_000)).expect("a file can be written");
        let check = |limit: &str| check(std::slice::from_ref(&path), true, 2, Some(limit.parse().expect("an amount")));
        assert!(check("92M").is_ok());
        assert!(format!("{:?}", check("84M").expect_err("it does not fit")).contains("10000 rows"));
    }
}
