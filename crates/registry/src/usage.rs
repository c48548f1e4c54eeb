//! How much did each principal read today, and is that enough?
//!
//! Counted in memory for every answer that is about to leave; what this node counted is written beside the traces, what
//! other nodes counted is read back, so that a quota holds over all nodes together. Whom a principal was shown is written too, each
//! person once by the node that showed them first, so that one who is read on two nodes, or before and after a restart, counts once. For a
//! department what its principals were shown is added up.

mod guesses;
mod quotas;

use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ahash::{AHashMap, AHashSet, RandomState};
use chrono::TimeDelta;
use jiku_model::{EntityId, Kind, Timestamp};
use jiku_store::{SeenRow, UsageRow};
use parking_lot::Mutex;
use smallvec::SmallVec;
use uuid::Uuid;

use self::guesses::{Guess, Guesses};
pub use self::quotas::DepartmentQuotas;
pub(crate) use self::quotas::Reached;
use self::quotas::Totals;
use crate::rights::{Unmasking, unmasking};
use crate::write::state::now;
use crate::{Actor, Limits, RegistryError, UsageView};

type Result<T> = std::result::Result<T, RegistryError>;

/// Different people a day, unless the principal's limits say otherwise: a person at a screen, and a department's system.
pub(crate) const PERSONS_OF_A_USER: u64 = 2_000;
pub(crate) const PERSONS_OF_A_SYSTEM: u64 = 200_000;

/// Different people a day for all principals of a department together: twice what one system of it may see.
pub(crate) const PERSONS_OF_A_DEPARTMENT: u64 = 400_000;

/// For how long a principal that guesses is kept out.
const LOCKED_FOR: TimeDelta = TimeDelta::minutes(15);

/// With so many people, questions or entities left, or an eighth of the quota if that is more, nodes count together before they answer: more than two of them
/// answer in the time in which one is told what the other counted.
const FEW_LEFT: u64 = 2_000;

/// How long counts of this node may wait to be written.
const WRITTEN_EVERY: Duration = Duration::from_millis(250);

/// Days are those of Beijing.
const OFFSET_SECONDS: i64 = 8 * 3600;

/// What is counted for one principal.
#[derive(Default)]
struct Count {
    department: String,
    requests: u64,
    entities: u64,
    /// Whom the principal was shown, here and, as far as this node was told, elsewhere.
    persons: AHashSet<u64>,
    /// How many of them were shown first here.
    first_here: u64,
    /// Those of them that are not written yet.
    unwritten: Vec<u8>,
    /// What other nodes, and earlier runs of this one, counted; of people those that nobody wrote down, as exports do not.
    elsewhere: Totals,
    locked_until: Option<Timestamp>,
    guesses: Guesses,
    changed: bool,
}

impl Count {
    fn view(&self, principal: &str) -> UsageView {
        let all = self.all();
        UsageView {
            principal: principal.to_owned(),
            department: self.department.clone(),
            requests: all.requests,
            entities: all.entities,
            persons: all.persons,
            locked_until: self.locked_until,
        }
    }

    /// Here and elsewhere.
    fn all(&self) -> Totals {
        let mut all = self.elsewhere;
        all.add(Totals { requests: self.requests, entities: self.entities, persons: self.persons.len() as u64 });
        all
    }
}

#[derive(Default)]
struct Day {
    number: i64,
    hasher: RandomState,
    of: AHashMap<String, Count>,
    /// What each department's principals read here, and elsewhere.
    departments: AHashMap<String, (Totals, Totals)>,
    /// The quotas that were reached and nobody was told of yet.
    reached: AHashSet<Reached>,
    /// How far the other nodes were taken over.
    nodes: AHashMap<String, Node>,
    /// The number of the last row of people that was written.
    written: i64,
    given_back: Vec<SeenRow>,
}

/// How far another node was taken over.
#[derive(Default)]
struct Node {
    /// How many people it had counted when its rows were read last.
    counted: i64,
    /// The last of its rows of people.
    last: i64,
    /// Whose people it wrote down.
    principals: AHashSet<String>,
}

