// The map of parcels: what stands where, and who wires what. Each tool has a file of its own.

import * as maplibre from '/assets/vendor/maplibre-gl-6.17.0/maplibre-gl.mjs';
import { call, parcels } from './api.mjs';
import { Choice, element } from './choose.mjs';
import { Editor } from './edit.mjs';
import { areaOf, bounds, collection, distance, lengthOf } from './geometry.mjs';
import { label } from './labels.mjs';
import { area, LAND_USES, length, many, say } from './language.mjs';
import { Overlay } from './overlay.mjs';
import { Sketch } from './sketch.mjs';
import { addPatterns, repaint, sign, style } from './style.mjs';

const byId = (id) => document.getElementById(id);
const frame = byId('map');
const status = byId('map-status');

const tell = (text, more) => status.replaceChildren(text, ...(more ? [' ', more] : []));

/** Where to begin: the parcels there are, or the province. */
async function extent() {
  try {
    const { body } = await call('GET', '/ogc/tiles/parcels.json');
    const [west, south, east, north] = body.bounds;
    if (west > -180) return [[west, south], [east, north]];
  } catch { /* the province will do */ }
  return [[109.6, 20.2], [117.4, 25.6]];
}

function legend() {
  byId('map-legend').replaceChildren(...LAND_USES.map((use) => element('li', {}, sign(use), ` ${use[0]} ${say(use[3], use[4])}`)));
}

/** Whether a text is a code, or else a place or a name. */
function readings(text) {
  const code = text.replaceAll(' ', '').toUpperCase();
  if (/^\d{6}[0-9A-Z]{0,13}$/.test(code)) return [{ code_prefix: code }];
  return null;
}

async function find(text, choice) {
  const query = readings(text);
  if (query) return choice.find(query[0], { fly: true });
  const holder = await parcels({ right_holder: text }, choice.asOf, 1000).catch(() => ({ features: [] }));
  if (holder.features.length) {
    choice.set(holder.features);
    choice.fly();
    tell(say(`权利人：${holder.features.length} 宗。`, `By right holder: ${many(holder.features.length, 'parcel', 'parcels')}.`));
    return holder.features;
  }
  const { body } = await call('POST', '/api/v1/parcels/search', { address: text, limit: 50 });
  const found = body.items.filter(({ geometry }) => geometry).map(({ id, geometry, values, version }) => ({ type: 'Feature', id, geometry, properties: { ...values, version } }));
  choice.set(found);
  choice.fly();
  tell(found.length ? say(`坐落：${found.length} 宗。`, `By location: ${many(found.length, 'parcel', 'parcels')}.`) : say('没有找到。请输入宗地代码、坐落或权利人。', 'Nothing found: type a code, a location or a right holder.'));
  return found;
}

/** The slider: the parcels as they were recorded at the end of a day. */
function timeline(map, choice) {
  const [slider, label] = [byId('map-date'), byId('map-date-told')];
  // Days begin at midnight in Beijing.
  const [day, zone] = [86_400_000, 8 * 3_600_000];
  const days = Number(slider.max);
  let turn = 0;
  const moment = () => (Number(slider.value) >= days ? undefined : new Date(Math.floor((Date.now() + zone) / day) * day - zone - (days - Number(slider.value) - 1) * day).toISOString());
  const named = (end) => (end ? new Date(Date.parse(end) - 1 + zone).toISOString().slice(0, 10) : say('现在', 'now'));
  const show = async () => {
    const own = ++turn;
    choice.asOf = moment();
    label.textContent = named(choice.asOf);
    for (const layer of map.getStyle().layers.map(({ id }) => id).filter((id) => id === 'density' || id.startsWith('now-'))) {
      map.setLayoutProperty(layer, 'visibility', choice.asOf ? 'none' : 'visible');
    }
    if (!choice.asOf) { map.getSource('past').setData(collection()); tell(''); return; }
    const box = map.getBounds();
    try {
      const { features, more } = await parcels({ bbox: [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()] }, choice.asOf, 2000);
      if (own !== turn) return;
      map.getSource('past').setData(collection(features));
      tell(say(`${label.textContent} 登记的 ${features.length} 宗${more ? '（视野内太多，请放大）' : ''}。`, `${many(features.length, 'parcel', 'parcels')} as recorded on ${label.textContent}${more ? ' (more than can be shown: zoom in)' : ''}.`));
    } catch (refusal) { tell(refusal.message); }
  };
  slider.addEventListener('change', show);
  slider.addEventListener('input', () => { label.textContent = named(moment()); });
  map.on('moveend', () => choice.asOf && show());
}

const buttons = [...document.querySelectorAll('[data-tool]')];
const press = (tool) => buttons.forEach((button) => button.setAttribute('aria-pressed', String(button.dataset.tool === tool)));

