//! How does a source's file say what the standard columns say?
//!
//! A mapping file (TOML) per source system; `docs/ingest.md` explains it with an example.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde::Deserialize;
use serde_json::Value;

use crate::charset::Charset;
use crate::format::Format;

/// What a mapping file says; the default says nothing, so that standard column names are understood as they are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    /// The source system all rows come from, where no column tells.
    pub source: Option<String>,
    /// The format, where the content does not tell.
    pub format: Option<Format>,
    /// The character set of text formats.
    pub charset: Option<Charset>,
    /// What separates the cells of CSV; found in the header line when absent.
    pub delimiter: Option<u8>,
    /// The sheet of a workbook; the first when absent.
    pub sheet: Option<String>,
    /// The coordinate reference system of geometry that does not tell its own, such as `EPSG:4527`.
    pub crs: Option<String>,
    trim: bool,
    empty: Vec<String>,
    columns: BTreeMap<String, String>,
    constants: BTreeMap<String, String>,
    dates: BTreeMap<String, Vec<DateFormat>>,
    codes: BTreeMap<String, BTreeMap<String, String>>,
}

/// A mapping file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("mapping file: {0}")]
pub struct MappingError(String);

#[derive(Clone, Debug, PartialEq, Eq)]
enum DateFormat {
    /// Days since 1899-12-30, as spreadsheets count.
    ExcelSerial,
    /// A pattern of `chrono`, such as `%Y%m%d`.
    Pattern(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    source: Option<String>,
    format: Option<String>,
    charset: Option<String>,
    delimiter: Option<String>,
    sheet: Option<String>,
    crs: Option<String>,
    #[serde(default)]
    trim: bool,
    #[serde(default)]
    empty: Vec<String>,
    #[serde(default)]
    columns: BTreeMap<String, String>,
    #[serde(default)]
    constants: BTreeMap<String, String>,
    #[serde(default)]
    dates: BTreeMap<String, OneOrMany>,
    #[serde(default)]
    codes: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// When it is no TOML, has unknown entries, or an entry cannot be used.
    pub fn from_toml(text: &str) -> Result<Self, MappingError> {
        let file: File = toml::from_str(text).map_err(|error| MappingError(error.to_string()))?;
        let say = |error: &dyn std::fmt::Display| MappingError(error.to_string());
        let delimiter = match file.delimiter.as_deref() {
            None => None,
            Some(text) if text.len() == 1 && !text.contains(['"', '\n', '\r']) => text.bytes().next(),
            Some(_) => return Err(MappingError("delimiter must be one ASCII character such as \",\", \";\" or \"\\t\"".to_owned())),
        };
        let charset = file.charset.as_deref().map(str::parse).transpose().map_err(|error| say(&error))?;
        if charset == Some(Charset::Gb18030) && delimiter.is_some_and(|byte| !matches!(byte, b',' | b';' | b'\t')) {
            return Err(MappingError("in gb18030 the delimiter must be a comma, a semicolon or a tab".to_owned()));
        }
        let mut targets: Vec<&String> = file.columns.values().collect();
        targets.sort_unstable();
        if let Some(twice) = targets.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(MappingError(format!("two columns are both mapped to {:?}", twice[0])));
        }
        let mut dates = BTreeMap::new();
        for (column, formats) in file.dates {
            let formats = match formats {
                OneOrMany::One(format) => vec![format],
                OneOrMany::Many(formats) => formats,
            };
            dates.insert(column, formats.into_iter().map(date_format).collect::<Result<Vec<_>, _>>()?);
        }
        Ok(Self {
            source: file.source,
            format: file.format.as_deref().map(str::parse).transpose().map_err(|error| say(&error))?,
            charset,
            delimiter,
            sheet: file.sheet,
            crs: file.crs,
            trim: file.trim,
            empty: file.empty,
            columns: file.columns,
            constants: file.constants,
            dates,
            codes: file.codes,
        })
    }

