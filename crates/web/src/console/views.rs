//! What does each page show? One struct per template.

use askama::Template;
use jiku_model::Kind;
use jiku_registry::{EntityView, KindStats, SourceRecordView, ValueView};

use super::Language;
use super::difference::Piece;
use super::waterfall::Waterfall;

/// The sign-in page.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub(crate) struct SignInPage<'a> {
    pub(crate) l: Language,
    pub(crate) who: Option<&'a str>,
    /// Whether name or password was wrong just now.
    pub(crate) failed: bool,
    pub(crate) purposes: &'static [(&'static str, &'static str)],
}

/// The first page: the state of the three bases.
#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct HomePage<'a> {
    pub(crate) l: Language,
    pub(crate) who: Option<&'a str>,
    pub(crate) bases: Vec<Base>,
    pub(crate) position: i64,
    pub(crate) jobs: Vec<JobLine>,
    pub(crate) may_review: bool,
}

/// One base on the first page.
pub(crate) struct Base {
    pub(crate) title: &'static str,
    pub(crate) stats: KindStats,
    /// The share of records beyond the first of their entity, in per cent.
    pub(crate) duplicate_share: u64,
}

/// An import on the first page.
pub(crate) struct JobLine {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) state: &'static str,
    pub(crate) rows: u64,
    pub(crate) rejected: u64,
    pub(crate) updated_at: String,
}

/// The search page with what was found.
#[derive(Template)]
#[template(path = "search.html")]
pub(crate) struct SearchPage<'a> {
    pub(crate) l: Language,
    pub(crate) who: Option<&'a str>,
    pub(crate) text: &'a str,
    pub(crate) hits: Vec<Hit>,
    pub(crate) asked: bool,
    pub(crate) notice: Option<String>,
}

/// An entity that was found.
pub(crate) struct Hit {
    pub(crate) address: String,
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) facts: Vec<String>,
    pub(crate) members: usize,
}

/// The record page.
#[derive(Template)]
#[template(path = "record.html")]
pub(crate) struct RecordPage<'a> {
    pub(crate) l: Language,
    pub(crate) who: Option<&'a str>,
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) entity: EntityView,
    pub(crate) recorded: String,
    /// The source records, one column each.
    pub(crate) records: Vec<RecordHead>,
    pub(crate) rows: Vec<Row>,
    pub(crate) ties: Vec<Tie>,
    pub(crate) versions: Vec<VersionLine>,
}

/// The head of a source record's column.
pub(crate) struct RecordHead {
    pub(crate) source: String,
    pub(crate) key: String,
    pub(crate) received: String,
    pub(crate) problems: usize,
}

/// One column of the kind across the golden record and its sources.
pub(crate) struct Row {
    pub(crate) title: String,
    pub(crate) golden: String,
    pub(crate) origin: String,
    pub(crate) cells: Vec<Cell>,
}

/// What one source says.
pub(crate) struct Cell {
    pub(crate) text: String,
    /// `same`, `other` or `none`.
    pub(crate) class: &'static str,
}

/// A tie to another entity.
pub(crate) struct Tie {
    pub(crate) role: String,
    pub(crate) name: String,
    pub(crate) address: Option<String>,
}

/// A version in the timeline.
pub(crate) struct VersionLine {
    pub(crate) version: i64,
    pub(crate) state: &'static str,
    pub(crate) from: String,
    pub(crate) members: usize,
}

/// The list of review tasks.
#[derive(Template)]
#[template(path = "reviews.html")]
pub(crate) struct ReviewsPage<'a> {
    pub(crate) l: Language,
    pub(crate) who: Option<&'a str>,
    pub(crate) tasks: Vec<TaskLine>,
    pub(crate) next: Option<String>,
}

/// A review task in the list.
pub(crate) struct TaskLine {
    pub(crate) address: String,
    pub(crate) kind: &'static str,
    pub(crate) left: String,
    pub(crate) right: String,
    pub(crate) reason: String,
    pub(crate) weight: String,
    pub(crate) probability: String,
    pub(crate) opened: String,
}

/// A review task with its evidence.
#[derive(Template)]
#[template(path = "review.html")]
pub(crate) struct ReviewPage<'a> {
    pub(crate) l: Language,
    pub(crate) who: Option<&'a str>,
    pub(crate) address: String,
    pub(crate) kind: &'static str,
    pub(crate) reason: String,
    pub(crate) left: Side,
    pub(crate) right: Side,
    pub(crate) rows: Vec<PairRow>,
    pub(crate) picture: Option<Waterfall>,
    pub(crate) if_match: String,
    pub(crate) open: bool,
}

