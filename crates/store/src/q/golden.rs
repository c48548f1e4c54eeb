//! How are the typed golden tables written and read?

use std::convert::identity;

use diesel::prelude::*;
use jiku_model::{EntityId, Kind};

use super::{CHUNK, Conn, FEW, ahead, by_looks, for_sets, in_sets};
use crate::rows::{FormerParcelRow, LegalPersonRow, LineageRow, ParcelRow, PersonRow, RelationshipRow, RightRow};
use crate::schema::{legal_person, parcel, parcel_former, parcel_lineage, parcel_right, person, relationship};
use crate::types::By;

/// The same four queries for each kind's golden table.
macro_rules! golden_table {
    ($table:ident, $row:ident: $find:ident $scan:ident $insert:ident) => {
        pub(crate) fn $find(conn: &mut Conn, ids: &[EntityId]) -> QueryResult<Vec<$row>> {
            load_by!(ids, $table::entity, |wanted| $table::table.filter(wanted).select($row::as_select()).load(conn))
        }

        pub(crate) fn $scan(conn: &mut Conn, each: &mut dyn FnMut(Vec<$row>)) -> QueryResult<()> {
            let mut after: Option<EntityId> = None;
            loop {
                let mut query = $table::table.order($table::entity).limit(CHUNK).select($row::as_select()).into_boxed();
                if let Some(after) = after {
                    query = query.filter($table::entity.gt(By(after)));
                }
                let rows: Vec<$row> = query.load(conn)?;
                let Some(last) = rows.last() else { return Ok(()) };
                after = Some(last.entity);
                each(rows);
            }
        }

        pub(crate) fn $insert(conn: &mut Conn, rows: &[$row]) -> QueryResult<()> {
            let _sealed = ahead(rows.iter().flat_map($row::sealed_texts).flatten())?;
            bulk_insert!(conn, $table::table, rows);
            Ok(())
        }
    };
}

golden_table!(person, PersonRow: persons scan_persons insert_persons);
golden_table!(legal_person, LegalPersonRow: legal_persons scan_legal_persons insert_legal_persons);
golden_table!(parcel, ParcelRow: parcels scan_parcels insert_parcels);

pub(crate) fn delete_golden(conn: &mut Conn, kind: Kind, ids: &[EntityId]) -> QueryResult<usize> {
    match kind {
        Kind::Person => change_by!(ids, person::entity, |wanted| diesel::delete(person::table.filter(wanted)).execute(conn)),
        Kind::LegalPerson => {
            change_by!(ids, legal_person::entity, |wanted| diesel::delete(legal_person::table.filter(wanted)).execute(conn))
        }
        Kind::Parcel => change_by!(ids, parcel::entity, |wanted| diesel::delete(parcel::table.filter(wanted)).execute(conn)),
    }
}

pub(crate) fn relationships_from(conn: &mut Conn, entities: &[EntityId]) -> QueryResult<Vec<RelationshipRow>> {
    use relationship::{from_entity, ordinal, table};
    let mut rows: Vec<RelationshipRow> = load_by!(entities, from_entity, |wanted| table
        .filter(wanted)
        .order((from_entity, ordinal))
        .select(RelationshipRow::as_select())
        .load(conn))?;
    rows.sort_by_key(|row| (row.from_entity, row.ordinal));
    Ok(rows)
}

pub(crate) fn relationships_to_numbers(conn: &mut Conn, numbers: &[String]) -> QueryResult<Vec<RelationshipRow>> {
    use relationship::{from_entity, ordinal, table, to_number};
    let mut rows: Vec<RelationshipRow> = by_looks(conn, numbers, |conn, looks| {
        load_by!(looks, to_number, |look| By(Some(look)), |wanted| {
            table.filter(wanted.and(to_number.is_not_null())).order((from_entity, ordinal)).select(RelationshipRow::as_select()).load(conn)
        })
    })?;
    rows.sort_by_key(|row| (row.from_entity, row.ordinal));
    Ok(rows)
}

pub(crate) fn put_relationships(conn: &mut Conn, entities: &[EntityId], rows: &[RelationshipRow]) -> QueryResult<()> {
    change_by!(entities, relationship::from_entity, |wanted| diesel::delete(relationship::table.filter(wanted)).execute(conn))?;
    bulk_insert!(conn, relationship::table, rows);
    Ok(())
}

pub(crate) fn rights_of_parcels(conn: &mut Conn, parcels: &[EntityId]) -> QueryResult<Vec<RightRow>> {
    use parcel_right::{ordinal, parcel, table};
    let mut rows: Vec<RightRow> =
        load_by!(parcels, parcel, |wanted| table.filter(wanted).order((parcel, ordinal)).select(RightRow::as_select()).load(conn))?;
    rows.sort_by_key(|row| (row.parcel, row.ordinal));
    Ok(rows)
}

