//! What is a row of the access log?

use diesel::prelude::*;
use jiku_model::{EntityId, Kind, Timestamp};

row! {
    /// Who read which person's data, for what purpose.
    pub struct AccessRow in access_log {
        /// Counted by the database.
        pub id: i64,
        /// When.
        pub at: Timestamp,
        /// Who read.
        pub principal: String,
        /// For which department.
        pub department: String,
        /// The declared purpose of use.
        pub purpose: Option<String>,
        /// How it was read: find, search, resolve, export, ….
        pub action: String,
        /// 1 person, 2 legal person, 3 parcel.
        pub kind: Kind,
        /// Whose data, of a page the first's; none when the question found nobody.
        pub entity: Option<EntityId>,
        /// Which fields were given, separated by commas.
        pub fields: String,
        /// The request's id.
        pub request_id: Option<String>,
        /// Of a page of many that were read together: their ids in order, sixteen bytes each.
        pub entities: Option<Vec<u8>>,
    }
}

impl AccessRow {
    /// Whether this entity is on the page.
    #[must_use]
    pub fn is_page_with(&self, entity: EntityId) -> bool {
        let (ids, _) = self.entities.as_deref().unwrap_or_default().as_chunks::<16>();
        ids.binary_search(entity.0.as_bytes()).is_ok()
    }
}

row! {
    /// A reading before the database has counted it.
    pub struct NewAccess in access_log {
        /// When.
        pub at: Timestamp,
        /// Who read.
        pub principal: String,
        /// For which department.
        pub department: String,
        /// The declared purpose of use.
        pub purpose: Option<String>,
        /// How it was read: find, search, resolve, export, ….
        pub action: String,
        /// The kind read.
        pub kind: Kind,
        /// Whose data; none when the question found nobody.
        pub entity: Option<EntityId>,
        /// Which fields were given, separated by commas.
        pub fields: String,
        /// The request's id.
        pub request_id: Option<String>,
    }
}

row! {
    /// Many that were read together, before the database has counted it.
    pub struct NewAccessPage in access_log {
        /// When.
        pub at: Timestamp,
        /// Who read.
        pub principal: String,
        /// For which department.
        pub department: String,
        /// The declared purpose of use.
        pub purpose: Option<String>,
        /// How they were read: export.
        pub action: String,
        /// The kind read.
        pub kind: Kind,
        /// The first of them.
        pub entity: Option<EntityId>,
        /// Which fields were given, separated by commas.
        pub fields: String,
        /// What the pages belong to, by whose id they are found: an export's.
        pub request_id: Option<String>,
        /// Their ids in order, sixteen bytes each.
        pub entities: Option<Vec<u8>>,
    }
}

impl NewAccessPage {
    /// These entities, read as `reading` says. The pages of one request must not overlap.
    #[must_use]
    pub fn new(reading: NewAccess, mut entities: Vec<EntityId>) -> Self {
        entities.sort_unstable();
        let NewAccess { at, principal, department, purpose, action, kind, entity: _, fields, request_id } = reading;
        let ids = entities.iter().flat_map(|entity| *entity.0.as_bytes()).collect();
        Self {
            at,
            principal,
            department,
            purpose,
            action,
            kind,
            entity: entities.first().copied(),
            fields,
            request_id,
            entities: Some(ids),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn who_is_on_a_page_is_found_on_it_and_nobody_else() {
        let entity = |number: u128| EntityId(Uuid::from_u128(number << 60));
        let reading = NewAccess {
            at: Timestamp::UNIX_EPOCH,
            principal: "clerk".to_owned(),
            department: "office".to_owned(),
            purpose: None,
            action: "export".to_owned(),
            kind: Kind::Person,
            entity: None,
            fields: "name".to_owned(),
            request_id: Some("1".to_owned()),
        };
        let page = NewAccessPage::new(reading, [9, 3, 7].map(entity).into());
        assert_eq!(page.entity, Some(entity(3)), "the first");
        let NewAccessPage { at, principal, department, purpose, action, kind, entity: first, fields, request_id, entities } = page;
        let row = AccessRow { id: 1, at, principal, department, purpose, action, kind, entity: first, fields, request_id, entities };
        assert_eq!([2, 3, 4, 7, 9, 10].map(|number| row.is_page_with(entity(number))), [false, true, false, true, true, false]);
        assert!(!AccessRow { entities: None, ..row }.is_page_with(entity(3)));
    }
}
