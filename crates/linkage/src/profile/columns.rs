//! Which columns does a table have, and as what is each compared?

use std::borrow::Cow;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::guess::column;
use super::repeats::Said;
use super::values::{self, DateOrder};
use crate::measure::Measured;
use crate::model::Model;
use crate::model_file::ColumnFile;

/// The kind of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnKind {
    /// Names of people, places or things: a few words, many different.
    Name,
    /// Dates in any common format.
    Date,
    /// Numbers or codes that name one thing.
    Identifier,
    /// Phone numbers.
    Phone,
    /// Postcodes.
    Postcode,
    /// E-mail addresses.
    Email,
    /// Quantities.
    Number,
    /// One of a few values.
    Category,
    /// Street addresses.
    Address,
    /// Free text.
    Text,
    /// Degrees of latitude.
    Latitude,
    /// Degrees of longitude.
    Longitude,
    /// Not compared.
    Ignored,
}

/// Why a column is not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// It was named as the id, the truth, the source, or to be left out.
    Named,
    /// It has no value.
    Empty,
    /// It has one value only.
    Constant,
    /// It counts the rows.
    RowNumber,
    /// It only repeats given name and surname.
    RepeatsName,
    /// It only repeats another column.
    Repeats,
    /// There are more columns than can be compared, and the others tell more.
    TellsLess,
    /// The model does not speak of it.
    NotInModel,
}

/// What part a name column plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A given name.
    Given,
    /// A surname.
    Surname,
    /// A town, suburb or place.
    Place,
    /// A state, province or county.
    Region,
}

/// What is known of a column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its header.
    pub header: String,
    /// The name of its field in the model.
    pub field: String,
    /// Its kind.
    pub kind: ColumnKind,
    /// Why it is not compared.
    pub left_out: Option<LeftOut>,
    /// The part it plays, for names.
    pub role: Option<Role>,
    /// Whether most values are Chinese.
    pub chinese: bool,
    /// Whether most values are written as the names of Chinese people are.
    pub of_people: bool,
    /// Whether a cell may hold several values.
    pub several: bool,
    /// Rows without a value, placeholders included.
    pub missing: u32,
    /// Rows whose value is a placeholder or cannot be read as the kind.
    pub unusable: u32,
    /// Different values.
    pub distinct: u32,
    /// The share of pairs of rows with a value that have the same one.
    pub agreement: f64,
    /// In which order its dates name day and month.
    pub date_order: DateOrder,
    /// The last year that two digits mean, where its dates have such years.
    pub latest_year: Option<u16>,
    /// Whether its numbers have a comma before the decimals.
    pub decimal_comma: bool,
    /// The column that says the same, or decides what this one says.
    pub said: Option<Said>,
}

/// What is known of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Its columns, in the order of the table.
    pub columns: Vec<Column>,
    /// How many rows it has.
    pub rows: u32,
}

/// How many rows are looked at to tell a column's kind.
const LOOKED_AT: usize = 20_000;

impl Profile {
    /// Looks at a table: headers, and rows as long as these. The columns named in `not_compared` (the record's id, the
    /// truth) are left out. When all others have one value only, they are compared all the same: equal rows are what there is to find.
    #[must_use]
    pub fn of<R: AsRef<[String]>>(headers: &[String], rows: &[R], not_compared: &[&str]) -> Self {
        let mut profile = Self::looked_at(headers, rows, not_compared, false);
        if profile.columns.iter().all(|column| column.kind == ColumnKind::Ignored) {
            profile = Self::looked_at(headers, rows, not_compared, true);
        }
        profile.leave_out_whole_names(rows);
        profile.find_repeats(rows);
        profile.leave_out_what_tells_least();
        profile
    }

