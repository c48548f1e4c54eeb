//! How is the land of the province divided?
//!
//! Each division has a grid of blocks: two rows of six lots, a street above and a street to the right. All corners sit
//! on one grid, moved a little by a number that depends on the corner alone, and every parcel takes all grid points on
//! its boundary: neighbours share their vertices exactly, nothing overlaps and no gap is left.

use std::collections::{HashMap, VecDeque};

use chrono::{Days, NaiveDate};

use crate::company::Company;
use crate::people::Person;
use crate::place::{Map, centre};
use crate::random::{Random, scatter};
use crate::reference::Division;

const LOTS: i64 = 6;
const COLUMNS: i64 = LOTS + 1;
const ROWS: i64 = 3;
/// Metres of a lot's front, of its depth and of a street's width.
const FRONT: f64 = 30.0;
const DEPTH: f64 = 46.0;
const STREET: f64 = 15.0;
const BLOCKS_PER_SUBDISTRICT: (i64, i64) = (4, 6);

/// A parcel (宗地) with what is true of it.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    pub(crate) truth: u64,
    pub(crate) code: String,
    pub(crate) unit_code: String,
    pub(crate) land_use: &'static str,
    pub(crate) area_m2: f64,
    pub(crate) location: String,
    /// Those who hold it, with their numbers: one, or husband and wife.
    pub(crate) holders: Vec<(String, Option<String>)>,
    pub(crate) right_type: &'static str,
    pub(crate) since: NaiveDate,
    /// Longitude and latitude, degrees, counter-clockwise, closed.
    pub(crate) ring: Vec<(f64, f64)>,
}

/// A rectangle of grid cells that becomes one parcel.
#[derive(Clone, Copy, Debug)]
struct Cells {
    left: i64,
    bottom: i64,
    right: i64,
    top: i64,
    street: bool,
    block: (i64, i64),
}

/// The grid of one division.
#[derive(Debug)]
struct Grid {
    division: &'static Division,
    seed: u64,
    lon: f64,
    lat: f64,
    metres_per_degree: (f64, f64),
    blocks_wide: i64,
}

/// Metres of a degree of longitude and of latitude at this latitude, on the ellipsoid of CGCS2000.
fn metres_per_degree(lat: f64) -> (f64, f64) {
    const A: f64 = 6_378_137.0;
    const E2: f64 = 0.006_694_380_022_90;
    let (sin, cos) = lat.to_radians().sin_cos();
    let w2 = 1.0 - E2 * sin * sin;
    let degree = std::f64::consts::PI / 180.0;
    (degree * A * cos / w2.sqrt(), degree * A * (1.0 - E2) / (w2 * w2.sqrt()))
}

/// To a hundred-millionth of a degree, about a millimetre: the digits that files carry.
fn rounded(degrees: f64) -> f64 {
    (degrees * 1e8).round() / 1e8
}

impl Grid {
    fn new(division: &'static Division, seed: u64, parcels: u64) -> Self {
        let (lon, lat) = centre(division);
        let metres_per_degree = metres_per_degree(lat);
        let blocks = parcels as f64 / 12.0 + 1.0;
        let (width, height) = (6.0 * FRONT + STREET, 2.0 * DEPTH + STREET);
        let blocks_wide = ((blocks * height / width).sqrt().ceil() as i64).max(1);
        Self { division, seed: scatter(seed ^ division.code.parse::<u64>().unwrap_or(0)), lon, lat, metres_per_degree, blocks_wide }
    }

    /// A number from -1 to 1 that belongs to this point of the grid.
    fn shake(&self, x: i64, y: i64, what: u64) -> f64 {
        let hash = scatter(scatter(x.unsigned_abs() << 32 ^ y.unsigned_abs()) ^ self.seed.wrapping_add(what));
        let unit = (hash >> 44) as f64 / f64::from(1_u32 << 20);
        unit * 2.0 - 1.0
    }