/// One side of a pair.
pub(crate) struct Side {
    pub(crate) source: String,
    pub(crate) key: String,
    pub(crate) address: String,
}

/// One column of the kind on both sides.
pub(crate) struct PairRow {
    pub(crate) title: String,
    pub(crate) left: Vec<Piece>,
    pub(crate) right: Vec<Piece>,
    /// `same`, `other` or `none` when a side is empty.
    pub(crate) class: &'static str,
}

/// What a kind is called.
pub(crate) const fn kind_title(language: Language, kind: Kind) -> &'static str {
    match (language, kind) {
        (Language::Zh, Kind::Person) => "人口库",
        (Language::Zh, Kind::LegalPerson) => "法人库",
        (Language::Zh, Kind::Parcel) => "宗地库",
        (Language::En, Kind::Person) => "People",
        (Language::En, Kind::LegalPerson) => "Legal persons",
        (Language::En, Kind::Parcel) => "Parcels",
    }
}

/// The columns of a kind with their titles; the geometry has no place in a table.
pub(crate) fn columns(language: Language, kind: Kind) -> impl Iterator<Item = (&'static str, &'static str)> {
    let columns = jiku_registry::columns(kind).iter().filter(|column| column.name != "geometry");
    columns.map(move |column| (column.name, if language == Language::Zh { column.title_zh } else { column.title_en }))
}

/// A golden value across its sources.
pub(crate) fn row(language: Language, title: &str, golden: Option<&ValueView>, column: &str, records: &[SourceRecordView]) -> Option<Row> {
    let cells: Vec<Cell> = records
        .iter()
        .map(|record| {
            let text = record.attributes.get(column).unwrap_or_default();
            let class = match golden {
                _ if text.is_empty() => "none",
                Some(golden) if golden.value == text => "same",
                _ => "other",
            };
            Cell { text: text.to_owned(), class }
        })
        .collect();
    if golden.is_none() && cells.iter().all(|cell| cell.text.is_empty()) {
        return None;
    }
    let origin = golden.map_or_else(String::new, |golden| {
        let source = golden.source.as_ref().map_or(language.say("管理员", "steward"), |key| key.source.as_str());
        format!("{source} · {}", rule(language, &golden.rule))
    });
    Some(Row { title: title.to_owned(), golden: golden.map(|golden| golden.value.clone()).unwrap_or_default(), origin, cells })
}

/// The name of a survivorship rule (存活规则).
fn rule(language: Language, name: &str) -> String {
    let zh = match name {
        "only" => "唯一来源",
        "agreed" => "各源一致",
        "trust" => "来源可信度",
        "recency" => "最新",
        "completeness" => "最完整",
        "frequency" => "多数",
        "verified" => "已核验",
        "tie" => "并列",
        "override" => "人工设定",
        other => return other.to_owned(),
    };
    language.say(zh, name).to_owned()
}

/// A word of the service on a page: a state, a reason, a role.
pub(crate) fn word(language: Language, word: &str) -> &str {
    let zh = match word {
        "active" => "有效",
        "merged" => "已合并",
        "retired" => "已停用",
        "running" => "进行中",
        "finished" => "已完成",
        "failed" => "失败",
        "too-many-row-errors" => "错误行过多",
        "unsure" => "模型不能确定",
        "conflicting-identifier" => "标识冲突",
        "cannot-link" => "人工判定不同",
        "too-large" => "合并后过大",
        "bridge" => "仅凭一条记录相连",
        "duplicate-free-source" => "同一来源内重复",
        "legal_representative" => "法定代表人",
        "right_holder" => "权利人",
        "guardian" => "监护人",
        "spouse" => "配偶",
        "branch_of" => "所属机构",
        _ => word,
    };
    language.say(zh, word)
}

/// The name of an entity, or what stands for it.
pub(crate) fn name_of(view: &EntityView) -> String {
    let value = |column| view.values.get(column).map(|value| value.value.clone());
    value("name").or_else(|| value("parcel_code")).or_else(|| value("location")).unwrap_or_else(|| view.id.to_string())
}