/// What a look-up by id or outside name comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LookedUp {
    /// It may be answered.
    Admitted,
    /// It was one miss too many: the principal is kept out from now on, which is to be told.
    KeptOut,
}

/// An answer that may leave if other nodes have not used up what is left of a quota: what this node counted is to be written first, and theirs read.
pub(crate) struct NearQuota {
    principal: String,
    department: String,
    limits: Arc<Limits>,
    /// Whether it shows somebody whom the principal had not seen.
    shows_more: bool,
}

/// The counts of today.
pub(crate) struct Usage {
    node: String,
    /// Held while what other nodes wrote is read and taken over, so that nothing older takes the place of something newer.
    pub(crate) counting: Mutex<()>,
    today: Mutex<Day>,
    written: Mutex<Instant>,
    of_a_department: DepartmentQuotas,
}

impl Usage {
    /// With what every department may read.
    pub(crate) fn new(of_a_department: DepartmentQuotas) -> Self {
        let (counting, today, written) = (Mutex::default(), Mutex::default(), Mutex::new(Instant::now()));
        Self { node: Uuid::now_v7().to_string(), counting, today, written, of_a_department }
    }

    /// Counts an answer, or refuses it when it would go beyond a quota.
    pub(crate) fn admit(&self, actor: &Actor, kind: Kind, read: &[(EntityId, String)]) -> Result<Option<NearQuota>> {
        if actor.is_operator() {
            return Ok(None);
        }
        let at = now();
        let mut today = self.today.lock();
        today.turn_to(day_of(at));
        let department = today.department(&actor.department);
        let count = today.of(actor, at);
        if count.locked_until.is_some_and(|until| until > at) {
            return Err(suspected());
        }
        let shown = read.len() as u64;
        let unseen = || {
            let ids: AHashSet<u64> = read.iter().map(|(id, _)| id.0.as_u64_pair().1).collect();
            ids.into_iter().filter(|id| !count.persons.contains(id)).collect()
        };
        let new: Vec<u64> = match kind {
            Kind::Person => unseen(),
            // In full these tell a person each: the representative, the holder.
            Kind::LegalPerson | Kind::Parcel if unmasking(actor) == Unmasking::Nothing => Vec::new(),
            Kind::LegalPerson | Kind::Parcel => unseen(),
        };
        let shows_more = !new.is_empty();
        let shown_first = new.len() as u64;
        let more = Totals { requests: 1, entities: shown, persons: shown_first };
        let left = match self.of_a_department.left((&actor.limits, shows_more), count.all(), department, more) {
            Ok(left) => left,
            Err(quota) => {
                let (principal, department) = (actor.principal.clone(), actor.department.clone());
                today.reached.insert(Reached { principal, department, quota });
                return Err(exceeded(at));
            }
        };
        count.requests += 1;
        count.entities += shown;
        for person in &new {
            count.unwritten.extend(person.to_be_bytes());
        }
        count.first_here += shown_first;
        count.persons.extend(new);
        count.changed = true;
        if let Some((here, _)) = today.departments.get_mut(&actor.department) {
            here.add(more);
        } else {
            today.departments.insert(actor.department.clone(), (more, Totals::default()));
        }
        Ok((left < FEW_LEFT).then(|| NearQuota {
            principal: actor.principal.clone(),
            department: actor.department.clone(),
            limits: Arc::clone(&actor.limits),
            shows_more,
        }))
    }

    /// Refuses an answer that was counted here, when other nodes have used up the quota meanwhile.
    pub(crate) fn admit_after(&self, near: &NearQuota) -> Result<()> {
        let at = now();
        let mut today = self.today.lock();
        today.turn_to(day_of(at));
        let department = today.department(&near.department);
        let Some(count) = today.of.get(&near.principal) else { return Ok(()) };
        let left = self.of_a_department.left((&near.limits, near.shows_more), count.all(), department, Totals::default());
        left.map(drop).map_err(|quota| {
            let (principal, department) = (near.principal.clone(), near.department.clone());
            today.reached.insert(Reached { principal, department, quota });
            exceeded(at)
        })
    }