    /// The corner in metres east and north of the division's origin.
    fn corner(&self, x: i64, y: i64) -> (f64, f64) {
        let (block_x, column) = (x.div_euclid(COLUMNS), x.rem_euclid(COLUMNS));
        let (block_y, row) = (y.div_euclid(ROWS), y.rem_euclid(ROWS));
        let east = block_x as f64 * (LOTS as f64 * FRONT + STREET) + column as f64 * FRONT;
        let north = block_y as f64 * (2.0 * DEPTH + STREET) + row as f64 * DEPTH;
        (east + 4.0 * self.shake(x, y, 1), north + 4.0 * self.shake(x, y, 2))
    }

    /// A bend in the edge between two neighbouring corners, for some edges.
    fn bend(&self, (x, y): (i64, i64), horizontal: bool) -> Option<(f64, f64)> {
        let what = if horizontal { 3 } else { 4 };
        if self.shake(x, y, what) < 0.3 {
            return None;
        }
        let ((ax, ay), (bx, by)) = (self.corner(x, y), if horizontal { self.corner(x + 1, y) } else { self.corner(x, y + 1) });
        let off = 1.8 * self.shake(x, y, what + 2);
        let (middle_x, middle_y) = ((ax + bx) / 2.0, (ay + by) / 2.0);
        Some(if horizontal { (middle_x, middle_y + off) } else { (middle_x + off, middle_y) })
    }

    /// The boundary of these cells in metres, counter-clockwise, not closed.
    fn boundary(&self, cells: Cells) -> Vec<(f64, f64)> {
        let mut ring = Vec::new();
        for x in cells.left..cells.right {
            ring.push(self.corner(x, cells.bottom));
            ring.extend(self.bend((x, cells.bottom), true));
        }
        for y in cells.bottom..cells.top {
            ring.push(self.corner(cells.right, y));
            ring.extend(self.bend((cells.right, y), false));
        }
        for x in (cells.left..cells.right).rev() {
            ring.push(self.corner(x + 1, cells.top));
            ring.extend(self.bend((x, cells.top), true));
        }
        for y in (cells.bottom..cells.top).rev() {
            ring.push(self.corner(cells.left, y + 1));
            ring.extend(self.bend((cells.left, y), false));
        }
        ring
    }

    fn degrees(&self, (east, north): (f64, f64)) -> (f64, f64) {
        (rounded(self.lon + east / self.metres_per_degree.0), rounded(self.lat + north / self.metres_per_degree.1))
    }

    /// The parcels of one block: lots, some of them two or three fronts wide, and two streets.
    fn block(&self, index: i64) -> Vec<Cells> {
        let (block_x, block_y) = (index % self.blocks_wide, index / self.blocks_wide);
        let (left, bottom, block) = (block_x * COLUMNS, block_y * ROWS, (block_x, block_y));
        let mut cells = Vec::new();
        for row in 0..2 {
            let mut lot = 0;
            while lot < LOTS {
                let shake = self.shake(left + lot, bottom + row, 9);
                let fronts = if shake > 0.8 { 3 } else { i64::from(shake > 0.45) + 1 }.min(LOTS - lot);
                let (left, bottom) = (left + lot, bottom + row);
                cells.push(Cells { left, bottom, right: left + fronts, top: bottom + 1, street: false, block });
                lot += fronts;
            }
        }
        cells.push(Cells { left: left + LOTS, bottom, right: left + COLUMNS, top: bottom + 2, street: true, block });
        cells.push(Cells { left, bottom: bottom + 2, right: left + COLUMNS, top: bottom + ROWS, street: true, block });
        cells
    }
}

/// Whose the land of an office, a school or a hospital is.
fn public_body(random: &mut Random, division: &Division, land_use: &str) -> String {
    let place = format!("{}{}", division.city, division.county);
    let count = ["第一", "第二", "第三"][random.index(3)];
    match land_use {
        "0801" => format!("{place}{}", ["税务局", "司法局", "民政局", "教育局", "自然资源局"][random.index(5)]),
        "0803" => format!("{place}{count}{}", ["中学", "小学", "幼儿园"][random.index(3)]),
        _ => format!("{place}{}", ["人民医院", "中医院", "妇幼保健院"][random.index(3)]),
    }
}

fn area_m2(ring: &[(f64, f64)]) -> f64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum::<f64>() / 2.0
}

