//! Is the synthetic province what it promises to be?

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use jiku_model::Kind;
use jiku_synth::{CsvFiles, Mistakes, Province, SOURCES, Settings, SynthRecord, feature, header};

fn records(settings: Settings) -> Vec<SynthRecord> {
    Province::new(settings).collect()
}

fn clean(people: u64) -> Settings {
    Settings { mistakes: Mistakes::all(0.0), ..Settings::new(3, people, people / 8, people / 4) }
}

fn count(records: &[SynthRecord], kind: Kind) -> usize {
    records.iter().filter(|record| record.kind == kind).count()
}

#[test]
fn equal_settings_make_equal_provinces_and_other_seeds_others() {
    let small = |seed| records(Settings::new(seed, 200, 30, 40));
    assert_eq!(small(1), small(1));
    assert_ne!(small(1), small(2));
}

#[test]
fn the_demonstration_has_the_size_it_should() {
    let mut province = Province::new(Settings::demo());
    let all: Vec<_> = province.by_ref().collect();
    assert_eq!((province.made().people, province.made().companies, province.made().parcels), (8_000, 1_200, 2_000));
    assert!(count(&all, Kind::Person) >= 20_000, "{} person records", count(&all, Kind::Person));
    assert!(count(&all, Kind::LegalPerson) >= 3_000, "{} legal-person records", count(&all, Kind::LegalPerson));
    assert_eq!(count(&all, Kind::Parcel), 2_000);
    let sources: HashSet<_> = all.iter().map(|record| record.source).collect();
    assert_eq!(sources.len(), SOURCES.len());
}

#[test]
fn every_record_has_a_key_of_its_own_and_columns_in_file_order() {
    let all = records(Settings::new(4, 500, 60, 100));
    let keys: HashSet<_> = all.iter().map(|record| (record.source, record.source_key.as_str())).collect();
    assert_eq!(keys.len(), all.len());
    for record in &all {
        let mut columns = header(record.kind).into_iter().skip(2);
        assert!(record.fields.iter().all(|(name, value)| columns.any(|column| column == *name) && !value.is_empty()), "{record:?}");
    }
}

#[test]
fn without_mistakes_one_number_is_one_person_and_every_check_character_fits() {
    let mut owner: HashMap<String, u64> = HashMap::new();
    for record in records(clean(4_000)).iter().filter(|record| record.kind == Kind::Person) {
        let Some(number) = record.get("id_number").filter(|number| number.len() == 18) else { continue };
        assert_eq!(*owner.entry(number.to_owned()).or_insert(record.truth), record.truth, "{number} is shared");
        let sum: u32 =
            number.bytes().enumerate().map(|(i, byte)| if byte == b'X' { 10 } else { u32::from(byte - b'0') } * (1 << (17 - i)) % 11).sum();
        assert_eq!(sum % 11, 1, "{number}");
        assert!(
            !number.starts_with('4')
                || record.get("sex").is_none_or(|sex| (sex.starts_with(['1', '男'])) == (number.as_bytes()[16] % 2 == 1))
        );
    }
    assert!(owner.len() > 3_500);
}

#[test]
fn without_mistakes_one_credit_code_is_one_organisation() {
    let mut owner: HashMap<String, u64> = HashMap::new();
    for record in records(clean(4_000)).iter().filter(|record| record.kind == Kind::LegalPerson) {
        let Some(code) = record.get("uscc") else { continue };
        assert_eq!(*owner.entry(code.to_uppercase()).or_insert(record.truth), record.truth, "{code} is shared");
        let value = |byte| "0123456789ABCDEFGHJKLMNPQRTUWXY".find(char::from(byte)).expect("a letter of the standard");
        let sum = code.to_uppercase().bytes().fold((0, 1), |(sum, weight), byte| (sum + value(byte) * weight, weight * 3 % 31)).0;
        // The check character has the weight 3^17 mod 31 = 22, but counts once: sum of the others + check = 0 mod 31.
        let check = value(code.to_uppercase().as_bytes()[17]);
        assert_eq!((sum - check * 22 + check) % 31, 0, "{code}");
    }
    assert!(owner.len() > 400);
}

#[test]
fn families_are_families() {
    let mut by_address: HashMap<String, Vec<(String, String)>> = HashMap::new();
    let mut seen = HashSet::new();
    for record in records(clean(6_000)).iter().filter(|record| record.source == "gongan") {
        let (Some(name), Some(birth), Some(address)) = (record.get("name"), record.get("birth_date"), record.get("address")) else {
            continue;
        };
        if seen.insert(record.truth) {
            by_address.entry(address.to_owned()).or_default().push((name.to_owned(), birth.to_owned()));
        }
    }
    let households: Vec<_> = by_address.values().filter(|members| members.len() > 1).collect();
    let surname = |name: &str| name.chars().next();
    let shared = households
        .iter()
        .filter(|members| members.iter().any(|a| members.iter().any(|b| a != b && surname(&a.0) == surname(&b.0))))
        .count();
    let twins = households.iter().filter(|members| members.iter().any(|a| members.iter().any(|b| a.0 != b.0 && a.1 == b.1))).count();
    assert!(households.len() > 800 && shared * 2 > households.len() && twins >= 5, "{} {shared} {twins}", households.len());
}

