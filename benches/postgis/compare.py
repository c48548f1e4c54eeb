#!/usr/bin/env python3
"""The same parcels and the same questions, in PostGIS by SQL and in Jiku over HTTP, with the ratios.

    compare.py ZIRAN.geojson DATABASE.db JIKU [SECONDS]

ZIRAN.geojson is the parcel file of `jiku synth`, DATABASE.db an SQLite database into which `jiku ingest` took it, JIKU the
program. Needs Debian's postgresql-15, postgresql-15-postgis-3 and wrk; a PostgreSQL of its own is made and removed again. SQL
runs on four connections, HTTP on sixteen, each question for SECONDS (8), one after the other, on the same machine.
"""

import json
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

    def load(self, file, points):
        self.sql("CREATE EXTENSION postgis")
        self.sql("CREATE TABLE parcel (id serial PRIMARY KEY, code text, land_use text, geom geometry(Polygon, 4326))")
        command = ["psql", "-h", str(self.folder), "-p", str(self.port), "-U", "postgres", "-Xq", "-c", "COPY parcel (code, land_use, geom) FROM STDIN"]
        copy = subprocess.Popen(self.as_user + command, stdin=subprocess.PIPE, text=True, cwd="/")
        for number, (code, use, rings) in enumerate(parcels(file)):
            text = ",".join("(" + ",".join(f"{lon} {lat}" for lon, lat in ring) + ")" for ring in rings)
            copy.stdin.write(f"{code}\t{use}\tSRID=4326;POLYGON({text})\n")
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


def wrk(address, kind, size, seconds):
    command = ["wrk", "-t2", "-c16", f"-d{seconds}s", "-s", str(LUA), f"http://{address}", "--", kind, str(POSITIONS_FILE), str(size)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rate, p99_ms, errors = re.search(r"RESULT (\S+) (\S+) (\d+)", told).groups()
    return float(rate), float(p99_ms), int(errors)


file, database, program = sys.argv[1:4]
SECONDS = int(sys.argv[4]) if len(sys.argv) > 4 else 8
folder = pathlib.Path(tempfile.mkdtemp(prefix="jiku-postgis-"))
folder.chmod(0o755)
POSITIONS, POSITIONS_FILE = [], folder / "positions.txt"
postgis = PostGis(folder)
server = None
try:
    postgis.load(file, POSITIONS)
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

    port = random.randint(20_000, 40_000)
    started = time.monotonic()
    server = subprocess.Popen([program, "serve", "--database", f"sqlite://{database}", "--port", str(port), "--public-parcels", "--workers", "2"], stdout=subprocess.DEVNULL)
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).read()
            break
        except OSError:
            if server.poll() is not None:
                sys.exit("Jiku does not start")
            time.sleep(0.2)
    ready = time.monotonic() - started
    sizes = {"point": 0, "box": half, "nearest": 0, "tile": zoom}
    print(f"{len(POSITIONS)} places; boxes of about {about['box']:.0f} parcels, tiles of level {zoom} of about {about['tile']:.0f}; ready after {ready:.1f} s; load {os.getloadavg()[0]:.1f}")
    print("| question | PostGIS, SQL | Jiku, HTTP | 99 % within | ratio |\n|---|---|---|---|---|")
    for kind, sql in in_sql.items():
        rate, p99, errors = wrk(f"127.0.0.1:{port}", kind, sizes[kind], SECONDS)
        if errors:
            sys.exit(f"{kind}: {errors} answers were errors")
        # Tiles are drawn once and then lie in the cache, as long as nobody edits: PostGIS draws each anew.
        name = "tile, mostly cached" if kind == "tile" else kind
        print(f"| {name} | {sql:,.0f}/s | {rate:,.0f}/s | {p99:.1f} ms | {rate / sql:.1f} |")
finally:
    if server:
        server.terminate()
        server.wait()
    if (folder / "data" / "postmaster.pid").exists():
        postgis.stop()
    shutil.rmtree(folder, ignore_errors=True)
