//! How does a file become records under a model?

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;

use csv::StringRecord;
use jiku_ingest::Charset;
use jiku_linkage::{Blocking, Intake, Model, Profile, Records, Training, TrainingReport, propose_blocking, train};
use jiku_model::{Column, EntityKind, Kind, ParseContext};
use rayon::prelude::*;

use super::all_rows::AllRows;
use super::doubts::Doubts;
use super::rows::KindRows;
use super::summary::kind_of;
use super::{Input, MatchingArgs, ids, memory, titles, with_threshold};
use crate::console::Console;
use crate::failure::{Failure, Outcome, chain};

/// Records ready to be compared.
pub(crate) struct Prepared {
    /// The model, fitted unless one was given.
    pub(crate) model: Model,
    /// The records.
    pub(crate) records: Records,
    /// What each record is called.
    pub(crate) ids: Vec<String>,
    /// The true entity of each record, where it is told.
    pub(crate) truth: Option<Vec<String>>,
    /// A hash of each record's verified number.
    pub(crate) strong: Vec<Option<u64>>,
    /// How many records are of the left file, when two are linked.
    pub(crate) left_count: Option<u32>,
    /// What was found out about the columns, without a kind.
    pub(crate) profile: Option<Profile>,
    /// What is wrong with values, of a kind.
    pub(crate) doubts: Doubts,
    /// Who shares a blocking key.
    pub(crate) blocking: Blocking,
    /// Where each record is from.
    pub(crate) sources: Sources,
    /// The sources that tell each entity once.
    pub(crate) duplicate_free: BTreeSet<u16>,
    /// The kind of the records, if they are of one.
    pub(crate) kind: Option<Kind>,
    /// Identifiers that turned out to be nobody's: the field and how many, and the records that have one.
    pub(crate) shared: (Vec<(String, usize)>, usize),
    /// Values that more records have than one entity has: the field and how many.
    pub(crate) common: Vec<(String, usize)>,
    /// What training found.
    pub(crate) training: Option<TrainingReport>,
    /// By file: its columns under other names than those of the first, as the first calls them and as it does.
    pub(crate) renamed: Vec<Vec<(String, String)>>,
}

/// The sources of a table's records.
#[derive(Default)]
pub(crate) struct Sources {
    /// Their names, by number.
    pub(crate) names: Vec<String>,
    /// The source of each record; empty when there is one only.
    pub(crate) of: Vec<u16>,
    numbers: HashMap<String, u16>,
}

impl Sources {
    fn push(&mut self, name: &str) -> Result<(), Failure> {
        let number = match self.numbers.get(name) {
            Some(number) => *number,
            None => {
                let number =
                    u16::try_from(self.names.len()).map_err(|_| Failure::input("--source-column has more than 65,536 different values"))?;
                self.numbers.insert(name.to_owned(), number);
                self.names.push(name.to_owned());
                number
            }
        };
        self.of.push(number);
        Ok(())
    }
}

/// Rows parsed at a time.
pub(super) const CHUNK: usize = 16_384;

