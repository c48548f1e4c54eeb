//! What is known of one entity, and from where?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use chrono::{NaiveDateTime, TimeZone};
use jiku_model::{EntityId, Kind, SourceSystem, Timestamp};
use jiku_registry::{
    Actor, Area, ClauseView, EntityView, Found, Include, OverrideView, ParcelHistory, ParcelQuery, ParcelRight, Registry, RegistryError,
    Relationship, RightView, RightsQuery, SourceRecordView, View,
};

use super::subject::Subject;
use super::{Page, address_of, name_of, see};
use crate::console::frame::Frame;
use crate::console::shapes::{self, Picture};
use crate::console::ties::{self, Graph, Node};
use crate::console::values::{Value, is_of_the_source};
use crate::console::{Language, clauses, language, reasons, render, words};
use crate::desk::Desk;
use crate::parameters::{self, Given, Parameters, Query, invalid};
use crate::permission::Right;
use crate::place::Entity;
use crate::problem::Problem;

/// The record page.
#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage {
    f: Frame,
    s: Subject,
    name: String,
    version: i64,
    recorded: String,
    /// The moment the page looks back to, and until when it was so.
    as_of: Option<(String, String)>,
    /// The source records, one column each.
    records: Vec<RecordHead>,
    rows: Vec<Row>,
    graph: Option<Graph>,
    picture: Option<Picture>,
    household: Vec<Neighbour>,
    /// The rights in a parcel, each with its holder.
    rights: Vec<RightLine>,
    may_set: bool,
    /// Whether the caller may open the map.
    shows_map: bool,
}

/// A right, restriction or responsibility in a parcel.
struct RightLine {
    category: &'static str,
    right: ParcelRight,
    /// The page of its holder, when it is known who that is.
    holder: Option<String>,
    times: String,
}

/// The head of a source record's column.
struct RecordHead {
    source: String,
    key: String,
    received: String,
    problems: Vec<String>,
}

/// One column of the kind across the golden record and its sources.
struct Row {
    column: &'static str,
    title: String,
    golden: Value,
    origin: String,
    /// How many sources say the same and how many another thing.
    agreeing: u32,
    differing: u32,
    set_by_hand: Option<String>,
    cells: Vec<Value>,
}

/// Somebody of the same address or telephone.
struct Neighbour {
    address: String,
    name: String,
    fact: String,
}

/// The moment to look back to.
pub(crate) struct AsOf(Option<Timestamp>);

impl Parameters for AsOf {
    const NAMES: &'static [&'static str] = &["as_of"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let Some(text) = given.text("as_of").filter(|text| !text.is_empty()) else { return Ok(Self(None)) };
        // A field of a form knows no offset: it means the clocks of the country.
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").ok();
        let moment = parameters::moment(text).or_else(|| Some(language::zone().from_local_datetime(&local?).single()?.to_utc()));
        moment.map(|moment| Self(Some(moment))).ok_or_else(|| invalid("as_of", "a moment such as 2026-05-01T08:00"))
    }
}

/// What the page needs of the registry beside the entity.
#[derive(Default)]
struct Rest {
    overrides: Vec<OverrideView>,
    around: Vec<EntityView>,
    household: Vec<EntityView>,
    sources: Vec<SourceSystem>,
    rights: Vec<RightView>,
    /// The survivorship rules in use.
    clauses: Vec<ClauseView>,
    /// How a parcel that is no more ended.
    ended: Option<ParcelHistory>,
}

