// How is a parcel drawn, split, united or adjusted? Nothing is written before it was checked, and the check shows on the map.

import { call, parcels } from './api.mjs';
import { areaOf, collection, feature, polygons } from './geometry.mjs';
import { area, LAND_USES, many, number, say } from './language.mjs';
import { element } from './choose.mjs';

const API = '/api/v1/parcels';
const SIGNS = { block: '✕', warn: '!', note: 'i' };

/** A request of the interface for each edit. */
const requests = {
  create: ({ geometry, values }) => ['POST', API, { geometry, values }],
  split: ({ id, line }) => ['POST', `${API}/${id}/split`, { line }],
  unite: ({ ids, values }) => ['POST', `${API}/unite`, { parcels: ids, ...(Object.keys(values).length ? { values } : {}) }],
  adjust: ({ boundaries }) => (boundaries.length === 1
    ? ['PATCH', `${API}/${boundaries[0].parcel}`, { geometry: boundaries[0].geometry }]
    : ['POST', `${API}/adjust`, { boundaries }]),
  undo: ({ decision }) => ['POST', `${API}/undo`, { decision }],
};

/** What the check of topology comes to. */
function verdict(found, blocks) {
  if (blocks) return say(`拓扑检查：${number(blocks)} 项须先改正，共 ${number(found)} 项。`, `Topology: ${number(blocks)} to be put right first, ${number(found)} in all.`);
  return found ? say(`可以保存；拓扑检查有 ${number(found)} 项提醒。`, `Can be saved; topology: ${number(found)} to look at.`) : say('拓扑检查通过。', 'Topology: nothing found.');
}


export class Editor {
  #map;
  #sketch;
  #choice;
  #panel;
  #tell;
  #ended;
  #edit = null;
  #handles = [];
  #boundaries = [];
  /** Whether an edit was asked for and the parcels around it are still being read. */
  beginning = false;

  constructor(map, { sketch, choice, panel, tell, ended }) {
    this.#map = map;
    this.#sketch = sketch;
    this.#choice = choice;
    this.#panel = panel;
    this.#tell = tell;
    this.#ended = ended;
    this.#listenToHandles();
  }

