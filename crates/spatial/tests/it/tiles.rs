//! Does a tile hold what lies there, with borders shared?

use std::collections::BTreeMap;

use jiku_spatial::tile::{EXTENT, TileAddress, TileOptions, TileValue, parcel_tile};
use jiku_spatial::{AxisOrder, Crs, GridPoint, ParcelGeometry, RawGeometry, SpatialIndex, distance_m};

use crate::geometries::real_parcels;

/// Fields of a message: number, and a varint or bytes.
enum Field<'a> {
    Varint(u64, u64),
    Bytes(u64, &'a [u8]),
    Double,
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let (byte, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return value;
        }
    }
}

fn fields(mut bytes: &[u8]) -> Vec<Field<'_>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        match key & 7 {
            0 => fields.push(Field::Varint(key >> 3, varint(&mut bytes))),
            2 => {
                let length = usize::try_from(varint(&mut bytes)).unwrap();
                let (content, rest) = bytes.split_at(length);
                fields.push(Field::Bytes(key >> 3, content));
                bytes = rest;
            }
            1 => {
                fields.push(Field::Double);
                bytes = &bytes[8..];
            }
            other => panic!("wire type {other}"),
        }
    }
    fields
}

/// The rings of each feature by its id.
type Decoded = BTreeMap<u64, Vec<Vec<[i64; 2]>>>;

/// The first layer's name and the rings of each feature by its id.
fn decode(tile: &[u8]) -> (String, Decoded) {
    layers(tile).swap_remove(0)
}

/// Every layer.
fn layers(tile: &[u8]) -> Vec<(String, Decoded)> {
    fields(tile).iter().map(|field| if let Field::Bytes(3, layer) = field { decode_layer(layer) } else { panic!("a layer") }).collect()
}

fn decode_layer(layer: &[u8]) -> (String, Decoded) {
    let (mut name, mut features) = (String::new(), BTreeMap::new());
    for field in fields(layer) {
        match field {
            Field::Bytes(1, text) => name = String::from_utf8(text.to_vec()).unwrap(),
            Field::Bytes(2, feature) => {
                let (mut id, mut rings) = (0, Vec::new());
                for field in fields(feature) {
                    match field {
                        Field::Varint(1, value) => id = value,
                        Field::Bytes(4, commands) => rings = decode_rings(commands),
                        _ => {}
                    }
                }
                features.insert(id, rings);
            }
            Field::Varint(5, extent) => assert_eq!(extent, u64::from(EXTENT)),
            Field::Varint(..) | Field::Bytes(..) | Field::Double => {}
        }
    }
    (name, features)
}

fn decode_rings(mut commands: &[u8]) -> Vec<Vec<[i64; 2]>> {
    let (mut rings, mut cursor): (Vec<Vec<[i64; 2]>>, [i64; 2]) = (Vec::new(), [0, 0]);
    while !commands.is_empty() {
        let command = varint(&mut commands);
        match command & 7 {
            7 => continue,
            1 => rings.push(Vec::new()),
            _ => {}
        }
        for _ in 0..command >> 3 {
            for unit in &mut cursor {
                let step = varint(&mut commands).cast_signed();
                *unit += (step >> 1) ^ -(step & 1);
            }
            rings.last_mut().unwrap().push(cursor);
        }
    }
    rings
}

fn index() -> SpatialIndex {
    let parcels = real_parcels();
    let read = |value: &serde_json::Value| {
        ParcelGeometry::try_new(&RawGeometry::from_geojson(&value["geometry"]).unwrap(), Crs::Crs84, AxisOrder::EastFirst)
    };
    SpatialIndex::bulk_load((0..).zip(parcels.iter().map(|value| read(value).unwrap().geometry)))
}

fn tile_at(index: &SpatialIndex, zoom: u8, max_bytes: usize) -> (TileAddress, jiku_spatial::tile::Tile) {
    let snapshot = index.snapshot();
    let middle = snapshot.extent().unwrap().centre();
    let address = TileAddress::touched(&jiku_spatial::BoundingBox { min: middle, max: middle }, zoom).next().unwrap();
    let properties = |slot: u32| vec![("number", TileValue::Unsigned(u64::from(slot))), ("land_use", TileValue::Text("0701".into()))];
    (address, parcel_tile(&snapshot, address, TileOptions { max_bytes, ..TileOptions::default() }, &|_| true, &properties))
}