/// The record page: golden values with their sources side by side.
pub(crate) async fn show(request: HttpRequest, desk: Desk, Entity(kind, id): Entity, Query(AsOf(as_of)): Query<AsOf>) -> Page {
    let f = Frame::of(&request, &desk);
    let sees_overrides = f.may(Right::SeeReviews) && as_of.is_none();
    let (found, rest) = desk.run(move |registry, actor| look_up(registry, actor, kind, id, as_of, sees_overrides)).await?;
    match found {
        Found::Record(entity) => {
            let page = record_page(f, *entity, &rest, as_of);
            Ok(render(StatusCode::OK, &page))
        }
        Found::Moved(survivor) => Ok(see(&address_of(kind, survivor))),
        Found::Retired { since } => {
            let page = retired_page(f, (kind, id), since, rest.ended.as_ref());
            Ok(render(StatusCode::GONE, &page))
        }
    }
}

/// The page of what is no more: why, and where to go on.
#[derive(Template)]
#[template(path = "retired.html")]
struct RetiredPage {
    f: Frame,
    kind: &'static str,
    id: EntityId,
    happened: String,
    since: String,
    history: String,
    /// The parcels that have its land.
    successors: Vec<(String, String)>,
}

fn retired_page(f: Frame, (kind, id): (Kind, EntityId), since: Timestamp, ended: Option<&ParcelHistory>) -> RetiredPage {
    let how = ended.and_then(|ended| ended.former.last()).map_or("withdrawn", |former| former.operation.as_str());
    let happened = match how {
        "split" => f.say("该宗地已分割", "This parcel was split"),
        "unite" => f.say("该宗地已与邻宗合并", "This parcel was merged with its neighbours"),
        "retire" => f.say("该宗地已注销", "This parcel was ended"),
        "undo" => f.say("建立该宗地的操作已撤销", "What made this parcel was undone"),
        _ => f.say("该实体已停用：来源记录均已撤回", "Retired: all its source records were withdrawn"),
    };
    let children = ended.into_iter().flat_map(|ended| &ended.children).filter_map(|line| line.child);
    RetiredPage {
        kind: words::one(f.l, kind),
        id,
        happened: happened.to_owned(),
        since: f.l.moment(since),
        history: format!("{}/history", address_of(kind, id)),
        successors: children.map(|child| (address_of(kind, child), child.to_string().chars().skip(24).collect())).collect(),
        f,
    }
}

fn look_up(
    registry: &Registry,
    actor: &Actor,
    kind: Kind,
    id: EntityId,
    as_of: Option<Timestamp>,
    sees_overrides: bool,
) -> Result<(Found, Rest), RegistryError> {
    let include = Include { sources: true, provenance: true, relationships: true, parcels: true, history: false };
    let found = registry.find(actor, kind, id, &View { as_of, include })?;
    let mut rest = Rest { sources: registry.list_sources()?, clauses: registry.clauses_in_use(kind), ..Rest::default() };
    let Found::Record(entity) = &found else {
        // What became of its land: an answer that those limited to some divisions do not get.
        let ended = kind == Kind::Parcel && matches!(found, Found::Retired { .. }) && !actor.limits.is_scoped();
        rest.ended = ended.then(|| registry.parcel_history(actor, id)).transpose()?;
        return Ok((found, rest));
    };
    if sees_overrides {
        rest.overrides = registry.overrides(actor, kind, id)?;
        rest.overrides.retain(|value| value.released_at.is_none());
    }
    rest.around = match kind {
        Kind::Parcel => neighbours(registry, actor, entity)?,
        _ => named_by(registry, actor, entity)?,
    };
    rest.household = registry.household(actor, kind, id)?;
    if kind == Kind::Parcel {
        rest.rights = registry.parcel_rights(actor, id, &RightsQuery { as_of, valid_at: None })?.rights;
    }
    Ok((found, rest))
}

/// The entities that name this one, so that they can be called by their names.
fn named_by(registry: &Registry, actor: &Actor, entity: &EntityView) -> Result<Vec<EntityView>, RegistryError> {
    let mut named = Vec::new();
    for kind in Kind::ALL {
        let ids: Vec<EntityId> =
            ties_of(entity).filter(|tie| tie.from != entity.id && tie.from_kind == kind).map(|tie| tie.from).take(20).collect();
        if !ids.is_empty() {
            named.extend(registry.find_all(actor, kind, &ids)?);
        }
    }
    Ok(named)
}

