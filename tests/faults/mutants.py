#!/usr/bin/env python3
"""Do the tests bite? Plants faults in a copy of the sources, one test each, and sees that every one of them turns red.

    tests/faults/mutants.py [--target FOLDER] [NAME …]

All faults are compiled into one copy, each asleep until the environment names it, so that one build serves them all. First the tests run with
none awake and must pass; then each runs with its own and must fail. Exit code 1 when a fault was not seen.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# A fault: its name, what it does, the file, what stands there, what stands there instead (AWAKE is true while it is awake), its test.
FAULTS = [
    ("export-one-human", "who asked for an export approves it", "crates/registry/src/exports.rs",
     "if may_be_same_human(session.writer, &row.requested_by, &approver)? {",
     "if !AWAKE && may_be_same_human(session.writer, &row.requested_by, &approver)? {", "registry::exports::sqlite::personal_values"),
    ("export-twice", "an approved export is taken again and again", "crates/registry/src/exports.rs",
     "let row = ExportRow { state: ExportState::Taken,", "let row = ExportRow { state: if AWAKE { ExportState::Approved } else { ExportState::Taken },",
     "registry::exports::sqlite::personal_values"),
    ("export-quota", "a day's quota of exports is not looked at", "crates/registry/src/exports.rs",
     "if persons > 0 && before + persons > PERSONS_OF_A_DEPARTMENT {", "if !AWAKE && persons > 0 && before + persons > PERSONS_OF_A_DEPARTMENT {",
     "registry::exports::sqlite::people_beyond"),
    ("merge-alone", "a risky merge takes one steward", "crates/registry/src/write/proposals.rs",
     "if risks.is_empty() ||", "if AWAKE || risks.is_empty() ||", "web::proposals::a_risky_merge_takes_two_people_on_sqlite"),
    ("alarm-silent", "guessed ids raise no alarm", "crates/registry/src/registry/sight.rs",
     "alarms::raise_alone(&self.inner, Alarm::IdsGuessed, actor, String::new())?;",
     "if !AWAKE { alarms::raise_alone(&self.inner, Alarm::IdsGuessed, actor, String::new())?; }", "web::emergencies::the_glass_is_broken_on_sqlite"),
    ("unusual-again", "who reads far more than usual is told of by every node", "crates/registry/src/norms.rs",
     "known.principal == view.principal && day_of(known.at) == day;", "!AWAKE && known.principal == view.principal && day_of(known.at) == day;",
     "registry::quotas::sqlite::who_reads_three_times"),
    ("unusual-for-all", "one norm for everybody", "crates/registry/src/norms.rs",
     "self.usual.get(principal).map_or(FEW,", "self.usual.get(principal).filter(|_| !AWAKE).map_or(FEW,", "registry::quotas::sqlite::who_reads_three_times"),
    ("phone-unmasked", "telephones are shown", "crates/registry/src/shown.rs",
     '"phone" => value', '"phone" if AWAKE => value.to_owned(),\n        "phone" => value', "web::masking::canaries_stay_inside_on_sqlite"),
    ("key-uncovered", "a key that is an identity number is shown", "crates/registry/src/shown.rs",
     "if !is_shown && holds", "if !AWAKE && !is_shown && holds", "web::masking::canaries_stay_inside_on_sqlite"),
    ("number-in-path", "an identity number in a path passes", "crates/web/src/gate.rs",
     "if in_path || holds", "if !AWAKE && in_path || holds", "web::catalogue::table::every_row_is_answered_as_it_says_on_sqlite"),
    ("quota-off-by-one", "a quota is one too large", "crates/registry/src/usage/quotas.rs",
     "least = least.min(most.checked_sub(used)", "least = least.min((most + u64::from(AWAKE)).checked_sub(used)", "registry::quotas::sqlite::a_quota_holds"),
    ("quota-of-one-node", "other nodes' counts are not taken over", "crates/registry/src/usage.rs",
     "rows.into_iter().filter(|row| row.node != self.node", "rows.into_iter().filter(|row| !AWAKE && row.node != self.node",
     "registry::quotas::sqlite::what_another_node"),
    ("connections-unbounded", "every connection is taken", "crates/web/src/connections.rs",
     "if open.all >= if of < FEW", "if !AWAKE && open.all >= if of < FEW", "web::connections"),
    ("quota-silent", "a quota that is used up is told to nobody", "crates/registry/src/norms.rs",
     "for reached in usage.reached() {", "for reached in usage.reached().into_iter().filter(|_| !AWAKE) {", "registry::quotas::sqlite::a_quota_that_is"),
    ("guess-for-ever", "guessing is not stopped", "crates/registry/src/usage/guesses.rs",
     "= missed && self.misses", "= !AWAKE && missed && self.misses", "registry::limits::sqlite::whoever_walks"),
    ("scope-everywhere", "a scope of divisions reaches everything", "crates/registry/src/scope.rs",
     "if limits.divisions.is_empty() {", "if AWAKE || limits.divisions.is_empty() {", "registry::limits::sqlite::random_triples"),
    ("trace-swallowed", "a reading whose trace fails is shown", "crates/registry/src/audit.rs",
     "done(written.clone().and(", "done(if AWAKE { Ok(()) } else { written.clone() }.and(", "registry::asks::a_read_whose"),
    ("lookup-one-key", "a look-up asks under the newest key alone", "crates/store/src/keys/ring.rs",
     "for number in &keys.asked {", "for number in keys.asked.iter().rev().take(if AWAKE { 1 } else { 9 }) {", "trust::at_rest::sqlite::the_lookup_key"),
    ("provider-keys-stay", "the identity provider's keys are read once", "crates/registry/src/oidc/keys.rs",
     "if written != known.written {", "if !AWAKE && written != known.written {", "web::oidc::keys_roll_over"),
    ("token-unsigned", "the signature of a token is not looked at", "crates/registry/src/oidc/token.rs",
     "if candidates.next().is_some() || !is_signed(", "if candidates.next().is_some() || !AWAKE && !is_signed(", "web::oidc::a_good_token"),
    ("log-rewritten", "a changed last row of the change log is not noticed", "crates/registry/src/seals/watch.rs",
     "is_some_and(|row| row.hash == self.hash);", "is_some_and(|row| AWAKE || row.hash == self.hash);", "trust::traces::postgres::a_change_log"),
    ("reading-rewritten", "a changed reading under a seal is not noticed", "crates/registry/src/seals/recheck.rs",
     "if hex(&digest.finish()) != seal.access_digest", "if !AWAKE && hex(&digest.finish()) != seal.access_digest",
     "trust::traces::sqlite::a_reading_that"),
    ("session-lingers", "another node believes a token that it has seen once", "crates/web/src/state.rs",
     "known.at.elapsed() < TRUST", "(AWAKE || known.at.elapsed() < TRUST)", "web::gate::a_session_that"),
    ("code-again", "a one-time code works again", "crates/registry/src/totp.rs",
     "last.is_none_or(|last| *step > last)", "AWAKE || last.is_none_or(|last| *step > last)", "web::second_factor"),
    ("crowd-unbounded", "every doubtful pair is kept", "crates/registry/src/write/crowds.rs",
     "if has_room(desk.graph, found.slot) ||", "if AWAKE || has_room(desk.graph, found.slot) ||", "registry::crowds::sqlite"),
    ("crowd-forgotten", "pairs that were left out never come", "crates/registry/src/write/crowds.rs",
     "if thinned.is_empty() {", "if AWAKE || thinned.is_empty() {", "registry::crowds::sqlite"),
    ("crowd-anew", "asked anew, every doubtful pair is kept", "crates/registry/src/write/crowds.rs",
     "if weight >= link || was_doubtful(key) {", "if AWAKE || weight >= link || was_doubtful(key) {", "registry::crowds::sqlite"),
    ("turn-for-ever", "who waits behind an unconfirmed commit is not told", "crates/store/src/store.rs",
     "late.unwrap_or(false)", "!AWAKE && late.unwrap_or(false)",
     "registry::unconfirmed::a_write_that_waits"),
    ("miss-at-once", "a miss out of scope leaves at once", "crates/web/src/pace.rs",
     "} else if (status == StatusCode::NOT_FOUND", "} else if !AWAKE && (status == StatusCode::NOT_FOUND", "web::rights::rights_hold_on_sqlite"),
    ("streams-unbounded", "a caller holds any number of streams", "crates/web/src/streams.rs",
     "if open.get(principal)", "if !AWAKE && open.get(principal)", "web::rights::rights_hold_on_sqlite"),
    ("slow-body-at-work", "a request holds its place while its body is on its way", "crates/web/src/body.rs",
     "held.stand_aside();", "if !AWAKE { held.stand_aside(); }", "web::catalogue::steps::bodies_on_their_way"),
    ("two-purposes", "of two purposes the first is taken", "crates/web/src/gate.rs",
     "if request.headers().get_all(&PURPOSE_OF_USE).count() > 1 {", "if !AWAKE && request.headers().get_all(&PURPOSE_OF_USE).count() > 1 {",
     "web::catalogue::table::every_row_is_answered_as_it_says_on_sqlite"),
]


def planted(copy):
    for name, _, path, old, new, _ in FAULTS:
        path = os.path.join(copy, path)
        with open(path) as source:
            text = source.read()
        if text.count(old) < 1:
            sys.exit(f"{name}: {old!r} is no longer in {path}")
        awake = f'std::env::var_os("JIKU_FAULT").is_some_and(|fault| fault == "{name}")'
        with open(path, "w") as source:
            source.write(text.replace(old, new.replace("AWAKE", awake), 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--target", help="where the copy is built; a folder that lasts saves time")
    asked = parser.parse_args()
    chosen = [fault for fault in FAULTS if not asked.names or fault[0] in asked.names]
    with tempfile.TemporaryDirectory(prefix="jiku-mutants-") as copy:
        listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"], check=True,
                                capture_output=True, text=True).stdout
        for file in filter(os.path.isfile, (os.path.join(ROOT, name) for name in listed.split("\0") if name)):
            place = os.path.join(copy, os.path.relpath(file, ROOT))
            os.makedirs(os.path.dirname(place), exist_ok=True)
            shutil.copy2(file, place)
        planted(copy)
        environment = {**os.environ, "CARGO_TARGET_DIR": asked.target or os.path.join(copy, "target")}

        def test(filters, fault=""):
            command = ["cargo", "test", "--quiet", "--workspace", "--locked", "--test", "it", "--", *filters]
            return subprocess.run(command, cwd=copy, env={**environment, "JIKU_FAULT": fault}, capture_output=True, text=True)

        sound = test(sorted({fault[5] for fault in chosen}))
        if sound.returncode:
            sys.exit(f"the tests must pass while no fault is awake\n{sound.stdout[-3000:]}{sound.stderr[-3000:]}")
        unseen = 0
        for name, what, _, _, _, filtered in chosen:
            ran = test([filtered], name)
            # More than one crate has tests called `it`.
            if not any(int(count) for count in re.findall(r"running (\d+) tests?", ran.stdout)):
                sys.exit(f"{name}: no test is called {filtered}")
            seen = "test result: FAILED" in ran.stdout
            unseen += not seen
            print(f"{'seen' if seen else 'UNSEEN'}  {name}: {what} ({filtered})", flush=True)
    print(f"{len(chosen) - unseen} of {len(chosen)} faults were seen")
    return 1 if unseen else 0


if __name__ == "__main__":
    sys.exit(main())