#[test]
fn people_represent_organisations_and_both_hold_land() {
    let all = records(clean(2_000));
    let numbers = |column: &str, kind: Kind| -> HashSet<String> {
        all.iter().filter(|record| record.kind == kind).filter_map(|record| record.get(column)).map(str::to_owned).collect()
    };
    let (people, codes) = (numbers("id_number", Kind::Person), numbers("uscc", Kind::LegalPerson));
    let heads = numbers("legal_representative_id", Kind::LegalPerson);
    let holders = numbers("right_holder_id", Kind::Parcel);
    assert!(heads.iter().filter(|number| people.contains(*number)).count() * 10 > heads.len() * 9);
    assert!(holders.iter().any(|number| codes.contains(number)) && holders.iter().any(|number| people.contains(number)));
}

#[test]
fn parcel_codes_have_their_form_and_areas_fit_the_geometry() {
    let mut codes = HashSet::new();
    for record in records(clean(2_000)).iter().filter(|record| record.kind == Kind::Parcel) {
        let (code, unit) = (record.get("parcel_code").expect("a code"), record.get("unit_code").expect("a unit"));
        assert!(code.len() == 19 && unit.len() == 28 && unit.starts_with(code) && codes.insert(code.to_owned()), "{code}");
        let geometry: serde_json::Value = serde_json::from_str(&feature(record)).expect("GeoJSON");
        let ring: Vec<(f64, f64)> = geometry["geometry"]["coordinates"][0]
            .as_array()
            .expect("a ring")
            .iter()
            .map(|point| (point[0].as_f64().expect("lon"), point[1].as_f64().expect("lat")))
            .collect();
        assert_eq!(ring.first(), ring.last());
        let doubled: f64 = ring.windows(2).map(|pair| pair[0].0 * pair[1].1 - pair[1].0 * pair[0].1).sum();
        let area = doubled / 2.0 * 110_900.0 * 111_320.0 * ring[0].1.to_radians().cos();
        let registered: f64 = record.get("registered_area_m2").expect("an area").parse().expect("a number");
        assert!((area / registered - 1.0).abs() < 0.02, "{code}: {area} {registered}");
    }
}

#[test]
fn sources_can_be_left_out() {
    let settings = Settings { sources: vec!["gongan".to_owned(), "scjg".to_owned()], ..Settings::new(1, 300, 40, 40) };
    let sources: HashSet<_> = records(settings).iter().map(|record| record.source).collect();
    assert_eq!(sources, HashSet::from(["gongan", "scjg"]));
}

#[test]
fn mistakes_are_made_in_the_measure_of_the_settings() {
    let wrong_names = |mistakes: f64| {
        let all = records(Settings { mistakes: Mistakes::all(mistakes), ..Settings::new(5, 3_000, 0, 0) });
        let mut official: HashMap<u64, (&str, Option<&str>)> = HashMap::new();
        for record in all.iter().filter(|record| record.source == "gongan") {
            official.insert(record.truth, (record.get("name").unwrap_or_default(), record.get("former_name")));
        }
        let health = all.iter().filter(|record| record.source == "weijian");
        health
            .filter(|record| {
                official.get(&record.truth).is_some_and(|(name, former)| Some(*name) != record.get("name") && *former != record.get("name"))
            })
            .count()
    };
    let (none, usual, many) = (wrong_names(0.0), wrong_names(1.0), wrong_names(4.0));
    assert!(none < usual && usual * 2 < many, "{none} {usual} {many}");
}

#[test]
fn files_hold_all_records_and_the_truth() {
    type Bytes = Rc<RefCell<Vec<u8>>>;
    let streams: Rc<RefCell<HashMap<String, Bytes>>> = Rc::default();
    struct Stream(Bytes);
    impl std::io::Write for Stream {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let opened = Rc::clone(&streams);
    let mut files = CsvFiles::new(move |name| {
        let stream = Rc::default();
        opened.borrow_mut().insert(name.to_owned(), Rc::clone(&stream));
        Ok(Stream(stream))
    });
    let all = records(Settings::new(6, 200, 30, 40));
    all.iter().for_each(|record| files.write(record).expect("written"));
    files.finish().expect("flushed");
    let lines = |name: &str| String::from_utf8(streams.borrow()[name].borrow().clone()).expect("text").lines().count();
    assert_eq!(lines("truth"), all.len() + 1);
    for source in SOURCES {
        assert_eq!(lines(source.code), all.iter().filter(|record| record.source == source.code).count() + 1, "{}", source.code);
    }
}

#[test]
fn what_a_clerk_of_the_province_would_shake_the_head_at_is_not_there() {
    let all = records(clean(6_000));
    let of = |source: &str| all.iter().filter(move |record| record.source == source).collect::<Vec<_>>();
    let year = |record: &&&SynthRecord| record.get("birth_date").and_then(|date| date.get(..4)?.parse::<i32>().ok());
    assert!(of("jiaoyu").iter().filter_map(|record| year(&record)).all(|born| born >= 1997), "pupils and students only");
    for record in of("gongan") {
        let name = record.get("name").unwrap_or_default();
        assert!(!name.contains(['爷', '抢', '莽', '侍', '头']), "{name}");
        if let Some((own, father)) = name.split_once('·') {
            assert_ne!(own, father);
        }
    }
    let holders =
        |source: &'static str, column: &'static str| of(source).into_iter().filter_map(move |record| record.get(column).map(str::to_owned));
    assert!(holders("scjg", "shareholders").any(|names| names.contains("有限")), "companies hold shares too");
    let uses: HashSet<String> = holders("ziran", "land_use").collect();
    assert!(["0101", "0801", "0803"].iter().all(|land_use| uses.contains(*land_use)), "{uses:?}");
    assert!(holders("ziran", "right_holder").any(|name| name.ends_with("小学")), "schools have land");
}
