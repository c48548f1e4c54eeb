#!/usr/bin/env python3
"""Asks Jiku over HTTP and PostGIS in SQL the same questions about the same adjacent parcels, and prints the ratios.

Needs Debian's postgresql-15, postgresql-15-postgis-3, postgresql-contrib (pgbench) and wrk, and a release build of jiku:

    cargo build --release
    python3 benches/postgis/compare.py --parcels 1000000

As root it runs PostgreSQL as the user postgres. Everything lies in a temporary folder and is gone afterwards.
"""

import argparse
import glob
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

WEST, SOUTH, CELL = 113.0, 23.0, 0.0003
LAND_USES = ["0101", "0301", "0501", "0701", "0702", "0801", "1003", "1101"]


def noise(x, y, which):
    """A number from 0 to 1 that depends on its arguments alone."""
    mask = (1 << 64) - 1
    value = (x << 32 | y << 2 | which) & mask
    for _ in range(2):
        value = ((value ^ (value >> 31)) * 0x9E3779B97F4A7C15) & mask
    return (value >> 11) / (1 << 53)


def vertex(x, y):
    lon = WEST + (x / 2 + (noise(x, y, 0) - 0.5) * 0.2) * CELL
    lat = SOUTH + (y / 2 + (noise(x, y, 1) - 0.5) * 0.2) * CELL
    return f"{lon:.9f} {lat:.9f}"


def write_parcels(path, side):
    """A net of adjacent parcels of eight vertices each, about 30 metres wide."""
    steps = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1), (0, 0)]
    with open(path, "w") as file:
        file.write("source,source_key,parcel_code,land_use,geometry\n")
        for slot in range(side * side):
            x, y = slot % side * 2, slot // side * 2
            ring = ",".join(vertex(x + east, y + north) for east, north in steps)
            block, number = divmod(slot, 99_999)
            code = f"440106{block // 999 + 1:03}{block % 999 + 1:03}GB{number + 1:05}"
            file.write(f'land,{slot},{code},{LAND_USES[slot % 8]},"POLYGON(({ring}))"\n')


def run(command, **options):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, **options).stdout


class Postgis:
    def __init__(self, folder):
        self.folder = folder
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        os.makedirs(folder)
        if self.user:
            shutil.chown(folder, "postgres")
        run(self.user + [f"{self.bin}/initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "postgres"], cwd="/")
        settings = "-c shared_buffers=1GB -c work_mem=64MB -c jit=off -c listen_addresses="
        run(self.user + [f"{self.bin}/pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", f"-k {folder} {settings}", "start"], cwd="/")

    def sql(self, text):
        return run([f"{self.bin}/psql", "-h", self.folder, "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-qAt", "-c", text])

    def load(self, path):
        self.sql("CREATE EXTENSION postgis")
        self.sql("CREATE TABLE parcel (source text, id int, parcel_code text, land_use text, geom geometry(Polygon, 4490))")
        copy = "\\copy parcel FROM PROGRAM 'cat' WITH (FORMAT csv, HEADER)".replace("PROGRAM 'cat'", f"'{path}'")
        self.sql("ALTER TABLE parcel ALTER geom TYPE text USING NULL")
        run([f"{self.bin}/psql", "-h", self.folder, "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-q", "-c", copy])
        self.sql("ALTER TABLE parcel ALTER geom TYPE geometry(Polygon, 4490) USING ST_GeomFromText(geom, 4490)")
        self.sql("CREATE INDEX ON parcel USING gist (geom)")
        self.sql("VACUUM ANALYZE parcel")

    def rate(self, query, span, seconds):
        script = f"{self.folder}/query.sql"
        with open(script, "w") as file:
            file.write("\\set nx random(1000, 999000)\n\\set ny random(1000, 999000)\n")
            file.write(query.replace("{x}", f"({WEST} + :nx * {span / 1e6:.12f})").replace("{y}", f"({SOUTH} + :ny * {span / 1e6:.12f})") + ";\n")
        text = run([f"{self.bin}/pgbench", "-h", self.folder, "-U", "postgres", "-n", "-M", "prepared", "-c", "4", "-j", "2", "-T", str(seconds), "-f", script, "postgres"], stderr=subprocess.DEVNULL)
        return float(re.search(r"tps = ([\d.]+)", text).group(1))

    def stop(self):
        run(self.user + [f"{self.bin}/pg_ctl", "-D", f"{self.folder}/data", "-w", "-m", "immediate", "stop"], cwd="/")


class Jiku:
    def __init__(self, binary, folder, path, port):
        self.base, self.folder = f"http://127.0.0.1:{port}", folder
        database = f"sqlite://{folder}/base.db"
        run([binary, "migrate", "--database", database])
        started = time.time()
        run([binary, "ingest", "--database", database, "--kind", "parcel", path])
        self.ingest_s = time.time() - started
        self.server = subprocess.Popen([binary, "serve", "--database", database, "--port", str(port), "--public-parcels"], stdout=subprocess.DEVNULL)
        started = time.time()
        while True:
            try:
                urllib.request.urlopen(f"{self.base}/readyz").read()
                break
            except OSError:
                if self.server.poll() is not None:
                    sys.exit("jiku serve ended")
                time.sleep(0.1)
        self.start_s = time.time() - started

    def rate(self, lua, seconds):
        script = f"{self.folder}/ask.lua"
        with open(script, "w") as file:
            file.write(lua)
        text = run(["wrk", "-t2", "-c16", f"-d{seconds}s", "--latency", "-s", script, self.base])
        if "Non-2xx" in text and "304" not in lua:
            sys.exit(text)
        latency = re.search(r"99%\s+(\S+)", text).group(1)
        return float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)), latency

    def stop(self):
        self.server.terminate()
        self.server.wait()