    /// Looks at a table for a model: its columns are compared as the model file says, whatever the values, and where it says nothing as
    /// the measures ask, else by what the values are.
    #[must_use]
    pub fn for_model<R: AsRef<[String]>>(headers: &[String], rows: &[R], not_compared: &[&str], model: &Model) -> Self {
        let written = &model.file().column;
        let mut profile = Self::looked_at(headers, if written.is_empty() { rows } else { &[] }, not_compared, true);
        for column in profile.columns.iter_mut().filter(|column| column.left_out != Some(LeftOut::Named)) {
            let same = |written: &&ColumnFile| written.header.trim().to_lowercase() == column.header.trim().to_lowercase();
            match written.iter().find(same) {
                Some(written) => column.take(written),
                None if written.is_empty() && column.is_in(model) => column.ask(model),
                None => (column.kind, column.left_out) = (ColumnKind::Ignored, Some(LeftOut::NotInModel)),
            }
        }
        profile.rows = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        profile.count(rows);
        profile
    }

    fn looked_at<R: AsRef<[String]>>(headers: &[String], rows: &[R], not_compared: &[&str], constants: bool) -> Self {
        let step = (rows.len() / LOOKED_AT).max(1);
        let mut columns: Vec<Column> = Vec::with_capacity(headers.len());
        for (at, header) in headers.iter().enumerate() {
            let sample: Vec<&str> = rows.iter().step_by(step).map(|row| cell(row, at)).collect();
            let mut column = column(at, header, &sample, constants);
            while columns.iter().any(|other| other.field == column.field) {
                column.field.push('_');
            }
            if not_compared.contains(&header.as_str()) {
                (column.kind, column.left_out) = (ColumnKind::Ignored, Some(LeftOut::Named));
            }
            columns.push(column);
        }
        let mut profile = Self { columns, rows: u32::try_from(rows.len()).unwrap_or(u32::MAX) };
        profile.count(rows);
        profile
    }

    fn count<R: AsRef<[String]>>(&mut self, rows: &[R]) {
        self.columns.iter_mut().enumerate().for_each(|(at, column)| column.count(rows.iter().map(|row| cell(row, at))));
    }

    /// The columns as a model file keeps them.
    pub(crate) fn written(&self) -> Vec<ColumnFile> {
        let compared = self.columns.iter().filter(|column| column.kind != ColumnKind::Ignored);
        compared.map(Column::written).collect()
    }

