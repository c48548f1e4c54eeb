//! What kind of value does each column of an unknown table hold?

use std::borrow::Cow;
use std::collections::HashSet;

use super::values::{self, DateOrder};

/// The kind of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    /// Not compared: constant, empty, or only a number of the row.
    Ignored,
}

/// What part a name column plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// The part it plays, for names.
    pub role: Option<Role>,
    /// Whether most values are Chinese.
    pub chinese: bool,
    /// Rows without a value, placeholders included.
    pub missing: u32,
    /// Rows whose value is a placeholder or cannot be read as the kind.
    pub unusable: u32,
    /// Different values.
    pub distinct: u32,
    /// In which order its dates name day and month.
    pub date_order: DateOrder,
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
    /// truth) are left out.
    #[must_use]
    pub fn of<R: AsRef<[String]>>(headers: &[String], rows: &[R], not_compared: &[&str]) -> Self {
        let step = (rows.len() / LOOKED_AT).max(1);
        let columns = headers
            .iter()
            .enumerate()
            .map(|(at, header)| {
                let sample: Vec<&str> = rows.iter().step_by(step).map(|row| row.as_ref().get(at).map_or("", String::as_str)).collect();
                let mut column = column(at, header, &sample);
                if not_compared.contains(&header.as_str()) {
                    column.kind = ColumnKind::Ignored;
                }
                column.count(rows.iter().map(|row| row.as_ref().get(at).map_or("", String::as_str)));
                column
            })
            .collect();
        let mut profile = Self { columns, rows: u32::try_from(rows.len()).unwrap_or(u32::MAX) };
        profile.leave_out_whole_names(rows, step);
        profile
    }

    /// A column that only repeats given name and surname would count them twice.
    fn leave_out_whole_names<R: AsRef<[String]>>(&mut self, rows: &[R], step: usize) {
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
                self.columns[at].kind = ColumnKind::Ignored;
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
            row.get(at)?.trim().parse::<f64>().ok()
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
        ["dob", "birth", "born", "出生", "生日"].iter().any(|word| header.contains(word))
    }

    /// The value in comparable form.
    #[must_use]
    pub fn canonical(&self, value: &str) -> Option<String> {
        let plain = values::plain(value)?;
        let kept = match self.kind {
            ColumnKind::Date => values::date(&plain, self.date_order)?,
            ColumnKind::Phone => values::phone(&plain)?,
            ColumnKind::Identifier | ColumnKind::Postcode => values::compact(&plain),
            ColumnKind::Email if !plain.contains('@') => return None,
            ColumnKind::Email => plain.replace(' ', ""),
            ColumnKind::Number => plain.replace(',', "").parse::<f64>().ok()?.to_string(),
            ColumnKind::Name if self.chinese => values::chinese_name(&plain).0,
            ColumnKind::Name | ColumnKind::Address | ColumnKind::Text | ColumnKind::Category => values::words_only(&plain),
            ColumnKind::Latitude | ColumnKind::Longitude | ColumnKind::Ignored => return None,
        };
        (!kept.is_empty()).then_some(kept)
    }

    fn add_features<'a>(&'a self, value: &str, features: &mut Vec<(Cow<'a, str>, String)>) {
        let Some(canonical) = self.canonical(value) else { return };
        match self.kind {
            ColumnKind::Name if self.chinese => features.push((format!("{}_sound", self.field).into(), values::chinese_name(&canonical).1)),
            ColumnKind::Email => {
                let user = canonical.split('@').next().unwrap_or_default().to_owned();
                features.push((format!("{}_user", self.field).into(), user));
            }
            _ => {}
        }
        features.push((self.field.as_str().into(), canonical));
    }

    fn count<'a>(&mut self, values: impl Iterator<Item = &'a str>) {
        let mut distinct = HashSet::new();
        for value in values {
            if value.trim().is_empty() {
                self.missing += 1;
            } else if self.kind == ColumnKind::Ignored {
            } else if let Some(canonical) = self.canonical(value) {
                distinct.insert(crate::hash::bytes(canonical.as_bytes()));
            } else if !matches!(self.kind, ColumnKind::Latitude | ColumnKind::Longitude) {
                self.unusable += 1;
            }
        }
        self.distinct = u32::try_from(distinct.len()).unwrap_or(u32::MAX);
    }
}

