//! Which canonical id does each group carry?

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiku_model::{EntityId, RecordId, Timestamp};

/// An id that was given out before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// The id.
    pub entity: EntityId,
    /// When it was minted.
    pub created: Timestamp,
    /// The records it named last.
    pub members: Vec<RecordId>,
    /// Whether it names an entity now; an id that was merged away or retired may be revived.
    pub active: bool,
}

/// How a group came by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdOrigin {
    /// It had the id before.
    Kept,
    /// The id had been merged away and comes back.
    Revived,
    /// The id is new.
    Minted,
}

/// The id of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupId {
    /// The id.
    pub entity: EntityId,
    /// How the group came by it.
    pub origin: IdOrigin,
}

/// What a former id answers with now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redirect {
    /// It still names a group.
    Itself,
    /// It points to the entity that holds most of its records.
    To(EntityId),
    /// None of its records is left.
    Retired,
}

/// The ids of all groups, and what became of every former id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// One per group, in the order of the groups.
    pub groups: Vec<GroupId>,
    /// One per former id, in the order of `former`.
    pub former: Vec<Redirect>,
}

/// Hands ids to groups: an active id stays with its largest part, the older one wins a tie; a part that splits off
/// gets back the id that was merged away with the largest share in it; what is left is minted.
///
/// Records that came from a merged-away id count only as the second criterion for the survivor: after a merge of two
/// equally large entities is undone, each part has its own id again.
#[must_use]
pub fn assign_ids(groups: &[Vec<RecordId>], former: &[Former], mut mint: impl FnMut() -> EntityId) -> Assignment {
    let group_of: HashMap<RecordId, usize> =
        groups.iter().enumerate().flat_map(|(at, group)| group.iter().map(move |record| (*record, at))).collect();
    let merged_away: BTreeSet<RecordId> =
        former.iter().filter(|former| !former.active).flat_map(|former| former.members.iter().copied()).collect();
    let claims: Vec<BTreeMap<usize, Share>> = former.iter().map(|former| shares(former, &group_of, &merged_away)).collect();

    let mut taken: Vec<Option<usize>> = vec![None; groups.len()];
    let mut used = vec![false; former.len()];
    for active in [true, false] {
        let mut order: Vec<(usize, usize, Share)> = claims
            .iter()
            .enumerate()
            .filter(|(at, _)| former[*at].active == active)
            .flat_map(|(at, shares)| shares.iter().map(move |(group, share)| (at, *group, *share)))
            .collect();
        order.sort_by_key(|(at, group, share)| (Reverse(*share), former[*at].created, former[*at].entity, groups[*group].first().copied()));
        for (at, group, _) in order {
            if taken[group].is_none() && !used[at] {
                taken[group] = Some(at);
                used[at] = true;
            }
        }
    }

    let ids: Vec<GroupId> = taken
        .iter()
        .map(|taken| match taken {
            Some(at) => {
                let origin = if former[*at].active { IdOrigin::Kept } else { IdOrigin::Revived };
                GroupId { entity: former[*at].entity, origin }
            }
            None => GroupId { entity: mint(), origin: IdOrigin::Minted },
        })
        .collect();
    let redirect = |at: usize| {
        if used[at] {
            return Redirect::Itself;
        }
        let best = claims[at].iter().max_by_key(|(group, share)| (share.all, Reverse(groups[**group].first().copied())));
        best.map_or(Redirect::Retired, |(group, _)| Redirect::To(ids[*group].entity))
    };
    let former = (0..former.len()).map(redirect).collect();
    Assignment { groups: ids, former }
}

/// How many records of a former id a group holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Share {
    /// Those that no merged-away id claims; for a merged-away id all of them.
    own: usize,
    /// All of them.
    all: usize,
}