    /// The headers of the columns that a model compares and the table does not have.
    #[must_use]
    pub fn absent<'m>(&self, model: &'m Model) -> Vec<&'m str> {
        let told = |header: &str| self.columns.iter().any(|column| column.header.trim().to_lowercase() == header.trim().to_lowercase());
        model.file().column.iter().map(|column| column.header.as_str()).filter(|header| !told(header)).collect()
    }

    /// The names of the fields that conditions may speak of: of the table's columns, and of those that the model file has.
    #[must_use]
    pub fn fields(&self, model: &Model) -> Vec<String> {
        let mut fields = Vec::new();
        let written: Vec<Column> = model.file().column.iter().map(Column::of_model).collect();
        let mut mapped = false;
        for column in self.columns.iter().chain(&written) {
            fields.push(column.field.clone());
            // Of a column that is not compared the kind is not known.
            let may_be = |kind| column.kind == kind || column.kind == ColumnKind::Ignored;
            fields.extend(
                ["user", "letters"].into_iter().filter(|_| may_be(ColumnKind::Email)).map(|part| format!("{}_{part}", column.field)),
            );
            fields.extend((column.chinese && may_be(ColumnKind::Name)).then(|| format!("{}_sound", column.field)));
            mapped |= matches!(column.kind, ColumnKind::Latitude | ColumnKind::Longitude);
        }
        if mapped {
            fields.extend(["point", "point_cell"].map(str::to_owned));
        }
        fields
    }

    /// Whether no column that is compared has two different values.
    #[must_use]
    pub fn tells_nothing_apart(&self) -> bool {
        let tells = |column: &Column| column.distinct > 1 || matches!(column.kind, ColumnKind::Latitude | ColumnKind::Longitude);
        !self.columns.iter().any(|column| column.kind != ColumnKind::Ignored && tells(column))
    }

    /// Whether each row has a value of its own in a column of identifiers.
    #[must_use]
    pub fn is_each_rows_own(&self, column: &Column) -> bool {
        // In a table of less no number need come again.
        const ENOUGH: u32 = 50;
        column.kind == ColumnKind::Identifier && self.rows >= ENOUGH && column.distinct == self.rows
    }

    /// Leaves out the columns that tell least when there are more than one model can compare.
    fn leave_out_what_tells_least(&mut self) {
        // A model of so many columns need not be tried.
        const TRIED: usize = 60;
        let rows = self.rows;
        let mut compared: Vec<usize> = (0..self.columns.len()).filter(|at| self.columns[*at].kind != ColumnKind::Ignored).collect();
        compared.sort_by(|a, b| self.columns[*b].tells(rows).total_cmp(&self.columns[*a].tells(rows)).then(a.cmp(b)));
        while let Some(least) = compared.pop() {
            if compared.len() < TRIED && Model::is_small_enough(&self.propose("")) {
                break;
            }
            (self.columns[least].kind, self.columns[least].left_out) = (ColumnKind::Ignored, Some(LeftOut::TellsLess));
        }
    }

    /// A column that only repeats given name and surname would count them twice.
    fn leave_out_whole_names<R: AsRef<[String]>>(&mut self, rows: &[R]) {
        let step = (rows.len() / LOOKED_AT).max(1);
        let place = |role| self.columns.iter().position(|column| column.kind == ColumnKind::Name && column.role == Some(role));
        let (Some(given), Some(surname)) = (place(Role::Given), place(Role::Surname)) else { return };
        for at in (0..self.columns.len()).filter(|at| *at != given && *at != surname) {
            if !matches!(self.columns[at].kind, ColumnKind::Name | ColumnKind::Text) || self.columns[at].role.is_some() {
                continue;
            }
            let (mut told, mut repeated) = (0_u32, 0_u32);
            for row in rows.iter().step_by(step) {
                let cell = |at: usize| row.as_ref().get(at).and_then(|text| values::plain(text));
                let (Some(whole), Some(given), Some(surname)) = (cell(at), cell(given), cell(surname)) else { continue };
                told += 1;
                repeated += u32::from(whole.contains(&given) && whole.contains(&surname));
            }
            if told > 0 && f64::from(repeated) > 0.7 * f64::from(told) {
                (self.columns[at].kind, self.columns[at].left_out) = (ColumnKind::Ignored, Some(LeftOut::RepeatsName));
            }
        }
    }

    /// What a row shows to the matching engine.
    #[must_use]
    pub fn features(&self, row: &[String]) -> Vec<(Cow<'_, str>, String)> {
        let mut features = Vec::with_capacity(self.columns.len() + 4);
        for (column, value) in self.columns.iter().zip(row) {
            column.add_features(value, &mut features);
        }
        let point = |kind| {
            let at = self.columns.iter().position(|column| column.kind == kind)?;
            values::number(row.get(at)?, row.get(at)?.contains(','))
        };
        if let (Some(latitude), Some(longitude)) = (point(ColumnKind::Latitude), point(ColumnKind::Longitude)) {
            features.push(("point".into(), format!("{latitude},{longitude}")));
            features.push(("point_cell".into(), format!("{:.2},{:.2}", latitude, longitude)));
        }
        features
    }

    /// The first column with this role.
    pub(crate) fn role(&self, role: Role) -> Option<&Column> {
        self.columns.iter().find(|column| column.kind == ColumnKind::Name && column.role == Some(role))
    }
}

impl Column {
    /// Whether its header speaks of birth.
    pub(crate) fn is_birth(&self) -> bool {
        let header = self.header.to_lowercase();
        ["dob", "birth", "born", "geburt", "geboren", "naissance", "nacimiento", "nascita", "出生", "生日"]
            .iter()
            .any(|word| header.contains(word))
    }

