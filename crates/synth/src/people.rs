//! Who lives in a household of the province?

use std::collections::VecDeque;

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::history::code_at_birth;
use crate::name;
use crate::number::{IssuingOffice, mobile, with_citizen_check};
use crate::place::{Address, Map};
use crate::random::{Random, scatter};
use crate::reference::{Division, Reference};

/// A natural person with what is true of them.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) truth: u64,
    pub(crate) name: String,
    pub(crate) former_name: Option<String>,
    pub(crate) male: bool,
    pub(crate) birth: NaiveDate,
    pub(crate) document: Document,
    pub(crate) phone: Option<String>,
    pub(crate) former_phone: Option<String>,
    pub(crate) ethnic_group: &'static str,
    pub(crate) nationality: &'static str,
    pub(crate) death: Option<NaiveDate>,
    pub(crate) registered_at: Address,
    pub(crate) home: Address,
    pub(crate) former_home: Option<Address>,
    /// Where the household register was before the person moved: that police station still has a record.
    pub(crate) moved_from: Option<Address>,
    /// Who the person is married to.
    pub(crate) spouse: Option<Party>,
    /// Who answers for the person, a minor.
    pub(crate) guardian: Option<Party>,
    /// GB/T 2261.2: 未婚, 已婚, 丧偶 or 离婚.
    pub(crate) marital_status: &'static str,
}

/// Somebody as another record names them: name and number.
pub(crate) type Party = (String, String);

/// The document a person shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Document {
    /// By the code list of public security: 111 resident identity card, 414 passport, 516 permit of Hong Kong or Macao,
    /// 551 and 552 residence permits of Hong Kong, Macao and Taiwan residents, 553 permanent residence of a foreigner.
    pub(crate) kind: &'static str,
    pub(crate) number: String,
}

/// The marital status of somebody whose husband or wife does not live in the household, by age and a lot of 0 to 99. With the couples there are as
/// many divorced, widowed, married and single people as the census of 2020 counted.
fn marital_status(age: i64, lot: u64) -> &'static str {
    let [divorced, widowed, married] = match age {
        ..=21 => [0, 0, 0],
        22..=29 => [2, 2, 20],
        30..=45 => [16, 19, 60],
        46..=64 => [16, 40, 92],
        _ => [4, 70, 98],
    };
    match lot {
        lot if lot < divorced => "离婚",
        lot if lot < widowed => "丧偶",
        lot if lot < married => "已婚",
        _ => "未婚",
    }
}

impl Person {
    /// Age in years on a day.
    pub(crate) fn age(&self, day: NaiveDate) -> i32 {
        day.year() - self.birth.year() - i32::from((day.month(), day.day()) < (self.birth.month(), self.birth.day()))
    }

    /// The person as another record names them.
    pub(crate) fn party(&self) -> Party {
        (self.name.clone(), self.document.number.clone())
    }

    /// Whether the person is grown up and alive.
    pub(crate) fn can_act(&self, day: NaiveDate) -> bool {
        self.death.is_none() && self.age(day) >= 20 && self.age(day) < 75
    }
}

/// What is the same for all members of a household.
struct Flat {
    home: Address,
    former_home: Option<Address>,
    phone: Option<String>,
}

/// Makes households, one after the other.
#[derive(Debug)]
pub(crate) struct Households {
    map: Map,
    today: NaiveDate,
    /// Scales how often an office errs.
    mistakes: f64,
    office: IssuingOffice,
    /// Numbers given out lately, with birth date and sex: now and then an office gave one to two people.
    lately: VecDeque<(String, NaiveDate, bool)>,
    made: u64,
}

impl Households {
    pub(crate) fn new(map: Map, today: NaiveDate, mistakes: f64) -> Self {
        Self { map, today, mistakes, office: IssuingOffice::default(), lately: VecDeque::new(), made: 0 }
    }

    pub(crate) const fn map(&self) -> &Map {
        &self.map
    }

