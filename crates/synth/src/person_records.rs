//! What do six departments write down about a person?

use chrono::{Days, NaiveDate};

use crate::mistake;
use crate::mix::Mistakes;
use crate::number::fifteen_digits;
use crate::people::{Party, Person};
use crate::place::{Address, Habits};
use crate::random::Random;

/// The columns of person records, in the order of files.
pub(crate) const COLUMNS: [&str; 18] = [
    "name",
    "id_type",
    "id_number",
    "sex",
    "birth_date",
    "phone",
    "address",
    "division",
    "ethnic_group",
    "nationality",
    "former_name",
    "status",
    "valid_from",
    "marital_status",
    "spouse",
    "spouse_id",
    "guardian",
    "guardian_id",
];

/// The fields of a record by column, absent ones left out.
pub(crate) type Fields = Vec<(&'static str, String)>;

/// A department's habits: each number is the probability of what it names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Desk {
    pub(crate) source: &'static str,
    /// The record was last looked at years ago: old name, old phone, old address.
    stale: f64,
    /// A second record of the same person.
    pub(crate) again: f64,
    name_mistake: f64,
    id_missing: f64,
    id_mistake: f64,
    /// Of those born before 1986: the old number of 15 digits.
    id_fifteen: f64,
    /// Full-width digits, a lower-case x or a space in a number.
    id_untidy: f64,
    birth_missing: f64,
    birth_mistake: f64,
    phone_missing: f64,
    address_missing: f64,
    sloppiness: f64,
    sex: Writing,
    ethnic_group: f64,
    former_name: f64,
    knows_death: f64,
    registered_address: bool,
}

/// How a desk writes a coded value.
#[derive(Clone, Copy, Debug)]
enum Writing {
    Code,
    Name,
    LongName,
}

pub(crate) const DESKS: [Desk; 6] = [
    Desk {
        source: "gongan",
        stale: 0.08,
        again: 0.004,
        name_mistake: 0.004,
        id_missing: 0.0,
        id_mistake: 0.001,
        id_fifteen: 0.0,
        id_untidy: 0.0,
        birth_missing: 0.0,
        birth_mistake: 0.002,
        phone_missing: 0.45,
        address_missing: 0.0,
        sloppiness: 0.05,
        sex: Writing::Code,
        ethnic_group: 1.0,
        former_name: 0.8,
        knows_death: 0.95,
        registered_address: true,
    },
    Desk {
        source: "minzheng",
        stale: 0.35,
        again: 0.01,
        name_mistake: 0.02,
        id_missing: 0.03,
        id_mistake: 0.012,
        id_fifteen: 0.12,
        id_untidy: 0.02,
        birth_missing: 0.05,
        birth_mistake: 0.02,
        phone_missing: 0.3,
        address_missing: 0.1,
        sloppiness: 0.4,
        sex: Writing::Name,
        ethnic_group: 0.8,
        former_name: 0.1,
        knows_death: 0.8,
        registered_address: true,
    },
    Desk {
        source: "renshe",
        stale: 0.25,
        again: 0.02,
        name_mistake: 0.012,
        id_missing: 0.008,
        id_mistake: 0.008,
        id_fifteen: 0.06,
        id_untidy: 0.03,
        birth_missing: 0.1,
        birth_mistake: 0.01,
        phone_missing: 0.15,
        address_missing: 0.3,
        sloppiness: 0.6,
        sex: Writing::Code,
        ethnic_group: 0.3,
        former_name: 0.0,
        knows_death: 0.6,
        registered_address: false,
    },
    Desk {
        source: "jiaoyu",
        stale: 0.15,
        again: 0.01,
        name_mistake: 0.02,
        id_missing: 0.04,
        id_mistake: 0.01,
        id_fifteen: 0.0,
        id_untidy: 0.02,
        birth_missing: 0.01,
        birth_mistake: 0.02,
        phone_missing: 0.2,
        address_missing: 0.15,
        sloppiness: 0.7,
        sex: Writing::Name,
        ethnic_group: 0.9,
        former_name: 0.02,
        knows_death: 0.0,
        registered_address: false,
    },
    Desk {
        source: "zhujian",
        stale: 0.3,
        again: 0.02,
        name_mistake: 0.02,
        id_missing: 0.03,
        id_mistake: 0.02,
        id_fifteen: 0.08,
        id_untidy: 0.05,
        birth_missing: 0.6,
        birth_mistake: 0.01,
        phone_missing: 0.1,
        address_missing: 0.01,
        sloppiness: 0.8,
        sex: Writing::LongName,
        ethnic_group: 0.0,
        former_name: 0.0,
        knows_death: 0.0,
        registered_address: false,
    },
    Desk {
        source: "weijian",
        stale: 0.2,
        again: 0.04,
        name_mistake: 0.045,
        id_missing: 0.1,
        id_mistake: 0.025,
        id_fifteen: 0.02,
        id_untidy: 0.06,
        birth_missing: 0.03,
        birth_mistake: 0.04,
        phone_missing: 0.08,
        address_missing: 0.15,
        sloppiness: 1.0,
        sex: Writing::Name,
        ethnic_group: 0.2,
        former_name: 0.0,
        knows_death: 0.1,
        registered_address: false,
    },
];

