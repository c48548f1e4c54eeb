//! What do the rows of one file say of records of a kind?

use csv::StringRecord;
use jiku_linkage::{Reading, RowReader};
use jiku_model::{Attributes, EntityKind, Kind, ParseContext, ParsedRecord, Problem, RawRecord};

use super::doubts::{Collector, Doubts};
use super::prepare::hash;
use super::{Input, MatchingArgs, titles};

/// The columns of a file under the standard names of a kind, in the groups that are understood together.
pub(crate) struct KindRows {
    entity: &'static dyn EntityKind,
    context: ParseContext,
    groups: Vec<Group>,
    /// Where the file tells names.
    name: Option<Cells>,
    doubts: Collector,
}

/// The columns that are understood together.
struct Group {
    columns: Vec<&'static str>,
    cells: Vec<Cells>,
}

/// A standard column and where the file tells it; the first place that is not empty counts.
struct Cells {
    name: &'static str,
    places: Vec<usize>,
}

impl KindRows {
    /// The columns of a file; those named in the arguments as id, truth, source or to be ignored are left out.
    pub(crate) fn of(entity: &'static dyn EntityKind, input: &Input, args: &MatchingArgs, context: ParseContext) -> Self {
        let left_out: Vec<&str> = args.left_out().collect();
        let kind: Kind = entity.kind();
        let cells = |name: &'static str| {
            let column = entity.columns().iter().find(|column| column.name == name)?;
            let places = titles::places(&input.headers, kind, column).into_iter();
            let places: Vec<usize> = places.filter(|at| !left_out.contains(&input.headers[*at].as_str())).collect();
            (!places.is_empty()).then_some(Cells { name, places })
        };
        let group = |columns: Vec<&'static str>| Group { cells: columns.iter().copied().filter_map(cells).collect(), columns };
        let groups = entity.feature_groups().into_iter().map(group).collect();
        Self { entity, context, groups, name: cells("name"), doubts: Collector::default() }
    }

    /// What was found wrong with the values that were read.
    pub(crate) fn doubts(self) -> Doubts {
        self.doubts.end()
    }

    /// Whether the file has no column of the kind at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.groups.iter().all(|group| group.cells.is_empty())
    }

    /// How many groups there are, those that the file tells nothing of included.
    pub(crate) fn groups(&self) -> usize {
        self.groups.len()
    }
}

impl Cells {
    fn told<'r>(&self, row: &'r StringRecord) -> Option<&'r str> {
        self.places.iter().filter_map(|at| row.get(*at)).find(|cell| !cell.trim().is_empty())
    }
}

impl RowReader for KindRows {
    type Row = StringRecord;
    type Name = &'static str;

    fn text(&self, row: &StringRecord, group: usize, text: &mut Vec<u8>) {
        for (name, told) in self.told(row, group) {
            text.extend_from_slice(name.as_bytes());
            text.push(0);
            text.extend_from_slice(told.as_bytes());
            text.push(0);
        }
    }

    fn read(&self, row: &StringRecord, group: usize) -> Reading<&'static str> {
        let mut raw = RawRecord::with_capacity(self.groups[group].cells.len() + 1);
        raw.extend(self.told(row, group).map(|(name, told)| (name.to_owned(), told.into())));
        if raw.is_empty() {
            return Reading { features: Vec::new(), strong: None };
        }
        let columns = &self.groups[group].columns;
        let (attributes, problems) = read_group(self.entity, &self.context, &raw, columns);
        // Of what a group is not told, nothing is wrong.
        let about = |problem: &&Problem| {
            problem.field.as_ref().is_some_and(|field| raw.contains_key(field.as_ref()) && columns.contains(&field.as_ref()))
        };
        self.doubts.note(problems.iter().filter(about));
        let strong = self.entity.strong_identifier(&attributes).map(|number| hash(&number));
        Reading { features: self.entity.features(&attributes), strong }
    }
}

impl KindRows {
    /// What a row tells of a group, with a name in which more than a name stands.
    fn told<'r>(&'r self, row: &'r StringRecord, group: usize) -> impl Iterator<Item = (&'static str, &'r str)> {
        let group = &self.groups[group];
        let name = self.name.iter().filter(|cells| !group.columns.contains(&cells.name));
        let more = name.filter_map(|cells| Some((cells.name, cells.told(row).filter(|told| tells_more(told))?)));
        group.cells.iter().filter_map(|cells| Some((cells.name, cells.told(row)?))).chain(more)
    }
}