fn shares(former: &Former, group_of: &HashMap<RecordId, usize>, merged_away: &BTreeSet<RecordId>) -> BTreeMap<usize, Share> {
    let mut shares: BTreeMap<usize, Share> = BTreeMap::new();
    for record in former.members.iter().copied().collect::<BTreeSet<_>>() {
        if let Some(group) = group_of.get(&record) {
            let share = shares.entry(*group).or_default();
            share.all += 1;
            share.own += usize::from(!former.active || !merged_away.contains(&record));
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use jiku_model::Kind;
    use proptest::prelude::*;

    use super::*;

    fn record(slot: u32) -> RecordId {
        RecordId::new(Kind::Person, slot)
    }

    fn records(slots: &[u32]) -> Vec<RecordId> {
        slots.iter().map(|slot| record(*slot)).collect()
    }

    fn id(number: u128) -> EntityId {
        EntityId(uuid_from(number))
    }

    fn uuid_from(number: u128) -> uuid::Uuid {
        uuid::Uuid::from_u128(number)
    }

    fn former(number: u128, members: &[u32], active: bool) -> Former {
        let created = Timestamp::from_timestamp(i64::try_from(number).expect("small"), 0).expect("in range");
        Former { entity: id(number), created, members: records(members), active }
    }

    /// Mints 100, 101, … and prints the ids of the groups and what became of the former ids.
    #[track_caller]
    fn check(groups: &[&[u32]], formers: &[Former], expected: &str) {
        let groups: Vec<Vec<RecordId>> = groups.iter().map(|group| records(group)).collect();
        let mut next = 99;
        let assignment = assign_ids(&groups, formers, || {
            next += 1;
            id(next)
        });
        let of = |entity: EntityId| entity.0.as_u128();
        let groups: Vec<String> = assignment.groups.iter().map(|group| format!("{} {:?}", of(group.entity), group.origin)).collect();
        let former: Vec<String> = assignment
            .former
            .iter()
            .map(|redirect| match redirect {
                Redirect::Itself => "itself".to_owned(),
                Redirect::To(entity) => format!("to {}", of(*entity)),
                Redirect::Retired => "retired".to_owned(),
            })
            .collect();
        assert_eq!(format!("{} / {}", groups.join(", "), former.join(", ")), expected);
    }

    #[test]
    fn a_new_group_gets_a_new_id() {
        check(&[&[1], &[2, 3]], &[], "100 Minted, 101 Minted / ");
    }

    #[test]
    fn a_merge_keeps_the_id_of_the_larger_part_and_of_the_older_in_a_tie() {
        check(&[&[1, 2, 3]], &[former(1, &[1], true), former(2, &[2, 3], true)], "2 Kept / to 2, itself");
        check(&[&[1, 2]], &[former(2, &[1], true), former(1, &[2], true)], "1 Kept / to 1, itself");
    }

    #[test]
    fn an_undone_merge_gives_both_ids_back() {
        check(&[&[1], &[2]], &[former(1, &[1, 2], true), former(2, &[1], false)], "2 Revived, 1 Kept / itself, itself");
    }

    #[test]
    fn an_id_without_records_is_retired() {
        check(&[&[2]], &[former(1, &[1], true), former(2, &[2], true)], "2 Kept / retired, itself");
    }

    #[test]
    fn the_larger_part_of_a_split_keeps_the_id() {
        check(&[&[1], &[2, 3]], &[former(1, &[1, 2, 3], true)], "100 Minted, 1 Kept / itself");
    }

    proptest! {
        #[test]
        fn unmerge_after_merge_is_identity(sizes in prop::collection::vec(1..4_usize, 2..5)) {
            let mut next = 0_u32;
            let before: Vec<Vec<u32>> = sizes.iter().map(|size| (0..*size).map(|_| { next += 1; next }).collect()).collect();
            let formers: Vec<Former> = before.iter().zip(1..).map(|(members, number)| former(number, members, true)).collect();
            let all = vec![records(&before.concat())];
            let merged = assign_ids(&all, &formers, || unreachable!("a merge mints nothing"));
            let after: Vec<Former> = formers.iter().map(|former| {
                let survives = former.entity == merged.groups[0].entity;
                Former { members: if survives { all[0].clone() } else { former.members.clone() }, active: survives, ..former.clone() }
            }).collect();
            let groups: Vec<Vec<RecordId>> = before.iter().map(|members| records(members)).collect();
            let undone = assign_ids(&groups, &after, || unreachable!("an unmerge mints nothing"));
            prop_assert_eq!(undone.groups.iter().map(|group| group.entity).collect::<Vec<_>>(),
                formers.iter().map(|former| former.entity).collect::<Vec<_>>());
            prop_assert!(undone.former.iter().all(|redirect| *redirect == Redirect::Itself));
        }

        #[test]
        fn every_id_is_given_once(split in prop::collection::vec(0..4_usize, 1..12), parts in prop::collection::vec(0..4_usize, 12)) {
            let mut groups: Vec<Vec<RecordId>> = vec![Vec::new(); 4];
            let mut members: Vec<Vec<u32>> = vec![Vec::new(); 4];
            for (slot, group) in (0..).zip(&split) {
                groups[*group].push(record(slot));
                members[parts[slot as usize]].push(slot);
            }
            groups.retain(|group| !group.is_empty());
            let formers: Vec<Former> = members.iter().zip(1..).map(|(members, number)| former(number, members, number % 3 != 0)).collect();
            let mut next = 99;
            let assignment = assign_ids(&groups, &formers, || { next += 1; id(next) });
            let ids: BTreeSet<EntityId> = assignment.groups.iter().map(|group| group.entity).collect();
            prop_assert_eq!(ids.len(), groups.len());
        }
    }
}
