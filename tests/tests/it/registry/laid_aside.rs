//! Is a node that takes its memory up from where it was laid aside the node that reads everything?

use std::fs;
use std::path::{Path, PathBuf};

use jiku_model::Kind;
use jiku_registry::{Expected, ModelChange, Options, Registry};
use jiku_tests::stores::Database;

use super::support::{actor, entity, find, incoming, key, number, open, person, province, record, take, verified};

jiku_tests::on_both_stores! {
    what_is_taken_up_and_read_again_equals_what_is_read_whole;
    what_is_damaged_foreign_or_from_elsewhere_is_left_alone;
    files_of_two_moments_serve_from_the_earlier_one;
    whom_companies_name_is_known_again;
    the_model_in_use_says_whether_a_file_fits;
    a_rebuild_lays_anew_what_was_wrong;
}

/// A node that lays its memory aside in this folder, however small it is.
fn node(database: &Database, folder: &Path) -> Registry {
    let options = Options { index_folder: Some(folder.to_owned()), index_from: 1, ..Options::new(database.url()) };
    Registry::open(options).expect("the test's registry opens")
}

const NAMES: [&str; 3] = ["legal-person.image", "parcel.image", "person.image"];

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

fn fill(registry: &Registry) {
    registry.ingest(&actor(), province(11, 60, 10, 20).iter().map(incoming).collect()).expect("ingest");
}

fn what_is_taken_up_and_read_again_equals_what_is_read_whole(database: &Database) {
    let folder = database.folder().join("laid");
    let first = node(database, &folder);
    assert_eq!(first.indexes_laid_at(), None);
    fill(&first);
    let id = number("19800214", 12);
    let one = entity(&take(&first, person("gongan", "p1", &format!("name=欧阳若男|id_number={id}|phone=13800002233"))));
    let two = entity(&take(&first, person("minzheng", "p2", "name=司马青|birth_date=1999-03-04")));
    let three = entity(&take(&first, person("minzheng", "p3", "name=司马蓝|birth_date=1989-03-04")));
    first.close();
    assert_eq!(files(&folder), NAMES.map(|name| folder.join(name)));
    for file in files(&folder) {
        let bytes = fs::read(&file).expect("a file");
        for plain in [id.as_bytes(), b"13800002233", "欧阳若男".as_bytes()] {
            assert!(!bytes.windows(plain.len()).any(|part| part == plain), "{} tells a value", file.display());
        }
    }

    // Another node goes on and ends without an end, as one that is killed.
    let other = open(database);
    take(&other, person("gongan", "p1", &format!("name=欧阳若男|id_number={id}|phone=13800004455")));
    other.merge(&actor(), Kind::Person, &[one, two], Some("one person"), &Expected::default(), false).expect("a merge");
    other.withdraw(&actor(), &key(Kind::Person, "minzheng", "p3")).expect("withdrawn");
    take(&other, person("minzheng", "p4", "name=诸葛云|birth_date=1979-03-04"));
    let (position, records) = (other.position(), other.stats().expect("stats").kinds[0].records);

    let again = node(database, &folder);
    let laid_at = again.indexes_laid_at().expect("the indexes are taken up");
    assert!(laid_at < position && again.position() == position, "{laid_at} {position}");
    assert_eq!(again.stats().expect("stats").kinds[0].records, records);
    assert_eq!(find(&again, Kind::Person, one).member_count, 2);
    assert!(again.find(&actor(), Kind::Person, three, &jiku_registry::View::default()).is_ok());
    verified(&again);
    fill(&again);
    verified(&again);
    again.close();
    assert!(node(database, &folder).indexes_laid_at().expect("laid aside anew") >= position);
}

fn what_is_damaged_foreign_or_from_elsewhere_is_left_alone(database: &Database) {
    let folder = database.folder().join("laid");
    let first = node(database, &folder);
    fill(&first);
    let position = first.position();
    first.close();
    let file = folder.join("person.image");
    let whole = fs::read(&file).expect("a file");
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let elsewhere = {
        let (base, laid) = (Database::sqlite(), database.folder().join("elsewhere"));
        let registry = node(&base, &laid);
        fill(&registry);
        registry.close();
        fs::read(laid.join("person.image")).expect("a file")
    };
    let of_companies = fs::read(folder.join("legal-person.image")).expect("a file");
    for wrong in [&flipped[..], &whole[..whole.len() / 3], b"", &elsewhere[..], &of_companies[..]] {
        fs::write(&file, wrong).expect("the fault is planted");
        let registry = open_only(database, &folder);
        assert_eq!((registry.indexes_laid_at(), registry.position()), (None, position));
    }
    fs::remove_file(&file).expect("the file is lost");
    let registry = open_only(database, &folder);
    assert_eq!(registry.indexes_laid_at(), None);
    verified(&registry);
    fs::write(&file, whole).expect("the file is put back");
    fs::write(folder.join("person.image.part"), b"somebody was killed here").expect("what a killed node leaves");
    assert_eq!(open_only(database, &folder).indexes_laid_at(), Some(position));

    let Some(base) = database.url().strip_prefix("sqlite://") else { return };
    drop((first, registry));
    let earlier = fs::read(base).expect("the database");
    let later = node(database, &folder);
    take(&later, person("minzheng", "p9", "name=诸葛云|birth_date=1979-03-04"));
    later.rebuild(&actor()).expect("a rebuild");
    later.close();
    drop(later);
    for end in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{base}{end}"));
    }
    fs::write(base, earlier).expect("the database of an earlier day");
    let registry = open_only(database, &folder);
    assert_eq!((registry.indexes_laid_at(), registry.position()), (None, position), "these changes never happened here");
    verified(&registry);
}

