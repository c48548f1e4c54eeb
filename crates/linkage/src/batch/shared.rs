//! Which identifiers of a table are nobody's, because too many records or names come with them?

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::Records;
use crate::crowd::is_crowd;
use crate::dictionary::{Dictionary, PART, ValueId, join_parts};
use crate::model::Model;

impl Records {
    /// Values that are blocking keys by themselves and that more records have than the model's `generic-above`, by field: what
    /// [`crate::MatchIndex::turned_generic`] finds in a register.
    #[must_use]
    pub fn common_values(&self, model: &Model) -> BTreeMap<String, BTreeSet<String>> {
        let mut values = BTreeMap::new();
        for field in model.key_fields() {
            let often: BTreeSet<String> = self.often(model, &[field], model.file().generic_above).into_iter().map(str::to_owned).collect();
            if !often.is_empty() {
                values.insert(model.fields[field].clone(), often);
            }
        }
        values
    }

    /// Identifiers that come with more different names than the model's `[[shared]]` allows, by field: what
    /// [`crate::MatchIndex::turned_generic`] finds in a register.
    #[must_use]
    pub fn shared_values(&self, model: &Model) -> BTreeMap<String, BTreeSet<String>> {
        let mut values = BTreeMap::new();
        for shared in &model.file().shared {
            let (Some(field), Some(by)) = (model.field(&shared.field), model.field(&shared.by)) else { continue };
            let fields = model.alike(field);
            let often = self.often(model, &fields, shared.above);
            if often.is_empty() {
                continue;
            }
            let mut names: HashMap<&str, HashSet<ValueId>> = often.iter().map(|value| (*value, HashSet::new())).collect();
            for row in (0..self.count).map(|record| self.row(record)).filter(|row| row[by] != 0) {
                for part in fields.iter().filter(|field| row[**field] != 0).flat_map(|field| self.parts(model, *field, row[*field])) {
                    if let Some(names) = names.get_mut(part) {
                        names.insert(row[by]);
                    }
                }
            }
            let texts =
                |names: &HashSet<ValueId>| names.iter().map(|name| self.dictionaries[model.dictionary_of[by]].text(*name)).collect();
            let found: BTreeSet<String> =
                names.into_iter().filter(|(_, names)| is_crowd(shared, texts(names))).map(|(value, _)| value.to_owned()).collect();
            if !found.is_empty() {
                values.entry(shared.field.clone()).or_insert_with(BTreeSet::new).extend(found);
            }
        }
        values
    }

