//! Which bytes make a layer (Mapbox Vector Tile 2.1, section 4)?

use std::collections::HashMap;

use super::EXTENT;

/// Polygons of a feature in units of the tile: rings without the closing point, shells first.
pub(super) type Polygons = Vec<Vec<Vec<[i64; 2]>>>;

/// A property's value.
#[derive(Clone, Debug, PartialEq)]
pub enum TileValue {
    /// A text.
    Text(String),
    /// A number with a fraction.
    Number(f64),
    /// A whole number.
    Unsigned(u64),
    /// True or false.
    Boolean(bool),
}

/// A layer that is being written.
pub(super) struct Layer {
    bytes: Vec<u8>,
    keys: Vec<&'static str>,
    values: HashMap<Vec<u8>, u64>,
    ordered: Vec<Vec<u8>>,
}

/// About how many bytes a feature takes without its properties.
pub(super) fn estimate(polygons: &[Vec<Vec<[i64; 2]>>]) -> usize {
    10 + polygons.iter().flatten().map(|ring| 6 + 4 * ring.len()).sum::<usize>()
}

impl Layer {
    pub(super) fn new(name: &str) -> Self {
        let mut bytes = Vec::new();
        field_varint(&mut bytes, 15, 2);
        field_bytes(&mut bytes, 1, name.as_bytes());
        Self { bytes, keys: Vec::new(), values: HashMap::new(), ordered: Vec::new() }
    }

    pub(super) fn add(&mut self, id: u64, polygons: &[Vec<Vec<[i64; 2]>>], properties: &[(&'static str, TileValue)]) {
        let mut tags = Vec::new();
        for (key, value) in properties {
            let key_number = self.keys.iter().position(|own| own == key).unwrap_or_else(|| {
                self.keys.push(key);
                self.keys.len() - 1
            });
            varint(&mut tags, key_number as u64);
            let encoded = value_bytes(value);
            let next = self.ordered.len() as u64;
            let number = *self.values.entry(encoded.clone()).or_insert_with(|| {
                self.ordered.push(encoded);
                next
            });
            varint(&mut tags, number);
        }
        let mut feature = Vec::new();
        field_varint(&mut feature, 1, id);
        field_bytes(&mut feature, 2, &tags);
        field_varint(&mut feature, 3, 3);
        field_bytes(&mut feature, 4, &commands(polygons));
        field_bytes(&mut self.bytes, 2, &feature);
    }

    /// The tile of this one layer.
    pub(super) fn finish(mut self) -> Vec<u8> {
        for key in &self.keys {
            field_bytes(&mut self.bytes, 3, key.as_bytes());
        }
        for value in &self.ordered {
            field_bytes(&mut self.bytes, 4, value);
        }
        field_varint(&mut self.bytes, 5, u64::from(EXTENT));
        let mut tile = Vec::with_capacity(self.bytes.len() + 8);
        field_bytes(&mut tile, 3, &self.bytes);
        tile
    }
}

/// MoveTo, LineTo and ClosePath of every ring, relative to the point before.
fn commands(polygons: &[Vec<Vec<[i64; 2]>>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut cursor = [0_i64; 2];
    let mut go = |bytes: &mut Vec<u8>, point: &[i64; 2]| {
        for axis in 0..2 {
            let step = point[axis] - cursor[axis];
            #[expect(clippy::cast_sign_loss, reason = "zigzag")]
            varint(bytes, ((step << 1) ^ (step >> 63)) as u64);
            cursor[axis] = point[axis];
        }
    };
    for ring in polygons.iter().flatten() {
        let Some((first, rest)) = ring.split_first() else { continue };
        varint(&mut bytes, 1 | 1 << 3);
        go(&mut bytes, first);
        varint(&mut bytes, 2 | (rest.len() as u64) << 3);
        rest.iter().for_each(|point| go(&mut bytes, point));
        varint(&mut bytes, 7 | 1 << 3);
    }
    bytes
}

fn value_bytes(value: &TileValue) -> Vec<u8> {
    let mut bytes = Vec::new();
    match value {
        TileValue::Text(text) => field_bytes(&mut bytes, 1, text.as_bytes()),
        TileValue::Number(number) => {
            varint(&mut bytes, 3 << 3 | 1);
            bytes.extend(number.to_le_bytes());
        }
        TileValue::Unsigned(number) => field_varint(&mut bytes, 5, *number),
        TileValue::Boolean(value) => field_varint(&mut bytes, 7, u64::from(*value)),
    }
    bytes
}

fn varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    #[expect(clippy::cast_possible_truncation, reason = "seven bits are left")]
    bytes.push(value as u8);
}

fn field_varint(bytes: &mut Vec<u8>, field: u64, value: u64) {
    varint(bytes, field << 3);
    varint(bytes, value);
}

fn field_bytes(bytes: &mut Vec<u8>, field: u64, content: &[u8]) {
    varint(bytes, field << 3 | 2);
    varint(bytes, content.len() as u64);
    bytes.extend_from_slice(content);
}
