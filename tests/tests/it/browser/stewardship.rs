//! Can a steward find, review by keyboard, merge, unmerge, split and correct, in a real browser?

use jiku_tests::browser::{Browser, key};
use jiku_tests::long::setting;
use jiku_tests::office::office;
use serde_json::{Value, json};

/// Sends a record in by the API, as the page's own scripts may, and gives its entity.
pub(super) fn send(browser: &Browser, record: &Value) -> String {
    let script = "return fetch('/api/v1/persons/records?on_flag=accept', { method: 'POST', body: arguments[0],
        headers: { 'Content-Type': 'application/json', 'Purpose-Of-Use': 'data-stewardship' } }).then((answer) => answer.json())";
    let answer = browser.script(script, &[json!(record.to_string())]);
    answer["entity"].as_str().unwrap_or_else(|| panic!("an entity, got {answer}")).to_owned()
}

/// An identity number of somebody born on this day (GB 11643).
fn number(birth: &str, sequence: u32) -> String {
    let body = format!("440106{birth}{sequence:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{body}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

pub(super) fn person(source: &str, key: &str, name: &str, birth: &str) -> Value {
    let date = format!("{}-{}-{}", &birth[..4], &birth[4..6], &birth[6..]);
    json!({ "source": source, "source_key": key, "name": name, "id_type": "111", "id_number": number(birth, 11), "birth_date": date })
}

#[test]
fn what_is_typed_is_found_and_every_side_of_it_is_shown() {
    office().visit("steward", |browser| {
        let entity = send(browser, &person("chaxun", "1", "端木赐", "19520301"));
        send(browser, &json!({ "source": "chaxun2", "source_key": "1", "name": "端木赐", "id_type": "111", "id_number": number("19520301", 11), "birth_date": "1952-03-01", "phone": "13800138055" }));
        browser.press("/");
        browser.wait_until("the box has the focus", || browser.script("return document.activeElement.name === 'q'", &[]) == true);
        browser.press(&format!("duanmu ci{}", key::ENTER));
        browser.see("2 source records agree");
        assert!(!browser.place().contains("duanmu"), "what is typed stays out of the address");
        browser.go("/search");
        browser.fill("input[name=q]", "端木赐");
        browser.see("2 source records agree");
        browser.shoot("found-while-typing");
        browser.click("#found a");
        browser.wait_until("the record", || browser.place() == format!("/persons/{entity}"));
        browser.see("personal values are masked");
        browser.press("f");
        browser.see("端木赐");
        browser.see("chaxun2");
        browser.shoot("record");
        browser.click(".tabs a[href$='/why']");
        browser.see("identity number: same");
        browser.click(".tabs a[href$='/history']");
        browser.see("Version 1 → 2");
        browser.see("chaxun2 1");
        browser.shoot("history");
    });
}

#[test]
fn a_queue_is_worked_off_without_the_mouse() {
    office().visit("steward", |browser| {
        let pairs = [
            ("公孙龙", "申屠嘉", "19610101"),
            ("淳于髡", "澹台明", "19620202"),
            ("夏侯惇", "钟离昧", "19630303"),
            ("令狐楚", "宇文化", "19640404"),
        ];
        for (at, (one, other, birth)) in pairs.into_iter().enumerate() {
            send(browser, &person("jianpan1", &at.to_string(), one, birth));
            let mut record = person("jianpan2", &at.to_string(), other, birth);
            record["birth_date"] = json!("1999-12-31");
            send(browser, &record);
        }
        browser.go("/reviews?source=jianpan1");
        browser.see("the model is unsure");
        browser.shoot("queue");
        browser.press("?");
        browser.see("Keys on this page");
        assert!(browser.text("dialog.keys").contains("Begin"), "the keys of the page are among them");
        browser.shoot("keys");
        browser.press(key::ESCAPE);
        browser.wait_until("the list of keys is gone", || browser.all("dialog.keys").is_empty());
        browser.press("g");
        let at_task = || browser.place().starts_with("/reviews/") && !browser.all("form.verdict").is_empty();
        browser.wait_until("the first task", at_task);
        browser.see("shown in full");
        browser.shoot("task");
        let first = browser.place();
        let step = |keys: &str| {
            let before = browser.place();
            browser.press(keys);
            browser.wait_until("the next page", || browser.place() != before);
        };
        step("n");
        assert!(!browser.text("main").contains("The one before was decided"), "a task that is skipped is not decided");
        // Given to somebody else, by name, in a dialog where no key decides what lies behind it.
        browser.press("t");
        browser.wait_until("a dialog", || !browser.all("dialog[open] input[name=to]").is_empty());
        browser.shoot("give");
        browser.press(key::ESCAPE);
        browser.wait_until("the dialog is gone", || browser.all("dialog").is_empty());
        let given = browser.place();
        browser.press("t");
        browser.wait_until("the dialog again", || !browser.all("dialog[open] input[name=to]").is_empty());
        step(&format!("colleague{}", key::ENTER));
        browser.see("given to another steward");
        browser.go(&given);
        browser.see("taken by colleague");
        step("d");
        browser.see("The one before was decided: different");
        browser.press("c");
        browser.press("two brothers");
        browser.press(key::ESCAPE);
        step("d");
        step("u");
        browser.wait_until("the one that was skipped", || browser.place().split('?').next() == first.split('?').next());
        browser.press("z");
        browser.wait_until("the last one again", || browser.place().split('?').next() != first.split('?').next() && at_task());
        browser.see("undone: decide again");
        let last = browser.place();
        browser.press("z");
        browser.wait_until("the one before it too", || browser.place() != last && at_task());
        step("d");
        step("d");
        step("d");
        browser.see("Nothing waits");
        browser.go("/decisions?mine=1&act=judge");
        browser.see("two brothers");
        browser.see("undone");
    });
}

#[test]
fn a_merge_is_seen_beforehand_made_and_undone() {
    office().visit("steward", |browser| {
        // Two different numbers would need a second steward.
        let one = send(browser, &person("hebing", "1", "百里奚", "19550505"));
        let other = send(browser, &json!({ "source": "hebing", "source_key": "2", "name": "东郭牙", "birth_date": "1966-06-06" }));
        browser.go(&format!("/persons/{one}/merge"));
        browser.fill("input[name=with]", &other);
        browser.press(key::ENTER);
        browser.see("Nothing has changed yet");
        browser.see(&format!("{other} → {one}"));
        browser.shoot("preview");
        browser.fill("input[name=comment]", "one person, two names");
        browser.click("form[action*='/merge'] button");
        browser.see("one person, two names");
        browser.go(&format!("/persons/{other}"));
        browser.wait_until("the survivor answers", || browser.place() == format!("/persons/{one}"));
        browser.go(&format!("/persons/{one}/decisions"));
        browser.click("tbody a");
        browser.click("form.actions button");
        browser.see("What undoing would do");
        browser.shoot("undo");
        browser.click("form.fields button");
        browser.wait_until("the undoing", || browser.text("h1").starts_with("undo"));
        browser.go(&format!("/persons/{other}"));
        assert_eq!(browser.place(), format!("/persons/{other}"), "it answers for itself again");
    });
}

#[test]
fn past_merges_are_opened_and_undone_in_any_order() {
    office().visit("steward", |browser| {
        let record =
            |key: &str, birth: &str| json!({ "source": "chexiao", "source_key": key, "name": format!("公冶{key}"), "birth_date": birth });
        let ids: Vec<String> = [("长", "1951-01-01"), ("芝", "1962-02-02"), ("孙", "1973-03-03")]
            .iter()
            .map(|(key, birth)| send(browser, &record(key, birth)))
            .collect();
        let merge = |other: &str, comment: &str| {
            browser.go(&format!("/persons/merge?ids={},{other}", ids[0]));
            browser.fill("input[name=comment]", comment);
            browser.click("button[value=merge]");
            browser.see(comment);
            browser.place()
        };
        let decisions = [merge(&ids[1], "first of two"), merge(&ids[2], "second of two")];
        for (decision, freed, kept) in [(&decisions[0], &ids[1], &ids[2]), (&decisions[1], &ids[2], &ids[0])] {
            browser.go(decision);
            browser.click("form.actions button");
            browser.see("What undoing would do");
            browser.click("form.fields button");
            browser.wait_until("the undoing", || browser.text("h1").starts_with("undo"));
            browser.go(&format!("/persons/{freed}"));
            assert_eq!(browser.place(), format!("/persons/{freed}"), "it answers for itself again");
            browser.go(&format!("/persons/{kept}"));
            assert_eq!(browser.place(), format!("/persons/{}", ids[0]), "the other merge stands");
        }
    });
}

#[test]
fn records_are_split_off_and_a_value_is_set_by_hand() {
    office().visit("steward", |browser| {
        let entity = send(browser, &person("chaifen1", "1", "南宫适", "19570707"));
        assert_eq!(send(browser, &person("chaifen2", "2", "南宫适", "19570707")), entity, "two sources tell of one person");
        browser.go(&format!("/persons/{entity}/split"));
        browser.click("input[value='chaifen2/2']");
        browser.click("form[action*='/split'] button");
        browser.see("Nothing has changed yet");
        browser.shoot("split");
        browser.click("form.fields button");
        browser.wait_until("the decision", || browser.text("h1").starts_with("split"));

        browser.go(&format!("/persons/{entity}/values/name"));
        browser.fill("input[name=own]", "南宫括");
        browser.fill("input[name=reason]", "as in the household book");
        browser.click("button[value=look]");
        browser.see("nothing has changed yet");
        browser.click("button[value=set]");
        let at_record = || browser.place() == format!("/persons/{entity}");
        browser.wait_until("the record", at_record);
        browser.go(&format!("/persons/{entity}?unmask=true"));
        browser.see("南宫括");
        browser.go(&format!("/persons/{entity}/values/name?unmask=true"));
        browser.see("as in the household book");
        browser.fill("input[name=reason]", "it was a slip");
        browser.click("button[value=release]");
        browser.wait_until("the record", at_record);
        browser.go(&format!("/persons/{entity}?unmask=true"));
        browser.wait_until("the sources' name", || browser.text("h1") == "南宫适");
    });
}

#[test]
fn an_auditor_sees_who_read_and_nothing_else() {
    let mut entity = String::new();
    office().visit("steward", |browser| {
        entity = send(browser, &person("liuhen", "1", "上官婉", "19680808"));
        browser.go(&format!("/persons/{entity}?unmask=true"));
        browser.see("上官婉");
    });
    office().visit("auditor", |browser| {
        assert!(browser.all("nav a[href='/reviews']").is_empty(), "no way where one may not go");
        browser.go(&format!("/persons/{entity}/readers"));
        browser.see("data-stewardship");
        browser.shoot("readers");
    });
}

#[test]
fn a_merge_of_contradicting_numbers_takes_two_stewards() {
    let mut proposal = String::new();
    office().visit("steward", |browser| {
        let one = send(browser, &person("tiyi", "1", "闻人朔", "19530903"));
        let other = send(browser, &person("tiyi", "2", "澹台望", "19640904"));
        browser.go(&format!("/persons/merge?ids={one},{other}"));
        browser.see("This merge takes two stewards");
        assert!(browser.all("button[value=merge]").is_empty(), "one alone may not");
        browser.shoot("risky");
        browser.fill("input[name=comment]", "one man, two numbers");
        browser.click("button[value=propose]");
        browser.see("another steward has to approve it");
        proposal = browser.place();
        browser.go("/reviews");
        browser.wait_until("the number of proposals", || browser.text(".tabs .count") == "1");
    });
    office().visit("colleague", |browser| {
        browser.go("/proposals");
        browser.see("one man, two numbers");
        browser.go(&proposal);
        browser.shoot("proposal");
        browser.fill("input[name=comment]", "seen the file");
        browser.click("button[value=approve]");
        browser.wait_until("the decision", || browser.place().starts_with("/decisions/"));
        browser.see("proposed by steward, approved by colleague");
        browser.go(&proposal);
        browser.see("approved");
    });
}

#[test]
fn what_a_mask_hides_is_not_compared_and_what_a_rule_holds_is_decided_alone() {
    office().visit("steward", |browser| {
        // One name and one day of birth, but two valid numbers: a rule of the model never links them by itself.
        send(browser, &person("guize1", "1", "皇甫嵩", "19690909"));
        let mut other = person("guize2", "1", "皇甫嵩", "19690909");
        other["id_number"] = json!(number("19690910", 37));
        send(browser, &other);
        browser.go("/reviews?source=guize1&reason=unsure");
        browser.see("Nothing waits");
        browser.go("/reviews?source=guize1&reason=rule");
        browser.see("guize1\nguize2");
        browser.see("held by a rule of the model");
        browser.see("two different valid numbers");
        let task = browser.script("return document.querySelector('tbody a').getAttribute('href')", &[]);
        browser.click("tbody input[name=task]");
        browser.click("button[value=positive]");
        browser.see("Each of the chosen ones must be looked at alone");
        browser.shoot("alone");
        browser.go(task.as_str().expect("an address"));
        browser.see("look in full before you decide");
        assert!(!browser.all(".pair tr.veiled").is_empty(), "masked values are not compared");
        assert!(browser.all(".pair tr.veiled mark").is_empty());
        browser.shoot("veiled");
    });
}

#[test]
fn a_model_is_read_in_words_and_another_threshold_tried() {
    office().visit("steward", |browser| {
        browser.go("/models");
        browser.see("Review load");
        browser.see("identity number");
        browser.replace("input[name=link]", "30");
        browser.click("form[action='/models/preview'] button");
        browser.see("groups put together anew");
        browser.shoot("preview");
        browser.click(".tabs a[href='/models?kind=parcel']");
        browser.see("Blocking rules");
    });
}

/// What somebody might be called who wants a page to run a script, some of it from lists of such.
const PAYLOADS: [&str; 20] = [
    "<script>RUN</script>",
    "<ScRiPt src=data:text/javascript,RUN></ScRiPt>",
    "</title><script>RUN</script>",
    "</script><script>RUN</script>",
    "</textarea><script>RUN</script>",
    "<img src=x onerror=RUN>",
    "<svg onload=RUN>",
    "<svg><animate onbegin=RUN attributeName=x dur=1s>",
    "<body onload=RUN>",
    "<iframe srcdoc='<script>parent.RUN</script>'>",
    "<iframe src=javascript:parent.RUN>",
    "<details open ontoggle=RUN>",
    "<input autofocus onfocus=RUN>",
    "<video><source onerror=RUN>",
    "<a href=javascript:RUN>x</a>",
    "<math><mtext></p><img src=x onerror=RUN>",
    "<object data=javascript:RUN>",
    "<meta http-equiv=refresh content=0;url=javascript:RUN>",
    "<base href=//x.example/>",
    "{{constructor.constructor('RUN')()}}",
];

/// What stands before a payload, so that it leaves where it was put.
const BEFORE: [&str; 10] = ["", "\"", "'", "\">", "'>", "-->", "]]>", "\"-RUN-\"", "';RUN//", "`${RUN}`"];

#[test]
fn nobody_s_name_runs_as_a_script() {
    let count = usize::try_from(setting("JIKU_PAYLOADS", 20)).expect("small");
    office().visit("steward", |browser| {
        for at in 0..count {
            // Each of both in turn, and with all two hundred of them each beside each.
            let (before, payload) = (BEFORE[(at + at / PAYLOADS.len()) % BEFORE.len()], PAYLOADS[at % PAYLOADS.len()]);
            let script = format!("(window.ran=alert({at}))");
            let name = format!("{before}{payload}").replace("RUN", &script);
            let record =
                json!({ "source": "jiaoben", "source_key": at.to_string(), "name": name, "birth_date": "1951-09-17", "former_name": name });
            let entity = send(browser, &record);
            browser.go(&format!("/persons/{entity}?unmask=true"));
            let told = browser.text("main");
            assert!(told.contains(&script) || !name.contains(&script), "{at}: {name} is there as text: {told}");
            browser.go(&format!("/persons/{entity}/history?unmask=true"));
            assert_eq!(browser.script("return String(window.ran)", &[]), "undefined", "{at}: {name} ran");
        }
        browser.go("/search");
        browser.fill("input[name=q]", "1951-09-17");
        browser.wait_until("what is found", || !browser.all("#found a").is_empty());
        assert_eq!(browser.script("return String(window.ran)", &[]), "undefined");
    });
}