    /// A column of `[constants]`, `[dates]` or `[codes]` that is none of these standard ones, nor what `[columns]` makes of another: its
    /// values would never be met. And what `[columns]` makes of a column and is a slip for a standard one: its values would be kept and not
    /// read. A name that is near none of them is the sender's own.
    pub(crate) fn misspelt(&self, standard: &[&str]) -> Option<String> {
        let slip = |(column, target): (&String, &String)| slip(column, target, standard);
        if let Some(said) = self.columns.iter().filter(|(_, target)| !standard.contains(&target.as_str())).find_map(slip) {
            return Some(format!("mapping file: [columns] {said}"));
        }
        let constants = self.constants.keys().map(|column| ("constants", column));
        let dates = self.dates.keys().map(|column| ("dates", column));
        let codes = self.codes.keys().map(|column| ("codes", column));
        let known = |column: &str| standard.contains(&column) || self.columns.values().any(|target| target == column);
        let (part, column) = constants.chain(dates).chain(codes).find(|(_, column)| !known(column))?;
        let nearest = standard.iter().min_by_key(|name| strsim::damerau_levenshtein(name, column));
        let nearest = nearest.map_or_else(String::new, |nearest| format!("; the nearest is {nearest}"));
        Some(format!("mapping file: [{part}] names {column:?}, which is no standard column{nearest}"))
    }

    /// What is to be done with the values of this column of the file.
    pub(crate) fn plan(&self, column: &str) -> Plan {
        self.plan_for(self.columns.get(column).map_or(column, String::as_str))
    }

    /// The columns of the file that the mapping gives another name.
    pub(crate) fn named_columns(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().map(String::as_str)
    }

    /// Whether it says which column of the file is the key.
    pub(crate) fn has_key(&self) -> bool {
        self.columns.values().chain(self.constants.keys()).any(|target| target == "source_key")
    }

    /// What is to be done with the values of a column that stands for this standard one.
    pub(crate) fn plan_for(&self, target: &str) -> Plan {
        Plan {
            dates: self.dates.get(target).cloned().unwrap_or_default(),
            codes: self.codes.get(target).cloned().unwrap_or_default(),
            empty: self.empty.clone(),
            trim: self.trim,
            target: target.to_owned(),
        }
    }

    /// Whether columns and values pass as they are.
    pub(crate) fn changes_nothing(&self) -> bool {
        !self.trim && self.empty.is_empty() && self.columns.is_empty() && self.dates.is_empty() && self.codes.is_empty()
    }

    /// Values that are the same in all rows: the source, the coordinate reference system and the constants.
    pub(crate) fn constants(&self) -> Vec<(String, String)> {
        let source = self.source.iter().map(|source| ("source".to_owned(), source.clone()));
        let crs = self.crs.iter().map(|crs| ("crs".to_owned(), crs.clone()));
        source.chain(crs).chain(self.constants.clone()).collect()
    }
}

/// What is wrong with making `target`, which is no standard column, of a column of the file, if it is a slip.
fn slip(column: &str, target: &str, standard: &[&str]) -> Option<String> {
    if standard.contains(&column) && !target.is_ascii() {
        return Some(format!("says {column} = {target:?}: it is written the other way round, column of the file = standard column"));
    }
    let plain = |name: &str| name.to_ascii_lowercase().replace([' ', '-', '_', '.'], "");
    let asked = plain(target);
    let (distance, nearest) = standard.iter().map(|name| (strsim::damerau_levenshtein(&plain(name), &asked), *name)).min()?;
    let near = asked.chars().count().div_ceil(3).min(2);
    (distance <= near).then(|| {
        format!(
            "makes {target:?} of {column:?}, which is no standard column; the nearest is {nearest}. A column of your own needs a name that is \
             not so near"
        )
    })
}

fn date_format(text: String) -> Result<DateFormat, MappingError> {
    if text == "excel-serial" {
        return Ok(DateFormat::ExcelSerial);
    }
    let usable = text.contains('%') && !chrono::format::StrftimeItems::new(&text).any(|item| item == chrono::format::Item::Error);
    if usable {
        Ok(DateFormat::Pattern(text))
    } else {
        Err(MappingError(format!("date format {text:?} is none; use excel-serial or a pattern such as %Y%m%d")))
    }
}

/// What is to be done with the values of one column.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The standard column.
    pub(crate) target: String,
    dates: Vec<DateFormat>,
    codes: BTreeMap<String, String>,
    empty: Vec<String>,
    trim: bool,
}

impl Plan {
    /// Whether values pass as they are.
    pub(crate) fn is_plain(&self) -> bool {
        !self.trim && self.dates.is_empty() && self.codes.is_empty() && self.empty.is_empty()
    }

