//! What is one writing transaction?
//!
//! It begins by catching up with what others wrote, plans in memory, writes what was planned, and brings the indexes
//! for readers up to date after the commit. When it is not committed, what was planned is read again the next time.

use std::sync::Arc;

use jiku_golden::Rules;
use jiku_linkage::MatchIndex;
use jiku_model::{DecisionId, Kind, SourceCode, SourceSystem, Timestamp};
use jiku_store::{Reader, Writer};
use uuid::Uuid;

use super::draft::Draft;
use super::reload::{catch_up, index};
use super::settle::{Cause, Desk, MANY, Touched, settle};
use super::state::{Core, State, now};
use crate::facade::Act;
use crate::memory::{Effects, Sources, source_row};
use crate::{RegistryError, acts};

/// A writing transaction on its way.
pub(crate) struct Session<'a, 'c> {
    pub(crate) core: &'a Core,
    pub(crate) writer: &'a mut Writer<'c>,
    pub(crate) state: &'a mut State,
    pub(crate) sources: Sources,
    /// The moment of everything it writes: later than anything written before.
    pub(crate) at: Timestamp,
    effects: Vec<(Kind, Effects)>,
    adopted: Vec<(Kind, i32, MatchIndex)>,
    ruled: Vec<(Kind, i32, Rules)>,
}

/// What a committed transaction leaves to be done in memory.
struct Committed {
    effects: Vec<(Kind, Effects)>,
    adopted: Vec<(Kind, i32, MatchIndex)>,
    ruled: Vec<(Kind, i32, Rules)>,
    sources: Sources,
    at: Timestamp,
    position: i64,
}

/// Runs one writing transaction and applies it to the memory.
pub(crate) fn transact<T>(core: &Core, run: impl FnOnce(&mut Session<'_, '_>) -> Result<T, RegistryError>) -> Result<T, RegistryError> {
    let mut guard = core.state.lock();
    let state = &mut *guard;
    let turn = core.turn();
    let (value, committed) = core.store.write(|writer| {
        let mut session = Session::begin(core, state, writer)?;
        let value = run(&mut session)?;
        session.reopen()?;
        let position = session.writer.last_position()?;
        let Session { effects, adopted, ruled, sources, at, .. } = session;
        let committed = Committed { effects, adopted, ruled, sources, at, position };
        Ok::<_, RegistryError>((value, committed))
    })?;
    drop(turn);
    for (kind, effects) in committed.effects {
        state.touched[index(kind)] = Touched::default();
        core.shelf(kind).apply(effects);
    }
    for (kind, version, matching) in committed.adopted {
        core.shelf(kind).adopt(version, matching);
    }
    for (kind, version, rules) in committed.ruled {
        core.shelf(kind).adopt_rules(version, rules);
    }
    state.last_at = state.last_at.max(committed.at);
    state.position = committed.position;
    core.set_sources(committed.sources);
    core.advance(committed.position);
    Ok(value)
}

impl<'a, 'c> Session<'a, 'c> {
    fn begin(core: &'a Core, state: &'a mut State, writer: &'a mut Writer<'c>) -> Result<Self, RegistryError> {
        catch_up(core, state, writer)?;
        let sources = Sources::new(writer.sources()?)?;
        let at = now().max(state.last_at + chrono::TimeDelta::microseconds(1));
        Ok(Self { core, writer, state, sources, at, effects: Vec::new(), adopted: Vec::new(), ruled: Vec::new() })
    }

    /// Where a write to a kind is planned, and how it reads.
    pub(crate) fn desk(&mut self, kind: Kind) -> (Desk<'_>, &mut Reader<'c>) {
        let at = index(kind);
        let desk = Desk {
            core: self.core,
            shelf: self.core.shelf(kind),
            graph: &mut self.state.graphs[at],
            touched: &mut self.state.touched[at],
            sources: &self.sources,
            cadastre: &self.core.cadastre,
        };
        (desk, self.writer)
    }

    /// What this transaction does to the indexes of a kind so far.
    pub(crate) fn effects_on(&self, kind: Kind) -> impl Iterator<Item = &Effects> {
        self.effects.iter().filter(move |(of, _)| *of == kind).map(|(_, effects)| effects)
    }

    /// Writes what was planned.
    pub(crate) fn write(&mut self, mut draft: Draft) -> Result<(), RegistryError> {
        draft.write(self.writer)?;
        self.effects.push((draft.kind, std::mem::take(&mut draft.effects)));
        // Whoever waits for the commit need not wait until what was drafted is given back piece by piece.
        if draft.entities.len() >= MANY {
            rayon::spawn(move || drop(draft));
        }
        Ok(())
    }

    /// Puts another version of the model into use when this is committed.
    pub(crate) fn adopt(&mut self, kind: Kind, version: i32, matching: MatchIndex) {
        self.adopted.push((kind, version, matching));
    }

    /// Puts another version of the survivorship rules into use when this is committed.
    pub(crate) fn adopt_rules(&mut self, kind: Kind, version: i32, rules: Rules) {
        self.ruled.push((kind, version, rules));
    }

    /// Makes sure a source system exists; an unknown one gets its code as name and a middling trust.
    pub(crate) fn ensure_source(&mut self, code: &SourceCode) -> Result<(), RegistryError> {
        if self.sources.number(code).is_some() {
            return Ok(());
        }
        let source = SourceSystem { code: code.clone(), name: code.to_string(), department: code.to_string(), trust: 50 };
        self.put_source(source)
    }

    /// Makes sure that edits of parcels have their source system.
    pub(crate) fn ensure_edit_source(&mut self) -> Result<(), RegistryError> {
        let code: SourceCode = jiku_parcel::edit::SOURCE.parse().expect("a source code");
        if self.sources.number(&code).is_some() {
            return Ok(());
        }
        self.put_source(SourceSystem { code, name: "宗地编辑 Parcel edits".to_owned(), department: "jiku".to_owned(), trust: 100 })
    }

    /// Makes or changes a source system; when its trust changes, the golden records that rest on it are composed again.
    pub(crate) fn change_source(&mut self, source: SourceSystem, actor: &str) -> Result<(), RegistryError> {
        let known = self.sources.number(&source.code);
        let before = known.map(|number| self.sources.trust(number));
        let trust = source.trust;
        let (about, detail) = (source.code.to_string(), format!("{} of {}, trust {trust}", source.name, source.department));
        self.put_source(source)?;
        acts::note(self, actor, Act::SourcePut, &about, &detail)?;
        let Some(number) = known.filter(|_| before != Some(trust)) else { return Ok(()) };
        for kind in Kind::ALL {
            let at = self.at;
            let (mut desk, reader) = self.desk(kind);
            let slots: Vec<u32> = desk.graph.nodes().filter(|(_, node)| node.source == number).map(|(slot, _)| slot).collect();
            if slots.is_empty() {
                continue;
            }
            let mut draft = Draft::new(kind, at, DecisionId(Uuid::now_v7()));
            let cause = Cause { judged: slots, recompose: true, actor: Arc::from(actor), ..Cause::default() };
            settle(&mut desk, reader, &mut draft, &cause)?;
            self.write(draft)?;
        }
        Ok(())
    }

    /// Makes or changes a source system.
    fn put_source(&mut self, source: SourceSystem) -> Result<(), RegistryError> {
        let full = || RegistryError::conflict("too-many-sources", "there can be at most 32767 source systems");
        let number = match self.sources.number(&source.code) {
            Some(number) => number,
            None => self.sources.next_number().ok_or_else(full)?,
        };
        self.writer.put_source(&source_row(number, &source))?;
        self.sources.put(number, source);
        Ok(())
    }
}
