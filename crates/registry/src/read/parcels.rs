//! Which parcels lie there, are held by this party, or carry such a code?

use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use ahash::{AHashMap, AHashSet};
use jiku_model::{DecisionId, EntityId, Kind, SearchToken, civil_day};
use jiku_spatial::{AxisOrder, Crs, Place, QueryProblem, RawGeometry, SpatialQuery};
use jiku_store::{Reader, VersionRow};

use super::find::views_of;
use super::search::{bad_cursor, checked_limit};
use super::views::{entity_views, trace};
use crate::facade::{Area, EntityView, FormerView, Include, LineageView, Page, ParcelGroup, ParcelHistory, ParcelHit, ParcelQuery};
use crate::memory::{ParcelView, Shelf};
use crate::registry::Inner;
use crate::write::cadastre::is_over;
use crate::write::images::read_golden;
use crate::write::state::now;
use crate::{Actor, FieldUse, RegistryError, scope};

type Result<T> = std::result::Result<T, RegistryError>;

/// The most parcels of a page.
const MOST_PARCELS: usize = 1_000;

/// The lengths of code prefixes the search index knows: parcel, sub-district with feature letters, sub-district,
/// cadastral district, county.
const PREFIXES: [usize; 5] = [19, 14, 12, 9, 6];

pub(crate) fn query(inner: &Inner, actor: &Actor, query: &ParcelQuery) -> Result<Page<ParcelHit>> {
    let limit = checked_limit(query.limit, MOST_PARCELS)?;
    let area = checked(inner, actor, query)?;
    if query.as_of.is_none() && query.valid_at.is_none() {
        current(inner, actor, query, area.as_ref(), limit)
    } else {
        past(inner, actor, query, area.as_ref(), limit)
    }
}

/// The place that is asked about. A question without any condition, or with one that says hardly anything, is refused.
fn checked(inner: &Inner, actor: &Actor, query: &ParcelQuery) -> Result<Option<SpatialQuery>> {
    // Clocks may go apart by a little; what will be recorded is nobody's to tell.
    if query.as_of.is_some_and(|moment| moment > now() + chrono::TimeDelta::minutes(1)) {
        return Err(RegistryError::invalid("as_of", "date-range", "ask as of a moment that has been"));
    }
    let area = spatial_query(&query.area)?;
    scope::require_kind(actor, Kind::Parcel)?;
    if let Area::Neighbours(id) = query.area {
        inner.core.store.read(|reader| scope::require(reader, actor, Kind::Parcel, id))?;
    }
    if query.right_holder.is_some() {
        scope::require_field(actor, FieldUse::Filter, Kind::Parcel, "right_holder")?;
        scope::require_field(actor, FieldUse::Filter, Kind::Parcel, "right_holder_id")?;
    }
    let conditions = [
        area.is_some() || matches!(query.area, Area::Neighbours(_)),
        query.right_holder.is_some() || query.code_prefix.is_some() || query.land_use.is_some(),
        query.min_area_m2.is_some() || query.max_area_m2.is_some(),
    ];
    if !conditions.contains(&true) {
        return Err(RegistryError::invalid("area", "query-too-broad", "name a place, a right holder, a code, a land use or an area"));
    }
    if query.land_use.as_ref().is_some_and(|class| class.len() < 2) {
        return Err(RegistryError::invalid("land_use", "query-too-broad", "give at least the two digits of the first level"));
    }
    Ok(area)
}

/// Where to look for the current parcels that fit.
enum Source<'a> {
    /// All that may fit, by slot.
    Listed(Vec<u32>),
    Area(&'a SpatialQuery),
    Everywhere,
}

/// A question about the current parcels.
struct Asked<'a> {
    view: &'a ParcelView,
    source: Source<'a>,
    query: &'a ParcelQuery,
    held: Option<AHashSet<EntityId>>,
    today: String,
}

