//! How do arrays of numbers become bytes, and bytes arrays again?
//!
//! For what is derived and large, so that it can be laid aside and taken up again without being derived: little-endian, each
//! array behind its length. Bytes are trusted to be those that were written; who keeps them sees to that.

use std::io::{self, Read, Write};

/// Numbers turned into bytes at a time.
const STEP: usize = 4_096;

/// Writes arrays one after the other.
pub struct ImageWriter<'a> {
    to: &'a mut dyn Write,
}

/// Reads arrays in the order in which they were written.
///
/// ```
/// use jiku_model::{ImageReader, ImageWriter};
/// let mut bytes = Vec::new();
/// let mut writer = ImageWriter::new(&mut bytes);
/// writer.u32s([7, 8])?;
/// writer.bytes("基库".as_bytes())?;
/// let mut rest = bytes.as_slice();
/// let mut reader = ImageReader::new(&mut rest);
/// assert_eq!(reader.u32s()?, [7, 8]);
/// assert_eq!(reader.text()?, "基库");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct ImageReader<'a> {
    from: &'a mut dyn Read,
}

macro_rules! arrays {
    ($($number:ty, $name:ident);* $(;)?) => {
        impl ImageWriter<'_> {
            $(
                /// Writes an array.
                ///
                /// # Errors
                /// When the bytes cannot be written.
                pub fn $name<I: IntoIterator<Item = $number>>(&mut self, values: I) -> io::Result<()>
                where
                    I::IntoIter: ExactSizeIterator,
                {
                    const SIZE: usize = size_of::<$number>();
                    let mut values = values.into_iter();
                    self.number(values.len() as u64)?;
                    let mut bytes = [0_u8; STEP * SIZE];
                    while values.len() > 0 {
                        let count = values.len().min(STEP);
                        for (place, value) in bytes.chunks_exact_mut(SIZE).zip(values.by_ref().take(count)) {
                            place.copy_from_slice(&value.to_le_bytes());
                        }
                        self.to.write_all(&bytes[..count * SIZE])?;
                    }
                    Ok(())
                }
            )*
        }

        impl ImageReader<'_> {
            $(
                /// The next array.
                ///
                /// # Errors
                /// When the bytes end, cannot be read, or tell a length that memory has no room for.
                pub fn $name(&mut self) -> io::Result<Vec<$number>> {
                    const SIZE: usize = size_of::<$number>();
                    let len = self.len()?;
                    let mut values: Vec<$number> = Vec::new();
                    values.try_reserve_exact(len).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
                    let mut bytes = [0_u8; STEP * SIZE];
                    while values.len() < len {
                        let part = &mut bytes[..(len - values.len()).min(STEP) * SIZE];
                        self.from.read_exact(part)?;
                        let (numbers, _) = part.as_chunks::<SIZE>();
                        values.extend(numbers.iter().map(|number| <$number>::from_le_bytes(*number)));
                    }
                    Ok(values)
                }
            )*
        }
    };
}

arrays! {
    u16, u16s;
    i16, i16s;
    u32, u32s;
    i32, i32s;
    u64, u64s;
    i64, i64s;
    u128, u128s;
    f32, f32s;
}

impl<'a> ImageWriter<'a> {
    /// A writer to there.
    pub fn new(to: &'a mut dyn Write) -> Self {
        Self { to }
    }

    /// Writes one number.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn number(&mut self, value: u64) -> io::Result<()> {
        self.to.write_all(&value.to_le_bytes())
    }

    /// Writes bytes.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.number(bytes.len() as u64)?;
        self.to.write_all(bytes)
    }
}

impl<'a> ImageReader<'a> {
    /// A reader from there.
    pub fn new(from: &'a mut dyn Read) -> Self {
        Self { from }
    }

    /// The next number.
    ///
    /// # Errors
    /// When the bytes end, or cannot be read.
    pub fn number(&mut self) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.from.read_exact(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn len(&mut self) -> io::Result<usize> {
        usize::try_from(self.number()?).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))
    }

    /// The next bytes.
    ///
    /// # Errors
    /// As of an array.
    pub fn bytes(&mut self) -> io::Result<Vec<u8>> {
        let len = self.len()?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(len).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        bytes.resize(len, 0);
        self.from.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// The next bytes, which are a text.
    ///
    /// # Errors
    /// As of an array, and when they are none.
    pub fn text(&mut self) -> io::Result<String> {
        String::from_utf8(self.bytes()?).map_err(|_| unfit("a text is not UTF-8"))
    }
}

/// Why an image does not describe what it should.
#[must_use]
pub fn unfit(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_come_back_and_an_early_end_is_told() {
        let mut bytes = Vec::new();
        let mut writer = ImageWriter::new(&mut bytes);
        let long: Vec<u64> = (0..10_000).map(|number| number * 77).collect();
        writer.u64s(long.iter().copied()).expect("memory takes it");
        writer.i16s([-3, 4]).expect("memory takes it");
        writer.f32s([]).expect("memory takes it");
        let mut from = bytes.as_slice();
        let mut reader = ImageReader::new(&mut from);
        assert_eq!((reader.u64s().unwrap(), reader.i16s().unwrap(), reader.f32s().unwrap()), (long, vec![-3, 4], vec![]));
        assert!(reader.number().is_err());
        let mut short = &bytes[..5_000];
        assert_eq!(ImageReader::new(&mut short).u64s().unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let mut absurd = [0xff_u8; 8].as_slice();
        assert_eq!(ImageReader::new(&mut absurd).bytes().unwrap_err().kind(), io::ErrorKind::OutOfMemory);
    }
}