    /// The quotas that were reached today and that nobody was told of yet.
    pub(crate) fn reached(&self) -> Vec<Reached> {
        self.today.lock().reached.iter().cloned().collect()
    }

    /// Notes whether a look-up by id or outside name found somebody; too many misses look like guessing. The same question asked in vain again
    /// is no other guess, and who was found before is no other hit: else whoever knows one person could ask for them between their guesses.
    pub(crate) fn look_up(&self, actor: &Actor, asked: impl Hash, found: Option<impl Hash>) -> Result<LookedUp> {
        if actor.is_operator() {
            return Ok(LookedUp::Admitted);
        }
        let at = now();
        let mut today = self.today.lock();
        let (look, missed) = match found {
            Some(found) => (today.hasher.hash_one((true, found)), false),
            None => (today.hasher.hash_one((false, asked)), true),
        };
        let count = today.of(actor, at);
        if count.locked_until.is_some_and(|until| until > at) {
            return Err(suspected());
        }
        if !count.guesses.is_one_too_many(look, missed) {
            return Ok(LookedUp::Admitted);
        }
        count.changed = true;
        count.locked_until = Some(at + LOCKED_FOR);
        Ok(LookedUp::KeptOut)
    }

    /// Notes a question in vain, and whether others like it were before: each guess of the question is what it has in common with those that try
    /// another value for the same person, and whether hardly two strangers have it in common. The same question again is no other try.
    pub(crate) fn has_tried(&self, actor: &Actor, guesses: &[(String, bool)], question: &str) -> bool {
        if actor.is_operator() {
            return false;
        }
        let mut today = self.today.lock();
        let question = today.hasher.hash_one(question);
        let guesses: SmallVec<[Guess; 4]> =
            guesses.iter().map(|(shown, is_rare)| Guess { shown: today.hasher.hash_one(shown), is_rare: *is_rare }).collect();
        today.of(actor, now()).guesses.has_tried(&guesses, question)
    }

    /// What a principal read today, on all nodes.
    pub(crate) fn view(&self, actor: &Actor) -> UsageView {
        self.today.lock().of(actor, now()).view(&actor.principal)
    }

    /// What every principal read today, by name.
    pub(crate) fn all(&self) -> Vec<UsageView> {
        let today = self.today.lock();
        let mut views: Vec<UsageView> = today.of.iter().map(|(principal, count)| count.view(principal)).collect();
        views.sort_by(|a, b| a.principal.cmp(&b.principal));
        views
    }

    /// The rows that are due to be written, at most four times a second; all that changed when `all`. Those of people are written once:
    /// what could not be written is to be [given back](Self::give_back).
    pub(crate) fn due(&self, all: bool) -> (Vec<UsageRow>, Vec<SeenRow>) {
        let mut written = self.written.lock();
        if !all && written.elapsed() < WRITTEN_EVERY {
            return (Vec::new(), Vec::new());
        }
        *written = Instant::now();
        let mut today = self.today.lock();
        let (day, mut number) = (today.number, today.written);
        let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let (mut due, mut seen) = (Vec::new(), std::mem::take(&mut today.given_back));
        for (principal, count) in &mut today.of {
            if !count.unwritten.is_empty() {
                number += 1;
                let (principal, persons) = (principal.clone(), std::mem::take(&mut count.unwritten));
                seen.push(SeenRow { day, node: self.node.clone(), number, principal, persons });
            }
            if std::mem::take(&mut count.changed) {
                due.push(UsageRow {
                    day,
                    principal: principal.clone(),
                    node: self.node.clone(),
                    department: count.department.clone(),
                    requests: signed(count.requests),
                    entities: signed(count.entities),
                    persons: signed(count.first_here),
                    locked_until: count.locked_until,
                });
            }
        }
        today.written = number;
        (due, seen)
    }

    /// Whether counts have waited long enough to be written.
    pub(crate) fn is_due(&self) -> bool {
        self.written.lock().elapsed() >= WRITTEN_EVERY
    }