impl<'a> Asked<'a> {
    fn new(shelf: &Shelf, view: &'a ParcelView, query: &'a ParcelQuery, area: Option<&'a SpatialQuery>) -> Result<Self> {
        let held = query.right_holder.as_deref().map(|holder| by_tokens(shelf, &holder_tokens(shelf, holder))).transpose()?;
        let coded = query.code_prefix.as_deref().map(|code| by_tokens(shelf, &code_tokens(shelf, code))).transpose()?;
        let source = match (&query.area, area, held.as_ref().or(coded.as_ref())) {
            (Area::Neighbours(id), ..) => {
                let slot = shelf.parcels.slot(*id).ok_or(RegistryError::NotFound { what: "entity" })?;
                let neighbours = view.places().neighbours(slot).map_err(refused)?;
                Source::Listed(neighbours.into_iter().map(|neighbour| neighbour.slot).collect())
            }
            (_, Some(area), _) => Source::Area(area),
            (_, None, Some(ids)) => {
                let mut slots: Vec<u32> = ids.iter().filter_map(|id| shelf.parcels.slot(*id)).collect();
                slots.sort_unstable();
                Source::Listed(slots)
            }
            (_, None, None) => Source::Everywhere,
        };
        Ok(Self { view, source, query, held, today: civil_day(now()).to_string() })
    }

    fn fits(&self, slot: u32) -> bool {
        self.view.get(slot).is_some_and(|parcel| {
            self.held.as_ref().is_none_or(|held| held.contains(&parcel.id))
                && !is_over(parcel.value("valid_to"), &self.today)
                && says(self.query, &|column| parcel.value(column))
        })
    }

    /// At most so many of the parcels that fit, after a place in the answer.
    fn page(&self, after: Option<Place>, limit: usize) -> Result<Vec<Place>> {
        let is_next = |slot: &u32| after.is_none_or(|(_, last)| *slot > last) && self.fits(*slot);
        let by_slot = |slot: u32| (None, slot);
        Ok(match &self.source {
            Source::Listed(slots) => slots.iter().copied().filter(is_next).take(limit).map(by_slot).collect(),
            Source::Area(area) => self.view.places().page(area, after, limit, &|slot| self.fits(slot)).map_err(refused)?,
            Source::Everywhere => {
                let from = after.map_or(0, |(_, last)| last);
                self.view.onward(from).map(|(slot, _)| slot).filter(is_next).take(limit).map(by_slot).collect()
            }
        })
    }

    /// All parcels that fit, by slot.
    fn all(&self) -> Result<Vec<u32>> {
        match &self.source {
            Source::Area(area) => self.view.places().find(area, &|slot| self.fits(slot)).map_err(refused),
            Source::Listed(_) | Source::Everywhere => Ok(self.page(None, usize::MAX)?.into_iter().map(|(_, slot)| slot).collect()),
        }
    }
}

/// Whether a parcel's code, use and area are those asked for.
fn says<'v>(query: &ParcelQuery, value: &dyn Fn(&str) -> Option<&'v str>) -> bool {
    let prefix = query.code_prefix.as_deref();
    let coded = prefix.is_none_or(|prefix| {
        ["parcel_code", "unit_code", "foreign_key"].iter().any(|column| value(column).is_some_and(|code| code.starts_with(prefix)))
    });
    let used = query.land_use.as_deref().is_none_or(|class| value("land_use").is_some_and(|own| own.starts_with(class)));
    let large = (query.min_area_m2.is_none() && query.max_area_m2.is_none())
        || value("planar_area_m2")
            .and_then(|area| area.parse::<f64>().ok())
            .is_some_and(|area| query.min_area_m2.is_none_or(|least| area >= least) && query.max_area_m2.is_none_or(|most| area <= most));
    coded && used && large
}

fn current(inner: &Inner, actor: &Actor, query: &ParcelQuery, area: Option<&SpatialQuery>, limit: usize) -> Result<Page<ParcelHit>> {
    let shelf = inner.core.shelf(Kind::Parcel);
    let view = shelf.parcels.view();
    let after = query.cursor.as_deref().map(read_cursor).transpose()?;
    let found = match area.and_then(outward).filter(|_| actor.limits.is_scoped()) {
        Some((outward, k)) => {
            let mut found = reached_places(inner, actor, &Asked::new(shelf, &view, query, Some(&outward))?, None, k)?;
            found.retain(|(_, place)| after.is_none_or(|after| *place > after));
            found
        }
        // One more than the page holds, to know whether there are more.
        None => reached_places(inner, actor, &Asked::new(shelf, &view, query, area)?, after, limit + 1)?,
    };
    let more = found.len() > limit;
    let found = &found[..limit.min(found.len())];
    let next = found.last().filter(|_| more).map(|(_, (distance_m, slot))| write_cursor(*distance_m, slot));
    let ids: Vec<EntityId> = found.iter().map(|(id, _)| *id).collect();
    let distances: AHashMap<EntityId, Option<f64>> = found.iter().map(|(id, (distance_m, _))| (*id, *distance_m)).collect();
    let views = views_of(inner, actor, "query-parcels", Kind::Parcel, &ids, Include::default())?;
    let hits = views.into_iter().map(|parcel| ParcelHit { distance_m: distances.get(&parcel.id).copied().flatten(), parcel });
    Ok(Page { items: hits.collect(), next })
}