#[test]
fn a_tile_holds_the_parcels_that_lie_there() {
    let index = index();
    for zoom in [14, 16, 18] {
        let (_, tile) = tile_at(&index, zoom, 500_000);
        let (name, features) = decode(&tile.bytes);
        assert_eq!(name, "parcels");
        assert_eq!(features.len(), tile.features);
        assert!(tile.features > 3, "{zoom}");
        for (id, rings) in &features {
            let area =
                |ring: &[[i64; 2]]| ring.iter().zip(ring.iter().cycle().skip(1)).map(|(a, b)| a[0] * b[1] - a[1] * b[0]).sum::<i64>();
            assert!(area(&rings[0]) > 0, "shells turn clockwise on the screen: {id}");
            assert!(rings.iter().flatten().flatten().all(|unit| (-64..=4096 + 64).contains(unit)), "{id}");
        }
    }
}

#[test]
fn shared_borders_are_shared_in_the_tile() {
    let index = index();
    let snapshot = index.snapshot();
    let (address, tile) = tile_at(&index, 16, 500_000);
    let (_, features) = decode(&tile.bytes);
    let edges = |rings: &Vec<Vec<[i64; 2]>>| -> Vec<([i64; 2], [i64; 2])> {
        rings.iter().flat_map(|ring| ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))).collect()
    };
    // Edges that two parcels have in common, vertex for vertex, longer than a few units of the tile.
    let source = |slot: u32| -> Vec<(GridPoint, GridPoint)> {
        let geometry = snapshot.geometry(slot).unwrap();
        geometry.rings().flat_map(|ring| ring.iter().copied().zip(ring.iter().copied().cycle().skip(1)).collect::<Vec<_>>()).collect()
    };
    let [west, south, east, north] = address.bbox(0).degrees();
    let inside = |point: GridPoint| (west..east).contains(&point.lon_degrees()) && (south..north).contains(&point.lat_degrees());
    let mut shared = 0;
    for (id, rings) in &features {
        let slot = u32::try_from(id - 1).unwrap();
        for neighbour in snapshot.neighbours(slot).unwrap() {
            let Some(others) = features.get(&(u64::from(neighbour.slot) + 1)) else { continue };
            let beside = source(neighbour.slot);
            let common = source(slot)
                .into_iter()
                .filter(|(from, to)| beside.contains(&(*to, *from)) && inside(*from) && inside(*to) && distance_m(*from, *to) > 2.0);
            let theirs = edges(others);
            let drawn = edges(rings).into_iter().filter(|(from, to)| theirs.contains(&(*to, *from))).count();
            assert!(drawn >= common.count(), "{slot} and {}", neighbour.slot);
            shared += drawn;
        }
    }
    assert!(shared > 100, "{shared}");
}

#[test]
fn an_edit_shows_in_the_next_tile_and_names_what_is_stale() {
    let index = index();
    let (address, before) = tile_at(&index, 16, 500_000);
    let slot = u32::try_from(decode(&before.bytes).1.keys().next().unwrap() - 1).unwrap();
    let bbox = index.snapshot().bbox(slot).unwrap();
    assert!(TileAddress::touched(&bbox, 16).any(|touched| touched == address));
    index.remove(slot);
    let after = parcel_tile(&index.snapshot(), address, TileOptions::default(), &|_| true, &|_| Vec::new());
    assert!(!decode(&after.bytes).1.contains_key(&(u64::from(slot) + 1)));
}