pub(crate) fn put_rights(conn: &mut Conn, parcels: &[EntityId], rows: &[RightRow]) -> QueryResult<()> {
    change_by!(parcels, parcel_right::parcel, |wanted| diesel::delete(parcel_right::table.filter(wanted)).execute(conn))?;
    bulk_insert!(conn, parcel_right::table, rows);
    Ok(())
}

pub(crate) fn lineage_of(conn: &mut Conn, parcels: &[EntityId]) -> QueryResult<Vec<LineageRow>> {
    use parcel_lineage::{child, parent, table};
    let mut rows: Vec<LineageRow> =
        in_sets(parcels, |set| table.filter(child.eq_any(set.iter().map(By))).select(LineageRow::as_select()).load(conn))?;
    rows.append(&mut in_sets(parcels, |set| table.filter(parent.eq_any(set.iter().map(By))).select(LineageRow::as_select()).load(conn))?);
    rows.sort_by_key(|row| (row.at, row.child, row.parent));
    rows.dedup_by_key(|row| (row.child, row.parent, row.decision));
    Ok(rows)
}

pub(crate) fn insert_lineage(conn: &mut Conn, rows: &[LineageRow]) -> QueryResult<()> {
    bulk_insert!(conn, parcel_lineage::table, rows);
    Ok(())
}

pub(crate) fn parcels_by_code(conn: &mut Conn, codes: &[String]) -> QueryResult<Vec<(EntityId, String)>> {
    use parcel::{entity, parcel_code, table};
    let rows: Vec<(EntityId, Option<String>)> = load_by!(codes, parcel_code, identity, |wanted| {
        table.filter(wanted.and(parcel_code.is_not_null())).select((entity, parcel_code)).load(conn)
    })?;
    Ok(rows.into_iter().filter_map(|(id, code)| Some((id, code?))).collect())
}

pub(crate) fn codes_of_parcels(conn: &mut Conn, parcels: &[EntityId]) -> QueryResult<Vec<(EntityId, Option<String>)>> {
    use parcel::{entity, parcel_code, table};
    load_by!(parcels, entity, |wanted| table.filter(wanted).select((entity, parcel_code)).load(conn))
}

pub(crate) fn last_code(conn: &mut Conn, from: &str, to: &str) -> QueryResult<Option<String>> {
    let current: Option<Option<String>> = parcel::table
        .filter(parcel::parcel_code.ge(from).and(parcel::parcel_code.le(to)))
        .order(parcel::parcel_code.desc())
        .select(parcel::parcel_code)
        .first(conn)
        .optional()?;
    let former: Option<Option<String>> = parcel_former::table
        .filter(parcel_former::parcel_code.ge(from).and(parcel_former::parcel_code.le(to)))
        .order(parcel_former::parcel_code.desc())
        .select(parcel_former::parcel_code)
        .first(conn)
        .optional()?;
    Ok(current.flatten().max(former.flatten()))
}

pub(crate) fn former_parcels(conn: &mut Conn, parcels: &[EntityId]) -> QueryResult<Vec<FormerParcelRow>> {
    use parcel_former::{entity, table, version};
    in_sets(parcels, |set| {
        table.filter(entity.eq_any(set.iter().map(By))).order((entity, version)).select(FormerParcelRow::as_select()).load(conn)
    })
}

pub(crate) fn former_parcels_by_code(conn: &mut Conn, codes: &[String]) -> QueryResult<Vec<FormerParcelRow>> {
    use parcel_former::{parcel_code, table};
    load_by!(codes, parcel_code, identity, |wanted| {
        table.filter(wanted.and(parcel_code.is_not_null())).select(FormerParcelRow::as_select()).load(conn)
    })
}

pub(crate) fn scan_former_parcels(conn: &mut Conn, each: &mut dyn FnMut(Vec<FormerParcelRow>)) -> QueryResult<()> {
    use parcel_former::{entity, table, version};
    let mut after: Option<(EntityId, i32)> = None;
    loop {
        let mut query = table.order((entity, version)).limit(CHUNK).select(FormerParcelRow::as_select()).into_boxed();
        if let Some((last, number)) = after {
            query = query.filter(entity.gt(By(last)).or(entity.eq(By(last)).and(version.gt(number))));
        }
        let rows: Vec<FormerParcelRow> = query.load(conn)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some((last.entity, last.version));
        each(rows);
    }
}

pub(crate) fn put_former_parcels(conn: &mut Conn, rows: &[FormerParcelRow]) -> QueryResult<()> {
    for row in rows {
        let known = parcel_former::table.filter(parcel_former::entity.eq(By(row.entity)).and(parcel_former::version.eq(row.version)));
        diesel::delete(known).execute(conn)?;
    }
    bulk_insert!(conn, parcel_former::table, rows);
    Ok(())
}
