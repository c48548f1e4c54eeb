//! Which parcels lie there, are held by this party, or carry such a code?

use ahash::{AHashMap, AHashSet};
use jiku_model::{EntityId, Kind, SearchToken, Timestamp};
use jiku_spatial::{AxisOrder, Crs, ParcelGeometry, QueryProblem, RawGeometry, Snapshot, SpatialIndex, SpatialQuery};
use jiku_store::{EntityState, VersionRow};

use super::find::views_of;
use super::search::{bad_cursor, checked_limit};
use super::views::{entity_views, trace};
use crate::facade::{Area, EntityView, FormerView, Include, LineageView, Page, ParcelHistory, ParcelHit, ParcelQuery};
use crate::memory::Shelf;
use crate::registry::Inner;
use crate::write::images::read_golden;
use crate::{Actor, FieldUse, RegistryError, scope};

type Result<T> = std::result::Result<T, RegistryError>;

/// The most parcels of a page.
const MOST_PARCELS: usize = 1_000;

/// The lengths of code prefixes the search index knows: parcel, sub-district with feature letters, sub-district,
/// cadastral district, county.
const PREFIXES: [usize; 5] = [19, 14, 12, 9, 6];

pub(crate) fn query(inner: &Inner, actor: &Actor, query: &ParcelQuery) -> Result<Page<ParcelHit>> {
    let limit = checked_limit(query.limit, MOST_PARCELS)?;
    let after = query.cursor.as_deref().map(read_cursor).transpose()?;
    let area = spatial_query(&query.area)?;
    scope::require_kind(actor, Kind::Parcel)?;
    if query.right_holder.is_some() {
        scope::require_field(actor, FieldUse::Filter, Kind::Parcel, "right_holder")?;
        scope::require_field(actor, FieldUse::Filter, Kind::Parcel, "right_holder_id")?;
    }
    if area.is_none() && query.right_holder.is_none() && query.code_prefix.is_none() {
        return Err(RegistryError::invalid("area", "query-too-broad", "name a place, a right holder or a code"));
    }
    match query.as_of {
        None => current(inner, actor, query, area.as_ref(), limit, after),
        Some(moment) => as_of(inner, actor, query, area.as_ref(), limit, after, moment),
    }
}

/// Where a page begins: after this distance and id.
type Cursor = (f64, EntityId);

fn current(
    inner: &Inner,
    actor: &Actor,
    query: &ParcelQuery,
    area: Option<&SpatialQuery>,
    limit: usize,
    after: Option<Cursor>,
) -> Result<Page<ParcelHit>> {
    let shelf = inner.core.shelf(Kind::Parcel);
    let held = query.right_holder.as_deref().map(|holder| by_tokens(shelf, &holder_tokens(shelf, holder))).transpose()?;
    let coded = query.code_prefix.as_deref().map(|code| by_tokens(shelf, &code_tokens(shelf, code))).transpose()?;
    let fits = |id: &EntityId| held.as_ref().is_none_or(|held| held.contains(id)) && coded.as_ref().is_none_or(|coded| coded.contains(id));
    let mut found: Vec<(EntityId, Option<f64>)> = match area {
        Some(area) => {
            let slots = shelf.spatial.snapshot().find(area);
            let lookup = shelf.lookup.read();
            slots.into_iter().filter_map(|(slot, distance)| Some((lookup.entity(slot)?, distance))).filter(|(id, _)| fits(id)).collect()
        }
        None => held.iter().chain(&coded).flatten().filter(|id| fits(id)).map(|id| (*id, None)).collect(),
    };
    if actor.limits.is_scoped() {
        let ids: Vec<EntityId> = found.iter().map(|(id, _)| *id).collect();
        let reached: AHashSet<EntityId> =
            inner.core.store.read(|reader| scope::within(reader, actor, Kind::Parcel, &ids))?.into_iter().collect();
        found.retain(|(id, _)| reached.contains(id));
    }
    order(&mut found);
    let mut hits: Vec<ParcelHit> = Vec::new();
    let mut rest = found.iter().filter(|place| is_after(**place, after)).copied().peekable();
    // A code that is longer than the known prefixes is checked on the golden values, so a page may take several rounds.
    while hits.len() < limit && rest.peek().is_some() {
        let piece: Vec<(EntityId, Option<f64>)> = rest.by_ref().take(limit - hits.len()).collect();
        let ids: Vec<EntityId> = piece.iter().map(|(id, _)| *id).collect();
        let distances: AHashMap<EntityId, Option<f64>> = piece.into_iter().collect();
        let views = views_of(inner, actor, "query-parcels", Kind::Parcel, &ids, Include::default())?;
        let fitting = views.into_iter().filter(|view| has_prefix(view, query.code_prefix.as_deref()));
        hits.extend(fitting.map(|view| ParcelHit { distance_m: distances.get(&view.id).copied().flatten(), parcel: view }));
    }
    if hits.is_empty() {
        inner.audit.log(actor, "query-parcels", Kind::Parcel, &[])?;
    }
    let next = rest.peek().and_then(|_| hits.last()).map(write_cursor);
    Ok(Page { items: hits, next })
}

