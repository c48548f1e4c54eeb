// Where does the label of a parcel stand?
//
// Tiles cut parcels, and each piece would wear a label of its own. So there is one for each parcel, in the middle of the
// largest piece in view, in a source of its own. The letters are drawn from the fonts of this machine: no glyphs are fetched.

import { areaOf, collection, feature, polygons } from './geometry.mjs';

/** From this zoom on there is room for words. */
export const FROM = 15.5;

/** The middle of a ring: its centre of gravity, by the shoelace formula. */
function middle(ring) {
  const [[x0, y0]] = ring;
  let [twice, x, y] = [0, 0, 0];
  ring.slice(1).forEach(([bx, by], at) => {
    const [ax, ay] = [ring[at][0] - x0, ring[at][1] - y0];
    const cross = ax * (by - y0) - (bx - x0) * ay;
    twice += cross;
    x += (ax + bx - x0) * cross;
    y += (ay + by - y0) * cross;
  });
  return twice ? [x0 + x / (3 * twice), y0 + y / (3 * twice)] : [x0, y0];
}

/** Keeps the labels of what is in view. */
export function label(map) {
  let shown = '[]';
  const look = () => {
    const best = new Map();
    if (map.getZoom() >= FROM) {
      for (const { geometry, properties } of map.queryRenderedFeatures({ layers: ['now-fill', 'past-fill'] })) {
        for (const rings of polygons(geometry)) {
          const size = areaOf({ type: 'Polygon', coordinates: rings });
          const key = properties.parcel_code ?? rings[0].join();
          if (!(best.get(key)?.size >= size)) best.set(key, { size, ring: rings[0], properties });
        }
      }
    }
    const points = [...best.values()].map(({ ring, properties: { land_use, parcel_code } }) => feature({ type: 'Point', coordinates: middle(ring) }, { land_use, parcel_code }));
    const fresh = JSON.stringify(points);
    // The map falls idle again once labels are drawn: only other ones are drawn anew.
    if (fresh !== shown) { shown = fresh; map.getSource('labels').setData(collection(points)); }
  };
  map.on('idle', look);
}