fn files_of_two_moments_serve_from_the_earlier_one(database: &Database) {
    let folder = database.folder().join("laid");
    let first = node(database, &folder);
    fill(&first);
    let earlier = first.position();
    first.close();
    let people = fs::read(folder.join("person.image")).expect("a file");
    let second = node(database, &folder);
    take(&second, person("minzheng", "p4", "name=诸葛云|birth_date=1979-03-04"));
    second.ingest(&actor(), province(12, 20, 10, 10).iter().map(incoming).collect()).expect("ingest");
    let later = second.position();
    second.close();
    fs::write(folder.join("person.image"), people).expect("a node killed before it wrote all kinds");
    let again = open_only(database, &folder);
    assert_eq!((again.indexes_laid_at(), again.position()), (Some(earlier), later));
    verified(&again);
}

fn whom_companies_name_is_known_again(database: &Database) {
    let folder = database.folder().join("laid");
    let first = node(database, &folder);
    fill(&first);
    let of = |sequence| number("19800406", sequence);
    let company = |source: &str, sequence| {
        let fields = format!("name=广州明远电子科技有限公司|legal_representative=张伟强|legal_representative_id={}", of(sequence));
        record(Kind::LegalPerson, source, "c", &fields)
    };
    let police = format!("name=张伟强|id_type=111|id_number={}|sex=1|birth_date=1980-04-06", of(11));
    let tax = format!("name=张伟强|id_type=111|id_number={}|sex=1", of(37));
    let people = [person("gongan", "1", &police), person("shuiwu", "2", &tax)].map(|one| entity(&take(&first, one)));
    take(&first, company("market", 11));
    first.merge(&actor(), Kind::Person, &people, None, &Expected::new(), false).expect("a merge");
    first.close();

    let second = node(database, &folder);
    assert!(second.indexes_laid_at().is_some());
    let named = entity(&take(&second, company("minzheng", 37)));
    assert_eq!(find(&second, Kind::LegalPerson, named).member_count, 2, "one person by two numbers");
    second.close();
    // Another node takes back what is known of the person; the first reads it again, and the company with it.
    let right = format!("name=张伟强|id_type=111|id_number={}|sex=1", of(11));
    take(&open(database), person("shuiwu", "2", &right));
    let third = node(database, &folder);
    assert!(third.indexes_laid_at().is_some_and(|laid_at| laid_at < third.position()));
    verified(&third);
}

fn the_model_in_use_says_whether_a_file_fits(database: &Database) {
    let folder = database.folder().join("laid");
    let first = node(database, &folder);
    fill(&first);
    let other_threshold = |registry: &Registry, link| {
        registry.apply_model(&actor(), Kind::Person, &ModelChange::Thresholds { link, review: None }, None, None).expect("applied");
    };
    other_threshold(&first, 40.0);
    first.close();
    let second = open_only(database, &folder);
    assert_eq!(second.indexes_laid_at(), Some(second.position()), "written under the model that came into use");
    verified(&second);
    other_threshold(&open(database), 41.0);
    let third = open_only(database, &folder);
    assert_eq!((third.indexes_laid_at(), third.model(&actor(), Kind::Person).expect("the model").link), (None, 41.0));
    verified(&third);
}

/// As [`node`], but nothing is ever laid aside.
fn open_only(database: &Database, folder: &Path) -> Registry {
    let options = Options { index_folder: Some(folder.to_owned()), index_from: u64::MAX, ..Options::new(database.url()) };
    Registry::open(options).expect("the test's registry opens")
}

fn a_rebuild_lays_anew_what_was_wrong(database: &Database) {
    let folder = database.folder().join("laid");
    let first = node(database, &folder);
    fill(&first);
    first.close();
    let before = fs::read(folder.join("person.image")).expect("a file");
    let options = Options { index_folder: Some(folder.clone()), index_from: 1, take_up_indexes: false, ..Options::new(database.url()) };
    let registry = Registry::open(options).expect("the test's registry opens");
    assert_eq!(registry.indexes_laid_at(), None);
    registry.rebuild(&actor()).expect("a rebuild");
    registry.close();
    assert_ne!(fs::read(folder.join("person.image")).expect("a file"), before);
    let again = node(database, &folder);
    assert!(again.indexes_laid_at().is_some());
    verified(&again);
}