/// What the nearest are found by where more is asked of them than memory says: everything outward, until so many are found, however many others lie nearer.
const fn outward(area: &SpatialQuery) -> Option<(SpatialQuery, usize)> {
    match area {
        SpatialQuery::Nearest { lon, lat, k } => Some((SpatialQuery::Radius { lon: *lon, lat: *lat, radius_m: f64::INFINITY }, *k)),
        _ => None,
    }
}

/// At most so many of the parcels that fit and that the actor may see, after a place in the answer.
fn reached_places(
    inner: &Inner,
    actor: &Actor,
    asked: &Asked<'_>,
    mut after: Option<Place>,
    most: usize,
) -> Result<Vec<(EntityId, Place)>> {
    // Of those out of the actor's scope more are looked at.
    let step = if actor.limits.is_scoped() { most.max(MOST_PARCELS) } else { most };
    let mut found: Vec<(EntityId, Place)> = Vec::new();
    loop {
        let piece = asked.page(after, step)?;
        let is_last = piece.len() < step;
        after = piece.last().copied().or(after);
        let mut piece: Vec<(EntityId, Place)> = piece.into_iter().filter_map(|place| Some((asked.view.get(place.1)?.id, place))).collect();
        if let Some(reached) = reached(inner, actor, piece.iter().map(|(id, _)| *id))? {
            piece.retain(|(id, _)| reached.contains(id));
        }
        found.extend(piece);
        if is_last || found.len() >= most {
            found.truncate(most);
            return Ok(found);
        }
    }
}

/// The parcels that an actor of a few divisions may see; none when every one is.
fn reached(inner: &Inner, actor: &Actor, ids: impl Iterator<Item = EntityId>) -> Result<Option<AHashSet<EntityId>>> {
    if !actor.limits.is_scoped() {
        return Ok(None);
    }
    let ids: Vec<EntityId> = ids.collect();
    Ok(Some(inner.core.store.read(|reader| scope::within(reader, actor, Kind::Parcel, &ids))?.into_iter().collect()))
}