    /// Takes rows back that could not be written, for the next time.
    pub(crate) fn give_back(&self, usage: &[UsageRow], seen: Vec<SeenRow>) {
        let mut today = self.today.lock();
        for row in usage {
            if let Some(count) = today.of.get_mut(&row.principal) {
                count.changed = true;
            }
        }
        today.given_back.extend(seen);
    }

    /// The other nodes that have counted something of a day since it was taken over, each with the last of its rows of people that was.
    pub(crate) fn behind(&self, day: i64, rows: &[UsageRow]) -> Vec<(String, i64)> {
        let mut counted: AHashMap<&str, i64> = AHashMap::new();
        for row in rows.iter().filter(|row| row.node != self.node && row.day == day) {
            *counted.entry(&row.node).or_default() += row.persons;
        }
        let mut today = self.today.lock();
        today.turn_to(day);
        let mut behind = Vec::new();
        for (node, persons) in counted {
            let known = today.nodes.get(node).map_or((0, 0), |known| (known.counted, known.last));
            if known.0 != persons {
                behind.push((node.to_owned(), known.1));
            }
        }
        behind
    }

    /// The number of today.
    pub(crate) fn day(&self) -> i64 {
        day_of(now())
    }

    /// Takes over what other nodes wrote of a day: how much, and whom since the last time.
    pub(crate) fn take_over(&self, day: i64, rows: Vec<UsageRow>, seen: Vec<SeenRow>) {
        let mut today = self.today.lock();
        today.turn_to(day);
        today.nodes.values_mut().for_each(|node| node.counted = 0);
        for row in seen.into_iter().filter(|row| row.node != self.node && row.day == day) {
            let node = today.nodes.entry(row.node).or_default();
            node.last = node.last.max(row.number);
            node.principals.insert(row.principal.clone());
            let persons = row.persons.chunks_exact(8).filter_map(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
            today.of.entry(row.principal).or_default().persons.extend(persons);
        }
        today.of.values_mut().for_each(|count| count.elsewhere = Totals::default());
        today.departments.values_mut().for_each(|department| department.1 = Totals::default());
        let unsigned = |number: i64| u64::try_from(number).unwrap_or_default();
        for row in rows.into_iter().filter(|row| row.node != self.node && row.day == day) {
            let (requests, entities, persons) = (unsigned(row.requests), unsigned(row.entities), unsigned(row.persons));
            today.departments.entry(row.department.clone()).or_default().1.add(Totals { requests, entities, persons });
            let node = today.nodes.entry(row.node).or_default();
            node.counted += row.persons;
            let told = node.principals.contains(&row.principal);
            let count = today.of.entry(row.principal).or_default();
            count.department = row.department;
            count.elsewhere.add(Totals { requests, entities, persons: if told { 0 } else { persons } });
            count.locked_until = count.locked_until.max(row.locked_until);
        }
    }
}

impl Day {
    fn of(&mut self, actor: &Actor, at: Timestamp) -> &mut Count {
        self.turn_to(day_of(at));
        if !self.of.contains_key(&actor.principal) {
            self.of.insert(actor.principal.clone(), Count { department: actor.department.clone(), ..Count::default() });
        }
        self.of.get_mut(&actor.principal).expect("it was put there")
    }

    /// What the principals of a department have read, here and elsewhere.
    fn department(&self, name: &str) -> Totals {
        let (mut all, elsewhere) = self.departments.get(name).copied().unwrap_or_default();
        all.add(elsewhere);
        all
    }

