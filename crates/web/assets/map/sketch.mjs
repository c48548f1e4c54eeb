// How does one draw on the map: a place, a line, a polygon, a box, a circle?
//
// Click for each corner; Enter or a double click ends, Backspace takes the last corner back, Escape gives up: the bar on the map has a
// button for each, for who has no keys. Without a mouse the arrows move the map and the space bar takes its middle. A box and a circle are
// dragged as well. Near a corner or an edge of a parcel in `near` the place is taken exactly from there: neighbours then share it to
// the nanodegree.

import { circle, collection, distance, feature, polygons } from './geometry.mjs';
import { say } from './language.mjs';

const REACH = 11;

/** How many corners each kind takes at least. */
const LEAST = { point: 1, line: 2, polygon: 3, box: 2, circle: 2 };

/** Farther than this in pixels a press is a drag, not a click. */
const DRAG = 6;

export class Sketch {
  #map;
  #kind = null;
  #corners = [];
  #done = () => {};
  #moved = () => {};
  #pressed = null;
  #pointer = null;
  #bar;
  #gaveUp;

  /** Parcels whose corners and edges attract, as features; none when empty. */
  near = [];

  /** `bar` holds the buttons of what can be done while one draws; `gaveUp` is called when nothing came of it. */
  constructor(map, { bar, gaveUp }) {
    this.#map = map;
    this.#bar = bar;
    this.#gaveUp = gaveUp;
    const acts = { finish: () => this.finish(), back: () => this.#back(), stop: () => this.giveUp() };
    for (const button of bar.querySelectorAll('[data-draw]')) button.addEventListener('click', () => acts[button.dataset.draw]());
    map.on('click', (event) => this.#kind && this.#click(event));
    map.on('dblclick', (event) => {
      if (!this.#kind) return;
      event.preventDefault();
      this.finish();
    });
    map.on('mousedown', (event) => {
      if (!this.#drags || this.#corners.length || event.originalEvent.button !== 0) return;
      this.#pressed = event.point;
      this.#pointer = null;
      this.#click(event);
    });
    map.on('mousemove', (event) => {
      if (!this.#kind) return;
      this.#pointer = event;
      this.#show(this.attract(event));
    });
    // A drag may end beyond the map: it ends where the pointer was last seen on it.
    window.addEventListener('mouseup', () => {
      const [from, to] = [this.#pressed, this.#pointer];
      this.#pressed = null;
      if (from && to && this.#drags && Math.hypot(to.point.x - from.x, to.point.y - from.y) > DRAG) this.#click(to);
    });
    document.addEventListener('keydown', (event) => {
      if (!this.#kind || /^(input|select|textarea)$/i.test(event.target.tagName)) return;
      if (event.target.tagName === 'BUTTON' && event.key !== 'Escape') return;
      const act = { Enter: acts.finish, Escape: acts.stop, Backspace: acts.back, ' ': () => this.#click(this.#middle()) }[event.key];
      if (act) { event.preventDefault(); event.stopPropagation(); act(); }
    }, true);
    map.on('moveend', () => { if (this.#kind && document.activeElement === map.getCanvas()) this.#show(this.attract(this.#middle())); });
  }

  get busy() { return this.#kind !== null; }

  /** Whether what is drawn may be dragged, so that the map stands still meanwhile. */
  get #drags() { return this.#kind === 'box' || this.#kind === 'circle'; }

  /** Begins; `done` gets the geometry, `moved` the places so far and the kind, for measuring while one draws. */
  start(kind, done, moved = () => {}) {
    this.stop();
    this.#kind = kind;
    this.#corners = [];
    this.#done = done;
    this.#moved = moved;
    if (this.#drags) this.#map.dragPan.disable();
    this.#map.getCanvas().style.cursor = 'crosshair';
    this.#map.getCanvas().focus({ preventScroll: true });
    this.#offer();
  }

  /** Gives up because somebody wants to. */
  giveUp() {
    this.stop();
    this.#gaveUp();
  }

  /** The middle of the map as a place somebody points at. */
  #middle() {
    const lngLat = this.#map.getCenter();
    return { lngLat, point: this.#map.project(lngLat) };
  }

  #back() {
    this.#corners.pop();
    this.#show();
  }

  /** Ends drawing; what was drawn goes away. */
  stop() {
    this.#kind = null;
    this.#bar.hidden = true;
    this.#corners = [];
    this.#pressed = null;
    this.#map.dragPan.enable();
    this.#map.getCanvas().style.cursor = '';
    this.#map.getSource('sketch')?.setData(collection());
  }

  /** What to do next, in a sentence. */
  hint() {
    return {
      point: say('在地图上单击一处。', 'Click on a place.'),
      line: say('依次单击各点，双击结束。', 'Click along the line; a double click ends it.'),
      polygon: say('依次单击各角点，双击结束。', 'Click on each corner; a double click ends it.'),
      box: say('按住拖出矩形，或单击一角，再单击对角。', 'Drag a box, or click on one corner, then on the opposite one.'),
      circle: say('从圆心拖到圆上，或单击圆心，再单击圆上一点。', 'Drag from the centre to the rim, or click on one, then on the other.'),
    }[this.#kind] ?? '';
  }

  #click(event) {
    const place = this.attract(event);
    const last = this.#corners.at(-1);
    // The second click of a double click is no corner.
    if (last && last[0] === place[0] && last[1] === place[1]) return;
    this.#corners.push(place);
    const enough = { point: 1, box: 2, circle: 2 }[this.#kind];
    if (enough && this.#corners.length >= enough) this.finish(); else this.#show();
  }

  /** Ends with what is there, when that is enough for the kind. */
  finish() {
    if (this.#corners.length < LEAST[this.#kind]) return;
    const [geometry, done, corners] = [shape(this.#kind, this.#corners), this.#done, this.#corners];
    this.stop();
    this.#map.getSource('sketch').setData(collection([feature(geometry)]));
    done(geometry, corners);
  }

  #show(pointer) {
    const corners = pointer ? [...this.#corners, pointer] : this.#corners;
    const drawn = corners.map((place) => feature({ type: 'Point', coordinates: place }));
    if (corners.length > 1 || this.#kind === 'point') drawn.push(feature(shape(this.#kind, corners)));
    this.#map.getSource('sketch').setData(collection(drawn));
    this.#offer();
    this.#moved(corners, this.#kind);
  }

  /** Shows what can be done now. */
  #offer() {
    this.#bar.hidden = false;
    const many = this.#kind === 'line' || this.#kind === 'polygon';
    for (const button of this.#bar.querySelectorAll('[data-draw]')) {
      const what = button.dataset.draw;
      button.hidden = what !== 'stop' && !many;
      button.disabled = (what === 'finish' && this.#corners.length < LEAST[this.#kind]) || (what === 'back' && !this.#corners.length);
    }
  }

  /** The place of a pointer, or the corner or edge that attracts it. */
  attract({ point, lngLat }) {
    let best = null;
    const offer = (place, at, reach) => {
      const far = Math.hypot(at.x - point.x, at.y - point.y);
      if (far <= reach && (!best || far < best.far)) best = { place, far };
    };
    const rings = this.near.flatMap(({ geometry }) => polygons(geometry).flat());
    for (const ring of rings) for (const place of ring) offer(place, this.#map.project(place), REACH);
    if (!best) {
      for (const ring of rings) {
        ring.slice(1).forEach((end, at) => {
          const [a, b] = [this.#map.project(ring[at]), this.#map.project(end)];
          const size = (b.x - a.x) ** 2 + (b.y - a.y) ** 2;
          const share = size ? Math.min(1, Math.max(0, ((point.x - a.x) * (b.x - a.x) + (point.y - a.y) * (b.y - a.y)) / size)) : 0;
          const place = [ring[at][0] + share * (end[0] - ring[at][0]), ring[at][1] + share * (end[1] - ring[at][1])];
          offer(place, { x: a.x + share * (b.x - a.x), y: a.y + share * (b.y - a.y) }, REACH - 3);
        });
      }
    }
    return best ? best.place : [lngLat.lng, lngLat.lat];
  }
}

/** The geometry of a kind through these corners. */
function shape(kind, corners) {
  const [first, last] = [corners[0], corners.at(-1)];
  switch (kind) {
    case 'point': return { type: 'Point', coordinates: last };
    case 'polygon': return corners.length < 3 ? { type: 'LineString', coordinates: corners } : { type: 'Polygon', coordinates: [[...corners, first]] };
    case 'box': return { type: 'Polygon', coordinates: [[first, [last[0], first[1]], last, [first[0], last[1]], first]] };
    case 'circle': return { type: 'Polygon', coordinates: [circle(first, distance(first, last))] };
    default: return { type: 'LineString', coordinates: corners };
  }
}
