//! What kind of value does a column hold, by its header and a sample of its values?

use std::collections::HashSet;

use super::columns::{Column, ColumnKind, LeftOut, Role};
use super::values::{self, DateOrder};

/// Tells a column's kind from its header and a sample of its values; one that has one value only, or counts the rows, is compared if `constants` are.
pub(super) fn column(at: usize, header: &str, sample: &[&str], constants: bool) -> Column {
    let whole: Vec<String> = sample.iter().filter_map(|value| values::plain(value)).collect();
    let parts: Vec<String> = sample.iter().flat_map(|value| values::parts(value)).filter_map(values::plain).collect();
    let header_words = split_header(header);
    let mut several = are_lists(sample, &parts);
    let mut found = kind(&header_words, if several { &parts } else { &whole }, sample.len(), constants);
    if several && matches!(found, Ok((ColumnKind::Text | ColumnKind::Number | ColumnKind::Latitude | ColumnKind::Longitude, _)) | Err(_)) {
        several = false;
        found = kind(&header_words, &whole, sample.len(), constants);
    }
    let (kind, role, left_out) = match found {
        Ok((kind, role)) => (kind, role, None),
        Err(why) => (ColumnKind::Ignored, None, Some(why)),
    };
    let mut column = Column {
        header: header.to_owned(),
        field: field_name(at, header),
        kind,
        left_out,
        role,
        chinese: share(if several { &parts } else { &whole }, values::is_chinese) > 0.5,
        of_people: share(if several { &parts } else { &whole }, values::is_chinese_person) > 0.8,
        several,
        missing: 0,
        unusable: 0,
        distinct: 0,
        agreement: 0.0,
        date_order: values::date_order(sample.iter().copied()),
        latest_year: None,
        decimal_comma: false,
        said: None,
    };
    match kind {
        ColumnKind::Date => column.latest_year = values::latest_year(sample.iter().copied(), column.is_birth()),
        ColumnKind::Number => column.decimal_comma = values::has_decimal_commas(sample.iter().copied()),
        _ => {}
    }
    column
}

/// Whether a tenth of the cells or more hold several short values.
fn are_lists(sample: &[&str], parts: &[String]) -> bool {
    let told = sample.iter().filter(|value| !value.trim().is_empty()).count();
    let lists = sample.iter().filter(|value| values::parts(value).nth(1).is_some()).count();
    let length = parts.iter().map(|part| part.chars().count()).sum::<usize>();
    lists > 0 && lists * 10 >= told && length <= 30 * parts.len()
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
fn kind(header: &[String], values: &[String], rows: usize, constants: bool) -> Result<(ColumnKind, Option<Role>), LeftOut> {
    let says = |words: &[&str]| header.iter().any(|word| words.contains(&word.as_str())) || words.contains(&header.concat().as_str());
    let mentions = |parts: &[&str]| parts.iter().any(|part| header.concat().contains(part));
    let distinct = values.iter().collect::<HashSet<_>>().len();
    if values.is_empty() {
        return Err(LeftOut::Empty);
    }
    if distinct == 1 && !constants {
        return Err(LeftOut::Constant);
    }
    let per_value = values.len() as f64 / distinct as f64;
    // A number that never repeats and counts up names the row, not the thing; in a small table any column of numbers does, so that its header has to say it.
    let names_rows = || says(&["id", "no", "nr", "row", "key", "index", "number", "序号", "编号"]);
    let counts_rows = !constants && per_value < 1.000_1 && (rows > 50 || names_rows()) && is_counter(values);
    let digits = |value: &str| value.chars().filter(char::is_ascii_digit).count();
    let length = values.iter().map(|value| value.chars().count()).sum::<usize>() as f64 / values.len() as f64;
    let words = values.iter().map(|value| value.split_whitespace().count()).sum::<usize>() as f64 / values.len() as f64;
    if share(values, |value| value.contains('@')) > 0.6 {
        return Ok((ColumnKind::Email, None));
    }
    let date_header = says(&["dob", "date", "born", "birthday", "birthdate"])
        || mentions(&["birth", "日期", "生日", "date", "geburt", "geboren", "datum", "naissance", "nacimiento", "nascita", "fecha"]);
    let dated = share(values, |value| values::date(value, DateOrder::DayFirst, values::LATEST_YEAR).is_some());
    let numeric = share(values, |value| values::number(value, false).is_some());
    if dated > 0.7 && (date_header || numeric < 0.5) && length >= 6.0 {
        return Ok((ColumnKind::Date, None));
    }
    if numeric > 0.9 && says(&["lat", "latitude", "纬度"]) {
        return Ok((ColumnKind::Latitude, None));
    }
    if numeric > 0.9 && says(&["lon", "lng", "long", "longitude", "经度"]) {
        return Ok((ColumnKind::Longitude, None));
    }
    let phone_like = share(values, |value| (7..=15).contains(&digits(value)) && value.chars().all(|c| !c.is_alphabetic())) > 0.8;
    if phone_like && (mentions(&["phone", "tel", "mobile", "fax", "电话", "手机"]) || says(&["cell"])) {
        return Ok((ColumnKind::Phone, None));
    }
    if mentions(&["postcode", "zip", "postal", "plz", "邮编", "邮政编码"]) {
        return Ok((ColumnKind::Postcode, None));
    }
    if mentions(&["address", "street", "addr", "road", "地址", "住址", "住所"]) && length > 4.0 && numeric < 0.5 {
        return Ok((ColumnKind::Address, None));
    }
    if share(values, is_uuid) > 0.95 {
        return if !constants && per_value < 1.000_1 { Err(LeftOut::RowNumber) } else { Ok((ColumnKind::Identifier, None)) };
    }
    let coded = share(values, |value| digits(value) * 2 >= value.chars().count() && !value.contains(' ')) > 0.8;
    if coded && length >= 5.0 && (numeric < 0.9 || share(values, |value| value.contains(['.', ','])) < 0.1) {
        if counts_rows {
            return Err(LeftOut::RowNumber);
        }
        let kind = if per_value < 20.0 { ColumnKind::Identifier } else { ColumnKind::Category };
        return Ok((kind, None));
    }
    if numeric > 0.9 {
        if counts_rows {
            return Err(LeftOut::RowNumber);
        }
        let quantity = share(values, |value| value.contains(['.', ','])) > 0.1
            || mentions(&["amount", "price", "weight", "height", "area", "age", "year"]);
        return Ok((if quantity { ColumnKind::Number } else { ColumnKind::Category }, None));
    }
    // `name first` and `first nm` are of a name, `first page` and `last browser` are not.
    let part_of_name = |word: &str| header.last().is_some_and(|last| last == word) || says(&[word]) && says(&["name", "names", "nm"]);
    let role = if part_of_name("first")
        || says(&["given", "forename", "fname", "firstname", "givenname", "vorname", "名"])
        || mentions(&["firstname", "givenname", "forename"])
    {
        Some(Role::Given)
    } else if part_of_name("last")
        || says(&["surname", "family", "lname", "lastname", "nachname", "姓"])
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
        return Ok((ColumnKind::Name, role));
    }
    if few || role == Some(Role::Region) {
        return Ok((ColumnKind::Category, role));
    }
    if words >= 5.0 || length > 40.0 {
        return Ok((ColumnKind::Text, None));
    }
    if share(values, |value| digits(value) > 0 && value.contains(' ')) > 0.5 {
        return Ok((ColumnKind::Address, None));
    }
    Ok((ColumnKind::Name, None))
}

