//! How is written in the catalogue what would be long, binary, or is known only when it is asked?

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::super::service::identity_number;

/// What trials have kept, by name.
pub(super) type Kept = BTreeMap<String, String>;

/// The bytes that a text with words in `<<…>>` stands for.
pub(super) fn bytes(text: &str, kept: &Kept) -> Vec<u8> {
    let mut out = Vec::new();
    // What was kept may stand within another word.
    let text = kept.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("<<{name}>>"), value));
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("<<") {
        let (word, behind) = after.split_once(">>").unwrap_or_else(|| panic!("a word that does not end: {after:.40}"));
        out.extend_from_slice(before.as_bytes());
        out.extend(spelt(word));
        rest = behind;
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

/// As [`bytes`], of what is a text.
pub(super) fn text(text: &str, kept: &Kept) -> String {
    String::from_utf8(bytes(text, kept)).expect("a text")
}

fn spelt(word: &str) -> Vec<u8> {
    let (name, argument) = word.split_once(' ').unwrap_or((word, ""));
    let count = || argument.parse::<usize>().unwrap_or_else(|_| panic!("a number: {word}"));
    match name {
        "repeat" => {
            let (times, text) = argument.split_once(' ').expect("a number and a text");
            text.repeat(times.parse().expect("a number")).into_bytes()
        }
        "number" => identity_number(argument).into_bytes(),
        "hex" => (0..argument.len()).step_by(2).map(|at| u8::from_str_radix(&argument[at..at + 2], 16).expect("hexadecimal")).collect(),
        "utf16" => format!("\u{feff}{argument}").encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "percent" => {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            argument
                .bytes()
                .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
                .collect::<String>()
                .into_bytes()
        }
        "gzip" => packed(argument.as_bytes(), 1),
        "zeros" => packed(&[0; 1024 * 1024], count()),
        "blanks" => packed(&[b'\n'; 1024 * 1024], count()),
        "members" => (0..count()).map(|number| format!("\"{number:x}\":1")).collect::<Vec<_>>().join(",").into_bytes(),
        "ring" => {
            let points = count();
            let mut text = String::new();
            for number in 0..points {
                let angle = number as f64 / points as f64 * std::f64::consts::TAU;
                write!(text, "{:.9} {:.9},", 113.0 + 0.4 * angle.cos(), 23.0 + 0.4 * angle.sin()).expect("a text takes all");
            }
            (text + "113.400000000 23.000000000").into_bytes()
        }
        "lines" => {
            let line = |number: usize| {
                let birth = format!("19{:02}-{:02}-{:02}", 40 + number % 60, number % 12 + 1, number % 28 + 1);
                let (key, phone) = (format!("line {number}"), format!("138{number:08}"));
                json!({ "source": "gongan", "source_key": key, "name": "王建国", "birth_date": birth, "phone": phone }).to_string() + "\n"
            };
            (0..count()).map(line).collect::<String>().into_bytes()
        }
        other => panic!("nothing is called {other}"),
    }
}

/// So many times these bytes in gzip.
fn packed(content: &[u8], times: usize) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    (0..times).for_each(|_| gzip.write_all(content).expect("memory takes all"));
    gzip.finish().expect("memory takes all")
}
