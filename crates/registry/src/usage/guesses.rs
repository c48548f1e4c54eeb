//! Does somebody guess: at ids, at numbers, at what masks hide of a person?

use std::collections::VecDeque;

use ahash::{AHashMap, AHashSet};

/// Of this many look-ups by id or outside name, this many may miss; then it looks like guessing.
const LOOKED_AT: u32 = 100;
const MOST_MISSES: u32 = 50;

/// How many guesses are remembered that a principal tried in vain just before: those of some 256 questions.
const REMEMBERED_TRIES: usize = 768;

/// So many values may be tried in vain for one person on a day, however much is asked between them.
const MOST_GUESSES: u16 = 20;

/// How many different look-ups, and tries, are remembered: each counts once, and more than a user may see people on a day.
const REMEMBERED_LOOKS: usize = 4_096;
const REMEMBERED_QUESTIONS: usize = 16_384;

/// What a question has in common with those that try another value for the same person, hashed.
pub(super) struct Guess {
    pub(super) shown: u64,
    /// Whether hardly two strangers of a list have it in common.
    pub(super) is_rare: bool,
}

/// What one principal looked up and tried today. Everything in it is hashed.
#[derive(Default)]
pub(super) struct Guesses {
    /// The last look-ups, one bit each: set when it missed.
    misses: u128,
    /// What was looked up in vain and who was found.
    looked: AHashSet<u64>,
    /// The last guesses that were tried in vain.
    tried: VecDeque<u64>,
    /// How often each guess was tried.
    times: AHashMap<u64, u16>,
    questions: AHashSet<u64>,
}

impl Guesses {
    /// Notes a look-up, and whether it is the miss that looks like guessing; then the count begins anew. The same look-up again is no other.
    pub(super) fn is_one_too_many(&mut self, look: u64, missed: bool) -> bool {
        if self.looked.len() >= REMEMBERED_LOOKS {
            self.looked.clear();
        }
        if !self.looked.insert(look) {
            return false;
        }
        self.misses = (self.misses << 1 | u128::from(missed)) & ((1 << LOOKED_AT) - 1);
        let is_one_too_many = missed && self.misses.count_ones() >= MOST_MISSES;
        if is_one_too_many {
            self.misses = 0;
        }
        is_one_too_many
    }

    /// Notes a question in vain by its guesses, and whether others like it were before. The same question again is no other try.
    pub(super) fn has_tried(&mut self, guesses: &[Guess], question: u64) -> bool {
        if self.questions.len() >= REMEMBERED_QUESTIONS {
            (self.questions, self.times) = Default::default();
        }
        if !self.questions.insert(question) {
            return false;
        }
        let mut tried = false;
        for guess in guesses {
            let times = self.times.entry(guess.shown).or_default();
            *times = times.saturating_add(1);
            tried |= *times > MOST_GUESSES;
            tried |= guess.is_rare && self.was_tried_just_before(guess.shown);
        }
        tried
    }

    /// Whether a guess is among the last that were tried; it is from now on.
    fn was_tried_just_before(&mut self, shown: u64) -> bool {
        let known = self.tried.contains(&shown);
        if !known {
            if self.tried.len() == REMEMBERED_TRIES {
                self.tried.pop_front();
            }
            self.tried.push_back(shown);
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use ahash::RandomState;

    use super::*;

    /// Guesses by what was typed, as [`super::super::Usage`] hashes it.
    #[derive(Default)]
    struct Typed {
        hasher: RandomState,
        guesses: Guesses,
    }

    impl Typed {
        fn try_out(&mut self, guesses: &[(&str, bool)], question: &str) -> bool {
            let guesses: Vec<Guess> =
                guesses.iter().map(|(shown, is_rare)| Guess { shown: self.hasher.hash_one(shown), is_rare: *is_rare }).collect();
            self.guesses.has_tried(&guesses, self.hasher.hash_one(question))
        }
    }

    #[test]
    fn one_question_is_one_guess_and_one_person_one_hit() {
        let mut guesses = Guesses::default();
        assert!((0..300).all(|_| !guesses.is_one_too_many(1, true)), "who asks again and again for the same is no guesser");
        // Whoever knows somebody asks for them after each guess.
        let locked = (2..200).find(|number| guesses.is_one_too_many(*number, true) || guesses.is_one_too_many(1_000, false));
        assert_eq!(locked, Some(50), "with the first");
        assert!(!guesses.is_one_too_many(201, true), "then the count begins anew");
    }

    #[test]
    fn values_of_one_person_are_tried_in_a_row_or_often() {
        let mut typed = Typed::default();
        let mut tries = |person: u32, value: u32| typed.try_out(&[(&person.to_string(), true)], &format!("{person} {value}"));
        assert!(!tries(0, 0) && !tries(0, 0), "the same again");
        assert!(tries(0, 1), "another for the same person");
        // Somebody who looks for more people at once than are remembered, a value of each in turn.
        let mut sweep = |value: u32| (1_000..1_770).filter(|person| tries(*person, value)).count();
        assert_eq!((0..20).map(&mut sweep).sum::<usize>(), 0);
        assert_eq!(sweep(20), 770);
    }

    #[test]
    fn what_strangers_may_have_in_common_is_a_guess_when_it_is_tried_often() {
        let mut typed = Typed::default();
        let tried = (0..30).filter(|home| typed.try_out(&[("王伟", false)], &format!("王伟 {home}"))).count();
        assert_eq!(tried, 10);
        // Noise in one value hides nothing: the guess at the other is counted too.
        let with_noise =
            (0..3).map(|day| typed.try_out(&[(&format!("王伟 {day}"), true), ("王伟 1957", true)], &format!("王伟 1957-{day}")));
        assert_eq!(with_noise.collect::<Vec<_>>(), [false, true, true]);
    }
}