    /// The next household: single people, couples, parents with children, three generations in one flat.
    pub(crate) fn next(&mut self, random: &mut Random) -> Vec<Person> {
        let mut household = self.members(random);
        let today = self.today;
        let couple = household.len() > 1 && household[0].male && !household[1].male && household[1].age(today) >= 20;
        if couple {
            for (one, other) in [(0, 1), (1, 0)] {
                let (widowed, party) = (household[other].death.is_some(), household[other].party());
                household[one].spouse = (!widowed).then_some(party);
                household[one].marital_status = if widowed { "丧偶" } else { "已婚" };
            }
        }
        settle_register(&mut household, couple, today);
        let guardian = household[0].party();
        for minor in household.iter_mut().skip(1).filter(|person| person.age(today) < 18) {
            minor.guardian = Some(guardian.clone());
        }
        household
    }

    fn members(&mut self, random: &mut Random) -> Vec<Person> {
        let division = self.map.division(random);
        let home = Map::home(random, division);
        let former_home = random.chance(0.12).then(|| {
            let before = if random.chance(0.6) { division } else { self.map.division(random) };
            Map::home(random, before)
        });
        let flat = Flat { home, former_home, phone: random.chance(0.05).then(|| mobile(random)) };
        match random.below(100) {
            0..=1 => vec![self.stranger(random, &flat)],
            2..=23 => {
                let (male, age) = (random.chance(0.5), random.between(20, 88));
                vec![self.person(random, &flat, None, male, age)]
            }
            24..=43 => self.couple(random, &flat, (26, 84)),
            44..=76 => self.family(random, &flat),
            77..=90 => self.three_generations(random, &flat),
            _ => {
                let (male, age) = (random.chance(0.2), random.between(25, 55));
                let parent = self.person(random, &flat, None, male, age);
                let surname = if male { surname_of(&parent) } else { name::surname(random).to_owned() };
                let mut household = vec![parent];
                self.children(random, &flat, &mut household, &surname, age);
                household
            }
        }
    }

    fn couple(&mut self, random: &mut Random, flat: &Flat, (low, high): (i64, i64)) -> Vec<Person> {
        let age = random.between(low, high);
        let husband = self.person(random, flat, None, true, age);
        let wife_age = (age - random.between(-2, 6)).max(20);
        vec![husband, self.person(random, flat, None, false, wife_age)]
    }

    fn family(&mut self, random: &mut Random, flat: &Flat) -> Vec<Person> {
        let mut household = self.couple(random, flat, (25, 58));
        let surname = surname_of(&household[usize::from(random.chance(0.04))]);
        let age = i64::from(household[1].age(self.today));
        self.children(random, flat, &mut household, &surname, age);
        household
    }

    fn three_generations(&mut self, random: &mut Random, flat: &Flat) -> Vec<Person> {
        let mut household = self.family(random, flat);
        let (surname, age) = (surname_of(&household[0]), i64::from(household[0].age(self.today)));
        let older = age + random.between(21, 33);
        let grandfather = random.chance(0.7).then(|| self.person(random, flat, Some(&surname), true, older));
        let grandmother_age = older - random.between(-1, 6);
        let mut grandmother = self.person(random, flat, None, false, grandmother_age);
        if let Some(mut grandfather) = grandfather {
            let status = |other: &Person| if other.death.is_some() { "丧偶" } else { "已婚" };
            (grandfather.marital_status, grandmother.marital_status) = (status(&grandmother), status(&grandfather));
            household.push(grandfather);
        }
        household.push(grandmother);
        household
    }

    fn children(&mut self, random: &mut Random, flat: &Flat, household: &mut Vec<Person>, surname: &str, parent_age: i64) {
        let oldest = (parent_age - random.between(21, 34)).clamp(0, 27);
        if parent_age < 22 {
            return;
        }
        let count = [1, 1, 1, 1, 2, 2, 2, 2, 3, 4][random.index(10)];
        let mut age = oldest;
        // The child of 买买提·玉素甫 has the father's own name behind its own; of a mother alone the father is somebody else.
        let father = household[0].name.split_once('·').map(|(own, _)| own.to_owned());
        let father = if household[0].male { father } else { father.map(|_| name::uyghur_father(self.made).to_owned()) };
        for _ in 0..count {
            let male = random.chance(0.53);
            let mut child = self.person(random, flat, Some(surname), male, age);
            if let Some(father) = &father {
                child.name = name::uyghur_of(random, male, father);
                (child.ethnic_group, child.former_name) = (household[0].ethnic_group, None);
            }
            if !child.name.contains('·') && random.chance(0.015) {
                let twin = self.twin(random, &child);
                household.push(twin);
            }
            household.push(child);
            age -= random.between(1, 5);
            if age < 0 {
                break;
            }
        }
    }