/// The parcels that lie around this one.
fn neighbours(registry: &Registry, actor: &Actor, entity: &EntityView) -> Result<Vec<EntityView>, RegistryError> {
    let Some([west, south, east, north]) = entity.values.get("geometry").and_then(|value| shapes::extent(&value.value)) else {
        return Ok(Vec::new());
    };
    let margin = (east - west).max(north - south) * 2.0 * shapes::MARGIN;
    let (wide, high) = (margin, margin);
    let area = Area::Bbox { west: west - wide, south: south - high, east: east + wide, north: north + high };
    let query = ParcelQuery { area, limit: 60, ..ParcelQuery::default() };
    Ok(registry.query_parcels(actor, &query)?.items.into_iter().map(|hit| hit.parcel).filter(|parcel| parcel.id != entity.id).collect())
}

fn ties_of(entity: &EntityView) -> impl Iterator<Item = &Relationship> {
    entity.relationships.iter().chain(&entity.parcels).flatten()
}

fn record_page(f: Frame, entity: EntityView, rest: &Rest, as_of: Option<Timestamp>) -> RecordPage {
    let Rest { overrides, around, household, sources: systems, rights, clauses, .. } = rest;
    let (l, kind) = (f.l, entity.kind);
    let sources: &[SourceRecordView] = entity.sources.as_deref().unwrap_or_default();
    let rows = words::columns(l, kind)
        .filter(|(column, _)| *column != "rights")
        .filter_map(|(column, title)| row(l, (column, title), &entity, (sources, systems), clauses, overrides));
    let records = sources.iter().map(|record| RecordHead {
        source: words::source(systems, &record.key.source),
        key: record.key.key.clone(),
        received: l.moment(record.received_at),
        problems: record.problems.iter().map(|problem| reasons::in_words(l, problem)).collect(),
    });
    let until = entity.recorded_to.map_or_else(|| f.say("今", "now").to_owned(), |to| l.moment(to));
    RecordPage {
        s: Subject::new(&f, kind, entity.id, ""),
        name: name_of(&entity),
        version: entity.version,
        recorded: l.moment(entity.recorded_from),
        as_of: as_of.map(|moment| (l.moment(moment), until)),
        records: records.collect(),
        rows: rows.collect(),
        graph: ties::draw(
            name_of(&entity),
            ties_of(&entity).filter_map(|tie| node(l, &entity, tie, around)).fold(Vec::new(), |nodes, node| once(l, nodes, node)),
        ),
        picture: if kind == Kind::Parcel { picture(&entity, around) } else { None },
        household: household.iter().map(|view| neighbour(&entity, view)).collect(),
        rights: rights.iter().map(|view| right(l, view)).collect(),
        may_set: f.may(Right::Steward) && as_of.is_none(),
        shows_map: f.ways.iter().any(|way| way.address == "/map"),
        f,
    }
}

/// A golden value across its sources.
fn row(
    l: Language,
    (column, title): (&'static str, &'static str),
    entity: &EntityView,
    (records, systems): (&[SourceRecordView], &[SourceSystem]),
    rules: &[ClauseView],
    overrides: &[OverrideView],
) -> Option<Row> {
    let golden = entity.values.get(column);
    let text = golden.map_or("", |golden| golden.value.as_str());
    let cells: Vec<Value> = records
        .iter()
        .map(|record| Value::beside(l, entity.kind, column, record.attributes.get(column).unwrap_or_default(), text))
        .collect();
    if golden.is_none() && cells.iter().all(Value::is_empty) {
        return None;
    }
    let origin = golden.map_or_else(String::new, |golden| {
        let source =
            golden.source.as_ref().map_or_else(|| l.say("管理员", "steward").to_owned(), |key| words::source(systems, &key.source));
        format!("{source} · {}", clauses::rule(l, entity.kind, rules, column, &golden.rule))
    });
    let by_hand = overrides.iter().find(|value| value.column == column);
    Some(Row {
        column,
        title: title.to_owned(),
        golden: Value::new(l, entity.kind, column, text),
        origin,
        agreeing: golden.map_or(0, |golden| golden.agreeing),
        differing: golden.filter(|_| !is_of_the_source(column)).map_or(0, |golden| golden.differing),
        set_by_hand: by_hand.map(|value| format!("{} · {}", value.actor, l.moment(value.at))),
        cells,
    })
}

