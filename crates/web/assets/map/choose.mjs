// Which parcels are chosen, what do they add up to, and how does one take them along?

import { call, parcels } from './api.mjs';
import { csv, download } from './csv.mjs';
import { areaOf, bounds, collection } from './geometry.mjs';
import { area, landUse, many, number, say } from './language.mjs';

/** An element with children. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== null));
  return made;
}

/** The area that counts: the registered one, or the one measured here when none is stated. */
const areaOfParcel = ({ properties, geometry }) => Number(properties.registered_area_m2) || areaOf(geometry);

/** A title without its unit, which stands with the value. */
const bare = (title) => title.replace(/[（(][^（(]*[）)]$/u, '').trim();

/** A value of a parcel as people read it; several rights are counted, the record has them one by one. */
const told = (column, value) => {
  if (column === 'land_use') return landUse(value);
  if (column.endsWith('_m2')) return area(Number(value));
  if (column !== 'rights') return value;
  const count = typeof value === 'string' ? JSON.parse(value).length : value.length;
  return say(`${number(count)} 项，见记录`, `${number(count)}, in the record`);
};

const counted = (count) => say(`选中 ${number(count)} 宗。`, `${many(count, 'parcel', 'parcels')} chosen.`);

const ROWS = 200;

export class Choice {
  #map;
  #card;
  #list;
  #titles;
  #say;

  /** The chosen parcels. */
  features = [];
  /** As recorded at this moment; now when absent. */
  asOf = undefined;

  constructor(map, { card, list, titles, tell }) {
    this.#map = map;
    this.#card = card;
    this.#list = list;
    this.#titles = titles;
    this.#say = tell;
  }

  /** Chooses what a query finds. */
  async find(query, { fly = false } = {}) {
    this.#say(say('正在查询…', 'Looking …'));
    const { features, more } = await parcels(query, this.asOf);
    this.set(features);
    if (fly) this.fly();
    const rest = say('还有更多，请缩小范围。', 'There are more: choose a smaller area.');
    this.#say(features.length ? `${counted(features.length)}${more ? ` ${rest}` : ''}` : say('没有找到宗地。', 'No parcel found.'));
    return features;
  }

  /** Adds the parcel at a place to the choice, or takes it out again. */
  async toggle(place) {
    const { features } = await parcels({ point: place }, this.asOf, 20);
    const ids = new Set(features.map(({ id }) => id));
    const rest = this.features.filter(({ id }) => !ids.has(id));
    this.set(rest.length === this.features.length ? [...rest, ...features] : rest);
    this.#say(counted(this.features.length));
  }

  /** Chooses these. */
  set(features) {
    this.features = features;
    this.#map.getSource('chosen').setData(collection(features));
    this.#card.hidden = features.length !== 1;
    this.#list.hidden = features.length < 2;
    this.#card.replaceChildren();
    this.#list.replaceChildren();
    if (features.length === 1) this.#showCard(features[0]);
    if (features.length > 1) this.#showList();
    document.dispatchEvent(new CustomEvent('chosen'));
  }

  /** Shows all that is chosen. */
  fly() {
    const box = bounds(this.features.map(({ geometry }) => geometry));
    if (box) this.#map.fitBounds(box, { padding: 80, maxZoom: 18, duration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 600 });
  }

  #showCard({ id, properties, geometry }) {
    const rows = Object.entries(this.#titles)
      .filter(([column]) => properties[column] && column !== 'parcel_code')
      .flatMap(([column, title]) => [element('dt', {}, bare(title)), element('dd', { class: column.endsWith('_code') ? 'code' : undefined }, told(column, properties[column]))]);
    this.#card.append(
      element('h2', {}, properties.parcel_code ?? say('无代码宗地', 'Parcel without a code')),
      element('dl', { class: 'pairs' }, ...rows, element('dt', {}, say('图上面积', 'Measured area')), element('dd', {}, area(areaOf(geometry)))),
      element('p', { class: 'actions' },
        element('a', { class: 'button small', href: `/parcels/${id}` }, say('打开记录', 'Open the record')),
        element('button', { class: 'quiet small', type: 'button', onclick: () => this.fly() }, say('缩放至此', 'Zoom here'))),
    );
    if (!this.asOf) this.#readMore(id);
  }

  /** The ties of a parcel: who holds it. */
  async #readMore(id) {
    try {
      const { body } = await call('GET', `/api/v1/parcels/${id}?include=relationships`);
      const ties = (body.relationships ?? []).filter(({ to }) => to);
      if (this.features[0]?.id !== id || !ties.length) return;
      const kinds = { person: 'persons', 'legal-person': 'legal-persons', parcel: 'parcels' };
      this.#card.append(element('p', {}, say('权利人记录：', 'right holder’s record: '),
        ...ties.map(({ to, to_kind: kind, name }) => element('a', { href: `/${kinds[kind]}/${to}` }, name ?? say('打开', 'open')))));
    } catch { /* the card stands without its ties */ }
  }

  #showList() {
    const sums = new Map();
    for (const parcel of this.features) {
      const use = landUse((parcel.properties.land_use ?? '').slice(0, 2));
      const sum = sums.get(use) ?? { count: 0, area: 0 };
      sums.set(use, { count: sum.count + 1, area: sum.area + areaOfParcel(parcel) });
    }
    const all = [...sums.values()].reduce((sum, one) => sum + one.area, 0);
    const head = (...names) => element('thead', {}, element('tr', {}, ...names.map(([name, kind]) => element('th', { class: kind, scope: 'col' }, name))));
    const row = (...cells) => element('tr', {}, ...cells.map(([text, kind]) => element('td', { class: kind }, text)));
    const uses = [...sums].sort((a, b) => b[1].area - a[1].area).map(([use, sum]) => row([use], [number(sum.count), 'number'], [number(Math.round(sum.area)), 'number']));
    const lines = this.features.slice(0, ROWS).map((parcel) => element('tr', {},
      element('td', {}, element('button', { class: 'link', type: 'button', onclick: () => { this.set([parcel]); this.fly(); } }, parcel.properties.parcel_code ?? parcel.id.slice(-8))),
      element('td', {}, parcel.properties.land_use ?? ''),
      element('td', { class: 'number' }, number(Math.round(areaOfParcel(parcel))))));
    this.#list.append(
      element('h2', {}, say(`选中 ${number(this.features.length)} 宗，共 ${area(all)}`, `${number(this.features.length)} parcels, ${area(all)}`)),
      element('p', { class: 'actions' },
        element('button', { class: 'small', type: 'button', id: 'take-geojson', onclick: () => this.#take('geojson') }, 'GeoJSON'),
        element('button', { class: 'small', type: 'button', id: 'take-csv', onclick: () => this.#take('csv') }, 'CSV'),
        element('button', { class: 'quiet small', type: 'button', onclick: () => this.fly() }, say('缩放至此', 'Zoom here'))),
      element('table', { id: 'sums' }, head([say('用途', 'land use')], [say('宗数', 'parcels'), 'number'], [say('面积（m²）', 'area (m²)'), 'number']), element('tbody', {}, ...uses)),
      element('details', { open: this.features.length <= 20 }, element('summary', {}, say('逐宗列出', 'One by one')),
        element('table', {}, head([say('宗地代码', 'code')], [say('用途', 'use')], ['m²', 'number']), element('tbody', {}, ...lines)),
        this.features.length > ROWS ? element('p', { class: 'hint' }, say(`只列出前 ${ROWS} 宗，下载可得全部。`, `The first ${ROWS}; a download has them all.`)) : undefined),
    );
  }

  #take(form) {
    if (form === 'geojson') { download('parcels.geojson', JSON.stringify(collection(this.features)), 'application/geo+json'); return; }
    const columns = Object.keys(this.#titles);
    const rows = this.features.map(({ id, properties }) => [id, ...columns.map((column) => properties[column])]);
    download('parcels.csv', csv([['id', ...columns], ...rows]), 'text/csv');
  }
}