/// Reads the files, makes or reads the model, and fits it.
pub(crate) fn prepare(args: &MatchingArgs, files: &[PathBuf], console: &Console) -> Result<Prepared, Failure> {
    console.stop_at_once();
    let written = args.model.as_ref().map(read_model).transpose()?;
    let first = Input::open(&files[0], args.charset)?;
    check_ignored(args, files, &first)?;
    let kind = args.kind.or_else(|| written.as_ref().and_then(|model| model.name().parse().ok())).or_else(|| guess_kind(&first, args));
    if let (Some(kind), None, None) = (kind, args.kind, &written) {
        console.say(format!("The columns are those of the kind {kind}: using its shipped model (name another with --kind or --model)."));
    }
    memory::check(files, kind.is_some(), first.headers.len(), args.memory_limit)?;
    if let (Some(model), Some(kind)) = (&written, kind) {
        check_fields(args, model, entity(kind).feature_names())?;
    }
    let fitted = written.is_some() && !args.refit || kind.is_some() && args.as_shipped;
    let mut prepared = match kind {
        Some(kind) => of_kind(kind, written, args, files, first, console)?,
        None => of_any_table(written, args, files, first, console)?,
    };
    if prepared.records.len() < 2 {
        return Err(Failure::input(format!("{} has fewer than two rows; there is nothing to compare", files[0].display())));
    }
    let progress = console.spinner("finding candidates");
    prepared.blocking = Blocking::new(&prepared.model, &prepared.records);
    progress.done();
    let unfit = prepared.profile.as_ref().filter(|_| !fitted).and_then(why_unfit);
    if let Some(why) = unfit {
        console.say(format!("The model is used as it was proposed, not fitted: {why}."));
    } else if !fitted {
        // The shipped model knows more than an unlabelled table of one kind can teach; a proposed one knows nothing.
        let training = match kind {
            // What is known of relatives and of rare agreements stays as written; how often strangers share a district, a surname or a
            // year is this table's matter.
            Some(_) => Training {
                seed: args.seed,
                random_pairs: 300_000,
                candidate_pairs: 1_000_000,
                passes: false,
                belief_m: 20_000.0,
                belief_share: 0.0,
                belief_kin: 0.0,
                belief_u: 0.0,
                hits_u: 5.0,
                belief_relations: 1e12,
                ..Training::default()
            },
            // A small table need not be drawn from as often as a large one: a pair of its records would come up again and again.
            None => Training {
                seed: args.seed,
                random_pairs: (100 * u64::from(prepared.records.len())).clamp(500_000, Training::default().random_pairs),
                ..Training::default()
            },
        };
        let progress = console.share("fitting the model");
        let Prepared { model, records, blocking, .. } = &mut prepared;
        let (model, report) = train(model, records, blocking, &training, &|done| progress.set_share(done))
            .map_err(|error| Failure::internal(chain(&error)))?;
        prepared.model = model;
        prepared.training = Some(report);
        progress.done();
    }
    prepared.model = with_threshold(prepared.model, args.threshold)?;
    Ok(prepared)
}

fn read_model(path: &PathBuf) -> Result<Model, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::input(format!("cannot read {}: {error}", path.display())))?;
    Model::from_toml(&text).map_err(|error| Failure::input(format!("{}: {}", path.display(), chain(&error))))
}

/// Why a table can teach a model nothing, if it cannot.
fn why_unfit(profile: &Profile) -> Option<String> {
    let rows = profile.rows;
    let equal = || format!("no column has two different values, and that the {rows} rows are equal is all there is to go by");
    profile.tells_nothing_apart().then(equal)
}

/// Refuses a model that speaks of a field no record has: it was meant to be another.
fn check_fields<N: AsRef<str>>(args: &MatchingArgs, model: &Model, known: &[N]) -> Outcome {
    let file = args.model.as_ref().map_or_else(|| "the model".to_owned(), |path| path.display().to_string());
    model.unknown_field(known).map_or(Ok(()), |unknown| Err(Failure::input(format!("{file}: {unknown}"))))
}

/// The entity crate of a kind.
pub(crate) fn entity(kind: Kind) -> &'static dyn EntityKind {
    match kind {
        Kind::Person => &jiku_person::People,
        Kind::LegalPerson => &jiku_legal_person::LegalPersons,
        Kind::Parcel => &jiku_parcel::Parcels,
    }
}