impl Desk {
    /// Whether this department keeps a record of the person at all.
    pub(crate) fn covers(&self, random: &mut Random, person: &Person, today: NaiveDate) -> bool {
        let (age, resident) = (person.age(today), person.document.kind == "111");
        let share = match self.source {
            "gongan" if resident => 0.97,
            "gongan" => 0.85,
            "minzheng" if person.death.is_some() => 0.8,
            "minzheng" if age >= 22 => 0.45,
            "minzheng" => 0.04,
            "renshe" if (16..100).contains(&age) => 0.78,
            "renshe" if age < 16 => 0.0,
            "renshe" => 0.12,
            "jiaoyu" if (6..28).contains(&age) && resident => 0.92,
            "jiaoyu" => 0.0,
            "zhujian" if age >= 20 => 0.36,
            "zhujian" => 0.02,
            _ => 0.76,
        };
        random.chance(share)
    }

    /// What the department's record says of the person. `mix` scales its mistakes.
    pub(crate) fn record(&self, random: &mut Random, person: &Person, today: NaiveDate, mix: Mistakes) -> Fields {
        let stale = random.chance(self.stale * mix.stale);
        let mut fields = Fields::with_capacity(COLUMNS.len());
        let mut put = |column, value: String| {
            if !value.is_empty() {
                fields.push((column, value));
            }
        };
        put("name", self.name(random, person, stale, mix.names));
        let resident = person.document.kind == "111";
        if !random.chance(self.id_missing * if person.age(today) < 2 { 5.0 } else { 1.0 }) {
            put("id_type", if resident && random.chance(0.5) { "居民身份证".to_owned() } else { person.document.kind.to_owned() });
            put("id_number", self.number(random, person, mix.numbers));
        }
        let sex = match (self.sex, person.male) {
            (Writing::Code, male) => {
                if male {
                    "1"
                } else {
                    "2"
                }
            }
            (Writing::Name, male) => {
                if male {
                    "男"
                } else {
                    "女"
                }
            }
            (Writing::LongName, male) => {
                if male {
                    "男性"
                } else {
                    "女性"
                }
            }
        };
        let sex_wrong = random.chance(0.003 * mix.dates);
        put("sex", if sex_wrong { (if person.male { "女" } else { "男" }).to_owned() } else { sex.to_owned() });
        put("birth_date", self.birth(random, person, mix.dates));
        put("phone", self.phone(random, person, stale));
        let (address, division) = self.address(random, person, stale, mix.places);
        put("address", address);
        put("division", division);
        if random.chance(self.ethnic_group) {
            let name = person.ethnic_group;
            put("ethnic_group", if random.chance(0.3) { name.trim_end_matches('族').to_owned() } else { name.to_owned() });
        }
        if self.source == "gongan" || person.nationality != "CHN" {
            put(
                "nationality",
                if person.nationality == "CHN" && random.chance(0.5) { "中国".to_owned() } else { person.nationality.to_owned() },
            );
        }
        if let Some(former) = person.former_name.as_ref().filter(|_| !stale && random.chance(self.former_name)) {
            put("former_name", former.clone());
        }
        let death = person.death.filter(|_| random.chance(self.knows_death));
        put("status", if death.is_some() { "死亡".to_owned() } else { "正常".to_owned() });
        let looked_at = if stale { today - Days::new(1200 + random.below(3000)) } else { today - Days::new(random.below(1100)) };
        let looked_at = death.unwrap_or(looked_at).max(person.birth);
        put("valid_from", looked_at.to_string());
        self.kin(person, today, &mut put);
        fields
    }

    /// What the police station says that the person moved away from.
    pub(crate) fn record_of_moved(&self, random: &mut Random, person: &Person, today: NaiveDate, mix: Mistakes) -> Option<Fields> {
        let before = person.moved_from.as_ref().filter(|_| self.source == "gongan")?;
        let mut fields = self.record(random, person, today, mix);
        for (column, value) in &mut fields {
            match *column {
                "address" => *value = before.full(),
                "division" => before.division.code.clone_into(value),
                "status" => "迁出".clone_into(value),
                _ => {}
            }
        }
        Some(fields)
    }

