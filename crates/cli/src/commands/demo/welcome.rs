//! What does a newcomer do next?

use serde_json::json;

use super::fill::COLLEAGUE;
use super::home::{Memory, SignIn};

/// The address, the sign-in, and the commands to copy.
pub(super) fn text(address: &str, steward: &SignIn, commands: &[(&str, String)]) -> String {
    let mut text = format!(
        "  Jiku answers on    {address}\n  Interface          {address}/api/docs\n  QGIS, GDAL         {address}/ogc\n  Steward's sign-in  name {}, password {}\n  A second steward   name {COLLEAGUE}, the same password: what one proposes the other approves\n\n  Commands to copy:\n",
        steward.name, steward.password
    );
    for (question, command) in commands {
        text.push_str(&format!("\n  # {question}\n  {command}\n"));
    }
    text.push_str("\n  Ctrl-C ends it.");
    text
}

/// Three questions, each with the command that asks it.
pub(super) fn commands(address: &str, memory: &Memory) -> Vec<(&'static str, String)> {
    let headers = format!("-H 'Authorization: Bearer {}' -H 'Purpose-Of-Use: demo'", memory.key.as_deref().unwrap_or_default());
    let post = |path: &str, body: serde_json::Value| {
        format!("curl -s {headers} -H 'Content-Type: application/json' -d '{body}' '{address}{path}'")
    };
    let mut commands = Vec::new();
    if let Some(example) = &memory.example {
        let person = json!({ "name": example.name, "birth_date": example.birth_date });
        commands
            .push(("Who is this? The canonical person, how sure that is, and why", post("/api/v1/persons/resolve?explain=true", person)));
    }
    commands.push(("What waits for a steward, the most urgent first", format!("curl -s {headers} '{address}/api/v1/reviews?limit=3'")));
    if let Some((lon, lat)) = memory.example.as_ref().and_then(|example| example.place) {
        commands.push(("Which parcel lies here, and who holds it?", post("/api/v1/parcels/query", json!({ "point": [lon, lat] }))));
    }
    commands
}