/// Tells a column's kind from its header and a sample of its values.
fn column(at: usize, header: &str, sample: &[&str]) -> Column {
    let values: Vec<String> = sample.iter().filter_map(|value| values::plain(value)).collect();
    let header_words = split_header(header);
    let chinese = share(&values, values::is_chinese) > 0.5;
    let (kind, role) = kind(&header_words, &values, sample.len());
    Column {
        header: header.to_owned(),
        field: field_name(at, header),
        kind,
        role,
        chinese,
        missing: 0,
        unusable: 0,
        distinct: 0,
        date_order: values::date_order(sample.iter().copied()),
    }
}

/// A name a condition can speak of: the header's letters and digits.
fn field_name(at: usize, header: &str) -> String {
    let word: String = header.trim().to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    let reserved = matches!(word.as_str(), "" | "and" | "or" | "not" | "point" | "point_cell");
    if reserved || !word.starts_with(char::is_alphabetic) { format!("column{at}_{word}") } else { word }
}

fn split_header(header: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower_before = false;
    for c in header.trim().chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && lower_before) {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words.last_mut().expect("there is a word").extend(c.to_lowercase());
        }
        lower_before = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

fn share(values: &[String], holds: impl Fn(&str) -> bool) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().filter(|value| holds(value)).count() as f64 / values.len() as f64 }
}

/// Decides by values where they are clear, and by the header where they are not.
fn kind(header: &[String], values: &[String], rows: usize) -> (ColumnKind, Option<Role>) {
    let says = |words: &[&str]| header.iter().any(|word| words.contains(&word.as_str())) || words.contains(&header.concat().as_str());
    let mentions = |parts: &[&str]| parts.iter().any(|part| header.concat().contains(part));
    let distinct = values.iter().collect::<HashSet<_>>().len();
    if values.is_empty() || distinct == 1 {
        return (ColumnKind::Ignored, None);
    }
    let per_value = values.len() as f64 / distinct as f64;
    let digits = |value: &str| value.chars().filter(char::is_ascii_digit).count();
    let length = values.iter().map(|value| value.chars().count()).sum::<usize>() as f64 / values.len() as f64;
    let words = values.iter().map(|value| value.split_whitespace().count()).sum::<usize>() as f64 / values.len() as f64;
    if share(values, |value| value.contains('@')) > 0.6 {
        return (ColumnKind::Email, None);
    }
    let date_header = says(&["dob", "date", "born", "birthday", "birthdate"]) || mentions(&["birth", "日期", "生日", "date"]);
    let dated = share(values, |value| values::date(value, DateOrder::DayFirst).is_some());
    let numeric = share(values, |value| value.replace(',', "").parse::<f64>().is_ok());
    if dated > 0.7 && (date_header || numeric < 0.5) && length >= 6.0 {
        return (ColumnKind::Date, None);
    }
    if numeric > 0.9 && says(&["lat", "latitude", "纬度"]) {
        return (ColumnKind::Latitude, None);
    }
    if numeric > 0.9 && says(&["lon", "lng", "long", "longitude", "经度"]) {
        return (ColumnKind::Longitude, None);
    }
    let phone_like = share(values, |value| (7..=15).contains(&digits(value)) && value.chars().all(|c| !c.is_alphabetic())) > 0.8;
    if phone_like && (mentions(&["phone", "tel", "mobile", "fax", "电话", "手机"]) || says(&["cell"])) {
        return (ColumnKind::Phone, None);
    }
    if mentions(&["postcode", "zip", "postal", "plz", "邮编", "邮政编码"]) {
        return (ColumnKind::Postcode, None);
    }
    if mentions(&["address", "street", "addr", "road", "地址", "住址", "住所"]) && length > 4.0 && numeric < 0.5 {
        return (ColumnKind::Address, None);
    }
    let coded = share(values, |value| digits(value) * 2 >= value.chars().count() && !value.contains(' ')) > 0.8;
    if coded && length >= 5.0 && (numeric < 0.9 || share(values, |value| value.contains('.')) < 0.1) {
        // A number that never repeats and counts up names the row, not the thing.
        if per_value < 1.000_1 && is_counter(values) && rows > 50 {
            return (ColumnKind::Ignored, None);
        }
        let kind = if per_value < 20.0 { ColumnKind::Identifier } else { ColumnKind::Category };
        return (kind, None);
    }
    if numeric > 0.9 {
        if per_value < 1.000_1 && is_counter(values) && rows > 50 {
            return (ColumnKind::Ignored, None);
        }
        let quantity =
            share(values, |value| value.contains('.')) > 0.1 || mentions(&["amount", "price", "weight", "height", "area", "age", "year"]);
        return (if quantity { ColumnKind::Number } else { ColumnKind::Category }, None);
    }
    let role = if says(&["first", "given", "forename", "fname", "firstname", "givenname", "vorname", "名"])
        || mentions(&["firstname", "givenname", "forename"])
    {
        Some(Role::Given)
    } else if says(&["last", "surname", "family", "lname", "lastname", "nachname", "姓"])
        || mentions(&["lastname", "surname", "familyname"])
    {
        Some(Role::Surname)
    } else if says(&["city", "town", "suburb", "place", "village", "locality", "municipality", "ort", "城市"]) {
        Some(Role::Place)
    } else if says(&["state", "province", "county", "region", "省", "省份"]) {
        Some(Role::Region)
    } else {
        None
    };
    let few = distinct <= 12 || (distinct <= 60 && per_value > 50.0);
    if role.is_some_and(|role| role != Role::Region) || (mentions(&["name", "姓名"]) && words < 4.0) {
        return (ColumnKind::Name, role);
    }
    if few || role == Some(Role::Region) {
        return (ColumnKind::Category, role);
    }
    if words >= 5.0 || length > 40.0 {
        return (ColumnKind::Text, None);
    }
    if share(values, |value| digits(value) > 0 && value.contains(' ')) > 0.5 {
        return (ColumnKind::Address, None);
    }
    (ColumnKind::Name, None)
}

