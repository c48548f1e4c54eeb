//! What do four departments write down about a legal person?

use crate::company::{Company, Sort};
use crate::mistake;
use crate::mix::Mistakes;
use crate::person_records::Fields;
use crate::place::Habits;
use crate::random::Random;

/// The columns of legal-person records, in the order of files.
pub(crate) const COLUMNS: [&str; 17] = [
    "name",
    "uscc",
    "registration_number",
    "legal_form",
    "legal_representative",
    "legal_representative_id",
    "registered_capital",
    "established_on",
    "industry",
    "address",
    "division",
    "phone",
    "status",
    "shareholders",
    "shareholder_ids",
    "parent",
    "parent_uscc",
];

/// A department's habits: each number is the probability of what it names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Desk {
    pub(crate) source: &'static str,
    stale: f64,
    pub(crate) again: f64,
    name_mistake: f64,
    code_missing: f64,
    code_mistake: f64,
    old_number: f64,
    representative: f64,
    representative_id: f64,
    sloppiness: f64,
}

pub(crate) const DESKS: [Desk; 4] = [
    Desk {
        source: "scjg",
        stale: 0.02,
        again: 0.003,
        name_mistake: 0.005,
        code_missing: 0.0,
        code_mistake: 0.001,
        old_number: 0.9,
        representative: 1.0,
        representative_id: 0.85,
        sloppiness: 0.1,
    },
    Desk {
        source: "shzz",
        stale: 0.1,
        again: 0.01,
        name_mistake: 0.02,
        code_missing: 0.02,
        code_mistake: 0.005,
        old_number: 0.0,
        representative: 1.0,
        representative_id: 0.5,
        sloppiness: 0.3,
    },
    Desk {
        source: "shuiwu",
        stale: 0.25,
        again: 0.02,
        name_mistake: 0.04,
        code_missing: 0.06,
        code_mistake: 0.01,
        old_number: 0.3,
        representative: 0.9,
        representative_id: 0.4,
        sloppiness: 0.6,
    },
    Desk {
        source: "caigou",
        stale: 0.35,
        again: 0.04,
        name_mistake: 0.08,
        code_missing: 0.15,
        code_mistake: 0.02,
        old_number: 0.1,
        representative: 0.6,
        representative_id: 0.0,
        sloppiness: 1.0,
    },
];

impl Desk {
    /// Whether this department keeps a record of the organisation at all.
    pub(crate) fn covers(&self, random: &mut Random, company: &Company) -> bool {
        let association = company.sort == Sort::Association;
        let share = match (self.source, association) {
            ("scjg", false) => 0.98,
            ("shzz", true) => 0.99,
            ("shuiwu", false) => 0.94,
            ("shuiwu", true) => 0.6,
            ("caigou", _) if company.sort == Sort::SoleTrader => 0.45,
            ("caigou", _) => 0.8,
            _ => 0.0,
        };
        random.chance(share)
    }

    /// What the department's record says of the organisation.
    pub(crate) fn record(&self, random: &mut Random, company: &Company, mix: Mistakes) -> Fields {
        let stale = random.chance(self.stale * mix.stale);
        let mut fields = Fields::with_capacity(COLUMNS.len());
        let mut put = |column, value: String| {
            if !value.is_empty() {
                fields.push((column, value));
            }
        };
        let name = company.former_name.as_ref().filter(|_| stale).unwrap_or(&company.name);
        put("name", if random.chance(self.name_mistake * mix.names) { mistake::organisation_name(random, name) } else { name.clone() });
        // Before the unified code, a stale record has only the number of its time.
        let from_before = stale && company.registration_number.is_some() && random.chance(0.5);
        if !from_before && !random.chance(self.code_missing) {
            let code = &company.uscc;
            put(
                "uscc",
                match random.below(1000) {
                    roll if roll < 20 && self.sloppiness > 0.5 => code.to_lowercase(),
                    _ if random.chance(self.code_mistake * mix.numbers) => mistake::digits(random, code),
                    _ => code.clone(),
                },
            );
        }
        if let Some(number) = company.registration_number.as_ref().filter(|_| from_before || random.chance(self.old_number)) {
            put("registration_number", number.clone());
        }
        if random.chance(0.7) {
            put("legal_form", company.legal_form.to_owned());
        }
        if random.chance(self.representative) {
            let (name, number) = company.former_representative.as_ref().filter(|_| stale).unwrap_or(&company.representative);
            put(
                "legal_representative",
                if random.chance(0.03 * self.sloppiness * mix.names) { mistake::name(random, name) } else { name.clone() },
            );
            if random.chance(self.representative_id) {
                put("legal_representative_id", number.clone());
            }
        }
        if company.capital_in_10_000 > 0 && random.chance(0.8) {
            let capital = company.capital_in_10_000;
            put("registered_capital", if random.chance(0.4) { format!("{capital}万元") } else { format!("{}", capital * 10_000) });
        }
        if !random.chance(0.15 * self.sloppiness) {
            put("established_on", company.established.to_string());
        }
        if random.chance(0.6) {
            put("industry", company.industry.to_owned());
        }
        let address = company.former_address.as_ref().filter(|_| stale).unwrap_or(&company.address);
        if !random.chance(0.1 * self.sloppiness) {
            let text = if self.sloppiness < 0.2 {
                address.full()
            } else {
                address.written(&Habits::drawn(random, (self.sloppiness * mix.places).min(1.0)))
            };
            put("address", text);
        }
        put("division", address.division.code.to_owned());
        if !random.chance(0.25) {
            put("phone", company.phone.clone());
        }
        if self.sloppiness < 0.9 {
            put("status", company.status.to_owned());
        }
        if matches!(self.source, "scjg" | "shuiwu") {
            let list = |pick: fn(&(String, String)) -> &str| company.shareholders.iter().map(pick).collect::<Vec<_>>().join(";");
            put("shareholders", list(|holder| &holder.0));
            if self.source == "scjg" {
                put("shareholder_ids", list(|holder| &holder.1));
            }
            if let Some((name, code)) = &company.parent {
                put("parent", name.clone());
                put("parent_uscc", code.clone());
            }
        }
        fields
    }
}
