//! How are acts that need a second person, or a second look, written and found?

use diesel::prelude::*;
use jiku_model::{EmergencyId, ExportId, Kind, ProposalId, Timestamp};

use super::Conn;
use crate::rows::{EmergencyRow, ExportRow, ProposalRow};
use crate::schema::{emergency_access, export_request, merge_proposal};
use crate::types::{By, ProposalState};

pub(crate) fn proposal(conn: &mut Conn, id: ProposalId) -> QueryResult<Option<ProposalRow>> {
    merge_proposal::table.find(By(id)).select(ProposalRow::as_select()).first(conn).optional()
}

pub(crate) fn proposals(
    conn: &mut Conn,
    wanted: ProposalState,
    of_kind: Option<Kind>,
    after: Option<ProposalId>,
    limit: i64,
) -> QueryResult<Vec<ProposalRow>> {
    use merge_proposal::{id, kind, state, table};
    let mut query = table.filter(state.eq(By(wanted))).order(id).limit(limit).select(ProposalRow::as_select()).into_boxed();
    if let Some(of_kind) = of_kind {
        query = query.filter(kind.eq(By(of_kind)));
    }
    if let Some(after) = after {
        query = query.filter(id.gt(By(after)));
    }
    query.load(conn)
}

pub(crate) fn put_proposal(conn: &mut Conn, row: &ProposalRow) -> QueryResult<()> {
    diesel::insert_into(merge_proposal::table).values(row).on_conflict(merge_proposal::id).do_update().set(row).execute(conn).map(|_| ())
}

pub(crate) fn emergency(conn: &mut Conn, id: EmergencyId) -> QueryResult<Option<EmergencyRow>> {
    emergency_access::table.find(By(id)).select(EmergencyRow::as_select()).first(conn).optional()
}

pub(crate) fn emergencies(conn: &mut Conn, before: Option<EmergencyId>, limit: i64) -> QueryResult<Vec<EmergencyRow>> {
    use emergency_access::{id, table};
    let mut query = table.order(id.desc()).limit(limit).select(EmergencyRow::as_select()).into_boxed();
    if let Some(before) = before {
        query = query.filter(id.lt(By(before)));
    }
    query.load(conn)
}

pub(crate) fn emergencies_unreviewed(conn: &mut Conn, due: Timestamp) -> QueryResult<Vec<EmergencyRow>> {
    use emergency_access::{id, review_due_at, reviewed_at, table};
    table.filter(reviewed_at.is_null().and(review_due_at.lt(By(due)))).order(id).select(EmergencyRow::as_select()).load(conn)
}

pub(crate) fn put_emergency(conn: &mut Conn, row: &EmergencyRow) -> QueryResult<()> {
    diesel::insert_into(emergency_access::table)
        .values(row)
        .on_conflict(emergency_access::id)
        .do_update()
        .set(row)
        .execute(conn)
        .map(|_| ())
}

pub(crate) fn export_request(conn: &mut Conn, id: ExportId) -> QueryResult<Option<ExportRow>> {
    export_request::table.find(By(id)).select(ExportRow::as_select()).first(conn).optional()
}

pub(crate) fn export_requests(conn: &mut Conn, of: Option<&str>, before: Option<ExportId>, limit: i64) -> QueryResult<Vec<ExportRow>> {
    use export_request::{id, requested_by, table};
    let mut query = table.order(id.desc()).limit(limit).select(ExportRow::as_select()).into_boxed();
    if let Some(of) = of {
        query = query.filter(requested_by.eq(of));
    }
    if let Some(before) = before {
        query = query.filter(id.lt(By(before)));
    }
    query.load(conn)
}

pub(crate) fn put_export_request(conn: &mut Conn, row: &ExportRow) -> QueryResult<()> {
    diesel::insert_into(export_request::table).values(row).on_conflict(export_request::id).do_update().set(row).execute(conn).map(|_| ())
}
