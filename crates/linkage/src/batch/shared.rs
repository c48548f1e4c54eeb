//! Which identifiers of a table are nobody's, because too many names come with them?

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::Records;
use crate::dictionary::{Dictionary, PART, ValueId, has_parts, join_parts};
use crate::model::Model;

impl Records {
    /// Identifiers that come with more different names than the model's `[[shared]]` allows, by field: what
    /// [`crate::MatchIndex::turned_generic`] finds in a register.
    #[must_use]
    pub fn shared_values(&self, model: &Model) -> BTreeMap<String, BTreeSet<String>> {
        let mut values = BTreeMap::new();
        for shared in &model.file().shared {
            let (Some(field), Some(by)) = (model.field(&shared.field), model.field(&shared.by)) else { continue };
            let dictionary = &self.dictionaries[model.dictionary_of[field]];
            // Who comes with many names has as many records at least.
            let mut counts = vec![0_usize; dictionary.len() as usize];
            for record in 0..self.count {
                counts[Dictionary::index(self.row(record)[field])] += 1;
            }
            counts[0] = 0;
            if !counts.iter().any(|count| *count > shared.above) {
                continue;
            }
            let mut names: HashMap<&str, HashSet<ValueId>> = (0..)
                .zip(&counts)
                .filter(|(_, count)| **count > shared.above)
                .map(|(id, _)| (dictionary.text(id), HashSet::new()))
                .collect();
            for record in 0..self.count {
                let row = self.row(record);
                if row[by] != 0 && (has_parts(row[field]) || counts[Dictionary::index(row[field])] > shared.above) {
                    for part in dictionary.text(row[field]).split(PART) {
                        if let Some(names) = names.get_mut(part) {
                            names.insert(row[by]);
                        }
                    }
                }
            }
            let found: BTreeSet<String> =
                names.into_iter().filter(|(_, names)| names.len() > shared.above).map(|(value, _)| value.to_owned()).collect();
            if !found.is_empty() {
                values.entry(shared.field.clone()).or_insert_with(BTreeSet::new).extend(found);
            }
        }
        values
    }

    /// Leaves the values out that the model counts as missing, and what was read from them. The records that lost an identifier
    /// of `[[shared]]`, in order.
    pub fn leave_out_generic(&mut self, model: &Model) -> Vec<u32> {
        let fields: Vec<usize> = (0..self.width).filter(|field| model.has_generic(*field)).collect();
        let identifiers: Vec<usize> = model.file().shared.iter().filter_map(|shared| model.field(&shared.field)).collect();
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
}
