//! How is a ring cut at the edges of a tile?

/// Which side of which edge a point must lie on.
#[derive(Clone, Copy)]
struct Edge {
    axis: usize,
    at: i64,
    keep_above: bool,
}

/// The ring cut to the square from `low` to `high` (Sutherland and Hodgman, 1974). Where an edge of the ring is cut, the
/// place depends on the edge alone and not on its direction, so that both sides of a border are cut alike.
pub(super) fn clip(ring: &[[i64; 2]], low: i64, high: i64) -> Vec<[i64; 2]> {
    let edges =
        [(0, low, true), (0, high, false), (1, low, true), (1, high, false)].map(|(axis, at, keep_above)| Edge { axis, at, keep_above });
    edges.iter().fold(ring.to_vec(), |ring, edge| {
        let mut cut = Vec::with_capacity(ring.len() + 4);
        let Some(mut previous) = ring.last().copied() else { return cut };
        for point in ring {
            let (was_in, is_in) = (edge.keeps(previous), edge.keeps(point));
            if was_in != is_in {
                cut.push(edge.crossing(previous, point));
            }
            if is_in {
                cut.push(point);
            }
            previous = point;
        }
        cut
    })
}

impl Edge {
    const fn keeps(self, point: [i64; 2]) -> bool {
        if self.keep_above { point[self.axis] >= self.at } else { point[self.axis] <= self.at }
    }

    fn crossing(self, from: [i64; 2], to: [i64; 2]) -> [i64; 2] {
        let (from, to) = if from <= to { (from, to) } else { (to, from) };
        let (along, across) = (self.axis, 1 - self.axis);
        let span = i128::from(to[along] - from[along]);
        let moved = i128::from(to[across] - from[across]) * i128::from(self.at - from[along]);
        // Rounded half up; the two differ in the cut axis, so the span is not zero.
        let rounded = (2 * moved + span.abs() * span.signum()).div_euclid(2 * span);
        let mut place = [self.at; 2];
        place[across] = from[across] + i64::try_from(rounded).unwrap_or_default();
        place
    }
}

/// Takes repeated points and ways out and straight back away until none is left.
pub(super) fn tidy(ring: &mut Vec<[i64; 2]>) {
    let mut kept: Vec<[i64; 2]> = Vec::with_capacity(ring.len());
    for &point in ring.iter() {
        while let [.., before, last] = kept.as_slice()
            && (*last == point || *before == point)
        {
            kept.pop();
        }
        if kept.last() != Some(&point) {
            kept.push(point);
        }
    }
    // The same across the place where the ring closes.
    let mut start = 0;
    while kept.len() - start >= 3 {
        let (first, second, last, before) = (kept[start], kept[start + 1], kept[kept.len() - 1], kept[kept.len() - 2]);
        if last == first || before == first {
            kept.pop();
        } else if last == second {
            start += 1;
        } else {
            break;
        }
    }
    kept.drain(..start);
    if kept.len() < 3 {
        kept.clear();
    }
    *ring = kept;
}

/// Twice the signed area: positive for clockwise rings where the second axis runs down.
pub(super) fn twice_area(ring: &[[i64; 2]]) -> i64 {
    let Some((first, rest)) = ring.split_first() else { return 0 };
    let relative = |point: &[i64; 2]| [point[0] - first[0], point[1] - first[1]];
    rest.windows(2).map(|pair| (relative(&pair[0]), relative(&pair[1]))).map(|(a, b)| a[0] * b[1] - a[1] * b[0]).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_is_cut_alike_in_both_directions() {
        let mut ring = vec![[-50, 10], [60, -30], [130, 77], [40, 120]];
        let mut cut = clip(&ring, 0, 100);
        ring.reverse();
        let mut back = clip(&ring, 0, 100);
        cut.sort_unstable();
        back.sort_unstable();
        assert_eq!(cut, back);
        assert!(cut.iter().flatten().all(|unit| (0..=100).contains(unit)));
        assert_eq!(clip(&[[200, 200], [300, 200], [300, 300]], 0, 100), Vec::<[i64; 2]>::new());
    }

    #[test]
    fn spikes_and_repetitions_fall_away() {
        for (ring, expected) in [
            (vec![[0, 0], [0, 0], [4, 0], [4, 4]], 3),
            (vec![[0, 0], [4, 0], [9, 0], [4, 0], [4, 4]], 3),
            (vec![[0, 0], [4, 0], [4, 4], [0, 0]], 3),
            (vec![[2, 2], [0, 0], [4, 0], [4, 4], [0, 0]], 3),
            (vec![[0, 0], [4, 0], [0, 0]], 0),
            (vec![[0, 0], [0, 0]], 0),
        ] {
            let mut tidied = ring.clone();
            tidy(&mut tidied);
            assert_eq!(tidied.len(), expected, "{ring:?} {tidied:?}");
        }
    }
}
