// How are parcels drawn?

import { LAND_USES } from './language.mjs';
import { collection } from './geometry.mjs';
import { FROM } from './labels.mjs';

/** What is drawn on a light and on a dark ground. */
const LIGHT = { ground: '#f7f5f0', ink: '#3f3a33', halo: '#ffffffcc', border: '#3f3a33', fill: 0.75, pattern: 0.45, density: ['#efe3cb', '#d9b98a', '#a8683f'], chosen: '#123f73', chosenFill: '#1d5fa8', overlay: '#6a3d9a', sketch: '#96272a' };
const DARK = { ground: '#1b1a17', ink: '#f5f0e6', halo: '#1b1a17d9', border: '#0d0c0b', fill: 0.5, pattern: 0.5, density: ['#4a3c28', '#8a6238', '#d99a5e'], chosen: '#9fd0ff', chosenFill: '#5aa2e6', overlay: '#c9a4ef', sketch: '#ff9c95' };
const INK = LIGHT.ink;
const FIRST = ['slice', ['to-string', ['coalesce', ['get', 'land_use'], '']], 0, 2];
const colour = ['match', FIRST, ...LAND_USES.flatMap(([code, shade]) => [code, shade]), '#dddddd'];
const pattern = ['match', FIRST, ...LAND_USES.flatMap(([code, , name]) => [code, `use-${name}`]), 'use-plain'];

/** A label: the class, and the last digits of the code, which tell parcels of one sub-district apart. */
const label = ['concat', ['coalesce', ['get', 'land_use'], ''], '\n', ['slice', ['coalesce', ['get', 'parcel_code'], '            '], 12]];
const font = { 'text-font': ['sans-serif'], 'text-size': 11.5 };

/** The layers of parcels from a source; tiles name a layer within, collections do not. */
const parcelLayers = (tone, id, source, layer) => {
  const from = { source, ...(layer ? { 'source-layer': layer } : {}) };
  return [
    { id: `${id}-fill`, type: 'fill', ...from, paint: { 'fill-color': colour, 'fill-opacity': tone.fill } },
    { id: `${id}-pattern`, type: 'fill', ...from, minzoom: 14.5, paint: { 'fill-pattern': pattern, 'fill-opacity': tone.pattern } },
    { id: `${id}-border`, type: 'line', ...from, minzoom: 12.5, paint: { 'line-color': tone.border, 'line-width': ['interpolate', ['linear'], ['zoom'], 13, 0.3, 17, 1.2] } },
  ];
};

/** The style of the map: a base map when there is one, parcels, and what the tools draw. A base map is light, and so is what lies on it. */
export function style(baseMap, dark) {
  const tone = dark && !baseMap ? DARK : LIGHT;
  const empty = () => ({ type: 'geojson', data: collection() });
  const base = baseMap ? { base: { type: 'raster', tiles: [baseMap], tileSize: 256 } } : {};
  return {
    version: 8,
    sources: {
      ...base,
      parcels: { type: 'vector', tiles: [`${location.origin}/ogc/tiles/{z}/{x}/{y}.mvt`], minzoom: 0, maxzoom: 18 },
      past: empty(), labels: empty(), overlay: empty(), chosen: empty(), found: empty(), sketch: empty(), handles: empty(),
    },
    layers: [
      { id: 'background', type: 'background', paint: { 'background-color': tone.ground } },
      ...(baseMap ? [{ id: 'base', type: 'raster', source: 'base' }] : []),
      { id: 'density', type: 'fill', source: 'parcels', 'source-layer': 'parcel-density', paint: {
        'fill-color': ['interpolate', ['linear'], ['ln', ['max', 1, ['get', 'count']]], 0, tone.density[0], 4, tone.density[1], 8, tone.density[2]], 'fill-opacity': 0.85, 'fill-antialias': false,
      } },
      ...parcelLayers(tone, 'now', 'parcels', 'parcels'),
      ...parcelLayers(tone, 'past', 'past'),
      { id: 'label', type: 'symbol', source: 'labels', minzoom: FROM, layout: { 'text-field': label, ...font }, paint: { 'text-color': tone.ink, 'text-halo-color': tone.halo, 'text-halo-width': 1.4 } },
      { id: 'overlay-fill', type: 'fill', source: 'overlay', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': tone.overlay, 'fill-opacity': 0.15 } },
      { id: 'overlay-line', type: 'line', source: 'overlay', paint: { 'line-color': tone.overlay, 'line-width': 2, 'line-dasharray': [3, 1.5] } },
      { id: 'overlay-point', type: 'circle', source: 'overlay', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 5, 'circle-color': tone.overlay, 'circle-stroke-color': '#fff', 'circle-stroke-width': 1.5 } },
      { id: 'chosen-fill', type: 'fill', source: 'chosen', paint: { 'fill-color': tone.chosenFill, 'fill-opacity': 0.18 } },
      { id: 'chosen-line', type: 'line', source: 'chosen', paint: { 'line-color': tone.chosen, 'line-width': 3 } },
      { id: 'found-fill', type: 'fill', source: 'found', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': ['match', ['get', 'severity'], 'block', '#c1121f', '#e08a00'], 'fill-opacity': 0.55 } },
      { id: 'found-line', type: 'line', source: 'found', paint: { 'line-color': ['match', ['get', 'severity'], 'block', '#c1121f', '#b36b00'], 'line-width': 3 } },
      { id: 'found-point', type: 'circle', source: 'found', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 7, 'circle-color': '#c1121f', 'circle-stroke-color': '#fff', 'circle-stroke-width': 2 } },
      { id: 'sketch-fill', type: 'fill', source: 'sketch', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': tone.sketch, 'fill-opacity': 0.15 } },
      { id: 'sketch-line', type: 'line', source: 'sketch', paint: { 'line-color': tone.sketch, 'line-width': 2.5 } },
      { id: 'sketch-point', type: 'circle', source: 'sketch', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 4.5, 'circle-color': '#fff', 'circle-stroke-color': tone.sketch, 'circle-stroke-width': 2 } },
      { id: 'handles', type: 'circle', source: 'handles', paint: { 'circle-radius': ['match', ['get', 'what'], 'middle', 4, 6.5], 'circle-color': ['match', ['get', 'what'], 'middle', '#ffffffb0', '#fff'], 'circle-stroke-color': '#123f73', 'circle-stroke-width': 2 } },
    ],
  };
}

