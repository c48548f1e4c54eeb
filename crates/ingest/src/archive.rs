//! Is this archive safe to unpack?
//!
//! An XLSX file is a zip archive, a shapefile travels in one, and archives can lie. Its central directory (APPNOTE 6.3.10, 4.3.12 and 4.3.16) is
//! looked through before anything is unpacked.

use std::io::{self, Read, Seek, SeekFrom};

use crate::fault::FileFault;

const END_OF_DIRECTORY: &[u8; 4] = b"PK\x05\x06";
const ENTRY: &[u8; 4] = b"PK\x01\x02";
const LOCAL: u64 = 30;

/// The most entries, the most bytes unpacked, and how far an entry may grow.
const ENTRIES: usize = 10_000;
const UNPACKED: u64 = 2 * 1024 * 1024 * 1024;
const GROWTH: u64 = 200;
const SMALL: u64 = 16 * 1024 * 1024;

fn rejected(why: &str) -> FileFault {
    FileFault::new("archive-rejected", format!("send an ordinary archive: {why}"))
}

fn number(bytes: &[u8], at: usize, length: usize) -> u64 {
    bytes.get(at..at + length).map_or(0, |bytes| bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}

/// Looks the archive through.
pub(crate) fn check(file: &mut (impl Read + Seek)) -> Result<(), FileFault> {
    let unreadable = |error: io::Error| FileFault::unreadable(&error);
    let length = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
    let tail_at = length.saturating_sub(66_000);
    file.seek(SeekFrom::Start(tail_at)).map_err(unreadable)?;
    let mut tail = Vec::new();
    file.take(66_000).read_to_end(&mut tail).map_err(unreadable)?;
    let end = memchr::memmem::rfind(&tail, END_OF_DIRECTORY).ok_or_else(|| rejected("its directory is missing"))?;
    let (size, start) = (number(&tail, end + 12, 4), number(&tail, end + 16, 4));
    // A workbook of 4 GiB or of 65,535 entries (the marks of ZIP64) is none that a clerk sends.
    if size > 16 * 1024 * 1024 || start + size > tail_at + end as u64 || number(&tail, end + 10, 2) as usize > ENTRIES {
        return Err(rejected("its directory is too large"));
    }
    file.seek(SeekFrom::Start(start)).map_err(unreadable)?;
    let mut directory = Vec::new();
    file.take(size).read_to_end(&mut directory).map_err(unreadable)?;
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    check_directory(&directory, start)
}

fn check_directory(directory: &[u8], data_end: u64) -> Result<(), FileFault> {
    let (mut at, mut total, mut spans) = (0, 0_u64, Vec::new());
    while directory.get(at..at + 4) == Some(ENTRY) {
        let (packed, unpacked) = (number(directory, at + 20, 4), number(directory, at + 24, 4));
        let name_length = number(directory, at + 28, 2) as usize;
        let name = directory.get(at + 46..at + 46 + name_length).ok_or_else(|| rejected("its directory is cut off"))?;
        if number(directory, at + 8, 2) & 1 == 1 {
            return Err(rejected("it is encrypted"));
        }
        let attributes = number(directory, at + 38, 4) >> 16;
        if attributes & 0o170_000 == 0o120_000 {
            return Err(rejected("it holds a link"));
        }
        if name.starts_with(b"/") || name.contains(&b'\\') || name.split(|&byte| byte == b'/').any(|part| part == b"..") {
            return Err(rejected("an entry leads outside"));
        }
        if [&b".zip"[..], b".xlsx", b".gz", b".7z"].iter().any(|suffix| name.ends_with(suffix)) && unpacked > SMALL {
            return Err(rejected("it holds another archive"));
        }
        total += unpacked;
        if total > UNPACKED || unpacked > SMALL && unpacked / packed.max(1) > GROWTH {
            return Err(rejected("it would grow too large"));
        }
        let from = number(directory, at + 42, 4);
        spans.push((from, from + LOCAL + name_length as u64 + packed));
        if spans.len() > ENTRIES {
            return Err(rejected("it has too many entries"));
        }
        at += 46 + name_length + number(directory, at + 30, 2) as usize + number(directory, at + 32, 2) as usize;
    }
    spans.sort_unstable();
    let overlap = spans.windows(2).any(|pair| pair[0].1 > pair[1].0) || spans.last().is_some_and(|last| last.1 > data_end);
    if overlap { Err(rejected("its entries overlap")) } else { Ok(()) }
}