    fn twin(&mut self, random: &mut Random, sibling: &Person) -> Person {
        let male = if random.chance(0.6) { sibling.male } else { !sibling.male };
        let surname = surname_of(sibling);
        let given: String = sibling.name.chars().skip(surname.chars().count()).collect();
        let name = format!("{surname}{}", name::sibling_name(random, male, &given));
        let number = self.office.issue(&sibling.document.number[..6], sibling.birth, male);
        self.made += 1;
        Person { truth: self.made, name, male, document: Document { kind: "111", number }, former_name: None, ..sibling.clone() }
    }

    fn birth(&self, random: &mut Random, age: i64) -> NaiveDate {
        let months = u32::try_from(age.clamp(0, 104) * 12).unwrap_or(0);
        let latest = self.today.checked_sub_months(Months::new(months)).unwrap_or(self.today);
        latest.checked_sub_days(Days::new(random.below(365))).unwrap_or(latest)
    }

    fn person(&mut self, random: &mut Random, flat: &Flat, surname: Option<&str>, male: bool, age: i64) -> Person {
        let birth = self.birth(random, age);
        let own_surname = surname;
        let surname = surname.unwrap_or_else(|| name::surname(random));
        let given = name::given_name(random, male, birth.year());
        // Children have their fathers' names, and so are what these are.
        let uyghur = random.chance(0.003) && own_surname.is_none();
        let name = if uyghur { name::uyghur(random, male) } else { format!("{surname}{given}") };
        let former_name = (!uyghur && random.chance(0.02)).then(|| format!("{surname}{}", name::given_name(random, male, birth.year())));
        let tables = Reference::get();
        // Two in three adults were born where they live or near; children mostly where the family lives.
        let native = random.chance(if age < 18 { 0.85 } else { 0.55 });
        let origin: Option<&'static Division> =
            if native { Some(flat.home.division) } else { random.chance(0.5).then(|| self.map.division(random)) };
        let region = match origin {
            _ if uyghur => tables.xinjiang[random.index(tables.xinjiang.len())],
            Some(division) => code_at_birth(division, birth.year()),
            None => tables.elsewhere[random.index(tables.elsewhere.len())],
        };
        let registered_at = match origin.filter(|_| !native) {
            Some(division) => Map::home(random, division),
            None => flat.home.clone(),
        };
        let death = (age > 45 && random.chance(0.000_25 * (age as f64 - 40.0).powi(2) / 10.0))
            .then(|| self.today - Days::new(random.below(2900)))
            .filter(|&death| death > birth);
        let phone = if age < 14 { flat.phone.clone() } else { Some(flat.phone.clone().unwrap_or_else(|| mobile(random))) };
        self.made += 1;
        let (number, birth) = self.number(random, region, birth, male);
        Person {
            truth: self.made,
            name,
            former_name,
            male,
            birth,
            document: Document { kind: "111", number },
            former_phone: (phone.is_some() && random.chance(0.3)).then(|| mobile(random)),
            phone,
            ethnic_group: if uyghur { "维吾尔族" } else { ethnic_group(random) },
            nationality: "CHN",
            death,
            registered_at,
            home: flat.home.clone(),
            former_home: flat.former_home.clone(),
            moved_from: (age > 18 && random.chance(0.02)).then(|| {
                let before = self.map.division(random);
                Map::home(random, before)
            }),
            spouse: None,
            guardian: None,
            marital_status: marital_status(age, self.made * 37 % 100),
        }
    }

