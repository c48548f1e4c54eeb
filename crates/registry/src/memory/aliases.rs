//! Who goes by several numbers?

use std::io;

use ahash::AHashMap;
use jiku_model::{EntityId, ImageReader, ImageWriter, unfit};
use smallvec::SmallVec;
use uuid::Uuid;

/// Entities that go by several numbers, by the hash of each number. Nearly all go by one and are not in here.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Aliases {
    numbers: AHashMap<EntityId, Vec<u64>>,
    entities: AHashMap<u64, SmallVec<[EntityId; 1]>>,
}

impl Aliases {
    /// Says by which numbers an entity goes (rising, each once), in place of what was known.
    pub(crate) fn put(&mut self, id: EntityId, numbers: Vec<u64>) {
        for number in self.numbers.remove(&id).unwrap_or_default() {
            if let Some(entities) = self.entities.get_mut(&number) {
                entities.retain(|entity| *entity != id);
                if entities.is_empty() {
                    self.entities.remove(&number);
                }
            }
        }
        if numbers.len() < 2 {
            return;
        }
        for number in &numbers {
            let entities = self.entities.entry(*number).or_default();
            entities.push(id);
            entities.sort_unstable();
        }
        self.numbers.insert(id, numbers);
    }

    /// The numbers of an entity that goes by several.
    pub(crate) fn numbers(&self, id: EntityId) -> &[u64] {
        self.numbers.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Who goes by this number and others; nobody when two do.
    pub(crate) fn entity(&self, number: u64) -> Option<EntityId> {
        match self.entities.get(&number).map(SmallVec::as_slice) {
            Some([entity]) => Some(*entity),
            _ => None,
        }
    }

    /// Lays them aside; who goes by a number follows from who goes by which.
    pub(crate) fn write(&self, image: &mut ImageWriter<'_>) -> io::Result<()> {
        let Self { numbers, entities: _ } = self;
        let pairs = || numbers.iter().flat_map(|(id, numbers)| numbers.iter().map(move |number| (*id, *number)));
        image.u128s(pairs().map(|(id, _)| id.0.as_u128()).collect::<Vec<_>>())?;
        image.u64s(pairs().map(|(_, number)| number).collect::<Vec<_>>())
    }

    /// Takes up again what was laid aside.
    pub(crate) fn read(image: &mut ImageReader<'_>) -> io::Result<Self> {
        let (ids, numbers) = (image.u128s()?, image.u64s()?);
        if ids.len() != numbers.len() {
            return Err(unfit("numbers and who goes by them do not fit together"));
        }
        Ok(gather(ids.into_iter().map(|id| EntityId(Uuid::from_u128(id))).zip(numbers).collect()))
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.numbers.capacity() * size_of::<(EntityId, Vec<u64>)>()
            + self.numbers.values().map(|numbers| numbers.capacity() * size_of::<u64>()).sum::<usize>()
            + self.entities.capacity() * size_of::<(u64, SmallVec<[EntityId; 1]>)>()
    }
}

/// Aliases as a write on its way leaves them.
pub(crate) struct Revised<'a> {
    pub(crate) standing: &'a Aliases,
    pub(crate) changed: AHashMap<EntityId, &'a [u64]>,
}

impl Revised<'_> {
    /// As [`Aliases::entity`].
    pub(crate) fn entity(&self, number: u64) -> Option<EntityId> {
        let standing = self.standing.entities.get(&number).map_or(&[][..], SmallVec::as_slice);
        let mut holders = standing
            .iter()
            .copied()
            .filter(|id| !self.changed.contains_key(id))
            .chain(self.changed.iter().filter(|(_, numbers)| numbers.len() > 1 && numbers.contains(&number)).map(|(id, _)| *id));
        holders.next().filter(|_| holders.next().is_none())
    }
}

/// The numbers of many entities, each as often as it comes; of those that go by several.
pub(crate) fn gather(mut named: Vec<(EntityId, u64)>) -> Aliases {
    named.sort_unstable();
    named.dedup();
    let mut aliases = Aliases::default();
    for of_one in named.chunk_by(|one, next| one.0 == next.0).filter(|of_one| of_one.len() > 1) {
        aliases.put(of_one[0].0, of_one.iter().map(|(_, number)| *number).collect());
    }
    aliases
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> EntityId {
        EntityId(Uuid::from_u128(number))
    }

    #[test]
    fn one_number_says_no_more_than_itself() {
        let aliases = gather(vec![(id(1), 5), (id(2), 7), (id(1), 5), (id(2), 8)]);
        assert_eq!((aliases.entity(5), aliases.entity(7), aliases.entity(8)), (None, Some(id(2)), Some(id(2))));
        assert_eq!(aliases.numbers(id(2)), [7, 8]);
    }

    #[test]
    fn a_number_of_two_names_nobody() {
        let mut aliases = gather(vec![(id(1), 5), (id(1), 6), (id(2), 6), (id(2), 7)]);
        assert_eq!((aliases.entity(6), aliases.entity(7)), (None, Some(id(2))));
        aliases.put(id(1), vec![5]);
        assert_eq!((aliases.entity(5), aliases.entity(6)), (None, Some(id(2))));
        assert_eq!(aliases, gather(vec![(id(2), 6), (id(2), 7)]));
    }

    #[test]
    fn what_is_laid_aside_is_the_same_again() {
        let aliases = gather(vec![(id(1), 5), (id(1), 6), (id(2), 6), (id(2), 7)]);
        let mut bytes = Vec::new();
        aliases.write(&mut ImageWriter::new(&mut bytes)).unwrap();
        assert_eq!(Aliases::read(&mut ImageReader::new(&mut bytes.as_slice())).unwrap(), aliases);
    }

    #[test]
    fn a_write_on_its_way_is_seen_as_it_will_be() {
        let standing = gather(vec![(id(1), 5), (id(1), 6)]);
        let (joined, gone): (&[u64], &[u64]) = (&[6, 8], &[]);
        let revised = Revised { standing: &standing, changed: [(id(2), joined)].into_iter().collect() };
        assert_eq!((revised.entity(5), revised.entity(6), revised.entity(8)), (Some(id(1)), None, Some(id(2))));
        let revised = Revised { standing: &standing, changed: [(id(1), gone), (id(2), joined)].into_iter().collect() };
        assert_eq!((revised.entity(5), revised.entity(6)), (None, Some(id(2))));
    }
}
