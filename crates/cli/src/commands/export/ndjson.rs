//! How does a golden record look on a line of its own?

use std::io::{self, Write};

use jiku_geofile::LeftOut;
use jiku_registry::{EntityView, SourceRecordView, ValueView, Watermark};
use serde_json::{Map, Value, json};

use super::{Sink, line};

/// One JSON object on each line.
pub(super) struct Ndjson {
    out: Box<dyn Write>,
    export: String,
}

impl Ndjson {
    pub(super) fn new(out: Box<dyn Write>, mark: &Watermark) -> Self {
        Self { out, export: mark.id.to_string() }
    }
}

impl Sink for Ndjson {
    fn item(&mut self, entity: &EntityView) -> io::Result<()> {
        line(&mut self.out, &body(entity, &self.export))
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<LeftOut>> {
        self.out.flush()?;
        Ok(Vec::new())
    }
}

/// The export that it left by, the golden values by column, each value's origin beside them, and the source records.
fn body(entity: &EntityView, export: &str) -> Value {
    let values: Map<String, Value> =
        entity.values.iter().map(|(column, value)| (column.clone(), Value::from(value.value.as_str()))).collect();
    let provenance: Map<String, Value> = entity.values.iter().map(|(column, value)| (column.clone(), origin(value))).collect();
    let sources: Vec<Value> = entity.sources.iter().flatten().map(source).collect();
    json!({
        "id": entity.id, "kind": entity.kind, "version": entity.version, "recorded_from": entity.recorded_from,
        "values": values, "provenance": provenance, "sources": sources, "export": export,
    })
}

fn origin(value: &ValueView) -> Value {
    let source = value.source.as_ref().map(|key| json!({ "source": key.source, "source_key": key.key }));
    json!({ "from": source, "rule": value.rule, "agreeing": value.agreeing, "differing": value.differing })
}

fn source(record: &SourceRecordView) -> Value {
    json!({ "source": record.key.source, "source_key": record.key.key, "revision": record.revision, "received_at": record.received_at, "attributes": record.attributes })
}
