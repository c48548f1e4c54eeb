// What is in a zipped shapefile? (ESRI Shapefile Technical Description, 1998; the places of shapes, no attributes)

/** The files of a ZIP archive by name, as far as they are stored or deflated. */
async function unzip(buffer) {
  const view = new DataView(buffer);
  let end = buffer.byteLength - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end -= 1;
  if (end < 0) throw new Error('no ZIP archive');
  const files = new Map();
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
    const [method, size, nameSize] = [view.getUint16(at + 10, true), view.getUint32(at + 20, true), view.getUint16(at + 28, true)];
    const name = new TextDecoder().decode(new Uint8Array(buffer, at + 46, nameSize));
    const local = view.getUint32(at + 42, true);
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const packed = new Uint8Array(buffer, start, size);
    const stream = method === 8 ? new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw')) : new Blob([packed]).stream();
    if (/\.(shp|prj)$/i.test(name)) files.set(name.toLowerCase().slice(-3), await new Response(stream).arrayBuffer());
    at += 46 + nameSize + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return files;
}

const POINTS = new Set([1, 11, 21]);
const MANY = new Set([8, 18, 28]);
const LINES = new Set([3, 13, 23]);
const AREAS = new Set([5, 15, 25]);

/** Twice the signed area: positive when the ring turns left. */
const turning = (ring) => ring.slice(1).reduce((sum, [x, y], at) => sum + ring[at][0] * y - x * ring[at][1], 0);

/** Rings as polygons: in shapefiles a shell turns right, its holes follow and turn left. */
function grouped(rings) {
  const shells = [];
  for (const ring of rings) {
    if (turning(ring) > 0 && shells.length) shells.at(-1).push(ring); else shells.push([ring]);
  }
  return shells;
}

function shape(view, at) {
  const type = view.getInt32(at, true);
  const place = (from) => [view.getFloat64(from, true), view.getFloat64(from + 8, true)];
  if (POINTS.has(type)) return { type: 'Point', coordinates: place(at + 4) };
  if (MANY.has(type)) {
    return { type: 'MultiPoint', coordinates: Array.from({ length: view.getInt32(at + 36, true) }, (_, number) => place(at + 40 + 16 * number)) };
  }
  if (!LINES.has(type) && !AREAS.has(type)) return null;
  const [parts, points] = [view.getInt32(at + 36, true), view.getInt32(at + 40, true)];
  const starts = Array.from({ length: parts }, (_, number) => view.getInt32(at + 44 + 4 * number, true));
  const first = at + 44 + 4 * parts;
  const paths = starts.map((start, number) => Array.from({ length: (starts[number + 1] ?? points) - start }, (_, step) => place(first + 16 * (start + step))));
  return LINES.has(type) ? { type: 'MultiLineString', coordinates: paths } : { type: 'MultiPolygon', coordinates: grouped(paths) };
}

/** The shapes of a zipped shapefile in longitude and latitude. */
export async function readShapefile(buffer) {
  const files = await unzip(buffer);
  const held = files.get('shp');
  if (!held) throw new Error('no .shp in the archive');
  const projection = files.get('prj') && new TextDecoder().decode(files.get('prj'));
  if (projection && /^\s*PROJ/i.test(projection)) throw new Error('projected coordinates');
  const view = new DataView(held);
  const geometries = [];
  for (let at = 100; at + 12 <= held.byteLength; at += 8 + 2 * view.getInt32(at + 4)) {
    const geometry = shape(view, at + 8);
    if (geometry) geometries.push(geometry);
  }
  return geometries;
}