/// Whether whole numbers, behind letters that are the same in all (ORD100001), fill their range densely, as row numbers do.
fn is_counter(values: &[String]) -> bool {
    let letters = |value: &str| value.find(|c: char| c.is_ascii_digit()).unwrap_or(value.len());
    let prefix = values.first().map_or("", |first| &first[..letters(first)]);
    let numbers: Vec<i64> = values.iter().filter_map(|value| value.strip_prefix(prefix)?.parse().ok()).collect();
    match (numbers.iter().min(), numbers.iter().max()) {
        (Some(low), Some(high)) if numbers.len() == values.len() => ((high - low) as f64) < 4.0 * numbers.len() as f64,
        _ => false,
    }
}

/// Whether a text is a UUID (RFC 9562, section 4), which programs give to rows.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.trim_matches(['{', '}']).split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::super::columns::Profile;
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
        check("last", &["green", "mason"], ColumnKind::Name);
        check("name_first", &["anna", "bert"], ColumnKind::Name);
        check("last_browser", &["firefox", "chrome"], ColumnKind::Category);
        check("first page", &["home", "search"], ColumnKind::Category);
        check("state", &["nsw", "vic", "nsw"], ColumnKind::Category);
        check("姓名", &["王伟", "李晓明"], ColumnKind::Name);
        check("amount", &["£1553.53", "7,975.20", "7975.2"], ColumnKind::Number);
        check("tags", &["red;blue;green", "blue", "green;red"], ColumnKind::Category);
    }

    #[test]
    fn what_is_not_compared_says_why() {
        let headers: Vec<String> = ["id", "town", "state", "note", "row"].map(str::to_owned).to_vec();
        let rows: Vec<Vec<String>> = (0..60)
            .map(|at| vec![format!("x{at}"), format!("town {}", at % 20), "nsw".to_owned(), String::new(), (1_000_000 + at).to_string()])
            .collect();
        let profile = Profile::of(&headers, &rows, &["id"]);
        let why: Vec<Option<LeftOut>> = profile.columns.iter().map(|column| column.left_out).collect();
        assert_eq!(why, [Some(LeftOut::Named), None, Some(LeftOut::Constant), Some(LeftOut::Empty), Some(LeftOut::RowNumber)]);
        for (header, value) in [("order_no", "ORD"), ("uuid", "9b2c7a10-5d1e-4c3b-8f00-0000000")] {
            let numbered: Vec<Vec<String>> = (0..60).map(|at| vec![format!("{value}{}", 10_000 + at)]).collect();
            let both: Vec<Vec<String>> = numbered.iter().zip(&rows).map(|(number, row)| vec![number[0].clone(), row[1].clone()]).collect();
            let profile = Profile::of(&[header.to_owned(), "town".to_owned()], &both, &[]);
            assert_eq!(profile.columns[0].left_out, Some(LeftOut::RowNumber), "{header}");
        }
        assert_eq!(profile.features(&rows[0]), [("town".into(), "town 0".to_owned())]);
        // Where nothing differs, equal rows are all there is to find.
        let equal = Profile::of(&headers[1..3], &vec![vec!["leeds".to_owned(), "nsw".to_owned()]; 2], &[]);
        assert!(equal.columns.iter().all(|column| column.kind != ColumnKind::Ignored));
    }
}
