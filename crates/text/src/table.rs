//! How are the embedded code lists read?

use ahash::AHashMap;
use smallvec::SmallVec;

/// A hash table built once from embedded text; seeds are fixed because nothing from outside is ever a key in it.
pub(crate) type Table<K, V> = AHashMap<K, V>;

/// An empty table with room for `capacity` entries.
pub(crate) fn table<K, V>(capacity: usize) -> Table<K, V> {
    let hasher = ahash::RandomState::with_seeds(0x6a69_6b75, 0x7465_7874, 0x7461_626c, 0x6573);
    AHashMap::from(std::collections::HashMap::with_capacity_and_hasher(capacity, hasher))
}

/// The rows of an embedded CSV file without its header. Quotes are understood, line breaks inside them are not: the
/// lists have none.
pub(crate) fn rows(csv: &'static str) -> impl Iterator<Item = SmallVec<[&'static str; 8]>> {
    csv.lines().skip(1).filter(|line| !line.is_empty()).map(split)
}

fn split(line: &'static str) -> SmallVec<[&'static str; 8]> {
    let mut cells = SmallVec::new();
    let mut rest = line;
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let end = quoted.find('"').unwrap_or(quoted.len());
            cells.push(&quoted[..end]);
            match quoted.get(end + 2..) {
                Some(next) => rest = next,
                None => return cells,
            }
        } else {
            match rest.split_once(',') {
                Some((cell, next)) => {
                    cells.push(cell);
                    rest = next;
                }
                None => {
                    cells.push(rest);
                    return cells;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_cells_may_hold_commas() {
        assert_eq!(split("A,\"x, y\",z").as_slice(), ["A", "x, y", "z"]);
        assert_eq!(split("A,\"x, y\"").as_slice(), ["A", "x, y"]);
        assert_eq!(split("A,,").as_slice(), ["A", "", ""]);
    }
}
