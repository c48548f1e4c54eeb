//! Do readers agree with other implementations, and with themselves however the bytes arrive?

use std::io::{self, Cursor, Read};

use jiku_ingest::{Fault, Options, Reader, Row};
use proptest::prelude::*;
use serde_json::Value;

/// Hands out bytes a few at a time, as a slow network does.
struct Dribble {
    bytes: Cursor<Vec<u8>>,
    sizes: Vec<usize>,
    turn: usize,
}

impl Read for Dribble {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.turn += 1;
        let size = self.sizes[self.turn % self.sizes.len()].min(into.len());
        self.bytes.read(&mut into[..size])
    }
}

fn all(input: impl Read + Send + 'static) -> Vec<Result<Row, Fault>> {
    match Reader::open(input, Options::default()) {
        Ok(reader) => reader.collect(),
        Err(fault) => vec![Err(Fault::File(fault))],
    }
}

/// The first 64 KiB are looked at in one piece to tell the format: what is to dribble must come after them.
const HEAD: usize = 64 * 1024;

fn padded(first: &str, filler: &str, tail: &str) -> Vec<u8> {
    let mut text = first.to_owned();
    while text.len() <= HEAD {
        text.push_str(filler);
    }
    text.push_str(tail);
    text.into_bytes()
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c]{0,3}", "[张伟 ,\"\r\n;]{0,6}", Just("x".repeat(9_000))]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn what_another_implementation_writes_as_csv_is_read_back(rows in proptest::collection::vec(proptest::collection::vec(cell(), 3), 1..30)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["a", "b", "c"]).expect("written");
        rows.iter().for_each(|row| writer.write_record(row).expect("written"));
        let bytes = writer.into_inner().expect("flushed");
        let read = all(Cursor::new(bytes));
        prop_assert_eq!(read.len(), rows.len());
        for (row, cells) in read.iter().zip(&rows) {
            let row = row.as_ref().expect("a row");
            let found: Vec<&str> = ["a", "b", "c"].iter().map(|name| row.raw.get(*name).and_then(Value::as_str).unwrap_or_default()).collect();
            prop_assert_eq!(&found, cells);
            let payload: Value = serde_json::from_str(&row.payload).expect("JSON");
            prop_assert_eq!(payload["b"].as_str(), Some(cells[1].as_str()));
        }
    }

    #[test]
    fn rows_do_not_depend_on_how_the_bytes_arrive(
        tail in "[a,\"\r\n{}:\\[\\]1张 \\\\]{0,80}",
        sizes in proptest::collection::vec(1_usize..9, 1..6),
    ) {
        let files = [
            padded("a,b\n", "1,\"two\nlines\"\r\n\r\n", &tail),
            padded("{\"a\":1}\n", "{\"a\":\"张\\\"x\"}\n\n", &tail),
            padded("[{\"a\":1}", ",\n {\"a\":[\"]\\\\\",{}]}", &format!(",{tail}]")),
            padded("\u{1e}{\"type\":\"Feature\",\"geometry\":null,\"properties\":{}}\n", "\u{1e}{\"type\":\"Feature\",\n\"geometry\":null}\n", &tail),
        ];
        for bytes in files {
            let dribble = Dribble { bytes: Cursor::new(bytes.clone()), sizes: sizes.clone(), turn: 0 };
            prop_assert_eq!(all(dribble), all(Cursor::new(bytes)));
        }
    }
}