/// Whether more than a name may stand in a name: a number, a remark in brackets, a former name, a title that tells the sex, whose child it is.
fn tells_more(name: &str) -> bool {
    const TITLES: [&str; 5] = ["先生", "女士", "小姐", "太太", "阿姨"];
    TITLES.iter().any(|title| name.trim_end().ends_with(title))
        || name.contains(['名', '之'])
        || jiku_person::names_nobody(name)
        // Most characters are ideographs, of which that is known without a look at the tables of Unicode.
        || name.chars().any(|c| !matches!(c, '\u{4E00}'..='\u{9FFF}' | ' ' | '·') && !c.is_alphabetic())
}

/// The canonical values of a group's columns, and what is wrong with what was told.
fn read_group(entity: &dyn EntityKind, context: &ParseContext, raw: &RawRecord, columns: &[&str]) -> (Attributes, Vec<Problem>) {
    let ParsedRecord { mut attributes, problems } = entity.parse(raw, context);
    attributes.retain(|column| columns.contains(&column));
    (attributes, problems)
}

#[cfg(test)]
mod tests {
    use jiku_model::Features;
    use jiku_synth::{Province, Settings};

    use super::super::prepare::entity;
    use super::*;

    /// What the groups tell one by one is what the record tells at once.
    fn check(entity: &'static dyn EntityKind, context: &ParseContext, raw: &RawRecord) {
        let attributes = entity.parse(raw, context).attributes;
        let (mut whole, strong) = (entity.features(&attributes), entity.strong_identifier(&attributes));
        let (mut together, mut numbers) = (Features::new(), Vec::new());
        for group in entity.feature_groups() {
            let told = |column: &str, value: &serde_json::Value| {
                group.contains(&column) || column == "name" && value.as_str().is_some_and(tells_more)
            };
            let part: RawRecord =
                raw.iter().filter(|(column, value)| told(column, value)).map(|(name, value)| (name.clone(), value.clone())).collect();
            let (attributes, _) = read_group(entity, context, &part, &group);
            let features = entity.features(&attributes);
            assert!(features.iter().all(|(name, _)| together.iter().all(|(known, _)| known != name)), "two groups show one feature");
            together.extend(features);
            numbers.extend(entity.strong_identifier(&attributes));
        }
        assert!(whole.iter().all(|(name, _)| entity.feature_names().contains(name)), "a feature without a known name: {whole:?}");
        whole.sort();
        together.sort();
        assert_eq!((whole, strong), (together, numbers.pop()), "{raw:?}");
    }

    #[test]
    fn the_shipped_models_speak_of_features_that_there_are() {
        for kind in Kind::ALL {
            let (entity, model) = (entity(kind), jiku_linkage::Model::from_toml(entity(kind).default_model()).expect("a model"));
            assert_eq!(model.unknown_field(entity.feature_names()), None, "{kind}");
        }
    }

    #[test]
    fn what_is_read_group_by_group_is_what_is_read_at_once() {
        let settings = Settings::new(5, 400, 80, 30);
        let context = ParseContext { today: settings.today };
        for record in Province::new(settings) {
            check(entity(record.kind), &context, &record.raw());
        }
    }

    #[test]
    fn a_name_that_tells_more_tells_it_to_the_group_it_belongs_to() {
        let context = ParseContext { today: Settings::new(5, 400, 80, 30).today };
        for name in [
            "张伟440106198506120037",
            "张伟(13922110001)",
            "张春梅（曾用名：张招娣）",
            "张伟（女）",
            "张伟，女",
            "张伟（已故）",
            "张伟女士",
            "张伟之子",
            "张伟的儿子",
            "张伟女儿",
            "张伟女婴",
            "待取名",
            "BABY GIRL",
        ] {
            let number = "440106198506120037";
            let child = serde_json::json!({"name": name, "birth_date": "2024-01-02", "id_number": number, "guardian_id": number});
            check(entity(Kind::Person), &context, child.as_object().expect("an object"));
            let raw = serde_json::json!({"name": name, "birth_date": "1985-06-12", "phone": "13800138001", "former_name": "张强"});
            check(entity(Kind::Person), &context, raw.as_object().expect("an object"));
            check(entity(Kind::Person), &context, serde_json::json!({ "name": name }).as_object().expect("an object"));
        }
    }
}