def tile_of(lon, lat, zoom):
    side = 1 << zoom
    x = int((lon + 180) / 360 * side)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * side)
    return x, y


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=1_000_000)
    parser.add_argument("--jiku", default="target/release/jiku")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--port", type=int, default=28_391)
    parser.add_argument("--only-jiku", action="store_true", help="leave PostGIS out")
    arguments = parser.parse_args()
    side = math.isqrt(arguments.parcels)
    span = side * CELL
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        path = f"{folder}/parcels.csv"
        write_parcels(path, side)
        jiku = Jiku(os.path.abspath(arguments.jiku), folder, path, arguments.port)
        print(f"{side * side} parcels; ingest {jiku.ingest_s:.1f} s; serve after {jiku.start_s:.1f} s", flush=True)
        postgis = None
        try:
            if not arguments.only_jiku:
                postgis = Postgis(f"{folder}/pg")
                postgis.load(path)
            compare(jiku, postgis, span, arguments.seconds)
        finally:
            jiku.stop()
            if postgis:
                postgis.stop()


def compare(jiku, postgis, span, seconds):
    items = "/ogc/collections/parcels/items"
    place = f"local x = {WEST} + math.random(1000, 999000) * {span / 1e6:.12f}; local y = {SOUTH} + math.random(1000, 999000) * {span / 1e6:.12f}; "
    head = "local thread = 0; function setup(t) thread = thread + 1; t:set('seed', thread) end; function init() math.randomseed(seed or os.time()) end; "

    def ask(path, headers="nil"):
        return f"{head} function request() {place} return wrk.format('GET', string.format('{path}), {headers}) end"

    width = 10 * CELL
    zoom = 16
    low, high = tile_of(WEST, SOUTH + span, zoom), tile_of(WEST + span, SOUTH, zoom)
    tiles = f"local column = math.random({low[0] + 1}, {max(low[0] + 1, high[0] - 1)}); local row = math.random({low[1] + 1}, {max(low[1] + 1, high[1] - 1)}); "
    cold = f"{head} local n = 0; function request() {tiles} return wrk.format('GET', string.format('/ogc/tiles/{zoom}/%d/%d', column, row)) end"
    middle = tile_of(WEST + span / 2, SOUTH + span / 2, zoom)
    answer = urllib.request.urlopen(f"{jiku.base}/ogc/tiles/{zoom}/{middle[0]}/{middle[1]}")
    tag = answer.headers["ETag"]
    size = len(answer.read())
    warm = f"function request() return wrk.format('GET', '/ogc/tiles/{zoom}/{middle[0]}/{middle[1]}', {{['If-None-Match']='{tag}'}}) end -- 304"
    envelope = f"ST_MakeEnvelope({{x}}, {{y}}, {{x}} + {width:.6f}, {{y}} + {width:.6f}, 4490)"
    point = "ST_SetSRID(ST_MakePoint({x}, {y}), 4490)"
    tile_sql = (
        f"WITH t AS (SELECT ST_TileEnvelope({zoom}, {low[0] + 1} + (:nx %% {max(1, high[0] - low[0] - 1)}), {low[1] + 1} + (:ny %% {max(1, high[1] - low[1] - 1)})) AS e) "
        "SELECT ST_AsMVT(m) FROM (SELECT parcel_code, land_use, ST_AsMVTGeom(ST_Transform(ST_SetSRID(geom, 4326), 3857), e) AS geom "
        "FROM parcel, t WHERE geom && ST_SetSRID(ST_Transform(e, 4326), 4490)) m"
    ).replace("%%", "%")
    questions = [
        ("point in parcel", ask(f"{items}?bbox=%.7f,%.7f,%.7f,%.7f', x, y, x, y"), f"SELECT id, parcel_code, land_use, ST_AsGeoJSON(geom) FROM parcel WHERE ST_Intersects(geom, {point})"),
        ("box of about 100 parcels, GeoJSON", ask(f"{items}?limit=1000&bbox=%.7f,%.7f,%.7f,%.7f', x, y, x + {width:.6f}, y + {width:.6f}"), f"SELECT json_agg(ST_AsGeoJSON(parcel.*)::json) FROM parcel WHERE ST_Intersects(geom, {envelope})"),
        ("10 nearest", ask(f"{items}?limit=10&filter=nearest(geometry,POINT(%.7f%%20%.7f),10)', x, y"), f"SELECT id, parcel_code, ST_AsGeoJSON(geom) FROM parcel ORDER BY geom <-> {point} LIMIT 10"),
        (f"vector tile, level {zoom}, as asked", cold, tile_sql),
        ("the same tile again (304)", warm, None),
    ]
    print(f"a tile of level {zoom} in the middle: {size} bytes")
    print("| work | Jiku over HTTP | p99 | PostGIS, SQL | ratio |\n|---|---|---|---|---|", flush=True)
    for name, lua, query in questions:
        rate, latency = jiku.rate(lua, seconds)
        other = postgis.rate(query, span, seconds) if postgis and query else None
        print(f"| {name} | {rate:,.0f}/s | {latency} | {f'{other:,.0f}/s' if other else '–'} | {f'{rate / other:.1f}' if other else '–'} |", flush=True)


if __name__ == "__main__":
    main()