    /// The value under the standard column; none when it stands for nothing.
    pub(crate) fn text(&self, text: &str) -> Option<String> {
        let text = if self.trim { text.trim() } else { text };
        let key = text.trim();
        if key.is_empty() || self.empty.iter().any(|empty| empty == key) {
            return None;
        }
        if let Some(code) = self.codes.get(key) {
            return Some(code.clone());
        }
        Some(self.dates.iter().find_map(|format| format.read(key)).map_or_else(|| text.to_owned(), |date| date.to_string()))
    }

    /// The same for a value of JSON.
    pub(crate) fn value(&self, value: Value) -> Option<Value> {
        match value {
            Value::String(text) => self.text(&text).map(Value::String),
            Value::Number(number) if !self.codes.is_empty() || !self.dates.is_empty() => {
                let text = number.to_string();
                match self.text(&text) {
                    Some(read) if read != text => Some(Value::String(read)),
                    _ => Some(Value::Number(number)),
                }
            }
            other => Some(other),
        }
    }
}

impl DateFormat {
    fn read(&self, text: &str) -> Option<NaiveDate> {
        match self {
            Self::Pattern(pattern) => NaiveDate::parse_from_str(text, pattern).ok(),
            Self::ExcelSerial => {
                let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
                let days: u64 = whole.parse().ok().filter(|days| (61..=2_958_465).contains(days))?;
                NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(column: &str, given: &str, expected: Option<&str>) {
        let mapping = Mapping::from_toml(
            r#"
            source = "weijian"
            empty = ["无", "NULL"]
            [columns]
            "出生日期" = "birth_date"
            "性别" = "sex"
            [dates]
            birth_date = ["%Y%m%d", "%Y年%m月%d日", "excel-serial"]
            [codes.sex]
            M = "1"
            "#,
        )
        .expect("a mapping");
        assert_eq!(mapping.plan(column).text(given).as_deref(), expected);
    }

    #[test]
    fn values_become_standard_values_where_the_mapping_says_so() {
        check("出生日期", "19800406", Some("1980-04-06"));
        check("出生日期", "1980年4月6日", Some("1980-04-06"));
        check("birth_date", "36526", Some("2000-01-01"));
        check("birth_date", "1980-04-06", Some("1980-04-06"));
        check("birth_date", "six", Some("six"));
        check("性别", "M", Some("1"));
        check("性别", "F", Some("F"));
        check("name", " NULL ", None);
        check("name", "36526", Some("36526"));
    }

    #[test]
    fn a_column_is_made_a_standard_one_or_one_of_the_senders_own_and_no_slip() {
        let standard = ["source", "source_key", "name", "sex", "birth_date", "id_number", "address", "former_name"];
        let said = |columns: &str| Mapping::from_toml(&format!("[columns]\n{columns}")).expect("a mapping").misspelt(&standard);
        for (columns, nearest) in [
            ("\"性别\" = \"sxe\"", "makes \"sxe\" of \"性别\", which is no standard column; the nearest is sex."),
            ("sex = \"sxe\"", "the nearest is sex."),
            ("b = \"birthdate\"", "the nearest is birth_date."),
            ("b = \"Birth-Date\"", "the nearest is birth_date."),
            ("a = \"adress\"", "the nearest is address."),
            ("n = \"id_nubmer\"", "the nearest is id_number."),
            ("name = \"姓名\"", "the other way round"),
        ] {
            let told = said(columns).unwrap_or_else(|| panic!("{columns} is refused"));
            assert!(told.starts_with("mapping file: [columns] ") && told.contains(nearest), "{told}");
        }
        for columns in ["a = \"remark\"", "a = \"备注\"", "address = \"address_of_the_office\"", "a = \"pet\"", "a = \"former_name\""] {
            assert_eq!(said(columns), None, "{columns}");
        }
    }

    #[test]
    fn a_mapping_that_cannot_work_is_refused() {
        for (text, says) in [
            ("sourc = \"x\"", "unknown field"),
            ("delimiter = \"ab\"", "delimiter"),
            ("charset = \"latin1\"", "charset"),
            ("charset = \"gbk\"\ndelimiter = \"|\"", "gb18030"),
            ("[columns]\na = \"name\"\nb = \"name\"", "both"),
            ("[dates]\nbirth_date = \"yyyy\"", "date format"),
        ] {
            let error = Mapping::from_toml(text).expect_err(text).to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