/** Draws a pattern into a square of 16 units. */
function draw(pen, name) {
  const line = (...places) => {
    pen.beginPath();
    places.forEach(([x, y], at) => (at ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.stroke();
  };
  const dot = (x, y, r) => {
    pen.beginPath();
    pen.arc(x, y, r, 0, 7);
    pen.fill();
  };
  const shapes = {
    plain: () => {},
    rows: () => [3, 11].forEach((y) => line([0, y], [16, y])),
    columns: () => [3, 11].forEach((x) => line([x, 0], [x, 16])),
    grid: () => { line([0, 8], [16, 8]); line([8, 0], [8, 16]); },
    dots: () => { dot(4, 4, 1.3); dot(12, 12, 1.3); },
    trees: () => { line([4, 10], [4, 4]); line([1.5, 7], [4, 3], [6.5, 7]); line([12, 15], [12, 11]); line([9.5, 14], [12, 10], [14.5, 14]); },
    grass: () => { line([2, 6], [3, 2]); line([4, 6], [4, 1]); line([6, 6], [5, 2]); line([10, 14], [11, 10]); line([12, 14], [12, 9]); line([14, 14], [13, 10]); },
    diagonal: () => { line([0, 16], [16, 0]); line([-4, 4], [4, -4]); line([12, 20], [20, 12]); },
    backward: () => { line([0, 0], [16, 16]); line([-4, 12], [4, 20]); line([12, -4], [20, 4]); },
    plus: () => { line([2, 5], [8, 5]); line([5, 2], [5, 8]); },
    cross: () => { line([3, 3], [9, 9]); line([9, 3], [3, 9]); },
    waves: () => { pen.beginPath(); pen.moveTo(0, 6); pen.bezierCurveTo(4, 1, 6, 1, 8, 6); pen.bezierCurveTo(10, 11, 12, 11, 16, 6); pen.stroke(); },
  };
  shapes[name]();
}

const SCALE = 2;

/** A pattern as an image, on the colour of its class or on nothing. */
function picture(name, ground) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 16 * SCALE;
  const pen = canvas.getContext('2d');
  pen.scale(SCALE, SCALE);
  if (ground) { pen.fillStyle = ground; pen.fillRect(0, 0, 16, 16); }
  pen.strokeStyle = pen.fillStyle = INK;
  pen.lineWidth = 1;
  draw(pen, name);
  return canvas;
}

/** Gives the map its patterns. */
export function addPatterns(map) {
  for (const [, , name] of LAND_USES) {
    const canvas = picture(name);
    map.addImage(`use-${name}`, canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height), { pixelRatio: SCALE });
  }
}

/** The sign of a class in the legend. */
export const sign = ([, shade, name]) => picture(name, shade);

/** Draws a map anew on a light or a dark ground. */
export function repaint(map, baseMap, dark) {
  for (const { id, paint } of style(baseMap, dark).layers) {
    for (const [property, value] of Object.entries(paint ?? {})) map.setPaintProperty(id, property, value);
  }
}