/// Whether whole numbers fill their range densely, as row numbers do.
fn is_counter(values: &[String]) -> bool {
    let numbers: Vec<i64> = values.iter().filter_map(|value| value.parse().ok()).collect();
    match (numbers.iter().min(), numbers.iter().max()) {
        (Some(low), Some(high)) if numbers.len() == values.len() => ((high - low) as f64) < 4.0 * numbers.len() as f64,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, values: &[&str], expected: ColumnKind) {
        let rows: Vec<Vec<String>> = values.iter().map(|value| vec![(*value).to_owned()]).collect();
        assert_eq!(Profile::of(&[header.to_owned()], &rows, &[]).columns[0].kind, expected, "{header}");
    }

    #[test]
    fn columns_are_told_by_header_and_values() {
        check("dob", &["19800406", "19710102", "20011231"], ColumnKind::Date);
        check("given", &["01/02/1980", "31/12/1999"], ColumnKind::Date);
        check("email", &["a@b.org", "c@d.org"], ColumnKind::Email);
        check("mobile", &["0412 345 678", "(02) 9999 1234"], ColumnKind::Phone);
        check("postcode", &["2119", "3165"], ColumnKind::Postcode);
        check("soc_sec_id", &["1804974", "6089216", "2185997"], ColumnKind::Identifier);
        check("address_1", &["wallaby place", "hoseason street"], ColumnKind::Address);
        check("surname", &["green", "mason"], ColumnKind::Name);
        check("state", &["nsw", "vic", "nsw"], ColumnKind::Category);
        check("姓名", &["王伟", "李晓明"], ColumnKind::Name);
        check("x", &["same", "same"], ColumnKind::Ignored);
    }
}
