//! What do the rows of one file say of records of a kind?

use csv::StringRecord;
use jiku_linkage::{Reading, RowReader};
use jiku_model::{EntityKind, Kind, ParseContext, RawRecord};

use super::prepare::hash;
use super::{Input, MatchingArgs, titles};

/// The columns of a file under the standard names of a kind, in the groups that are understood together.
pub(crate) struct KindRows {
    entity: &'static dyn EntityKind,
    context: ParseContext,
    groups: Vec<Vec<Cells>>,
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
        let groups = entity.feature_groups().into_iter().map(|group| group.into_iter().filter_map(cells).collect()).collect();
        Self { entity, context, groups }
    }

    /// Whether the file has no column of the kind at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.groups.iter().all(Vec::is_empty)
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
        for cells in &self.groups[group] {
            if let Some(told) = cells.told(row) {
                text.extend_from_slice(cells.name.as_bytes());
                text.push(0);
                text.extend_from_slice(told.as_bytes());
                text.push(0);
            }
        }
    }

    fn read(&self, row: &StringRecord, group: usize) -> Reading<&'static str> {
        let told = |cells: &Cells| Some((cells.name.to_owned(), cells.told(row)?.into()));
        let raw: RawRecord = self.groups[group].iter().filter_map(told).collect();
        if raw.is_empty() {
            return Reading { features: Vec::new(), strong: None };
        }
        let attributes = self.entity.parse(&raw, &self.context).attributes;
        let strong = self.entity.strong_identifier(&attributes).map(|number| hash(&number));
        Reading { features: self.entity.features(&attributes), strong }
    }
}

#[cfg(test)]
mod tests {
    use jiku_model::Features;
    use jiku_synth::{Province, Settings};

    use super::super::prepare::entity;
    use super::*;

    #[test]
    fn what_is_read_group_by_group_is_what_is_read_at_once() {
        let settings = Settings::new(5, 400, 80, 30);
        let context = ParseContext { today: settings.today };
        for record in Province::new(settings) {
            let entity = entity(record.kind);
            let read = |raw: &RawRecord| -> (Features, Option<String>) {
                let attributes = entity.parse(raw, &context).attributes;
                (entity.features(&attributes), entity.strong_identifier(&attributes))
            };
            let raw = record.raw();
            let (mut whole, strong) = read(&raw);
            let parts = entity.feature_groups().into_iter().map(|group| {
                read(
                    &raw.iter()
                        .filter(|(column, _)| group.contains(&column.as_str()))
                        .map(|(name, value)| (name.clone(), value.clone()))
                        .collect(),
                )
            });
            let (mut together, mut numbers) = (Features::new(), Vec::new());
            for (features, strong) in parts {
                assert!(features.iter().all(|(name, _)| together.iter().all(|(known, _)| known != name)), "two groups show one feature");
                together.extend(features);
                numbers.extend(strong);
            }
            whole.sort();
            together.sort();
            assert_eq!((whole, strong), (together, numbers.pop()), "{:?}", record.kind);
        }
    }
}
