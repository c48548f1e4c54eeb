//! How are a million entities kept by their ids?
//!
//! One behind the other in a plain list, found through a table of places: the table may be half empty without costing much.

use ahash::RandomState;
use hashbrown::HashTable;
use jiku_model::EntityId;

use super::Entity;

/// Entities by id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entities {
    list: Vec<(EntityId, Entity)>,
    places: HashTable<u32>,
    hasher: RandomState,
}

impl Entities {
    fn place(&self, id: EntityId) -> Option<usize> {
        self.places.find(self.hasher.hash_one(id), |place| self.list[*place as usize].0 == id).map(|place| *place as usize)
    }

    pub(crate) fn get(&self, id: EntityId) -> Option<&Entity> {
        self.place(id).map(|place| &self.list[place].1)
    }

    pub(crate) fn get_mut(&mut self, id: EntityId) -> Option<&mut Entity> {
        self.place(id).map(|place| &mut self.list[place].1)
    }

    /// Makes room for this many more at once.
    pub(crate) fn reserve(&mut self, more: usize) {
        let (list, hasher) = (&self.list, &self.hasher);
        self.places.reserve(more, |place| hasher.hash_one(list[*place as usize].0));
        self.list.reserve_exact(more);
    }

    /// Puts an entity that is not there.
    pub(crate) fn insert(&mut self, id: EntityId, entity: Entity) {
        if self.list.capacity() == self.list.len() {
            // By a quarter: doubling would leave half of it empty.
            self.list.reserve_exact(self.list.len() / 4 + 16);
        }
        let place = u32::try_from(self.list.len()).expect("fewer than 2^32 entities");
        self.list.push((id, entity));
        let (list, hasher) = (&self.list, &self.hasher);
        self.places.insert_unique(hasher.hash_one(id), place, |place| hasher.hash_one(list[*place as usize].0));
    }

    /// Takes an entity away; the last one takes its place.
    pub(crate) fn remove(&mut self, id: EntityId) -> Option<Entity> {
        let list = &self.list;
        let found = self.places.find_entry(self.hasher.hash_one(id), |place| list[*place as usize].0 == id).ok()?;
        let (place, _) = found.remove();
        let (_, entity) = self.list.swap_remove(place as usize);
        if let Some((moved, _)) = self.list.get(place as usize) {
            let last = u32::try_from(self.list.len()).expect("fewer than 2^32 entities");
            if let Some(known) = self.places.find_mut(self.hasher.hash_one(moved), |known| *known == last) {
                *known = place;
            }
        }
        Some(entity)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (EntityId, &Entity)> {
        self.list.iter().map(|(id, entity)| (*id, entity))
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.list.capacity() * size_of::<(EntityId, Entity)>() + self.places.capacity() * 5
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facade::EntityState;
    use jiku_model::Timestamp;
    use uuid::Uuid;

    #[test]
    fn what_is_removed_leaves_the_others_where_they_are_found() {
        let id = |number: u128| EntityId(Uuid::from_u128(number));
        let entity = |version| Entity::new(version, EntityState::Active, None, Timestamp::UNIX_EPOCH, smallvec::SmallVec::new());
        let mut entities = Entities::default();
        (0..100_u8).for_each(|number| entities.insert(id(number.into()), entity(i32::from(number))));
        for number in (0..100_u8).step_by(3) {
            assert_eq!(entities.remove(id(number.into())), Some(entity(i32::from(number))));
        }
        assert_eq!(entities.remove(id(0)), None);
        for number in 0..100_u8 {
            let expected = (number % 3 != 0).then(|| entity(i32::from(number)));
            assert_eq!(entities.get(id(number.into())), expected.as_ref());
        }
        assert_eq!(entities.iter().count(), 66);
    }
}