/// The same question about a moment in the past: answered from the versions of then, without the indexes of now.
fn as_of(
    inner: &Inner,
    actor: &Actor,
    query: &ParcelQuery,
    area: Option<&SpatialQuery>,
    limit: usize,
    after: Option<Cursor>,
    moment: Timestamp,
) -> Result<Page<ParcelHit>> {
    let (hits, more) = inner.core.store.read(|reader| {
        let mut ids: Vec<EntityId> = Vec::new();
        reader.scan_entities(&mut |rows| {
            ids.extend(rows.into_iter().filter(|row| row.kind == Kind::Parcel && row.created_at <= moment).map(|row| row.id))
        })?;
        let mut versions: Vec<VersionRow> = Vec::new();
        for piece in ids.chunks(10_000) {
            versions.extend(reader.versions_as_of(piece, moment)?.into_iter().filter(|row| row.state == EntityState::Active));
        }
        if actor.limits.is_scoped() {
            let mut reached = Vec::with_capacity(versions.len());
            for row in versions {
                if scope::reaches(&actor.limits, Kind::Parcel, &row)? {
                    reached.push(row);
                }
            }
            versions = reached;
        }
        versions.sort_by_key(|row| row.entity);
        let place = Past::new(&versions)?;
        let mut found: Vec<(usize, Option<f64>)> = match area {
            Some(area) => place.snapshot.find(area).into_iter().map(|(slot, distance)| (slot as usize, distance)).collect(),
            None => (0..versions.len()).map(|at| (at, None)).collect(),
        };
        found.retain(|(at, _)| place.fits(*at, query));
        let mut found: Vec<(EntityId, Option<f64>)> = found.into_iter().map(|(at, distance)| (versions[at].entity, distance)).collect();
        order(&mut found);
        found.retain(|place| is_after(*place, after));
        let more = found.len() > limit;
        found.truncate(limit);
        let mut by_id: AHashMap<EntityId, VersionRow> = versions.into_iter().map(|row| (row.entity, row)).collect();
        let rows: Vec<VersionRow> = found.iter().filter_map(|(id, _)| by_id.remove(id)).collect();
        let views = entity_views(&inner.core, reader, Kind::Parcel, rows, Include::default())?;
        let hits: Vec<ParcelHit> = views.into_iter().zip(found).map(|(parcel, (_, distance_m))| ParcelHit { parcel, distance_m }).collect();
        Ok::<_, RegistryError>((hits, more))
    })?;
    let views: Vec<EntityView> = hits.iter().map(|hit| hit.parcel.clone()).collect();
    inner.audit.log(actor, "query-parcels", Kind::Parcel, &trace(&views))?;
    let next = hits.last().filter(|_| more).map(write_cursor);
    Ok(Page { items: hits, next })
}

/// The parcels of a moment, by their place in the list of versions.
struct Past {
    snapshot: Snapshot,
    attributes: Vec<jiku_model::Attributes>,
}

impl Past {
    fn new(versions: &[VersionRow]) -> Result<Self> {
        let mut attributes = Vec::with_capacity(versions.len());
        let mut geometries: Vec<(u32, ParcelGeometry)> = Vec::new();
        for (at, row) in (0..).zip(versions) {
            let golden = read_golden(&row.golden)?.attributes();
            if let Some(hex) = golden.get("geometry") {
                geometries.push((at, crate::write::parcels::geometry(row.entity, hex)?));
            }
            attributes.push(golden);
        }
        Ok(Self { snapshot: SpatialIndex::bulk_load(geometries).snapshot(), attributes })
    }

    fn fits(&self, at: usize, query: &ParcelQuery) -> bool {
        let noun = crate::kinds::noun(Kind::Parcel);
        let golden = &self.attributes[at];
        let own: AHashSet<SearchToken> = noun.search_tokens(golden).into_iter().collect();
        let held = query.right_holder.as_deref().is_none_or(|holder| {
            ["number", "name"].iter().any(|field| noun.search_query(field, holder).iter().any(|token| own.contains(token)))
        });
        let coded =
            query.code_prefix.as_deref().is_none_or(|prefix| golden.get("parcel_code").is_some_and(|code| code.starts_with(prefix)));
        held && coded
    }
}