/// The kind whose standard columns a table plainly has: its number's column, and four in all; or, for people, four with name and birth
/// date under Chinese titles.
fn guess_kind(input: &Input, args: &MatchingArgs) -> Option<Kind> {
    let own = |kind| match kind {
        Kind::Person => "id_number",
        Kind::LegalPerson => "uscc",
        Kind::Parcel => "parcel_code",
    };
    let named = |header: &str| args.left_out().any(|named| named == header);
    Kind::ALL.into_iter().find(|kind| {
        let header = |column: &Column| {
            let places = titles::places(&input.headers, *kind, column);
            places.into_iter().map(|at| &input.headers[at]).find(|header| !named(header))
        };
        let known: Vec<(&str, &String)> =
            entity(*kind).columns().iter().filter_map(|column| Some((column.name, header(column)?))).collect();
        let chinese = |name: &str| known.iter().any(|(known, header)| *known == name && !header.is_ascii());
        let has = |name: &str| known.iter().any(|(known, _)| *known == name);
        known.len() >= 4 && (has(own(*kind)) || *kind == Kind::Person && chinese("name") && chinese("birth_date"))
    })
}

/// Which columns name the record, its truth and its source.
pub(super) struct Places {
    id: Option<usize>,
    truth: Option<usize>,
    source: Option<usize>,
    /// What the source is called without a column: the file, when there are several.
    file: Option<String>,
    /// What rows without an id are called before their number, and how many rows are not counted.
    numbered: (&'static str, usize),
}

impl Places {
    /// The places in file `number`, before which there were `before` rows.
    pub(super) fn of(
        input: &Input,
        args: &MatchingArgs,
        kind: Option<Kind>,
        files: &[PathBuf],
        (number, before): (usize, usize),
    ) -> Result<Self, Failure> {
        let named = |header: &Option<String>| header.as_ref().map(|header| input.named_column(header)).transpose();
        let id = match named(&args.id_column)? {
            None if kind.is_some() => input.column("source_key"),
            id => id,
        };
        let file = files.get(number).filter(|_| files.len() > 1);
        let file = file.map(|path| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned());
        let numbered = match number {
            _ if !args.links => ("", 0),
            0 => ("left:", 0),
            _ => ("right:", before),
        };
        Ok(Self { id, truth: named(&args.truth_column)?, source: named(&args.source_column)?, file, numbered })
    }

    /// What a row is called, `number` counting all rows from 0.
    pub(super) fn id(&self, row: &StringRecord, number: usize) -> String {
        let (mark, before) = self.numbered;
        match self.id {
            Some(at) => row.get(at).unwrap_or_default().trim().to_owned(),
            None => format!("{mark}{}", number - before + 1),
        }
    }

    /// Notes where a record is from, if that is told.
    pub(super) fn note_source(&self, row: &StringRecord, sources: &mut Sources) -> Outcome {
        match (self.source, &self.file) {
            (Some(at), _) => sources.push(row.get(at).unwrap_or_default().trim()),
            (None, Some(file)) => sources.push(file),
            (None, None) => Ok(()),
        }
    }