    /// A number of the office for this region and birth date; now and then one that somebody else has, with the birth date it tells.
    fn number(&mut self, random: &mut Random, region: &str, birth: NaiveDate, male: bool) -> (String, NaiveDate) {
        let age = |birth: NaiveDate| self.today.year() - birth.year();
        let double = |(_, other, sex): &&(String, NaiveDate, bool)| *sex == male && *other != birth && (age(*other) - age(birth)).abs() < 3;
        if random.chance(0.001 * self.mistakes)
            && let Some((number, birth, _)) = self.lately.iter().find(double)
        {
            return (number.clone(), *birth);
        }
        let number = self.office.issue(region, birth, male);
        if self.lately.len() == 64 {
            self.lately.pop_front();
        }
        self.lately.push_back((number.clone(), birth, male));
        (number, birth)
    }

    /// Somebody from Hong Kong, Macao, Taiwan or abroad.
    fn stranger(&mut self, random: &mut Random, flat: &Flat) -> Person {
        let (male, age) = (random.chance(0.55), random.between(22, 70));
        let mut person = self.person(random, flat, None, male, age);
        (person.former_name, person.registered_at) = (None, flat.home.clone());
        if random.chance(0.25) {
            // A residence permit since 2018: 81, 82, 83 in the place of the province.
            let (code, nationality, kind) = [("81", "HKG", "551"), ("82", "MAC", "551"), ("83", "TWN", "552")][random.index(3)];
            let sequence = random.below(500) * 2 + u64::from(male);
            let number = with_citizen_check(&format!("{code}0000{}{sequence:03}", person.birth.format("%Y%m%d")));
            person.document = Document { kind, number };
            person.nationality = nationality;
            return person;
        }
        if random.chance(0.5) {
            let prefix = if random.chance(0.8) { 'H' } else { 'M' };
            person.document = Document { kind: "516", number: format!("{prefix}{:08}", random.below(100_000_000)) };
            person.nationality = if prefix == 'H' { "HKG" } else { "MAC" };
            return person;
        }
        let (alpha3, numeric) =
            [("CAN", "124"), ("USA", "840"), ("GBR", "826"), ("FRA", "250"), ("JPN", "392"), ("KOR", "410")][random.index(6)];
        person.name = name::foreign(random, male);
        person.nationality = alpha3;
        person.ethnic_group = "";
        person.document = if random.chance(0.4) {
            let sequence = random.below(500) * 2 + u64::from(male);
            let number = with_citizen_check(&format!("944{numeric}{}{sequence:03}", person.birth.format("%Y%m%d")));
            Document { kind: "553", number }
        } else {
            let letter = char::from(b'A' + u8::try_from(random.below(26)).unwrap_or(0));
            Document { kind: "414", number: format!("{letter}{:08}", random.below(100_000_000)) }
        };
        person
    }
}

/// Gives the household one register address (户口), with those apart who are so in life: one husband or wife in eight kept the register of before, of the
/// grown-up children one in four has one of their own, of the grandparents every second; a minor is registered with one of the parents. The lots
/// are those of the people's numbers, so that nobody's chances move.
fn settle_register(household: &mut [Person], couple: bool, today: NaiveDate) {
    const OF_AGE: i32 = 18;
    const GENERATION: i32 = 15;
    let Some((head, others)) = household.split_first_mut() else { return };
    let lot = |person: &Person| scatter(person.truth) % 100;
    let mut parents = vec![head.registered_at.clone()];
    let age = head.age(today);
    let mut grandparents: Option<Address> = None;
    for (at, person) in others.iter_mut().enumerate() {
        let is_spouse = couple && at == 0;
        let own = match person.age(today) - age {
            _ if is_spouse => lot(person) < 12,
            older if older >= GENERATION => {
                // Grandfather and grandmother have one.
                let kept = grandparents.get_or_insert_with(|| person.registered_at.clone()).clone();
                person.registered_at = if scatter(head.truth).is_multiple_of(2) { kept } else { parents[0].clone() };
                continue;
            }
            _ => person.age(today) >= OF_AGE && lot(person) < 25,
        };
        if is_spouse {
            if own {
                parents.push(person.registered_at.clone());
            } else {
                person.registered_at = parents[0].clone();
            }
        } else if !own {
            // Mostly the father's.
            let of = usize::from(lot(person) < 25) % parents.len();
            person.registered_at = parents[of].clone();
        }
    }
}