  /** Begins an edit of this sort with what is chosen; says what is missing otherwise, and that nothing began. */
  async start(kind) {
    this.stop();
    const chosen = this.#choice.features;
    const wanting = {
      split: [chosen.length === 1, say('请先选中要分割的一宗宗地。', 'Choose the one parcel to split first.')],
      unite: [chosen.length >= 2, say('请先选中要合并的相邻宗地（按住 Shift 单击可多选）。', 'Choose the neighbours to merge first: Shift and click adds one.')],
      adjust: [chosen.length >= 1, say('请先选中要调整边界的宗地。', 'Choose the parcels whose boundary is to move first.')],
    }[kind];
    if (wanting && !wanting[0]) { this.#tell(wanting[1]); return false; }
    // Until the parcels in view are known, whose corners attract, a click on the map is neither a corner nor another choice.
    this.beginning = true;
    this.#tell(say('正在读取周围的宗地…', 'Reading the parcels around …'));
    await this.#look();
    this.beginning = false;
    this.#tell('');
    if (kind === 'create') {
      this.#sketch.start('polygon', (geometry) => this.#form({ kind, geometry, values: {} }));
      this.#tell(`${say('画出新宗地；靠近已有角点和边线时会自动吸附。', 'Draw the new parcel; corners and edges of others attract.')} ${this.#sketch.hint()}`);
    } else if (kind === 'split') {
      this.#sketch.start('line', (line) => this.#form({ kind, id: chosen[0].id, line }));
      this.#tell(`${say('画出分割线，起点和终点都在宗地之外或边线上。', 'Draw the line; it begins and ends outside or on the boundary.')} ${this.#sketch.hint()}`);
    } else if (kind === 'unite') {
      this.#form({ kind, ids: chosen.map(({ id }) => id), values: {} });
    } else {
      this.#boundaries = structuredClone(chosen);
      this.#showHandles();
      this.#tell(say('拖动角点移动边界，相邻的已选宗地一起变化；拖动小圆点增加角点，双击角点删除。', 'Drag a corner: chosen neighbours that share it move along. Drag a small circle to add a corner, double click one to remove it.'));
      this.#form({ kind, boundaries: [] });
    }
    return true;
  }

  /** Puts everything back. */
  stop() {
    if (this.#edit) this.#ended();
    this.#edit = null;
    this.#handles = [];
    this.#boundaries = [];
    this.#sketch.stop();
    this.#sketch.near = [];
    this.#panel.hidden = true;
    this.#panel.replaceChildren();
    for (const source of ['handles', 'found', 'sketch']) this.#map.getSource(source).setData(collection());
  }

  /** The parcels in view, so that what is drawn can share their corners exactly. */
  async #look() {
    const box = this.#map.getBounds();
    if (this.#map.getZoom() < 14) return;
    try {
      const query = { bbox: [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()] };
      this.#sketch.near = (await parcels(query, undefined, 1000)).features;
    } catch { /* drawing goes on without attraction */ }
  }

  #form(edit) {
    this.#edit = { ...edit, seen: null };
    const titles = {
      create: say('新宗地', 'New parcel'), split: say('分割宗地', 'Split the parcel'), unite: say('合并宗地', 'Merge parcels'), adjust: say('调整边界', 'Adjust the boundary'),
    };
    const check = element('button', { type: 'button', id: 'edit-check', onclick: () => this.#check() }, say('检查', 'Check'));
    const save = element('button', { type: 'button', id: 'edit-save', disabled: true, onclick: () => this.#save() }, say('保存', 'Save'));
    const give = element('button', { type: 'button', class: 'quiet', onclick: () => { this.stop(); this.#tell(''); } }, say('取消', 'Cancel'));
    this.#panel.replaceChildren(
      element('h2', {}, titles[edit.kind]),
      ...(edit.kind === 'create' ? [this.#values()] : edit.kind === 'unite' ? [this.#rights()] : []),
      element('label', {}, say('说明', 'Reason'), element('input', { id: 'edit-comment', maxlength: 500 })),
      element('p', { class: 'actions' }, check, save, give),
      element('div', { id: 'edit-report', role: 'status' }),
    );
    this.#panel.hidden = false;
    // Parcels of different holders cannot be one before somebody says who holds it.
    const open = edit.kind === 'unite' && this.#holders() > 1;
    if (open) this.#tell(say('权利人不同：请填写合并后的权利人，再检查。', 'Their right holders differ: say who holds the new parcel, then check.'));
    else if (edit.kind !== 'create' && edit.kind !== 'adjust') this.#check();
  }

  #values() {
    const field = (name, title, control) => element('label', {}, title, (control.id = `edit-${name}`, control.name = name, control));
    const uses = element('select', {}, ...LAND_USES.map(([code, , , zh, en]) => element('option', { value: code }, `${code} ${say(zh, en)}`)));
    return element('div', { class: 'stack' },
      field('parcel_code', say('宗地代码（前 14 位，顺序号自动生成）', 'Parcel code (14 characters; the number follows)'), element('input', { maxlength: 19, autocomplete: 'off' })),
      field('land_use', say('土地用途', 'Land use'), uses),
      field('registered_area_m2', say('登记面积（平方米）', 'Registered area (m²)'), element('input', { inputmode: 'decimal', value: areaOf(this.#edit.geometry).toFixed(2) })),
      field('location', say('坐落', 'Location'), element('input', { maxlength: 200 })));
  }

  /** How many right holders the chosen parcels have. */
  #holders() {
    return new Set(this.#choice.features.map(({ properties }) => properties.right_holder)).size;
  }

  /** What the united parcel is given where those before it differ. */
  #rights() {
    const field = (name, title) => element('label', {}, title, element('input', { name, maxlength: 200, autocomplete: 'off' }));
    return element('details', { open: this.#holders() > 1 },
      element('summary', {}, say('合并后的权利（不填则沿用最大一宗的）', 'Rights of the new parcel; the largest one’s when empty')),
      element('div', { class: 'stack' }, field('right_holder', say('权利人', 'Right holder')), field('right_holder_id', say('权利人证件号', 'Right holder’s number')), field('right_type', say('权利类型', 'Type of right'))));
  }

  /** What the interface is asked, with what stands in the form. */
  #request() {
    if (this.#edit.values) {
      const inputs = [...this.#panel.querySelectorAll('[name]')].filter(({ value }) => value.trim());
      this.#edit.values = Object.fromEntries(inputs.map(({ name, value }) => [name, value.trim()]));
    }
    if (this.#edit.kind === 'adjust') {
      const before = new Map(this.#choice.features.map(({ id, geometry }) => [id, JSON.stringify(geometry)]));
      const moved = this.#boundaries.filter(({ id, geometry }) => before.get(id) !== JSON.stringify(geometry));
      this.#edit.boundaries = moved.map(({ id, geometry }) => ({ parcel: id, geometry }));
      if (!moved.length) return null;
    }
    const [method, path, body] = requests[this.#edit.kind](this.#edit);
    const comment = this.#panel.querySelector('#edit-comment')?.value.trim();
    return [method, path, { ...body, ...(comment ? { comment } : {}) }];
  }

  async #check() {
    const asked = this.#request();
    if (!asked) { this.#tell(say('边界还没有变化。', 'No boundary has moved yet.')); return; }
    const save = this.#panel.querySelector('#edit-save');
    save.disabled = true;
    try {
      const [method, path, body] = asked;
      const { body: outcome } = await call(method, `${path}?dry_run=true`, body);
      this.#edit.seen = outcome.if_match;
      this.#report(outcome.report.findings, outcome.report.proposals, outcome);
      save.disabled = outcome.accepted === false;
      if (!save.disabled) save.focus();
    } catch (refusal) { this.#refused(refusal); }
  }

  async #save() {
    const [method, path, body] = this.#request();
    try {
      const { body: outcome } = await call(method, path, body, this.#edit.seen ? { 'If-Match': this.#edit.seen } : {});
      const ids = outcome.parcels.map(({ id }) => id);
      this.stop();
      this.#fresh();
      const found = await Promise.all(ids.map(async (id) => {
        const { body: parcel } = await call('GET', `${API}/${id}`);
        return { type: 'Feature', id, geometry: parcel.geometry, properties: { ...parcel.values, version: parcel.version } };
      }));
      this.#choice.set(found);
      this.#tell(say(`已保存：${ids.length} 宗。`, `Saved: ${many(ids.length, 'parcel', 'parcels')}.`), outcome.decision && element('button', {
        type: 'button', class: 'quiet small', id: 'edit-undo', onclick: () => this.#undo(outcome.decision),
      }, say('撤销', 'Undo')));
    } catch (refusal) { this.#refused(refusal); }
  }

  async #undo(decision) {
    try {
      const [method, path, body] = requests.undo({ decision });
      const { body: look } = await call(method, `${path}?dry_run=true`, body);
      await call(method, path, body, look.if_match ? { 'If-Match': look.if_match } : {});
      this.#choice.set([]);
      this.#fresh();
      this.#tell(say('已撤销，宗地恢复原状。', 'Undone: the parcels are what they were.'));
    } catch (refusal) { this.#tell(refusal.message); }
  }

  /** Asks for the tiles again: an edit is in the next one. */
  #fresh() {
    this.#map.refreshTiles('parcels');
  }

  #refused(refusal) {
    const { findings, proposals } = refusal.problem ?? {};
    if (findings) this.#report(findings, proposals ?? []); else this.#panel.querySelector('#edit-report')?.replaceChildren();
    const report = this.#panel.querySelector('#edit-report');
    // One error alone is what the sentence says.
    const wrong = refusal.problem?.errors ?? [];
    const errors = wrong.length < 2 ? [] : wrong.map((error) => element('li', {}, `${error.pointer ?? ''} ${error.advice ?? error.code}`));
    report?.prepend(element('p', { class: 'alert', role: 'alert' }, refusal.message), ...(errors.length ? [element('ul', {}, ...errors)] : []));
  }

  /** What the check found, in words and on the map. */
  #report(findings, proposals, outcome) {
    const places = findings.filter(({ geometry }) => geometry).map(({ geometry, severity }) => feature(geometry, { severity }));
    this.#map.getSource('found').setData(collection(places));
    const report = this.#panel.querySelector('#edit-report');
    const words = { block: say('不允许', 'not allowed'), warn: say('警告', 'warning'), note: say('提示', 'note') };
    const blocks = findings.filter(({ severity }) => severity === 'block').length;
    const lines = findings.map((found) => element('li', { class: `finding ${found.severity}` },
      element('b', {}, `${SIGNS[found.severity]} ${words[found.severity]} ${found.rule}`), ` ${say(found.message_zh, found.message)}`,
      ...(found.geometry ? [' ', element('button', { type: 'button', class: 'link', onclick: () => this.#fly(found.geometry) }, say('看位置', 'show'))] : [])));
    const parts = (outcome?.parcels ?? []).map(({ values, geometry }) => element('li', {}, `${values.parcel_code ?? say('代码待定', 'code to come')} · ${area(areaOf(geometry))}`));
    report.replaceChildren(
      element('p', { class: blocks ? 'alert' : 'notice' }, verdict(findings.length, blocks)),
      element('ul', { class: 'findings' }, ...lines),
      parts.length ? element('details', { open: true }, element('summary', {}, say('保存后的宗地', 'Parcels after saving')), element('ul', {}, ...parts)) : '',
      ...proposals.filter(() => ['create', 'adjust'].includes(this.#edit.kind)).map((proposal) => element('p', {},
        element('button', { type: 'button', class: 'quiet small', onclick: () => this.#take(proposal) }, say('按邻宗边界修正', 'Take the neighbours’ boundary')))),
    );
    report.scrollIntoView({ block: 'nearest' });
  }

  /** Takes a proposed boundary, and checks anew. */
  #take({ part, geometry }) {
    if (this.#edit.kind === 'create') {
      this.#edit.geometry = geometry;
      this.#map.getSource('sketch').setData(collection([feature(geometry)]));
    } else {
      const { parcel } = this.#edit.boundaries[part];
      this.#boundaries.find(({ id }) => id === parcel).geometry = geometry;
      this.#showHandles();
    }
    this.#check();
  }

  #fly(geometry) {
    const flat = JSON.stringify(geometry.coordinates).match(/-?\d+\.?\d*(?:e-?\d+)?/g).map(Number);
    this.#map.easeTo({ center: [flat[0], flat[1]], zoom: Math.max(18, this.#map.getZoom()), duration: 300 });
  }

  // Adjusting: corners of the chosen parcels as handles. A corner that several share is one handle.

  #showHandles() {
    const corners = new Map();
    const middles = new Map();
    for (const { geometry } of this.#boundaries) {
      for (const ring of polygons(geometry).flat()) {
        ring.slice(1).forEach((end, at) => {
          const start = ring[at];
          corners.set(start.join(), start);
          const middle = [(start[0] + end[0]) / 2, (start[1] + end[1]) / 2];
          const sides = [start.join(), end.join()].sort();
          middles.set(sides.join('|'), { middle, start, end });
        });
      }
    }
    this.#handles = [...[...corners.values()].map((place) => ({ what: 'corner', place })), ...[...middles.values()].map(({ middle, start, end }) => ({ what: 'middle', place: middle, start, end }))];
    this.#map.getSource('handles').setData(collection(this.#handles.map(({ what, place }, at) => feature({ type: 'Point', coordinates: place }, { what, at }))));
    this.#map.getSource('sketch').setData(collection(this.#boundaries.map(({ geometry }) => feature(geometry))));
  }

  /** Changes every ring of the chosen parcels; a ring that becomes too small stays. */
  #changeRings(change) {
    for (const { geometry } of this.#boundaries) {
      for (const rings of polygons(geometry)) {
        rings.forEach((ring, at) => {
          const open = change(ring.slice(0, -1));
          if (open.length >= 3) rings[at] = [...open, open[0]];
        });
      }
    }
    this.#showHandles();
  }

  #move(from, to) {
    this.#changeRings((ring) => ring.map((place) => (place.join() === from.join() ? to : place)));
  }

  #insert({ start, end }, place) {
    this.#changeRings((ring) => ring.flatMap((corner, at) => {
      const next = ring[(at + 1) % ring.length];
      const here = (corner.join() === start.join() && next.join() === end.join()) || (corner.join() === end.join() && next.join() === start.join());
      return here ? [corner, place] : [corner];
    }));
  }

  #listenToHandles() {
    const map = this.#map;
    const handle = (event) => this.#handles[map.queryRenderedFeatures(event.point, { layers: ['handles'] })[0]?.properties.at];
    let held = null;
    const grab = (event) => {
      const found = (event.points?.length ?? 1) === 1 && handle(event);
      if (!found) return;
      event.preventDefault();
      held = found.place;
      if (found.what === 'middle') this.#insert(found, found.place);
      map.getCanvas().style.cursor = 'grabbing';
    };
    const drag = (event) => {
      if (!held) return;
      const own = new Set(this.#boundaries.map(({ id }) => id));
      const all = this.#sketch.near;
      this.#sketch.near = all.filter(({ id }) => !own.has(id));
      const to = this.#sketch.attract(event);
      this.#sketch.near = all;
      this.#move(held, to);
      held = to;
    };
    const drop = () => {
      if (!held) return;
      held = null;
      map.getCanvas().style.cursor = '';
      const save = this.#panel.querySelector('#edit-save');
      if (save) save.disabled = true;
    };
    for (const start of ['mousedown', 'touchstart']) map.on(start, 'handles', grab);
    for (const move of ['mousemove', 'touchmove']) map.on(move, drag);
    for (const end of ['mouseup', 'touchend', 'touchcancel']) map.on(end, drop);
    map.on('dblclick', 'handles', (event) => {
      const found = handle(event);
      if (found?.what !== 'corner') return;
      event.preventDefault();
      this.#changeRings((ring) => ring.filter((place) => place.join() !== found.place.join()));
    });
  }
}
