// Lengths and areas on the ellipsoid of CGCS2000 (GRS 80 axes, f = 1/298.257222101), and small things about geometries.

const A = 6_378_137;
const F = 1 / 298.257222101;
const B = A * (1 - F);
const E2 = F * (2 - F);
const E = Math.sqrt(E2);
const rad = Math.PI / 180;

/** The length of the geodesic between two places in metres (Vincenty's inverse formula, to the millimetre). */
export function distance([lon1, lat1], [lon2, lat2]) {
  const difference = (lon2 - lon1) * rad;
  const u1 = Math.atan((1 - F) * Math.tan(lat1 * rad));
  const u2 = Math.atan((1 - F) * Math.tan(lat2 * rad));
  const [sinU1, cosU1, sinU2, cosU2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = difference;
  for (let round = 0; round < 50; round += 1) {
    const [sinL, cosL] = [Math.sin(lambda), Math.cos(lambda)];
    const sinS = Math.hypot(cosU2 * sinL, cosU1 * sinU2 - sinU1 * cosU2 * cosL);
    if (sinS === 0) return 0;
    const cosS = sinU1 * sinU2 + cosU1 * cosU2 * cosL;
    const sigma = Math.atan2(sinS, cosS);
    const sinA = (cosU1 * cosU2 * sinL) / sinS;
    const cos2A = 1 - sinA * sinA;
    const cosM = cos2A === 0 ? 0 : cosS - (2 * sinU1 * sinU2) / cos2A;
    const c = (F / 16) * cos2A * (4 + F * (4 - 3 * cos2A));
    const before = lambda;
    lambda = difference + (1 - c) * F * sinA * (sigma + c * sinS * (cosM + c * cosS * (2 * cosM * cosM - 1)));
    if (Math.abs(lambda - before) < 1e-12 || round === 49) {
      const k = (cos2A * (A * A - B * B)) / (B * B);
      const a = 1 + (k / 16384) * (4096 + k * (k * (320 - 175 * k) - 768));
      const b = (k / 1024) * (256 + k * (k * (74 - 47 * k) - 128));
      const d = b * sinS * (cosM + (b / 4) * (cosS * (2 * cosM * cosM - 1) - (b / 6) * cosM * (4 * sinS * sinS - 3) * (4 * cosM * cosM - 3)));
      return B * a * (sigma - d);
    }
  }
  return 0;
}

/** The length of a line in metres. */
export const lengthOf = (places) => places.slice(1).reduce((sum, place, at) => sum + distance(places[at], place), 0);

const authalic = (sin) => (1 - E2) * (sin / (1 - E2 * sin * sin) - Math.log((1 - E * sin) / (1 + E * sin)) / (2 * E));

/**
 * The area of a ring in square metres: the exact area under each side on the ellipsoid, where sides are straight in
 * longitude and authalic latitude. For the size of a parcel that is the geodesic polygon's to a millionth.
 */
export function ringArea(ring) {
  let sum = 0;
  for (let at = 0; at < ring.length; at += 1) {
    const [lon1, lat1] = ring[at];
    const [lon2, lat2] = ring[(at + 1) % ring.length];
    sum += (lon2 - lon1) * rad * (authalic(Math.sin(lat1 * rad)) + authalic(Math.sin(lat2 * rad)));
  }
  return Math.abs((sum * A * A) / 4);
}

/** The rings of a polygon or multipolygon, polygon by polygon. */
export const polygons = (geometry) => (geometry?.type === 'Polygon' ? [geometry.coordinates] : geometry?.type === 'MultiPolygon' ? geometry.coordinates : []);

/** The area of a polygon or multipolygon in square metres. */
export const areaOf = (geometry) =>
  polygons(geometry).reduce((sum, rings) => sum + rings.reduce((own, ring, at) => own + (at ? -1 : 1) * ringArea(ring), 0), 0);

/** Every place of a geometry. */
export function* places(geometry) {
  if (!geometry) return;
  if (geometry.type === 'GeometryCollection') {
    for (const part of geometry.geometries) yield* places(part);
    return;
  }
  const walk = function* (held) {
    if (typeof held[0] === 'number') yield held;
    else for (const part of held) yield* walk(part);
  };
  yield* walk(geometry.coordinates ?? []);
}

/** The box around geometries: [[west, south], [east, north]]; none when they are empty. */
export function bounds(geometries) {
  const box = [[Infinity, Infinity], [-Infinity, -Infinity]];
  for (const geometry of geometries) {
    for (const [lon, lat] of places(geometry)) {
      box[0] = [Math.min(box[0][0], lon), Math.min(box[0][1], lat)];
      box[1] = [Math.max(box[1][0], lon), Math.max(box[1][1], lat)];
    }
  }
  return Number.isFinite(box[0][0]) ? box : null;
}

/** A circle as a ring, for the eye: the search itself is the server's. */
export function circle([lon, lat], metres) {
  const [dy, dx] = [metres / 110_574, metres / (111_320 * Math.cos(lat * rad))];
  return Array.from({ length: 65 }, (_, at) => [lon + dx * Math.cos((at / 32) * Math.PI), lat + dy * Math.sin((at / 32) * Math.PI)]);
}

/** A collection of features. */
export const collection = (features = []) => ({ type: 'FeatureCollection', features });

/** A feature of this geometry. */
export const feature = (geometry, properties = {}) => ({ type: 'Feature', geometry, properties });