    /// Whether its header speaks of the whole name of a person.
    pub(crate) fn is_of_a_person(&self) -> bool {
        const PERSONS: [&str; 17] = [
            "name",
            "fullname",
            "wholename",
            "personname",
            "displayname",
            "customer",
            "customername",
            "client",
            "clientname",
            "employee",
            "employeename",
            "patient",
            "patientname",
            "member",
            "contactname",
            "姓名",
            "客户名称",
        ];
        let header: String = self.header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        PERSONS.contains(&header.as_str())
    }

    /// The value in comparable form.
    #[must_use]
    pub fn canonical(&self, value: &str) -> Option<String> {
        let plain = values::plain(value)?;
        let kept = match self.kind {
            ColumnKind::Date => values::date(&plain, self.date_order, self.latest_year.unwrap_or(values::LATEST_YEAR))?,
            ColumnKind::Phone => values::phone(&plain)?,
            ColumnKind::Identifier | ColumnKind::Postcode => values::compact(&plain),
            ColumnKind::Email if !plain.contains('@') => return None,
            ColumnKind::Email => plain.replace(' ', ""),
            ColumnKind::Number => values::number(&plain, self.decimal_comma)?.to_string(),
            ColumnKind::Name if self.chinese => values::chinese_name(&plain).0,
            ColumnKind::Name | ColumnKind::Address | ColumnKind::Text | ColumnKind::Category => values::words_only(&plain),
            ColumnKind::Latitude | ColumnKind::Longitude | ColumnKind::Ignored => return None,
        };
        (!kept.is_empty()).then_some(kept)
    }

    /// The values of a cell in comparable form; one, unless the column has several in a cell.
    fn canonicals(&self, value: &str) -> Vec<String> {
        if self.several {
            values::parts(value).filter_map(|part| self.canonical(part)).collect()
        } else {
            self.canonical(value).into_iter().collect()
        }
    }

    fn add_features<'a>(&'a self, value: &str, features: &mut Vec<(Cow<'a, str>, String)>) {
        for canonical in self.canonicals(value) {
            match self.kind {
                ColumnKind::Name if self.chinese => {
                    features.push((format!("{}_sound", self.field).into(), values::chinese_name(&canonical).1));
                }
                ColumnKind::Email => {
                    let user = canonical.split('@').next().unwrap_or_default().to_owned();
                    let letters = user.chars().filter(|c| c.is_alphabetic()).collect();
                    features.push((format!("{}_letters", self.field).into(), letters));
                    features.push((format!("{}_user", self.field).into(), user));
                }
                _ => {}
            }
            features.push((self.field.as_str().into(), canonical));
        }
    }