/// Count and area of the parcels that fit, by land use and division.
pub(crate) fn aggregate(inner: &Inner, actor: &Actor, query: &ParcelQuery) -> Result<Vec<ParcelGroup>> {
    let area = checked(inner, actor, query)?;
    let (view, found) = if query.as_of.is_none() && query.valid_at.is_none() {
        let shelf = inner.core.shelf(Kind::Parcel);
        let view = shelf.parcels.view();
        let found = match area.as_ref().and_then(outward).filter(|_| actor.limits.is_scoped()) {
            Some((outward, k)) => {
                let found = reached_places(inner, actor, &Asked::new(shelf, &view, query, Some(&outward))?, None, k)?;
                found.into_iter().map(|(_, (_, slot))| slot).collect()
            }
            None => {
                let mut found = Asked::new(shelf, &view, query, area.as_ref())?.all()?;
                if let Some(reached) = reached(inner, actor, found.iter().filter_map(|slot| Some(view.get(*slot)?.id)))? {
                    found.retain(|slot| view.get(*slot).is_some_and(|parcel| reached.contains(&parcel.id)));
                }
                found
            }
        };
        (view, found)
    } else {
        let (view, found) = found_then(inner, actor, query, area.as_ref())?;
        (view, found.into_iter().map(|(_, slot)| slot).collect())
    };
    let inside = area.as_ref().filter(|area| area.has_inside());
    let mut groups: AHashMap<(Option<&str>, Option<&str>), ParcelGroup> = AHashMap::new();
    for (slot, parcel) in found.iter().filter_map(|slot| Some((*slot, view.get(*slot)?))) {
        let (mut key, mut planar, mut registered) = ((None, None), 0.0, None);
        for (column, value) in parcel.values() {
            match column.name {
                "division" => key.0 = Some(value),
                "land_use" => key.1 = Some(value),
                "planar_area_m2" => planar = value.parse().unwrap_or_default(),
                "registered_area_m2" => registered = value.parse::<f64>().ok(),
                _ => {}
            }
        }
        let new = || ParcelGroup { planar_area_within_m2: inside.map(|_| 0.0), ..ParcelGroup::default() };
        let group = groups.entry(key).or_insert_with(new);
        group.count += 1;
        group.planar_area_m2 += planar;
        group.registered_area_m2 = group.registered_area_m2.into_iter().chain(registered).reduce(|sum, area| sum + area);
        if let Some(inside) = inside {
            let is_whole = view.places().bbox(slot).is_some_and(|bbox| inside.takes_in(&bbox));
            let within = || view.places().geometry(slot).and_then(|geometry| inside.area_within_m2(&geometry));
            let within = if is_whole { Some(planar) } else { within() };
            group.planar_area_within_m2 = group.planar_area_within_m2.zip(within).map(|(sum, area)| sum + area);
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_unstable_by_key(|(key, _)| *key);
    inner.audit.log(actor, "aggregate-parcels", Kind::Parcel, &[])?;
    let named = |((division, land_use), group): ((Option<&str>, Option<&str>), ParcelGroup)| ParcelGroup {
        land_use: land_use.map(str::to_owned),
        division: division.map(str::to_owned),
        count: group.count,
        planar_area_m2: as_told(group.planar_area_m2),
        planar_area_within_m2: group.planar_area_within_m2.map(as_told),
        registered_area_m2: group.registered_area_m2.map(as_told),
    };
    Ok(groups.into_iter().map(named).collect())
}

/// A sum of areas to the square centimetre, as each of them is told: what binary fractions add is no land.
fn as_told(area_m2: f64) -> f64 {
    (area_m2 * 10_000.0).round() / 10_000.0
}

/// The same question about the past, as recorded or in the world: the parcels of then are in memory, the versions of the page
/// are read from the database.
fn past(inner: &Inner, actor: &Actor, query: &ParcelQuery, area: Option<&SpatialQuery>, limit: usize) -> Result<Page<ParcelHit>> {
    let after = query.cursor.as_deref().map(read_cursor).transpose()?;
    let (view, found) = found_then(inner, actor, query, area)?;
    // By id: nodes number superseded versions as they come to know them.
    let found = found.iter().filter_map(|(distance_m, slot)| view.get(*slot).map(|parcel| ((*distance_m, parcel.id), parcel.version)));
    let (found, more) = page(found.collect(), limit, after);
    let hits = inner.core.store.read(|reader| {
        let wanted: Vec<(EntityId, i32)> = found.iter().map(|((_, id), version)| (*id, *version)).collect();
        let mut by_id: AHashMap<EntityId, VersionRow> = reader.versions_at(&wanted)?.into_iter().map(|row| (row.entity, row)).collect();
        let rows: Vec<VersionRow> = wanted.iter().filter_map(|(id, _)| by_id.remove(id)).collect();
        let views = entity_views(&inner.core, reader, Kind::Parcel, rows, Include::default())?;
        let hits = views.into_iter().zip(&found).map(|(parcel, ((distance_m, _), _))| ParcelHit { parcel, distance_m: *distance_m });
        Ok::<_, RegistryError>(hits.collect::<Vec<_>>())
    })?;
    let views: Vec<EntityView> = hits.iter().map(|hit| hit.parcel.clone()).collect();
    inner.audit.log(actor, "query-parcels", Kind::Parcel, &trace(&views))?;
    let next = hits.last().filter(|_| more).map(|hit| write_cursor(hit.distance_m, hit.parcel.id));
    Ok(Page { items: hits, next })
}

/// The parcels of then, and under which slots those stand that fit.
fn found_then(inner: &Inner, actor: &Actor, query: &ParcelQuery, area: Option<&SpatialQuery>) -> Result<(Arc<ParcelView>, Vec<Place>)> {
    let book = &inner.core.shelf(Kind::Parcel).parcels;
    let moment = query.as_of.map(|moment| moment.timestamp_micros());
    let view = book.view_at(moment, query.valid_at.map(Into::into));
    // Of a moment those that had not ended on its day.
    let day = query.as_of.filter(|_| query.valid_at.is_none()).map(|moment| civil_day(moment).to_string());
    let fits = |slot: u32| {
        view.get(slot).is_some_and(|parcel| {
            !day.as_ref().is_some_and(|day| is_over(parcel.value("valid_to"), day)) && says(query, &|column| parcel.value(column))
        })
    };
    let is_by_version = query.right_holder.is_some() || actor.limits.is_scoped();
    let by_version = |found| inner.core.store.read(|reader| known_by_version(reader, actor, query, &view, found));
    if let Some((outward, k)) = area.and_then(outward).filter(|_| is_by_version) {
        let mut found: Vec<Place> = Vec::new();
        let mut after = None;
        loop {
            let piece = view.places().page(&outward, after, MOST_PARCELS, &fits).map_err(refused)?;
            let is_last = piece.len() < MOST_PARCELS;
            after = piece.last().copied().or(after);
            found.extend(by_version(piece)?);
            if is_last || found.len() >= k {
                found.truncate(k);
                return Ok((Arc::clone(&view), found));
            }
        }
    }
    let found: Vec<Place> = match (&query.area, area) {
        (Area::Neighbours(id), _) => {
            let slot = book.slot_in(&view, *id, None).ok_or(RegistryError::NotFound { what: "entity" })?;
            let neighbours = view.places().neighbours(slot).map_err(refused)?.into_iter().map(|neighbour| neighbour.slot);
            neighbours.filter(|slot| fits(*slot)).map(|slot| (None, slot)).collect()
        }
        (_, Some(area)) => view.places().page(area, None, usize::MAX, &fits).map_err(refused)?,
        (_, None) => view.onward(0).map(|(slot, _)| slot).filter(|slot| fits(*slot)).map(|slot| (None, slot)).collect(),
    };
    let found = if is_by_version { by_version(found)? } else { found };
    Ok((Arc::clone(&view), found))
}

/// How many versions are read together.
const STEP: usize = 10_000;

/// Those of the parcels found whose version then names the right holder that is asked for, and that the actor may see: what
/// memory does not say.
fn known_by_version(
    reader: &mut Reader<'_>,
    actor: &Actor,
    query: &ParcelQuery,
    view: &ParcelView,
    found: Vec<Place>,
) -> Result<Vec<Place>> {
    let noun = crate::kinds::noun(Kind::Parcel);
    let holder = query.right_holder.as_deref();
    let asked: Vec<SearchToken> =
        holder.into_iter().flat_map(|holder| ["number", "name"].map(|field| noun.search_query(field, holder))).flatten().collect();
    let mut kept = Vec::new();
    for piece in found.chunks(STEP) {
        let wanted: Vec<(EntityId, i32)> =
            piece.iter().filter_map(|(_, slot)| view.get(*slot)).map(|parcel| (parcel.id, parcel.version)).collect();
        let mut reached: AHashSet<EntityId> = AHashSet::new();
        for row in reader.versions_at(&wanted)? {
            let held = holder.is_none() || {
                let own: AHashSet<SearchToken> = noun.search_tokens(&read_golden(&row.golden)?.attributes()).into_iter().collect();
                asked.iter().any(|token| own.contains(token))
            };
            if held && (!actor.limits.is_scoped() || scope::reaches(reader, &actor.limits, Kind::Parcel, &row)?) {
                reached.insert(row.entity);
            }
        }
        kept.extend(piece.iter().filter(|(_, slot)| view.get(*slot).is_some_and(|parcel| reached.contains(&parcel.id))));
    }
    Ok(kept)
}

/// The decision because of which another does not stand: one that undid it, and was not undone itself.
fn undone_by(reader: &mut Reader<'_>, decision: DecisionId) -> Result<Option<DecisionId>> {
    let (mut last, mut stands) = (decision, true);
    while let Some(next) = reader.decisions(&[last])?.pop().and_then(|row| row.undone_by) {
        (last, stands) = (next, !stands);
    }
    Ok((!stands).then_some(last))
}

/// Lineage and former codes of a parcel, whatever has become of it.
pub(crate) fn history(inner: &Inner, actor: &Actor, id: EntityId) -> Result<ParcelHistory> {
    let history = inner.core.store.read(|reader| {
        let missing = RegistryError::NotFound { what: "entity" };
        let row = reader.entities(&[id])?.pop().filter(|row| row.kind == Kind::Parcel).ok_or(missing)?;
        let steps = reader.lineage_of(&[id])?;
        let decisions: BTreeSet<DecisionId> = steps.iter().map(|row| row.decision).collect();
        let mut undone = AHashMap::new();
        for decision in decisions {
            undone.insert(decision, undone_by(reader, decision)?);
        }
        let view = |row: jiku_store::LineageRow| LineageView {
            child: Some(row.child),
            parent: row.parent,
            operation: row.operation,
            decision: Some(row.decision),
            at: Some(row.at),
            share: row.share,
            undone_by: undone.get(&row.decision).copied().flatten(),
        };
        let (parents, children): (Vec<_>, Vec<_>) = steps.into_iter().partition(|row| row.child == id);
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

fn by_tokens(shelf: &Shelf, tokens: &[SearchToken]) -> Result<AHashSet<EntityId>> {
    if tokens.is_empty() {
        return Err(RegistryError::invalid("code_prefix", "query-too-broad", "give at least the six digits of the county"));
    }
    let lookup = shelf.lookup.read();
    let slots = tokens.iter().flat_map(|token| lookup.postings.get(lookup.postings.hash(token)));
    Ok(slots.filter_map(|slot| lookup.entity(*slot)).collect())
}

/// A parcel in an answer that goes by distance, metres, and then by id.
type PlaceById = (Option<f64>, EntityId);

/// At most `limit` of the parcels that were found with something about each, nearest first and then by id, from where a page begins;
/// and whether there are more. Only what the page holds is sorted.
fn page<T>(mut found: Vec<(PlaceById, T)>, limit: usize, after: Option<PlaceById>) -> (Vec<(PlaceById, T)>, bool) {
    let order = |a: &PlaceById, b: &PlaceById| a.0.unwrap_or_default().total_cmp(&b.0.unwrap_or_default()).then(a.1.cmp(&b.1));
    found.retain(|(place, _)| after.is_none_or(|after| order(place, &after).is_gt()));
    let more = found.len() > limit;
    if more {
        found.select_nth_unstable_by(limit, |(left, _), (right, _)| order(left, right));
        found.truncate(limit);
    }
    found.sort_unstable_by(|(left, _), (right, _)| order(left, right));
    (found, more)
}

/// Where the next page begins: after this distance, metres, and number.
fn write_cursor(distance_m: Option<f64>, number: impl Display) -> String {
    format!("{:016x}.{number}", distance_m.unwrap_or_default().to_bits())
}

fn read_cursor<T: FromStr>(text: &str) -> Result<(Option<f64>, T)> {
    let (distance, number) = text.split_once('.').ok_or_else(bad_cursor)?;
    let distance = u64::from_str_radix(distance, 16).map_err(|_| bad_cursor())?;
    Ok((Some(f64::from_bits(distance)), number.parse().map_err(|_| bad_cursor())?))
}

fn refused(problem: QueryProblem) -> RegistryError {
    RegistryError::invalid("area", problem.code(), problem.to_string())
}

fn spatial_query(area: &Area) -> Result<Option<SpatialQuery>> {
    let query = match area {
        Area::Everywhere | Area::Neighbours(_) => return Ok(None),
        Area::Point { lon, lat } => SpatialQuery::point(*lon, *lat),
        Area::Bbox { west, south, east, north } => SpatialQuery::bbox(*west, *south, *east, *north),
        Area::Polygons(polygons) => {
            let part =
                |rings: &Vec<Vec<(f64, f64)>>| rings.iter().map(|ring| ring.iter().map(|(lon, lat)| [*lon, *lat]).collect()).collect();
            let raw = RawGeometry { parts: polygons.iter().map(part).collect(), ..RawGeometry::default() };
            SpatialQuery::intersects(&raw, Crs::Crs84, AxisOrder::EastFirst)
        }
        Area::Radius { lon, lat, radius_m } => SpatialQuery::radius(*lon, *lat, *radius_m),
        Area::Nearest { lon, lat, k } => SpatialQuery::nearest(*lon, *lat, *k),
    };
    query.map(Some).map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_sum_has_the_decimals_of_its_parts() {
        let told = [0.1 + 0.2, 19_004.800_000_000_003, 36_820.039_687_221_51, 0.0].map(|area_m2| as_told(area_m2).to_string());
        assert_eq!(told, ["0.3", "19004.8", "36820.0397", "0"]);
    }

    #[test]
    fn a_page_goes_on_after_its_cursor_also_between_equal_distances() {
        let id = |number| EntityId(Uuid::from_u128(number));
        let found = vec![((Some(2.0), id(3)), ()), ((Some(1.0), id(2)), ()), ((Some(1.0), id(1)), ())];
        let ids = |page: (Vec<(PlaceById, ())>, bool)| (page.0.iter().map(|((_, id), ())| id.0.as_u128()).collect::<Vec<_>>(), page.1);
        assert_eq!(ids(page(found.clone(), 3, None)), (vec![1, 2, 3], false));
        assert_eq!(ids(page(found.clone(), 2, None)), (vec![1, 2], true));
        assert_eq!(ids(page(found, 2, Some((Some(1.0), id(1))))), (vec![2, 3], false));
    }
}