    /// What the department knows of the family. No chance is drawn: the same departments know it of the same people.
    fn kin(&self, person: &Person, today: NaiveDate, put: &mut impl FnMut(&'static str, String)) {
        let registers_marriages = matches!(self.source, "gongan" | "minzheng");
        if registers_marriages && person.age(today) >= 20 && person.death.is_none() {
            put("marital_status", person.marital_status.to_owned());
        }
        let mut party = |names: (&'static str, &'static str), party: &Option<Party>, number_known: bool| {
            if let Some((name, number)) = party {
                put(names.0, name.clone());
                if number_known {
                    put(names.1, number.clone());
                }
            }
        };
        if self.source == "minzheng" {
            party(("spouse", "spouse_id"), &person.spouse, true);
        }
        match self.source {
            "gongan" => party(("guardian", "guardian_id"), &person.guardian, true),
            "jiaoyu" | "weijian" => party(("guardian", "guardian_id"), &person.guardian, !person.truth.is_multiple_of(4)),
            _ => {}
        }
    }

    fn name(&self, random: &mut Random, person: &Person, stale: bool, rate: f64) -> String {
        let name = person.former_name.as_ref().filter(|_| stale).unwrap_or(&person.name);
        if random.chance(self.name_mistake * rate) { mistake::name(random, name) } else { name.clone() }
    }

    fn number(&self, random: &mut Random, person: &Person, rate: f64) -> String {
        let number = &person.document.number;
        if self.source == "weijian" && random.chance(0.002 * rate) {
            return "111111111111111111".to_owned();
        }
        // A clinic enters the number of whoever brought the child.
        if let Some((_, guardian)) = person.guardian.as_ref().filter(|_| self.source == "weijian")
            && random.chance(0.01 * rate)
        {
            return guardian.clone();
        }
        if random.chance(self.id_mistake * rate) {
            return mistake::digits(random, number);
        }
        let legacy = person.document.kind == "111" && number[6..10] < *"1986" && number[6..8] == *"19";
        if legacy && random.chance(self.id_fifteen) {
            return fifteen_digits(number);
        }
        if random.chance(self.id_untidy * rate) {
            return match random.below(3) {
                0 => mistake::full_width(number),
                1 => number.to_lowercase(),
                _ => format!("{} {}", &number[..number.len() / 3], &number[number.len() / 3..]),
            };
        }
        number.clone()
    }

    fn birth(&self, random: &mut Random, person: &Person, rate: f64) -> String {
        if random.chance(self.birth_missing) {
            return String::new();
        }
        if self.source == "weijian" && random.chance(0.004 * rate) {
            return "1900-01-01".to_owned();
        }
        let birth = if random.chance(self.birth_mistake * rate) { mistake::date(random, person.birth) } else { person.birth };
        birth.to_string()
    }

    fn phone(&self, random: &mut Random, person: &Person, stale: bool) -> String {
        if random.chance(self.phone_missing) {
            return String::new();
        }
        let phone = if stale { person.former_phone.as_ref().or(person.phone.as_ref()) } else { person.phone.as_ref() };
        let Some(phone) = phone else { return String::new() };
        if random.chance(0.003 * self.sloppiness) {
            return "13800000000".to_owned();
        }
        match random.below(100) {
            0..=2 => format!("+86{phone}"),
            3..=5 => format!("{}-{}-{}", &phone[..3], &phone[3..7], &phone[7..]),
            6 if self.sloppiness > 0.5 => mistake::digits(random, phone),
            _ => phone.clone(),
        }
    }

    fn address(&self, random: &mut Random, person: &Person, stale: bool, rate: f64) -> (String, String) {
        let current: &Address = if self.registered_address { &person.registered_at } else { &person.home };
        let address = person.former_home.as_ref().filter(|_| stale && !self.registered_address).unwrap_or(current);
        let division = if random.chance(0.9) { address.division.code.to_owned() } else { String::new() };
        if random.chance(self.address_missing) {
            return (String::new(), division);
        }
        if self.sloppiness < 0.1 {
            return (address.full(), division);
        }
        let text = address.written(&Habits::drawn(random, (self.sloppiness * rate).min(1.0)));
        (if random.chance(0.02 * self.sloppiness) { mistake::full_width(&text) } else { text }, division)
    }
}