/// The divisions in an order in which the first few lie all over the map. The first is where the map of the demonstration opens: Tianhe, Guangzhou, when
/// that is part of the map.
fn spread(divisions: &[&'static Division]) -> VecDeque<&'static Division> {
    let count = divisions.len();
    let first = divisions.iter().position(|division| division.code == "440106").unwrap_or(0);
    let shares_no_divisor = |step: &usize| (2..=*step).all(|divisor| !step.is_multiple_of(divisor) || !count.is_multiple_of(divisor));
    let step = (count * 2 / 5..=count).find(shares_no_divisor).unwrap_or(1);
    (0..count).map(|at| divisions[(first + at * step) % count]).collect()
}

/// Makes parcels, block by block and division by division.
#[derive(Debug)]
pub(crate) struct Land {
    seed: u64,
    today: NaiveDate,
    per_division: u64,
    divisions: VecDeque<&'static Division>,
    grid: Option<Grid>,
    next_block: i64,
    made_here: u64,
    waiting: VecDeque<Cells>,
    serials: HashMap<(i64, i64, &'static str), u32>,
    made: u64,
}

impl Land {
    pub(crate) fn new(seed: u64, today: NaiveDate, parcels: u64, map: &Map) -> Self {
        let divisions = spread(&map.divisions);
        // Four blocks of neighbours at least.
        let per_division = parcels.div_ceil(divisions.len().max(1) as u64).max(48).min(parcels.max(1));
        Self {
            seed,
            today,
            per_division,
            divisions,
            grid: None,
            next_block: 0,
            made_here: 0,
            waiting: VecDeque::new(),
            serials: HashMap::new(),
            made: 0,
        }
    }

    fn next_cells(&mut self) -> Cells {
        loop {
            if self.made_here >= self.per_division || self.grid.is_none() {
                let division = self.divisions.front().copied();
                self.divisions.rotate_left(1);
                self.grid = division.map(|division| Grid::new(division, self.seed, self.per_division));
                (self.next_block, self.made_here) = (0, 0);
                self.waiting.clear();
                self.serials.clear();
            }
            if let Some(cells) = self.waiting.pop_front() {
                self.made_here += 1;
                return cells;
            }
            if let Some(grid) = &self.grid {
                self.waiting.extend(grid.block(self.next_block));
                self.next_block += 1;
            }
        }
    }

    /// The next parcel; a person or a company of the household at hand may hold it.
    pub(crate) fn next(&mut self, random: &mut Random, person: &Person, company: Option<&Company>) -> Option<Parcel> {
        let cells = self.next_cells();
        let grid = self.grid.as_ref()?;
        let boundary = grid.boundary(cells);
        let wide = cells.right - cells.left > 1;
        let company = company.filter(|_| random.chance(if wide { 0.5 } else { 0.15 }));
        let collective = !cells.street && company.is_none() && random.chance(0.12);
        let (land_use, feature, right_type) = match (cells.street, company, collective) {
            (true, ..) => ("1004", "GB", "国有建设用地使用权"),
            (_, Some(_), _) => (["0501", "0505", "0601", "0604", "0507", "0504"][random.index(6)], "GB", "国有建设用地使用权"),
            (_, None, true) => ("0702", "JC", "宅基地使用权"),
            // Fields and orchards that the village contracted out to the household.
            (_, None, false) if wide && random.chance(0.3) => (["0101", "0103", "0201"][random.index(3)], "JD", "土地承包经营权"),
            (_, None, false) if wide => (["0701", "0801", "0803", "0805", "0810", "1201"][random.index(6)], "GB", "国有建设用地使用权"),
            (_, None, false) => ("0701", "GB", "国有建设用地使用权"),
        };
        let government = || (format!("{}{}人民政府", grid.division.city, grid.division.county), None);
        // What is bought in marriage belongs to both; half of the certificates name both. A homestead is the household's, whose head is named.
        let spouse = person.spouse.as_ref().filter(|_| land_use == "0701" && scatter(self.made).is_multiple_of(2));
        let holders = match (company, land_use) {
            (_, "1004" | "0810" | "1201") => vec![government()],
            (_, "0801" | "0803" | "0805") => vec![(public_body(random, grid.division, land_use), None)],
            (Some(company), _) => vec![(company.name.clone(), Some(company.uscc.clone()))],
            (None, _) => std::iter::once((person.name.clone(), Some(person.document.number.clone())))
                .chain(spouse.map(|(name, number)| (name.clone(), Some(number.clone()))))
                .collect(),
        };
        // One street a block: its lots are numbered along it.
        let street =
            Map::home(&mut Random::new(grid.seed, cells.block.1.unsigned_abs() << 32 | cells.block.0.unsigned_abs()), grid.division);
        let lot = u32::try_from((cells.bottom % ROWS) * LOTS + cells.left % COLUMNS).unwrap_or(0) * 2 + 1;
        let location = street.site((!cells.street).then_some(lot));
        let subdistrict = (cells.block.0 / BLOCKS_PER_SUBDISTRICT.0, cells.block.1 / BLOCKS_PER_SUBDISTRICT.1);
        let serial = self.serials.entry((subdistrict.0, subdistrict.1, feature)).or_insert(0);
        *serial += 1;
        let subdistrict_number = subdistrict.1 * (grid.blocks_wide / BLOCKS_PER_SUBDISTRICT.0 + 1) + subdistrict.0;
        let (district, sub) = (1 + subdistrict_number / 99, 1 + subdistrict_number % 99);
        let code = format!("{}{district:03}{sub:03}{feature}{serial:05}", grid.division.code);
        let built = !cells.street && feature != "JD" && land_use != "1201" && random.chance(0.85);
        let area_m2 = (area_m2(&boundary) * 100.0).round() / 100.0;
        let mut ring: Vec<_> = boundary.into_iter().map(|corner| grid.degrees(corner)).collect();
        ring.extend(ring.first().copied());
        self.made += 1;
        Some(Parcel {
            truth: self.made,
            unit_code: format!("{code}{}", if built { "F00010001" } else { "W00000000" }),
            code,
            land_use,
            area_m2,
            location,
            holders,
            right_type,
            since: self.today - Days::new(100 + random.below(8000)),
            ring,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Reference;

    #[test]
    fn a_few_parcels_lie_in_many_divisions() {
        let map = Map::new(&[]);
        let first: Vec<&str> = spread(&map.divisions).iter().map(|division| division.code).collect();
        let different = |codes: &mut Vec<&str>| {
            codes.sort_unstable();
            codes.dedup();
            codes.len()
        };
        assert_eq!((first[0], different(&mut first.clone())), ("440106", map.divisions.len()));
        let mut cities: Vec<&str> = first.iter().take(11).map(|code| &code[..4]).collect();
        assert!(different(&mut cities) >= 8, "{first:?}");
    }

    #[test]
    fn every_inner_edge_belongs_to_exactly_two_parcels() {
        let grid = Grid::new(&Reference::get().guangdong[3], 5, 400);
        let mut edges: HashMap<[u64; 4], i32> = HashMap::new();
        let (mut covered, mut blocks) = (0.0, 0.0);
        for index in 0..grid.blocks_wide * 3 {
            blocks += 1.0;
            for cells in grid.block(index) {
                let ring = grid.boundary(cells);
                covered += area_m2(&ring);
                let ring: Vec<_> = ring.into_iter().map(|corner| grid.degrees(corner)).collect();
                for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
                    let key = |a: &(f64, f64), b: &(f64, f64)| [a.0.to_bits(), a.1.to_bits(), b.0.to_bits(), b.1.to_bits()];
                    assert!(edges.insert(key(a, b), 1).is_none(), "two parcels on one side of an edge");
                }
            }
        }
        let lonely = edges.keys().filter(|[ax, ay, bx, by]| !edges.contains_key(&[*bx, *by, *ax, *ay])).count();
        assert!(lonely < edges.len() / 5, "only the outer boundary may be lonely: {lonely} of {}", edges.len());
        let expected = blocks * (6.0 * FRONT + STREET) * (2.0 * DEPTH + STREET);
        assert!((covered / expected - 1.0).abs() < 0.05, "{covered} of {expected}");
    }
}
