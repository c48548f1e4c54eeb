#!/usr/bin/env python3
"""The same parcels and the same questions, in PostGIS by SQL and in Jiku over HTTP, with the ratios.

    compare.py ZIRAN.geojson DATABASE.db JIKU [SECONDS]

ZIRAN.geojson is the parcel file of `jiku synth`, DATABASE.db an SQLite database into which `jiku ingest` took it, JIKU the
program. Needs Debian's postgresql-15, postgresql-15-postgis-3 and wrk; a PostgreSQL of its own is made and removed again. SQL
runs on four connections, HTTP on sixteen, each question for SECONDS (8), one after the other, on the same machine. At the end a few
hundred parcels of DATABASE get another registered area.
"""

import http.client
import json
import math
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

BIN = "/usr/lib/postgresql/15/bin"
LUA = pathlib.Path(__file__).with_name("positions.lua")
POINTS = 2_000
EDITS = 200


def parcels(file):
    """Code, use and ring of each parcel of the file, which has one feature on a line."""
    with open(file, encoding="utf-8") as lines:
        for line in lines:
            line = line.strip().rstrip(",")
            if line.startswith('{"type":"Feature",'):
                feature = json.loads(line)
                if feature["geometry"] and feature["geometry"]["type"] == "Polygon":
                    properties = feature["properties"]
                    yield properties.get("parcel_code") or "", properties.get("land_use") or "", feature["geometry"]["coordinates"]


