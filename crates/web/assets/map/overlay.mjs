// How does a file that is dropped on the map lie over it? It stays in the browser: nothing is sent.

import { bounds, collection, feature, places } from './geometry.mjs';
import { many, say } from './language.mjs';
import { element } from './choose.mjs';
import { readShapefile } from './shapefile.mjs';

const MOST_BYTES = 50_000_000;

/** The features of GeoJSON (RFC 7946) in any of its forms. */
function fromGeoJson(given) {
  if (given.type === 'FeatureCollection') return given.features.filter(({ geometry }) => geometry);
  if (given.type === 'Feature') return given.geometry ? [given] : [];
  if (given.type) return [feature(given)];
  throw new Error('no GeoJSON');
}

/** Tracks, routes and waypoints of GPX 1.1. */
function fromGpx(text) {
  const page = new DOMParser().parseFromString(text, 'application/xml');
  if (page.querySelector('parsererror') || page.documentElement.localName !== 'gpx') throw new Error('no GPX');
  const place = (point) => [Number(point.getAttribute('lon')), Number(point.getAttribute('lat'))];
  const all = (name, within = page) => [...within.getElementsByTagNameNS('*', name)];
  const path = (name) => (part) => feature({ type: 'LineString', coordinates: all(name, part).map(place) });
  return [...all('trkseg').map(path('trkpt')), ...all('rte').map(path('rtept')), ...all('wpt').map((point) => feature({ type: 'Point', coordinates: place(point) }))];
}

async function read(file) {
  if (/\.zip$/i.test(file.name)) return (await readShapefile(await file.arrayBuffer())).map((geometry) => feature(geometry));
  const text = await file.text();
  return /^\s*</.test(text) ? fromGpx(text) : fromGeoJson(JSON.parse(text));
}

export class Overlay {
  #map;
  #tell;
  #names;
  #layers = [];

  constructor(map, { input, drop, names, tell }) {
    this.#map = map;
    this.#tell = tell;
    this.#names = names;
    input.addEventListener('change', () => { this.#take([...input.files]); input.value = ''; });
    drop.addEventListener('dragover', (event) => { event.preventDefault(); drop.classList.add('over'); });
    drop.addEventListener('dragleave', () => drop.classList.remove('over'));
    drop.addEventListener('drop', (event) => {
      event.preventDefault();
      drop.classList.remove('over');
      this.#take([...event.dataTransfer.files]);
    });
  }

  async #take(files) {
    for (const file of files) {
      try {
        if (file.size > MOST_BYTES) throw new Error('too large');
        const features = await read(file);
        if ([...features].some(({ geometry }) => [...places(geometry)].some(([lon, lat]) => Math.abs(lon) > 180 || Math.abs(lat) > 90))) {
          throw new Error('projected coordinates');
        }
        this.#layers.push({ name: file.name, features });
        this.#tell(say(`${file.name}：${features.length} 个要素叠加在地图上，文件没有上传。`, `${file.name}: ${many(features.length, 'feature lies', 'features lie')} over the map; nothing was sent.`));
        this.#show();
        const box = bounds(features.map(({ geometry }) => geometry));
        if (box) this.#map.fitBounds(box, { padding: 60, maxZoom: 18, duration: 0 });
      } catch (error) {
        const why = error.message === 'projected coordinates'
          ? say('坐标不是经纬度，请先转换为 CGCS2000 经纬度。', 'its coordinates are no longitudes and latitudes; convert them first.')
          : say('请用 GeoJSON、GPX 或压缩的 Shapefile（50 MB 以内）。', 'use GeoJSON, GPX or a zipped shapefile of at most 50 MB.');
        this.#tell(`${file.name}: ${why}`);
      }
    }
  }

  #show() {
    this.#map.getSource('overlay').setData(collection(this.#layers.flatMap(({ features }) => features)));
    this.#names.replaceChildren(...this.#layers.map((layer) => element('li', {}, `${layer.name} (${layer.features.length}) `,
      element('button', { class: 'quiet small', type: 'button', 'aria-label': say(`移除 ${layer.name}`, `Remove ${layer.name}`), onclick: () => {
        this.#layers = this.#layers.filter((other) => other !== layer);
        this.#show();
      } }, '×'))));
  }
}