    /// A new day begins with nothing read; a lock outlives midnight.
    fn turn_to(&mut self, day: i64) {
        if self.number != day {
            self.number = day;
            self.departments.clear();
            self.reached.clear();
            self.nodes.clear();
            self.given_back.clear();
            self.of.retain(|_, count| count.locked_until.is_some());
            for count in self.of.values_mut() {
                *count = Count { department: std::mem::take(&mut count.department), locked_until: count.locked_until, ..Count::default() };
            }
        }
    }
}

pub(crate) fn day_of(at: Timestamp) -> i64 {
    (at.timestamp() + OFFSET_SECONDS).div_euclid(86_400)
}

fn exceeded(at: Timestamp) -> RegistryError {
    let until_midnight = 86_400 - (at.timestamp() + OFFSET_SECONDS).rem_euclid(86_400);
    RegistryError::Exhausted {
        code: "quota-exceeded",
        message: "the quota of today is used up; ask the security administrator if more is needed".into(),
        retry_after_s: until_midnight.unsigned_abs(),
    }
}

pub(crate) fn suspected() -> RegistryError {
    RegistryError::Exhausted {
        code: "enumeration-suspected",
        message: "too many ids that do not exist were asked for; look people up by what is known of them".into(),
        retry_after_s: LOCKED_FOR.num_seconds().unsigned_abs(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;

    fn reader(persons: u64) -> Actor {
        let limits = Limits { daily_persons: Some(persons), daily_requests: Some(50), ..Limits::default() };
        Actor { roles: vec![Role::Reader], limits: Arc::new(limits), purposes: Some(Arc::new([])), ..Actor::operator("clerk") }
    }

    fn people(numbers: std::ops::Range<u128>) -> Vec<(EntityId, String)> {
        numbers.map(|number| (EntityId(Uuid::from_u128(number)), "name".to_owned())).collect()
    }

    #[test]
    fn the_principals_of_a_department_share_its_quota() {
        let usage = Usage::new(DepartmentQuotas { persons: 8, ..DepartmentQuotas::default() });
        let [one, other] = ["one", "other"].map(|name| Actor { principal: name.to_owned(), ..reader(100) });
        usage.admit(&one, Kind::Person, &people(0..5)).expect("five");
        usage.admit(&other, Kind::Person, &people(0..3)).expect("three more, the same or not");
        assert!(usage.admit(&other, Kind::Person, &people(5..6)).is_err(), "the ninth");
        usage.admit(&one, Kind::Person, &people(0..5)).expect("who was seen may be seen again");
        let neighbour = Actor { department: "elsewhere".to_owned(), ..one };
        usage.admit(&neighbour, Kind::Person, &people(0..3)).expect("another department");
        let reached: Vec<(String, &str)> = usage.reached().into_iter().map(|reached| (reached.principal, reached.quota)).collect();
        assert_eq!(reached, [("other".to_owned(), "people of the department")]);
    }

    #[test]
    fn the_principals_of_a_department_share_its_questions_and_entities() {
        let quotas = DepartmentQuotas { requests: Some(4), entities: Some(9), ..DepartmentQuotas::default() };
        let usage = Usage::new(quotas);
        let [one, other] = ["one", "other"].map(|name| Actor { principal: name.to_owned(), ..reader(100) });
        usage.admit(&one, Kind::Parcel, &people(0..5)).expect("five entities");
        assert!(usage.admit(&other, Kind::Parcel, &people(0..5)).is_err(), "ten");
        usage.admit(&other, Kind::Parcel, &people(0..4)).expect("nine, in the second question");
        usage.admit(&one, Kind::Parcel, &[]).expect("the third");
        let (counted, _) = usage.due(true);
        let elsewhere =
            UsageRow { node: "other".to_owned(), principal: "third".to_owned(), requests: 1, entities: 0, ..counted[0].clone() };
        usage.take_over(usage.day(), vec![elsewhere], Vec::new());
        assert!(usage.admit(&one, Kind::Parcel, &[]).is_err(), "the fifth, with the one of another node");
        let mut reached: Vec<&str> = usage.reached().into_iter().map(|reached| reached.quota).collect();
        reached.sort_unstable();
        assert_eq!(reached, ["entities of the department", "questions of the department"]);
    }

    #[test]
    fn different_people_are_counted_and_the_same_ones_are_not() {
        let usage = Usage::new(DepartmentQuotas::default());
        let clerk = reader(10);
        usage.admit(&clerk, Kind::Person, &people(0..6)).expect("six");
        usage.admit(&clerk, Kind::Person, &people(0..6)).expect("the same six");
        assert!(matches!(usage.admit(&clerk, Kind::Person, &people(4..12)), Err(RegistryError::Exhausted { code: "quota-exceeded", .. })));
        usage.admit(&clerk, Kind::Person, &people(4..10)).expect("the last four");
        usage.admit(&clerk, Kind::Parcel, &people(100..200)).expect("parcels are nobody's data");
        let (mut counted, seen) = usage.due(true);
        assert_eq!(seen.iter().map(|row| row.persons.len()).sum::<usize>(), 10 * 8, "each once");
        let other = |persons| UsageRow { node: "other".to_owned(), persons, ..counted[0].clone() };
        usage.take_over(usage.day(), vec![other(1)], Vec::new());
        assert_eq!(usage.view(&clerk).persons, 11);
        assert!(usage.admit(&clerk, Kind::Person, &people(20..21)).is_err(), "other nodes count");
        // Another node that begins now knows whom this one has shown, and counts them once.
        let next = Usage::new(DepartmentQuotas::default());
        assert_eq!(next.behind(next.day(), &counted), [(usage.node.clone(), 0)]);
        next.take_over(next.day(), std::mem::take(&mut counted), seen);
        next.admit(&clerk, Kind::Person, &people(0..10)).expect("the same ten");
        assert_eq!(next.view(&clerk).persons, 10);
        assert!(next.admit(&clerk, Kind::Person, &people(10..11)).is_err(), "the eleventh");
        let (own, seen) = next.due(true);
        assert_eq!((own[0].persons, seen.len()), (0, 0), "it has shown nobody first");
    }

    #[test]
    fn questions_have_a_quota_of_their_own() {
        let usage = Usage::new(DepartmentQuotas::default());
        let clerk = reader(10);
        let admitted = (0..60).filter(|_| usage.admit(&clerk, Kind::Person, &[]).is_ok()).count();
        assert_eq!(admitted, 50);
    }

    /// Looks somebody up by this number, who is there or not.
    fn look(usage: &Usage, actor: &Actor, number: u32, is_there: bool) -> LookedUp {
        usage.look_up(actor, number, is_there.then_some(number)).expect("not kept out yet")
    }

    #[test]
    fn guessing_locks_and_typing_errors_do_not() {
        let usage = Usage::new(DepartmentQuotas::default());
        let clerk = reader(10);
        for number in 0..300 {
            assert_eq!(look(&usage, &clerk, number, number % 3 != 0), LookedUp::Admitted, "a third misses");
        }
        let missed = (300..).find(|number| look(&usage, &clerk, *number, false) == LookedUp::KeptOut).expect("locked at last");
        assert!(missed < 350, "{missed}");
        assert!(usage.admit(&clerk, Kind::Person, &[]).is_err());
    }

    #[test]
    fn an_answer_near_a_quota_is_admitted_when_all_nodes_have_counted() {
        let usage = Usage::new(DepartmentQuotas::default());
        let clerk = reader(10);
        let near = usage.admit(&clerk, Kind::Person, &people(0..6)).expect("six").expect("few are left");
        usage.admit_after(&near).expect("nobody else has shown any");
        let (counted, _) = usage.due(true);
        let elsewhere = |persons| vec![UsageRow { node: "other".to_owned(), persons, ..counted[0].clone() }];
        usage.take_over(usage.day(), elsewhere(4), Vec::new());
        usage.admit_after(&near).expect("ten together");
        usage.take_over(usage.day(), elsewhere(5), Vec::new());
        assert!(usage.admit_after(&near).is_err(), "the other node showed five meanwhile");
        let again = usage.admit(&clerk, Kind::Person, &people(0..3)).expect("seen before").expect("few questions are left");
        usage.admit_after(&again).expect("who was seen may be seen again");
        // Far from every quota nobody waits for others.
        let system = Actor { limits: Arc::new(Limits { daily_persons: Some(200_000), ..Limits::default() }), ..reader(0) };
        let system = Actor { principal: "system".to_owned(), department: "elsewhere".to_owned(), ..system };
        assert!(usage.admit(&system, Kind::Person, &people(0..6)).expect("six").is_none());
    }
}