    /// The values that come more than `above` times in these fields together: who comes with many names has as many records at least.
    fn often<'s>(&'s self, model: &Model, fields: &[usize], above: usize) -> HashSet<&'s str> {
        let counted = |field: usize| {
            let mut counts = vec![0_usize; self.dictionaries[model.dictionary_of[field]].len() as usize];
            (0..self.count).for_each(|record| counts[Dictionary::index(self.row(record)[field])] += 1);
            counts[0] = 0;
            counts
        };
        let Some((&first, others)) = fields.split_first() else { return HashSet::new() };
        let (dictionary, counts) = (&self.dictionaries[model.dictionary_of[first]], counted(first));
        // Few records tell two values, or tell one in another field: these are counted by their text.
        let mut apart: HashMap<&'s str, usize> = HashMap::new();
        let mut count_apart = |text: &'s str, count: usize| text.split(PART).for_each(|part| *apart.entry(part).or_default() += count);
        let mut often = HashSet::new();
        for (id, count) in (0..).zip(&counts).filter(|(_, count)| **count > 0) {
            let text = dictionary.text(id);
            if text.contains(PART) {
                count_apart(text, *count);
            } else if *count > above {
                often.insert(text);
            }
        }
        for &field in others {
            let dictionary = &self.dictionaries[model.dictionary_of[field]];
            (0..).zip(counted(field)).filter(|(_, count)| *count > 0).for_each(|(id, count)| count_apart(dictionary.text(id), count));
        }
        let together = |text: &str, count: usize| count + dictionary.find(text).map_or(0, |id| counts[Dictionary::index(id)]);
        often.extend(apart.iter().filter(|(text, count)| together(text, **count) > above).map(|(text, _)| *text));
        often
    }

    /// The values of a record's field.
    fn parts(&self, model: &Model, field: usize, told: ValueId) -> std::str::Split<'_, char> {
        self.dictionaries[model.dictionary_of[field]].text(told).split(PART)
    }

    /// Leaves the values out that the model counts as missing, and what was read from them. The records that lost an identifier
    /// of `[[shared]]`, in order.
    pub fn leave_out_generic(&mut self, model: &Model) -> Vec<u32> {
        let fields: Vec<usize> = (0..self.width).filter(|field| model.has_generic(*field)).collect();
        let shared = model.file().shared.iter().filter_map(|shared| model.field(&shared.field));
        let identifiers: Vec<usize> = shared.flat_map(|field| model.alike(field)).collect();
        let mut without = Vec::new();
        for record in (0..self.count).filter(|_| !fields.is_empty()) {
            let start = record as usize * self.width;
            let mut left_out = Vec::new();
            for &field in &fields {
                let dictionary = &mut self.dictionaries[model.dictionary_of[field]];
                let told = self.rows[start + field];
                let is_generic = |part: &&str| model.is_generic(field, part);
                if told != 0 && dictionary.text(told).split(PART).any(|part| is_generic(&part)) {
                    let rest = join_parts(&mut dictionary.text(told).split(PART).filter(|part| !is_generic(part)).collect());
                    self.rows[start + field] = dictionary.intern(&rest);
                    left_out.push(field);
                }
            }
            if !left_out.is_empty() {
                model.forget_what_was_read(&mut self.rows[start..start + self.width], |field| left_out.contains(&field));
                without.extend(left_out.iter().any(|field| identifiers.contains(field)).then_some(record));
            }
        }
        without
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::MatchIndex;

    const MODEL: &str = r#"
        name = "people"
        version = 1
        prior = 0.01
        link = 3.0
        review = 0.0
        [[shared]]
        field = "number"
        by = "name"
        above = 2
        tells = { birth_date = "birth_told" }
        [[blocking]]
        name = "number"
        key = "number"
        [[blocking]]
        name = "name"
        key = "name"
        [[comparison]]
        name = "number"
        fields = ["number"]
        level = [{ name = "same", when = "same(number)", m = 0.9, u = 0.0001 }, { name = "other", m = 0.1, u = 0.9999 }]
        [[comparison]]
        name = "name"
        fields = ["name"]
        level = [{ name = "same", when = "same(name)", m = 0.9, u = 0.01 }, { name = "other", m = 0.1, u = 0.99 }]
        [[comparison]]
        name = "birth date"
        fields = ["birth_date"]
        level = [{ name = "same", when = "same(birth_date)", m = 0.9, u = 0.001 }, { name = "other", m = 0.1, u = 0.999 }]
    "#;

    type Row = Vec<(&'static str, String)>;

    fn row(name: &str, number: &str, told: bool) -> Row {
        let mut row: Row = vec![("name", name.to_owned()), ("number", number.to_owned()), ("birth_date", "1981-07-09".to_owned())];
        row.extend(told.then(|| ("birth_told", "1981-07-09".to_owned())));
        row
    }

    fn with_generic(model: &Model, values: BTreeMap<String, BTreeSet<String>>) -> Model {
        let mut file = model.file().clone();
        file.generic = values;
        Model::new(file).expect("a model")
    }

    #[test]
    fn a_number_under_many_names_tells_neither_who_nor_when_born() {
        let model = Model::from_toml(MODEL).expect("a model");
        let mut rows: Vec<Row> = ["王", "李", "赵"].iter().flat_map(|name| [row(name, "7", false), row(name, "7", true)]).collect();
        rows.extend(["孙", "孙", "钱"].map(|name| row(name, "8", false)));
        let mut records = Records::new(&model);
        rows.iter().for_each(|row| records.push(&model, row));
        let shared = records.shared_values(&model);
        assert_eq!(shared, BTreeMap::from([("number".to_owned(), BTreeSet::from(["7".to_owned()]))]));

        let before = records.explain(&model, 0, 2).weight;
        let model = with_generic(&model, shared);
        assert_eq!(records.leave_out_generic(&model), [0, 1, 2, 3, 4, 5]);
        let weight = |left, right| records.explain(&model, left, right).weight;
        // One name and a number of nobody: less than one name and a birth date that both told.
        assert!(before > 0.0 && weight(0, 2) < before && weight(0, 1) < weight(6, 7));
        assert!(weight(0, 1) < 3.0 && weight(1, 3) > weight(0, 2) && weight(6, 7) > 3.0);
        let mut index = MatchIndex::new(Arc::new(model.clone()));
        (0..).zip(&rows).for_each(|(slot, row)| index.insert(slot, row));
        for (left, right) in [(0, 1), (0, 2), (1, 3), (6, 7), (6, 8)] {
            let online = index.score_slots(left, right).expect("both are there").weight;
            assert_eq!(online.to_bits(), weight(left, right).to_bits(), "{left} {right}");
        }
    }

    #[test]
    fn a_value_that_too_many_records_have_is_generic_in_a_table_as_in_a_register() {
        let model = Model::from_toml(&MODEL.replace("review = 0.0", "review = 0.0\ngeneric-above = 3")).expect("a model");
        let rows = [("王", "7"), ("王", "7"), ("王", "7"), ("王", "7"), ("王", "8"), ("李", "8"), ("李", "8")];
        let rows: Vec<Row> = rows.iter().map(|(name, number)| row(name, number, true)).collect();
        let (mut records, mut index) = (Records::new(&model), MatchIndex::new(Arc::new(model.clone())));
        (0..).zip(&rows).for_each(|(slot, row)| {
            records.push(&model, row);
            index.insert(slot, row);
        });
        let common = records.common_values(&model);
        // Five records have the name, which is a key too.
        let expected = [("name", "王"), ("number", "7")].map(|(field, value)| (field.to_owned(), BTreeSet::from([value.to_owned()])));
        assert_eq!(common, BTreeMap::from(expected));
        assert_eq!(index.turned_generic(), common, "as in a register");
        // A name whose frequency counts is no less a name for being common.
        let frequency = "\n[term-frequency.name]\nfloor = 0.001\n";
        let model = format!("{}{frequency}", MODEL.replace("review = 0.0", "review = 0.0\ngeneric-above = 3"));
        let model = Model::from_toml(&model).expect("a model");
        assert_eq!(records.common_values(&model).into_keys().collect::<Vec<_>>(), ["number"]);
    }

    #[test]
    fn a_number_counts_also_where_a_record_tells_two() {
        let model = Model::from_toml(MODEL).expect("a model");
        let two: Row = ["6", "7"].iter().map(|number| ("number", (*number).to_owned())).chain([("name", "赵".to_owned())]).collect();
        let mut index = MatchIndex::new(Arc::new(model));
        (0..).zip([row("王", "7", false), row("李", "7", false), two]).for_each(|(slot, row)| index.insert(slot, &row));
        assert_eq!(index.turned_generic(), BTreeMap::from([("number".to_owned(), BTreeSet::from(["7".to_owned()]))]));
    }

    #[test]
    fn a_number_is_counted_wherever_records_tell_it_and_is_nobodys_in_all_places() {
        let model = MODEL
            .replace("field = \"number\"\n", "field = \"number\"\nalso = [\"borrowed\"]\n")
            .replace("key = \"number\"", "key = \"each(number|borrowed)\"");
        let model = Model::from_toml(&model).expect("a model");
        let borrowed = |name: &str, number: &str| -> Row { vec![("name", name.to_owned()), ("borrowed", number.to_owned())] };
        // Two parents with two children are no crowd, and two names under their own and one under another's are.
        let rows = [
            row("王", "7", false),
            row("李", "7", false),
            borrowed("赵", "7"),
            row("孙", "8", false),
            borrowed("钱", "8"),
            borrowed("孙", "8"),
            borrowed("周", "9"),
        ];
        let mut records = Records::new(&model);
        rows.iter().for_each(|row| records.push(&model, row));
        let shared = records.shared_values(&model);
        assert_eq!(shared, BTreeMap::from([("number".to_owned(), BTreeSet::from(["7".to_owned()]))]));
        let mut index = MatchIndex::new(Arc::new(model.clone()));
        (0..).zip(&rows).for_each(|(slot, row)| index.insert(slot, row));
        assert_eq!(index.turned_generic(), shared, "as in a register");
        assert_eq!(index.slots_with::<Vec<u32>>(&shared), [0, 1, 2]);
        assert_eq!(index.counts_of(&shared).into_values().collect::<Vec<_>>(), [3]);

        let model = with_generic(&model, shared);
        assert!(model.is_nobodys("borrowed", "7") && model.is_nobodys("number", "7") && !model.is_nobodys("borrowed", "8"));
        assert_eq!(records.leave_out_generic(&model), [0, 1, 2]);
    }
}