/// The surname in front of the person's name.
fn surname_of(person: &Person) -> String {
    let compound = Reference::get().surnames.iter().find(|surname| surname.chars().count() == 2 && person.name.starts_with(**surname));
    compound.map_or_else(|| person.name.chars().take(1).collect(), |surname| (*surname).to_owned())
}

fn ethnic_group(random: &mut Random) -> &'static str {
    match random.below(1000) {
        0..=955 => "汉族",
        956..=970 => "壮族",
        971..=979 => "瑶族",
        980..=984 => "苗族",
        985..=989 => "土家族",
        990..=993 => "满族",
        994..=996 => "侗族",
        997..=998 => "回族",
        _ => "布依族",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_household_has_one_register_but_for_those_who_kept_theirs() {
        let today = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day");
        let (mut households, mut random) = (Households::new(Map::new(&[]), today, 1.0), Random::new(7, 1));
        let all: Vec<Vec<Person>> = std::iter::repeat_with(|| households.next(&mut random)).take(4_000).collect();
        let (mut couples, mut apart) = (0_u32, 0_u32);
        for household in &all {
            for minor in household.iter().filter(|person| person.age(today) < 18) {
                let with_a_grown_up = |other: &&Person| other.age(today) >= 18 && other.registered_at.full() == minor.registered_at.full();
                assert!(household.iter().any(|other| with_a_grown_up(&other)), "a minor is registered alone");
            }
            if let [husband, wife, ..] = &household[..]
                && husband.spouse.is_some()
            {
                couples += 1;
                apart += u32::from(husband.registered_at.full() != wife.registered_at.full());
            }
        }
        let share = f64::from(apart) / f64::from(couples);
        assert!((0.04..0.14).contains(&share), "{apart} of {couples} couples are registered apart");
    }

    #[test]
    fn children_with_two_names_have_their_fathers_behind_their_own() {
        let today = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day");
        let (mut households, mut random) = (Households::new(Map::new(&[]), today, 1.0), Random::new(7, 1));
        let mut of_mothers = 0;
        for _ in 0..400 {
            let division = households.map.division(&mut random);
            let flat = Flat { home: Map::home(&mut random, division), former_home: None, phone: None };
            let mut parent = households.person(&mut random, &flat, None, false, 40);
            parent.name = name::uyghur(&mut random, false);
            let mut household = vec![parent];
            households.children(&mut random, &flat, &mut household, "", 40);
            let fathers: HashSet<&str> = household[1..].iter().filter_map(|child| Some(child.name.split_once('·')?.1)).collect();
            of_mothers += household.len() - 1;
            assert!(
                fathers.len() <= 1 && fathers.iter().all(|father| (0..8).any(|number| name::uyghur_father(number) == *father)),
                "{fathers:?}"
            );
        }
        assert!(of_mothers > 100);
    }

    #[test]
    fn as_many_are_married_widowed_and_divorced_as_the_census_counted() {
        let today = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day");
        let (mut households, mut random) = (Households::new(Map::new(&[]), today, 1.0), Random::new(7, 1));
        let people: Vec<Person> = std::iter::repeat_with(|| households.next(&mut random)).take(8_000).flatten().collect();
        let of_age: Vec<&Person> = people.iter().filter(|person| person.death.is_none() && person.age(today) >= 15).collect();
        let percent = |status: &str| {
            let count = of_age.iter().filter(|person| person.marital_status == status).count();
            100.0 * f64::from(u32::try_from(count).expect("a count")) / f64::from(u32::try_from(of_age.len()).expect("a count"))
        };
        // Of the people of 15 and more (2020): 19.2 single, 72.7 married, 2.4 divorced, 5.7 widowed.
        for (status, expected, tolerance) in [("未婚", 19.2, 4.0), ("已婚", 72.7, 5.0), ("离婚", 2.4, 0.6), ("丧偶", 5.7, 1.2)] {
            assert!((percent(status) - expected).abs() < tolerance, "{status} {}", percent(status));
        }
    }
}
