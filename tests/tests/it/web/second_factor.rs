//! Does an account sign in with a second factor, and must an administrator where the rules ask for it?

use jiku_registry::{Actor, NewUser, Options, Role, Sources};
use ring::hmac;
use serde_json::json;

use super::service::{Caller, PASSWORD, Service};

/// The six digits an authenticator shows for a secret so many steps from now (RFC 6238).
fn code(secret: &str, steps: i64) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String = secret.chars().map(|letter| format!("{:05b}", ALPHABET.find(letter).expect("base32"))).collect();
    let bytes = bits.as_bytes().chunks_exact(8).map(|byte| {
        let text = std::str::from_utf8(byte).expect("digits");
        u8::from_str_radix(text, 2).expect("a byte")
    });
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes.collect::<Vec<_>>());
    let step = chrono::Utc::now().timestamp() / 30 + steps;
    let digest = hmac::sign(&key, &step.to_be_bytes());
    let digest = digest.as_ref();
    let offset = usize::from(digest[19] & 0xf);
    let number = u32::from_be_bytes([digest[offset] & 0x7f, digest[offset + 1], digest[offset + 2], digest[offset + 3]]);
    format!("{:06}", number % 1_000_000)
}

fn user(service: &Service, name: &str, roles: &[Role]) {
    let user = NewUser {
        name: name.to_owned(),
        department: "test".to_owned(),
        roles: roles.to_vec(),
        password: PASSWORD.to_owned(),
        staff_number: None,
        sources: Sources::default(),
    };
    service.registry.create_user(&Actor::operator("test"), &user).expect("a user");
}

/// Signs in; the caller of the session, or the refusal's problem.
fn sign_in<'a>(service: &'a Service, name: &str, code: Option<&str>) -> Result<Caller<'a>, String> {
    let mut body = json!({ "name": name, "password": PASSWORD });
    if let Some(code) = code {
        body["code"] = code.into();
    }
    let answer = service.stranger().post("/api/v1/sessions", &body);
    let session = if answer.status == 201 { answer.json() } else { return Err(answer.problem()) };
    let token = session["token"].as_str().expect("a token").to_owned();
    Ok(service.stranger().with("Authorization", &format!("Bearer {token}")).with("Purpose-Of-Use", "test"))
}

#[test]
fn an_administrator_gives_the_account_a_second_factor_before_anything_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("base.db");
    let options = Options { strict_administrators: true, ..Options::new(format!("sqlite://{}", file.display())) };
    let service = Service::over(options, Some(folder));
    user(&service, "wu", &[Role::Auditor]);
    user(&service, "lin", &[Role::Reader]);
    assert_eq!(sign_in(&service, "lin", None).expect("a reader").get("/api/v1/stats").status, 200, "others are not asked");
    let auditor = sign_in(&service, "wu", None).expect("signed in");
    for path in ["/api/v1/stats", "/api/v1/emergencies", "/api/v1/persons/0190a7a0-0000-7000-8000-000000000001/report"] {
        let answer = auditor.get(path);
        assert_eq!((answer.status, answer.problem().as_str()), (403, "second-factor-required"), "{path}");
    }
    assert_eq!(auditor.get("/api/v1/sessions/current").status, 200);
    let place = "/api/v1/sessions/current/second-factor";
    let secret = auditor.post(place, &json!({})).expect(200)["secret"].as_str().expect("a secret").to_owned();
    assert_eq!(auditor.put(place, &json!({ "secret": secret, "code": "000000" })).problem(), "code-invalid");
    let used = code(&secret, 0);
    assert_eq!(auditor.put(place, &json!({ "secret": secret, "code": used })).status, 204);
    assert_eq!(auditor.get("/api/v1/emergencies").status, 200, "at once");

    assert_eq!(sign_in(&service, "wu", None).err().as_deref(), Some("sign-in-failed"), "from now on with the code");
    assert_eq!(sign_in(&service, "wu", Some(&used)).err().as_deref(), Some("sign-in-failed"), "which works once");
    let again = sign_in(&service, "wu", Some(&code(&secret, 1))).expect("with the next code");
    assert_eq!(again.get("/api/v1/emergencies").status, 200);
    // A key is no password: the rule does not ask it.
    assert_eq!(service.caller(&[Role::Auditor]).get("/api/v1/emergencies").status, 200);
    let bytes: Vec<u8> =
        ["", "-wal"].iter().flat_map(|end| std::fs::read(format!("{}{end}", file.display())).unwrap_or_default()).collect();
    assert!(memchr::memmem::find(&bytes, b"argon2id").is_some(), "the search sees what is there");
    assert!(memchr::memmem::find(&bytes, secret.as_bytes()).is_none(), "the secret is not readable in the database");
}

#[test]
fn whoever_finds_a_session_open_puts_no_second_factor_of_theirs_in_the_place_of_another() {
    let service = Service::sqlite();
    user(&service, "wu", &[Role::Reader]);
    let session = sign_in(&service, "wu", None).expect("signed in");
    let place = "/api/v1/sessions/current/second-factor";
    let new = || session.post(place, &json!({})).expect(200)["secret"].as_str().expect("a secret").to_owned();
    let (first, second, third) = (new(), new(), new());
    assert_eq!(session.put(place, &json!({ "secret": first, "code": code(&first, 0) })).status, 204, "the first needs no proof");
    let put = |secret: &str, proof: serde_json::Value| {
        let answer = session.put(place, &json!({ "secret": secret, "code": code(secret, 0), "proof": proof }));
        (answer.status, answer.problem())
    };
    let missing = session.put(place, &json!({ "secret": second, "code": code(&second, 0) }));
    assert_eq!((missing.status, missing.problem().as_str()), (422, "proof-invalid"));
    assert_eq!(put(&second, json!("not the password")), (422, "proof-invalid".to_owned()));
    assert_eq!(put(&second, json!(code(&second, 0))), (422, "proof-invalid".to_owned()), "the new one proves nothing");
    assert_eq!(put(&second, json!(code(&first, 0))), (422, "proof-invalid".to_owned()), "a code works once");
    assert_eq!(put(&second, json!(code(&first, 1))).0, 204, "a code of the present one");
    assert_eq!(put(&third, json!(PASSWORD)).0, 204, "or the password");
    for _ in 0..5 {
        put(&second, json!("guessed"));
    }
    assert_eq!(put(&second, json!(PASSWORD)).0, 403, "who guesses is shut out");
}

#[test]
fn a_code_that_many_bring_at_once_lets_one_in() {
    let service = Service::sqlite();
    user(&service, "wu", &[Role::Reader]);
    let secret = service.registry.new_second_factor().expect("a secret");
    let wu = Actor { principal: "wu".to_owned(), ..Actor::operator("test") };
    service.registry.set_second_factor(&wu, &secret, &code(&secret, 0), None).expect("a second factor");
    let next = code(&secret, 1);
    let signed = std::thread::scope(|scope| {
        let signing = [(); 6].map(|()| scope.spawn(|| service.registry.sign_in("wu", PASSWORD, Some(&next)).is_ok()));
        signing.map(|thread| thread.join().expect("it ends"))
    });
    assert_eq!(signed.iter().filter(|signed| **signed).count(), 1, "{signed:?}");
}