    fn count<'a>(&mut self, values: impl Iterator<Item = &'a str>) {
        (self.missing, self.unusable) = (0, 0);
        let mut counts: HashMap<u64, u32> = HashMap::new();
        for value in values {
            if value.trim().is_empty() {
                self.missing += 1;
            } else if self.kind == ColumnKind::Ignored {
            } else if let Some(all) = self.canonicals(value).into_iter().reduce(|all, part| all + "\u{1f}" + &part) {
                *counts.entry(crate::hash::bytes(all.as_bytes())).or_default() += 1;
            } else if !matches!(self.kind, ColumnKind::Latitude | ColumnKind::Longitude) {
                self.unusable += 1;
            }
        }
        self.distinct = u32::try_from(counts.len()).unwrap_or(u32::MAX);
        let told: f64 = counts.values().map(|count| f64::from(*count)).sum();
        let together: u64 = counts.values().map(|count| u64::from(*count) * u64::from(count - 1)).sum();
        self.agreement = together as f64 / (told * (told - 1.0)).max(1.0);
    }

    /// How many bits an agreement in the column tells, by the share of the rows that have a value; a column in which no two rows agree
    /// tells little.
    fn tells(&self, rows: u32) -> f64 {
        let filled = 1.0 - f64::from(self.missing + self.unusable) / f64::from(rows.max(1));
        match self.kind {
            // A place on the map takes both.
            ColumnKind::Latitude | ColumnKind::Longitude => 20.0 * filled,
            _ if self.agreement == 0.0 => 2.0 * filled,
            _ => -self.agreement.log2() * filled,
        }
    }

    /// Whether a model speaks of the column.
    fn is_in(&self, model: &Model) -> bool {
        match self.kind {
            ColumnKind::Latitude | ColumnKind::Longitude => model.has_field("point") || model.has_field("point_cell"),
            _ => ["", "_sound", "_user", "_letters"].iter().any(|end| model.has_field(&format!("{}{end}", self.field))),
        }
    }

    /// Takes the kind that the measures of a model ask for.
    fn ask(&mut self, model: &Model) {
        let measured = model.field(&self.field).and_then(|field| model.measured_as(field));
        self.kind = match (measured, self.kind) {
            (Some(Measured::Date), _) => ColumnKind::Date,
            (Some(Measured::Number), _) => ColumnKind::Number,
            _ if ["user", "letters"].iter().any(|part| model.has_field(&format!("{}_{part}", self.field))) => ColumnKind::Email,
            _ if model.has_field(&format!("{}_sound", self.field)) => {
                self.chinese = true;
                ColumnKind::Name
            }
            (None, ColumnKind::Ignored) => ColumnKind::Text,
            (None, kind) => kind,
        };
        self.left_out = None;
    }

    /// A column as a model file has it.
    fn of_model(written: &ColumnFile) -> Self {
        let mut column = column(0, &written.header, &[], true);
        column.take(written);
        column
    }

    fn take(&mut self, written: &ColumnFile) {
        self.field.clone_from(&written.field);
        (self.kind, self.role, self.left_out) = (written.kind, written.role, None);
        (self.chinese, self.several) = (written.chinese, written.several);
        self.date_order = if written.month_first { DateOrder::MonthFirst } else { DateOrder::DayFirst };
        (self.latest_year, self.decimal_comma) = (written.latest_year, written.decimal_comma);
    }

    fn written(&self) -> ColumnFile {
        ColumnFile {
            header: self.header.trim().to_owned(),
            field: self.field.clone(),
            kind: self.kind,
            role: self.role,
            chinese: self.chinese,
            month_first: self.date_order == DateOrder::MonthFirst,
            latest_year: self.latest_year,
            decimal_comma: self.decimal_comma,
            several: self.several,
        }
    }
}

fn cell<R: AsRef<[String]>>(row: &R, at: usize) -> &str {
    row.as_ref().get(at).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_compared_as_its_model_says_whatever_its_values() {
        let headers: Vec<String> = ["dob", "amount"].map(str::to_owned).to_vec();
        let rows: Vec<Vec<String>> = (0..40).map(|at| vec![format!("{}/25/19{}", 1 + at % 12, 40 + at), format!("{at}.50")]).collect();
        let mut file = Profile::of(&headers, &rows, &[]).propose("any");
        let features = |file: &crate::model_file::ModelFile, row: &[&str]| {
            let row: Vec<String> = row.iter().map(|cell| (*cell).to_owned()).collect();
            let model = Model::new(file.clone()).expect("a model");
            Profile::for_model(&headers, std::slice::from_ref(&row), &[], &model)
                .features(&row)
                .into_iter()
                .map(|(_, value)| value)
                .collect::<Vec<_>>()
        };
        assert_eq!(features(&file, &["04/06/1980", "7"]), ["1980-04-06", "7"]);
        // Without columns the measures tell dates and numbers, and the row which of day and month comes first.
        file.column.clear();
        assert_eq!(features(&file, &["04/06/1980", "7"]), ["1980-06-04", "7"]);
    }
}