class PostGis:
    def __init__(self, folder):
        self.folder, self.port = folder, random.randint(20_000, 40_000)
        self.as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.as_user:
            shutil.chown(folder, "postgres")
        self.run([f"{BIN}/initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "postgres"])
        settings = f"-p {self.port} -k {folder} -c listen_addresses='' -c shared_buffers=1GB -c fsync=off -c max_wal_size=4GB"
        self.run([f"{BIN}/pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", settings, "start"])

    def run(self, command, **more):
        return subprocess.run(self.as_user + command, check=True, cwd="/", capture_output=True, text=True, **more).stdout

    def sql(self, text):
        options = ["-h", str(self.folder), "-p", str(self.port), "-U", "postgres", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", text]
        return self.run(["psql"] + options).strip()

    def load(self, file, points, corners):
        self.sql("CREATE EXTENSION postgis")
        self.sql("CREATE TABLE parcel (id serial PRIMARY KEY, code text, land_use text, geom geometry(Polygon, 4326))")
        command = ["psql", "-h", str(self.folder), "-p", str(self.port), "-U", "postgres", "-Xq", "-c", "COPY parcel (code, land_use, geom) FROM STDIN"]
        copy = subprocess.Popen(self.as_user + command, stdin=subprocess.PIPE, text=True, cwd="/")
        for number, (code, use, rings) in enumerate(parcels(file)):
            text = ",".join("(" + ",".join(f"{lon} {lat}" for lon, lat in ring) + ")" for ring in rings)
            copy.stdin.write(f"{code}\t{use}\tSRID=4326;POLYGON({text})\n")
            corners.append(rings[0][0])
            if number % 500 == 0 and len(points) < POINTS:
                ring = rings[0][:-1]
                points.append((sum(lon for lon, _ in ring) / len(ring), sum(lat for _, lat in ring) / len(ring)))
        copy.stdin.close()
        if copy.wait() != 0:
            sys.exit("the parcels cannot be copied into PostGIS")
        self.sql("CREATE INDEX ON parcel USING gist (geom)")
        self.sql("CREATE INDEX ON parcel USING gist (geography(geom))")
        values = ",".join(f"({number},{lon},{lat})" for number, (lon, lat) in enumerate(points, 1))
        self.sql(f"CREATE TABLE place (id int PRIMARY KEY, lon float8, lat float8); INSERT INTO place VALUES {values}")
        self.sql("VACUUM ANALYZE")

    def per_second(self, query, seconds):
        script = self.folder / "question.sql"
        script.write_text(f"\\set place random(1, {len(POSITIONS)})\n{query}\n", encoding="utf-8")
        script.chmod(0o644)
        options = ["-h", str(self.folder), "-p", str(self.port), "-U", "postgres", "-n", "-M", "prepared", "-c", "4", "-j", "2", "-T", str(seconds)]
        told = self.run(["pgbench"] + options + ["-f", str(script)])
        return float(re.search(r"tps = ([0-9.]+)", told).group(1))

    def stop(self):
        self.run([f"{BIN}/pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop"])


def tile_of(lon, lat, zoom):
    radians = math.radians(lat)
    row = (1 - math.log(math.tan(radians) + 1 / math.cos(radians)) / math.pi) / 2
    return int((lon + 180) / 360 * 2**zoom), int(row * 2**zoom)


class Client:
    """One connection, one request after the other."""

    def __init__(self, port, key):
        self.connection, self.key = http.client.HTTPConnection("127.0.0.1", port), key

    def ask(self, method, path, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, path, body, {"Authorization": f"Bearer {self.key}", **headers} if self.key else headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 400:
            sys.exit(f"{method} {path}: {answer.status} {text.decode()}")
        return answer, text


def edits(port, key):
    """How long each of some edits takes, in milliseconds: every topology rule looks at the parcel, and the edit is durable."""
    client, took = Client(port, key), []
    for lon, lat in random.sample(POSITIONS, EDITS):
        _, text = client.ask("GET", f"/ogc/collections/parcels/items?limit=1&bbox={lon:.7f},{lat:.7f},{lon:.7f},{lat:.7f}")
        for feature in json.loads(text)["features"]:
            path = f"/ogc/collections/parcels/items/{feature['id']}"
            tag = client.ask("GET", path)[0].headers["ETag"]
            area = round(feature["properties"]["planar_area_m2"] + random.random() / 10, 2)
            started = time.perf_counter()
            body = json.dumps({"properties": {"registered_area_m2": area}})
            client.ask("PATCH", path, body, If_Match=tag, Content_Type="application/merge-patch+json")
            took.append((time.perf_counter() - started) * 1_000)
    return sorted(took)


def wrk(address, kind, size, seconds, positions=None):
    positions = positions or POSITIONS_FILE
    command = ["wrk", "-t2", "-c16", f"-d{seconds}s", "-s", str(LUA), f"http://{address}", "--", kind, str(positions), str(size)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rate, p99_ms, errors = re.search(r"RESULT (\S+) (\S+) (\d+)", told).groups()
    return float(rate), float(p99_ms), int(errors)


file, database, program = sys.argv[1:4]
SECONDS = int(sys.argv[4]) if len(sys.argv) > 4 else 8
folder = pathlib.Path(tempfile.mkdtemp(prefix="jiku-postgis-"))
folder.chmod(0o755)
POSITIONS, POSITIONS_FILE = [], folder / "positions.txt"
CORNERS = []
postgis = PostGis(folder)
server = None
try:
    postgis.load(file, POSITIONS, CORNERS)
    POSITIONS_FILE.write_text("".join(f"{lon:.7f} {lat:.7f}\n" for lon, lat in POSITIONS), encoding="utf-8")
    place = "(SELECT lon, lat FROM place WHERE id = :place) p"
    envelope = "ST_MakeEnvelope(p.lon - {0}, p.lat - {0}, p.lon + {0}, p.lat + {0}, 4326)"
    tile = "ST_TileEnvelope({0}, floor((p.lon + 180) / 360 * 2 ^ {0})::int, floor((1 - ln(tan(radians(p.lat)) + 1 / cos(radians(p.lat))) / pi()) / 2 * 2 ^ {0})::int)"

    def mean(shape):
        sample = "SELECT lon, lat FROM place WHERE id % 10 = 0"
        return float(postgis.sql(f"SELECT avg(n) FROM (SELECT count(*) n FROM ({sample}) p JOIN parcel ON geom && {shape} GROUP BY p.lon, p.lat) c"))

    half = min((size * 1e-4 for size in range(4, 60, 2)), key=lambda size: abs(mean(envelope.format(size)) - 100))
    zoom = min(range(13, 19), key=lambda level: abs(mean(f"ST_Transform({tile.format(level)}, 4326)") - 330))
    about = {"box": mean(envelope.format(half)), "tile": mean(f"ST_Transform({tile.format(zoom)}, 4326)")}
    feature = "ST_AsGeoJSON(t.*) FROM (SELECT code, land_use, geom FROM parcel"
    questions = {
        "point": f"SELECT code FROM parcel, {place} WHERE ST_Intersects(geom, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326));",
        "box": f"SELECT {feature}, {place} WHERE geom && {envelope.format(half)}) t;",
        "nearest": f"SELECT t.code FROM {place}, LATERAL (SELECT code FROM parcel ORDER BY geography(geom) <-> geography(ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326)) LIMIT 10) t;",
        "tile": f"SELECT ST_AsMVT(t.*) FROM (SELECT code, land_use, ST_AsMVTGeom(ST_Transform(geom, 3857), {tile.format(zoom)}) FROM parcel, {place} WHERE geom && ST_Transform({tile.format(zoom)}, 4326)) t;",
    }
    in_sql = {kind: postgis.per_second(query, SECONDS) for kind, query in questions.items()}
    postgis.stop()

    options = ["--database", f"sqlite://{database}"]
    made = subprocess.run(
        [program, "key", *options, "create", "--department", "bench", "--role", "gis-editor", f"bench-{random.randrange(10**9)}"],
        check=True, capture_output=True, text=True,
    )
    key = made.stdout.split()[-1]
    port = random.randint(20_000, 40_000)
    started = time.monotonic()
    server = subprocess.Popen([program, "serve", *options, "--port", str(port), "--public-parcels", "--workers", "2"], stdout=subprocess.DEVNULL)
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).read()
            break
        except OSError:
            if server.poll() is not None:
                sys.exit("Jiku does not start")
            time.sleep(0.05)
    ready = time.monotonic() - started
    address = f"127.0.0.1:{port}"
    print(f"{len(POSITIONS)} places; boxes of about {about['box']:.0f} parcels, tiles of level {zoom} of about {about['tile']:.0f}; ready after {ready:.1f} s; load {os.getloadavg()[0]:.1f}")
    print("| question | PostGIS, SQL | Jiku, HTTP | 99 % within | ratio |\n|---|---|---|---|---|")

    def tell(name, kind, size, sql, seconds=SECONDS, positions=None):
        rate, p99, errors = wrk(address, kind, size, seconds, positions)
        if errors:
            sys.exit(f"{name}: {errors} answers were errors")
        print(f"| {name} | {sql:,.0f}/s | {rate:,.0f}/s | {p99:.1f} ms | {rate / sql:.1f} |", flush=True)
        return rate

    # Each tile once: nobody has drawn it before. A second is too short to come to the end of them.
    tiles = sorted({tile_of(lon, lat, zoom) for lon, lat in CORNERS})
    random.shuffle(tiles)
    cold, warm = folder / "cold.txt", folder / "warm.txt"
    cold.write_text("".join(f"{column} {row}\n" for column, row in tiles), encoding="utf-8")
    drawn = tell("tile, drawn anew", "cold", zoom, in_sql["tile"], 1, cold)
    if drawn > len(tiles):
        print(f"(there are {len(tiles)} tiles: some were asked for twice)")
    for kind in ["point", "box", "nearest"]:
        tell(kind, kind, {"box": half}.get(kind, 0), in_sql[kind])
    tell("tile, mostly kept, sent in full", "tile", zoom, in_sql["tile"])
    client, known = Client(port, None), []
    for lon, lat in POSITIONS:
        column, row = tile_of(lon, lat, zoom)
        known.append(f"{lon:.7f} {lat:.7f} {client.ask('GET', f'/ogc/tiles/{zoom}/{column}/{row}')[0].headers['ETag']}\n")
    warm.write_text("".join(known), encoding="utf-8")
    tell("tile that the client has (304)", "warm", zoom, in_sql["tile"], positions=warm)
    took = edits(port, key)
    print(f"edit of one parcel: median {took[len(took) // 2]:.1f} ms, 90 % within {took[len(took) * 9 // 10]:.1f} ms ({len(took)} edits); load {os.getloadavg()[0]:.1f}")
finally:
    if server:
        server.terminate()
        server.wait()
    if (folder / "data" / "postmaster.pid").exists():
        postgis.stop()
    shutil.rmtree(folder, ignore_errors=True)
