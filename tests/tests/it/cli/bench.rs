//! Does the command that measures a machine measure everything, also the service over HTTP?

use jiku_tests::command::jiku;

use super::{folder, stores};

#[test]
fn every_figure_is_told() {
    let folder = folder();
    for database in stores(folder.path()) {
        let measured = jiku([
            "bench",
            "--database",
            &database,
            "--people",
            "60",
            "--parcels",
            "40",
            "--questions",
            "30",
            "--connections",
            "3",
            "--threads",
            "2",
            "--json",
        ]);
        let told = measured.well().json();
        let questions = told["questions"].as_array().expect("questions");
        let names: Vec<&str> = questions.iter().filter_map(|of| of["name"].as_str()).collect();
        assert_eq!(
            names,
            [
                "resolve a person",
                "golden record by id",
                "resolve a person, over HTTP",
                "golden record by id, over HTTP",
                "parcels in a box, over HTTP"
            ]
        );
        for of in questions {
            assert_eq!(of["answered"].as_u64(), Some(30), "{of}");
            assert!(of["per_second"].as_f64() > Some(0.0) && of["p99_ms"].as_f64() >= of["median_ms"].as_f64(), "{of}");
        }
        for figure in ["ingest_per_second", "late_per_second", "start_s", "start_anew_s"] {
            assert!(told[figure].as_f64() > Some(0.0), "{figure}: {told}");
        }
        assert!(told["bytes_per_record"]["person"].as_u64() > Some(0) && told["bytes_per_record"]["parcel"].as_u64() > Some(0), "{told}");
        if cfg!(target_os = "linux") {
            let resident = &told["resident_bytes"];
            assert!(resident["most"].as_u64() >= resident["at_start"].as_u64() && resident["at_start"].as_u64() > Some(0), "{told}");
        }
        // It holds records now, and nothing else is to be measured on them.
        jiku(["bench", "--database", &database, "--people", "60"]).refused(2, &["measure on an empty database"]);
    }
}