#[test]
fn a_tile_keeps_to_its_size_and_an_empty_one_is_empty() {
    let index = index();
    let (_, whole) = tile_at(&index, 14, 500_000);
    let (address, small) = tile_at(&index, 14, 12_000);
    assert!(small.bytes.len() <= 12_000 && small.left_out > whole.left_out, "{}", small.bytes.len());
    // No parcel is in neither layer: what is not drawn is counted in the cell that its middle lies in.
    let layers = layers(&small.bytes);
    let [(drawn, parcels), (counted, cells)] = layers.as_slice() else { panic!("two layers") };
    assert_eq!((drawn.as_str(), counted.as_str()), ("parcels", "parcel-density"));
    let snapshot = index.snapshot();
    let missing: Vec<[i64; 2]> = snapshot
        .in_bbox(&address.bbox(0))
        .into_iter()
        .filter(|slot| !parcels.contains_key(&(u64::from(*slot) + 1)))
        .map(|slot| address.unit(snapshot.bbox(slot).unwrap().centre()))
        .filter(|middle| middle.iter().all(|unit| (0..i64::from(EXTENT)).contains(unit)))
        .collect();
    assert_eq!(missing.len(), small.left_out);
    for middle in missing {
        let around = |rings: &Vec<Vec<[i64; 2]>>| (0..2).all(|axis| (rings[0][0][axis]..rings[0][2][axis]).contains(&middle[axis]));
        assert!(cells.values().any(around), "{middle:?}");
    }
    let nowhere = parcel_tile(&index.snapshot(), TileAddress::new(10, 0, 0).unwrap(), TileOptions::default(), &|_| true, &|_| Vec::new());
    assert!(nowhere.bytes.is_empty());
}

/// A rectangle of so many degrees from its corner in the south-west.
fn square([west, south]: [f64; 2], side: f64) -> ParcelGeometry {
    let ring = [[0.0, 0.0], [side, 0.0], [side, side], [0.0, side], [0.0, 0.0]].map(|[east, north]| [west + east, south + north]);
    let raw = RawGeometry { parts: vec![vec![ring.to_vec()]], ..RawGeometry::default() };
    ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry
}

#[test]
fn a_few_parcels_that_are_too_small_do_not_take_the_others_away() {
    // 9,663 parcels in a tile of zoom 13, 264 of them too small for its grid, all in cells of their own.
    let address = TileAddress::touched(&square([113.3, 23.1], 1e-6).bbox(), 13).next().unwrap();
    let [west, south, east, north] = address.bbox(0).degrees();
    let place = |slot: u32| {
        let (column, row) = (f64::from(slot % 100), f64::from(slot / 100));
        [west + (east - west) * (column + 0.1) / 100.0, south + (north - south) * (row + 0.1) / 100.0]
    };
    let is_small = |slot: u32| slot.is_multiple_of(36) && slot / 36 < 264;
    let side = |slot: u32| if is_small(slot) { 2e-6 } else { (north - south) * 0.008 };
    let index = SpatialIndex::bulk_load((0..9_663).map(|slot| (slot, square(place(slot), side(slot)))));
    let properties = |slot: u32| {
        vec![("parcel_code", TileValue::Text(format!("440106001001GB{slot:05}"))), ("land_use", TileValue::Text("0701".into()))]
    };
    let tile = parcel_tile(&index.snapshot(), address, TileOptions::default(), &|_| true, &properties);
    let layers = layers(&tile.bytes);
    assert_eq!(layers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["parcels", "parcel-density"]);
    assert_eq!(tile.features + tile.left_out, 9_663);
    assert!(tile.features > 9_663 * 3 / 4 && tile.left_out >= 264, "{} and {}", tile.features, tile.left_out);
    assert!(tile.bytes.len() <= 500_000, "{}", tile.bytes.len());
}

#[test]
fn too_many_parcels_become_their_density() {
    let place = |slot: u32| [113.0 + f64::from(slot % 200) * 0.0005, 23.0 + f64::from(slot / 200) * 0.0005];
    let index = SpatialIndex::bulk_load((0..30_000).map(|slot| (slot, square(place(slot), 0.0004))));
    let tile = parcel_tile(&index.snapshot(), TileAddress::new(4, 13, 6).unwrap(), TileOptions::default(), &|_| true, &|_| Vec::new());
    let (name, features) = decode(&tile.bytes);
    assert_eq!((name.as_str(), features.len()), ("parcel-density", tile.features));
    assert!(tile.features > 0 && tile.bytes.len() < 500_000);
}