function tools(map, sketch, choice, editor) {
  const search = (query) => choice.find(query).catch((refusal) => tell(refusal.message));
  const measure = (geometry) => tell(geometry.type === 'LineString' ? `${say('长度：', 'Length: ')}${length(lengthOf(geometry.coordinates))}`
    : `${say('面积：', 'Area: ')}${area(areaOf(geometry))} · ${say('周长：', 'perimeter: ')}${length(lengthOf(geometry.coordinates[0]))}`);
  const while_ = (places, kind) => {
    if (places.length < 2) return;
    if (kind === 'circle') tell(`${say('半径：', 'Radius: ')}${length(distance(places[0], places[1]))}`);
    else if (kind === 'polygon' && places.length > 2) tell(`${area(areaOf({ type: 'Polygon', coordinates: [[...places, places[0]]] }))} · ${length(lengthOf(places))}`);
    else tell(length(lengthOf(places)));
  };
  const acts = {
    point: () => {},
    box: () => sketch.start('box', ({ coordinates: [[a, , c]] }) => {
      search({ bbox: [Math.min(a[0], c[0]), Math.min(a[1], c[1]), Math.max(a[0], c[0]), Math.max(a[1], c[1])] });
      press('point');
    }),
    polygon: () => sketch.start('polygon', (polygon) => { search({ polygon }); press('point'); }),
    radius: () => sketch.start('circle', (_, [centre, rim]) => { search({ point: centre, radius_m: Math.min(100_000, distance(centre, rim)) }); press('point'); }, while_),
    'measure-line': () => sketch.start('line', (line) => { measure(line); press('point'); }, while_),
    'measure-area': () => sketch.start('polygon', (polygon) => { measure(polygon); press('point'); }, while_),
  };
  for (const kind of ['create', 'split', 'unite', 'adjust']) acts[kind] = () => editor.start(kind).then((begun) => begun || press('point'));
  for (const button of buttons) {
    button.addEventListener('click', () => {
      sketch.stop();
      editor.stop();
      tell('');
      press(button.dataset.tool);
      acts[button.dataset.tool]();
      if (sketch.busy) tell(sketch.hint());
    });
  }
  const choose = ({ lng, lat }, more) => {
    if (more) choice.toggle([lng, lat]).catch((refusal) => tell(refusal.message));
    else { editor.stop(); search({ point: [lng, lat] }); }
  };
  map.on('click', (event) => {
    if (sketch.busy || editor.beginning || map.queryRenderedFeatures(event.point, { layers: ['handles'] }).length) return;
    choose(event.lngLat, event.originalEvent.shiftKey);
  });
  // Without a mouse: the arrows move the map, the space bar chooses what lies in its middle.
  map.getCanvas().addEventListener('keydown', (event) => {
    if (event.key !== ' ' || sketch.busy || editor.beginning) return;
    event.preventDefault();
    choose(map.getCenter(), event.shiftKey);
  });
}

async function begin() {
  legend();
  const [baseMap, dark] = [frame.dataset.baseMap || null, matchMedia('(prefers-color-scheme: dark)')];
  const map = new maplibre.Map({
    container: frame,
    style: style(baseMap, dark.matches),
    bounds: await extent(),
    fitBoundsOptions: { padding: 40, maxZoom: 17 },
    maxZoom: 21,
    attributionControl: false,
    localIdeographFontFamily: '"Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif',
    locale: { 'NavigationControl.ZoomIn': say('放大', 'Zoom in'), 'NavigationControl.ZoomOut': say('缩小', 'Zoom out'), 'NavigationControl.ResetBearing': say('指北', 'North up'), 'Map.Title': say('宗地地图', 'Map of parcels') },
    boxZoom: false,
  });
  map.addControl(new maplibre.NavigationControl({ visualizePitch: false }), 'top-right');
  map.addControl(new maplibre.ScaleControl({ unit: 'metric' }), 'bottom-left');
  map.on('styleimagemissing', () => {});
  map.on('error', ({ error }) => { if (error?.status === 401) location.assign('/sign-in'); });
  map.once('style.load', () => addPatterns(map));
  await map.once('load');
  label(map);
  dark.addEventListener('change', () => repaint(map, baseMap, dark.matches));
  const sketch = new Sketch(map, { bar: byId('map-drawing'), gaveUp: () => { press('point'); tell(''); } });
  const choice = new Choice(map, { card: byId('map-card'), list: byId('map-list'), titles: JSON.parse(frame.dataset.columns), tell });
  const editor = new Editor(map, { sketch, choice, panel: byId('map-edit'), tell, ended: () => press('point') });
  new Overlay(map, { input: byId('map-file'), drop: frame, names: byId('map-overlays'), tell });
  tools(map, sketch, choice, editor);
  timeline(map, choice);
  byId('map-find').addEventListener('submit', (event) => {
    event.preventDefault();
    const text = byId('map-text').value.trim();
    if (text) find(text, choice).catch((refusal) => tell(refusal.message));
  });
  map.once('idle', () => { frame.dataset.ready = 'true'; });
  // It may have been idle already while the tools were laid out.
  map.triggerRepaint();
  // The tests of the console, and whoever looks for a fault, find the map here.
  Object.assign(frame, { map, choice, editor });
  const wanted = new URLSearchParams(location.search).get('parcel');
  if (wanted) {
    const { body } = await call('GET', `/api/v1/parcels/${encodeURIComponent(wanted)}`);
    choice.set([{ type: 'Feature', id: body.id, geometry: body.geometry, properties: { ...body.values, version: body.version } }]);
    map.jumpTo({ center: bounds([body.geometry])[0] });
    choice.fly();
  }
}

begin().catch((error) => {
  tell(error.message);
  frame.classList.add('broken');
});