/// A tie as it is drawn.
fn node(l: Language, entity: &EntityView, tie: &Relationship, around: &[EntityView]) -> Option<Node> {
    let inward = tie.from != entity.id;
    let (kind, id) = if inward { (Some(tie.from_kind), Some(tie.from)) } else { (tie.to.map(|to| to.0), tie.to.map(|to| to.1)) };
    if id == Some(entity.id) {
        return None;
    }
    let known = id.and_then(|id| around.iter().find(|view| view.id == id)).map(name_of);
    let told = if inward { None } else { tie.name.clone().or_else(|| tie.number.clone()) };
    Some(Node {
        name: known.or(told).unwrap_or_else(|| kind.map_or("?", |kind| words::one(l, kind)).to_owned()),
        role: words::word(l, &tie.role).to_owned(),
        address: kind.zip(id).map(|(kind, id)| address_of(kind, id)),
        class: kind.map_or("unknown", Kind::as_str),
        inward,
        y: 0.0,
        short: String::new(),
    })
}

/// The same tie may be told of as a relationship and as a parcel's right, and one party may have several roles: it is drawn once.
fn once(l: Language, mut nodes: Vec<Node>, node: Node) -> Vec<Node> {
    let same = |known: &&mut Node| known.inward == node.inward && known.address == node.address && known.name == node.name;
    match nodes.iter_mut().find(same) {
        Some(known) if known.role.split(l.say("、", ", ")).any(|role| role == node.role) => {}
        Some(known) => known.role = format!("{}{}{}", known.role, l.say("、", ", "), node.role),
        None => nodes.push(node),
    }
    nodes
}

fn right(l: Language, RightView { right, party }: &RightView) -> RightLine {
    let times = match (right.valid_from.as_deref(), right.valid_to.as_deref()) {
        (None, None) => String::new(),
        (from, to) => format!("{} – {}", from.unwrap_or_default(), to.unwrap_or_default()),
    };
    RightLine {
        category: words::word(l, right.category.as_str()),
        holder: party.as_ref().map(|party| address_of(party.kind, party.id)),
        right: right.clone(),
        times,
    }
}

fn picture(entity: &EntityView, around: &[EntityView]) -> Option<Picture> {
    let shape = |view: &EntityView| view.values.get("geometry").map(|value| value.value.clone());
    let shapes: Vec<(String, &EntityView)> = std::iter::once(entity).chain(around).filter_map(|view| Some((shape(view)?, view))).collect();
    let wanted = shapes.iter().map(|(geometry, view)| shapes::Wanted {
        geometry,
        title: name_of(view),
        address: address_of(view.kind, view.id),
        class: if view.id == entity.id { "this" } else { "near" },
    });
    shapes::draw(wanted.collect())
}

fn neighbour(entity: &EntityView, view: &EntityView) -> Neighbour {
    let value = |of: &EntityView, column: &str| of.values.get(column).map(|value| value.value.clone());
    let fact =
        ["phone", "address"].iter().find_map(|column| value(view, column).filter(|fact| value(entity, column).as_ref() == Some(fact)));
    Neighbour {
        address: address_of(view.kind, view.id),
        name: name_of(view),
        fact: [value(view, "birth_date"), fact].into_iter().flatten().collect::<Vec<_>>().join(" · "),
    }
}