/// Lineage and former codes of a parcel, whatever has become of it.
pub(crate) fn history(inner: &Inner, actor: &Actor, id: EntityId) -> Result<ParcelHistory> {
    let history = inner.core.store.read(|reader| {
        let missing = RegistryError::NotFound { what: "entity" };
        let row = reader.entities(&[id])?.pop().filter(|row| row.kind == Kind::Parcel).ok_or(missing)?;
        let view = |row: jiku_store::LineageRow| LineageView {
            child: Some(row.child),
            parent: row.parent,
            operation: row.operation,
            decision: Some(row.decision),
            at: Some(row.at),
            share: row.share,
        };
        let (parents, children): (Vec<_>, Vec<_>) = reader.lineage_of(&[id])?.into_iter().partition(|row| row.child == id);
        let former = |row: jiku_store::FormerParcelRow| FormerView {
            version: i64::from(row.version),
            parcel_code: row.parcel_code,
            operation: row.operation,
            decision: row.decision,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            at: row.at,
        };
        Ok::<_, RegistryError>(ParcelHistory {
            state: crate::write::draft::shown(row.state),
            parents: parents.into_iter().map(view).collect(),
            children: children.into_iter().map(view).collect(),
            former: reader.former_parcels(&[id])?.into_iter().map(former).collect(),
        })
    })?;
    inner.audit.log(actor, "parcel-history", Kind::Parcel, &[(id, String::new())])?;
    Ok(history)
}

fn holder_tokens(shelf: &Shelf, holder: &str) -> Vec<SearchToken> {
    ["number", "name"].iter().flat_map(|field| shelf.noun.search_query(field, holder)).collect()
}

fn code_tokens(shelf: &Shelf, code: &str) -> Vec<SearchToken> {
    let length = PREFIXES.into_iter().find(|length| *length <= code.len());
    let known = length.and_then(|length| code.get(..length));
    let mut tokens = known.map(|prefix| shelf.noun.search_query("code", prefix)).unwrap_or_default();
    tokens.extend(shelf.noun.search_query("code", code));
    tokens
}

fn has_prefix(view: &EntityView, prefix: Option<&str>) -> bool {
    prefix.is_none_or(|prefix| view.values.iter().any(|(column, value)| column.ends_with("code") && value.value.starts_with(prefix)))
}

fn by_tokens(shelf: &Shelf, tokens: &[SearchToken]) -> Result<AHashSet<EntityId>> {
    if tokens.is_empty() {
        return Err(RegistryError::invalid("code_prefix", "query-too-broad", "give at least the six digits of the county"));
    }
    let lookup = shelf.lookup.read();
    let slots = tokens.iter().flat_map(|token| lookup.postings.get(lookup.postings.hash(token)));
    Ok(slots.filter_map(|slot| lookup.entity(*slot)).collect())
}

/// Nearest first, then by id; each parcel once.
fn order(found: &mut Vec<(EntityId, Option<f64>)>) {
    found.sort_by(|a, b| a.1.unwrap_or_default().total_cmp(&b.1.unwrap_or_default()).then(a.0.cmp(&b.0)));
    found.dedup_by_key(|(id, _)| *id);
}

fn is_after((id, distance): (EntityId, Option<f64>), after: Option<Cursor>) -> bool {
    after.is_none_or(|(last, last_id)| distance.unwrap_or_default().total_cmp(&last).then(id.cmp(&last_id)).is_gt())
}

fn write_cursor(hit: &ParcelHit) -> String {
    format!("{:016x}.{}", hit.distance_m.unwrap_or_default().to_bits(), hit.parcel.id)
}

fn read_cursor(text: &str) -> Result<Cursor> {
    let (distance, id) = text.split_once('.').ok_or_else(bad_cursor)?;
    let distance = u64::from_str_radix(distance, 16).map_err(|_| bad_cursor())?;
    Ok((f64::from_bits(distance), id.parse().map_err(|_| bad_cursor())?))
}

fn spatial_query(area: &Area) -> Result<Option<SpatialQuery>> {
    let query = match area {
        Area::Everywhere => return Ok(None),
        Area::Point { lon, lat } => SpatialQuery::point(*lon, *lat),
        Area::Bbox { west, south, east, north } => SpatialQuery::bbox(*west, *south, *east, *north),
        Area::Polygon(rings) => {
            let rings = rings.iter().map(|ring| ring.iter().map(|(lon, lat)| [*lon, *lat]).collect()).collect();
            let raw = RawGeometry { parts: vec![rings], ..RawGeometry::default() };
            SpatialQuery::intersects(&raw, Crs::Crs84, AxisOrder::EastFirst)
        }
        Area::Radius { lon, lat, radius_m } => SpatialQuery::radius(*lon, *lat, *radius_m),
        Area::Nearest { lon, lat, k } => SpatialQuery::nearest(*lon, *lat, *k),
    };
    query.map(Some).map_err(|problem: QueryProblem| RegistryError::invalid("area", problem.code(), problem.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_page_goes_on_after_its_cursor_also_between_equal_distances() {
        let id = |number| EntityId(Uuid::from_u128(number));
        let mut found = vec![(id(3), Some(2.0)), (id(2), Some(1.0)), (id(1), Some(1.0))];
        order(&mut found);
        assert_eq!(found.iter().map(|(id, _)| id.0.as_u128()).collect::<Vec<_>>(), [1, 2, 3]);
        let rest: Vec<_> = found.into_iter().filter(|place| is_after(*place, Some((1.0, id(1))))).map(|(id, _)| id.0.as_u128()).collect();
        assert_eq!(rest, [2, 3]);
    }
}