    pub(super) fn truth(&self, row: &StringRecord) -> String {
        self.truth.and_then(|at| row.get(at)).unwrap_or_default().trim().to_owned()
    }
}

/// Opens the files one after the other, the first of which is open already.
pub(super) fn inputs(files: &[PathBuf], first: Input, charset: Option<Charset>) -> impl Iterator<Item = Result<Input, Failure>> {
    std::iter::once(Ok(first)).chain(files[1..].iter().map(move |path| Input::open(path, charset)))
}

/// Refuses to leave out a column that no file has: it was meant to be another.
fn check_ignored(args: &MatchingArgs, files: &[PathBuf], first: &Input) -> Result<(), Failure> {
    let mut unknown: Vec<&str> = args.ignore.iter().map(String::as_str).collect();
    unknown.retain(|name| !first.headers.iter().any(|header| header == name));
    for path in &files[1..] {
        if unknown.is_empty() {
            break;
        }
        let headers = Input::open(path, args.charset)?.headers;
        unknown.retain(|name| !headers.iter().any(|header| header == name));
    }
    match unknown.first() {
        None => Ok(()),
        Some(name) => Err(Failure::usage(format!("--ignore names {name}, which no table has; the first has {}", first.headers.join(", ")))),
    }
}

fn of_kind(
    kind: Kind,
    written: Option<Model>,
    args: &MatchingArgs,
    files: &[PathBuf],
    first: Input,
    console: &Console,
) -> Result<Prepared, Failure> {
    let entity = entity(kind);
    let model = match written {
        Some(model) => model,
        None => Model::from_toml(entity.default_model()).map_err(|error| Failure::internal(chain(&error)))?,
    };
    let context = ParseContext { today: chrono::Local::now().date_naive() };
    let mut prepared = Prepared { kind: Some(kind), ..Prepared::empty(model, args) };
    prepared.records.reserve(usize::try_from(memory::rows(files)).unwrap_or(0));
    let progress = console.spinner("reading");
    let (mut count, mut intake) = (0_u64, None);
    for (number, input) in inputs(files, first, args.charset).enumerate() {
        let mut input = input?;
        rename(&mut input, args, number);
        prepared.renamed.push(if number > 0 { args.map.clone() } else { Vec::new() });
        let before = prepared.ids.len();
        let places = Places::of(&input, args, Some(kind), files, (number, before))?;
        let reader = KindRows::of(entity, &input, args, context);
        if reader.is_empty() {
            let names: Vec<&str> = entity.columns().iter().map(|column| column.name).collect();
            return Err(Failure::input(format!("{} has no standard column of {kind}: {}", files[number].display(), names.join(", "))));
        }
        let intake = intake.get_or_insert_with(|| Intake::new(reader.groups()));
        let (mut rows, mut next) = (Vec::new(), Vec::new());
        input.fill(&mut rows, CHUNK)?;
        while !rows.is_empty() {
            for row in &rows {
                prepared.ids.push(places.id(row, prepared.ids.len()));
                places.note_source(row, &mut prepared.sources)?;
                if let Some(truth) = &mut prepared.truth {
                    truth.push(places.truth(row));
                }
            }
            let Prepared { model, records, strong, .. } = &mut prepared;
            let (read, ()) = rayon::join(|| input.fill(&mut next, CHUNK), || intake.take(model, records, strong, &reader, &rows));
            read?;
            count += rows.len() as u64;
            progress.rows(count);
            std::mem::swap(&mut rows, &mut next);
        }
        prepared.doubts.add(reader.doubts());
        prepared.end_of_file(number, files.len());
        input.uneven_rows().into_iter().for_each(|told| console.say(told));
        if args.links && args.id_column.is_some() {
            ids::check(args, &prepared.ids[before..], &files[number..=number])?;
        }
    }
    progress.done();
    let left = if args.links { prepared.left_count.unwrap_or(0) as usize } else { 0 };
    if args.id_column.is_none() && [&prepared.ids[..left], &prepared.ids[left..]].iter().any(|ids| ids::faulty(ids).is_some()) {
        console.say("The column source_key does not tell all rows apart: they are numbered instead (name another with --id-column).");
        for (number, id) in prepared.ids.iter_mut().enumerate() {
            *id = match number {
                number if !args.links => (number + 1).to_string(),
                number if number < left => format!("left:{}", number + 1),
                number => format!("right:{}", number - left + 1),
            };
        }
    } else if args.id_column.is_some() && !args.links {
        ids::check(args, &prepared.ids, files)?;
    }
    prepared.leave_out_shared()?;
    Ok(prepared)
}

/// Gives the columns of a right table the names of the left one, as they were told.
pub(super) fn rename(input: &mut Input, args: &MatchingArgs, number: usize) {
    if number > 0 {
        input.rename(&args.map);
    }
}

/// A hash that is the same in every run.
pub(crate) fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn of_any_table(
    written: Option<Model>,
    args: &MatchingArgs,
    files: &[PathBuf],
    first: Input,
    console: &Console,
) -> Result<Prepared, Failure> {
    let all = AllRows::read(args, files, first, console)?;
    let progress = console.spinner("looking at the columns");
    let left_out: Vec<&str> = args.left_out().collect();
    let (profile, first, is_proposed) = match written {
        Some(model) => {
            let profile = Profile::for_model(&all.headers, &all.rows, &left_out, &model);
            check_fields(args, &model, &profile.fields(&model))?;
            for header in profile.absent(&model) {
                console.say(format!("The model compares the column {header:?}, which the table does not have: it counts as missing."));
            }
            (profile, model, false)
        }
        None => {
            let profile = Profile::of(&all.headers, &all.rows, &left_out);
            let model = Model::new(profile.propose("proposed")).map_err(|error| Failure::internal(chain(&error)))?;
            (profile, model, true)
        }
    };
    let mut prepared = Prepared::empty(first, args);
    for chunk in all.rows.chunks(CHUNK) {
        let features: Vec<_> = chunk.par_iter().map(|row| profile.features(row)).collect();
        features.iter().for_each(|features| prepared.records.push(&prepared.model, features));
    }
    prepared.strong = vec![None; all.ids.len()];
    // Before blocking is proposed: what many share makes its column look as if it told nothing.
    prepared.leave_out_shared()?;
    if is_proposed {
        let file =
            propose_blocking(&profile, prepared.model.file(), &prepared.records).map_err(|error| Failure::internal(chain(&error)))?;
        if file.blocking.is_empty() || file.comparison.is_empty() {
            let why: Vec<String> = profile.columns.iter().map(|column| format!("{}: {}", column.header, kind_of(column))).collect();
            return Err(Failure::input(format!(
                "no column can be compared ({}); name what the rows are with --kind, or how to compare them with --model",
                why.join("; ")
            )));
        }
        prepared.model = Model::new(file).map_err(|error| Failure::internal(chain(&error)))?;
    }
    prepared.ids = all.ids;
    prepared.truth = args.truth_column.is_some().then_some(all.truth);
    prepared.left_count = all.left_count;
    prepared.sources = all.sources;
    prepared.renamed = all.renamed;
    prepared.profile = Some(profile);
    progress.done();
    Ok(prepared)
}

impl Prepared {
    /// Counts as missing what the model says is nobody's, and what turns out to be in this table: values of too many records, and identifiers
    /// under too many names.
    fn leave_out_shared(&mut self) -> Outcome {
        let (common, shared) = (self.records.common_values(&self.model), self.records.shared_values(&self.model));
        if !common.is_empty() || !shared.is_empty() {
            let mut file = self.model.file().clone();
            for (field, values) in common.iter().chain(&shared) {
                file.generic.entry(field.clone()).or_default().extend(values.iter().cloned());
            }
            self.model = Model::new(file).map_err(|error| Failure::internal(chain(&error)))?;
        }
        let without = self.records.leave_out_generic(&self.model);
        for record in &without {
            // Two records of one dummy number are not two verified ones.
            self.strong[*record as usize] = None;
        }
        let counted =
            |values: BTreeMap<String, BTreeSet<String>>| values.into_iter().map(|(field, values)| (field, values.len())).collect();
        (self.common, self.shared) = (counted(common), (counted(shared), without.len()));
        Ok(())
    }

    fn empty(model: Model, args: &MatchingArgs) -> Self {
        Self {
            records: Records::new(&model),
            model,
            ids: Vec::new(),
            truth: args.truth_column.is_some().then(Vec::new),
            strong: Vec::new(),
            left_count: None,
            profile: None,
            doubts: Doubts::default(),
            shared: (Vec::new(), 0),
            common: Vec::new(),
            blocking: Blocking::default(),
            sources: Sources::default(),
            duplicate_free: BTreeSet::new(),
            kind: None,
            training: None,
            renamed: Vec::new(),
        }
    }

    fn end_of_file(&mut self, number: usize, files: usize) {
        if number == 0 && files == 2 {
            self.left_count = Some(self.records.len());
        }
    }
}
