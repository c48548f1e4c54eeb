#!/usr/bin/env python3
"""R20: is a page of the database that was damaged on disk noticed?

A base of people, organisations and parcels is copied again and again. In each copy one byte of one page is changed, by chance but repeatably, and the
copy is looked at by `jiku verify`, which asks SQLite for its own check too, and where that finds nothing by `jiku audit verify` with the seals. A byte that nothing is kept in changes no row; whether one changed any
is told by reading every row of every table."""

import argparse
import collections
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

from faults import Server, person, put

SQUARE = 0.0005


def filled(jiku, times, folder):
    """A base with so many people and some parcels and decisions, closed and in one file."""
    database = f"sqlite://{folder}/base.db"
    server = Server(jiku, database)
    key = server.key
    server.end()
    people = (",".join(person(number)[name] for name in ("source_key", "name", "birth_date", "phone")) for number in range(times))
    put(jiku, folder, database, "people", "person", "source_key,name,birth_date,phone", people)

    def square(number):
        west, south = 113 + number % 50 * 2 * SQUARE, 23 + number // 50 * 2 * SQUARE
        ring = [(west, south), (west + SQUARE, south), (west + SQUARE, south + SQUARE), (west, south + SQUARE), (west, south)]
        return f'p{number},"POLYGON (({", ".join(f"{lon:.5f} {lat:.5f}" for lon, lat in ring)}))",0701'
    put(jiku, folder, database, "parcels", "parcel", "source_key,geometry,land_use", map(square, range(times // 4)))
    os.mkdir(f"{folder}/seals")
    server = Server(jiku, database, key, more=("--seal-dir", f"{folder}/seals"))
    for number in range(50):
        found = json.loads(server.call("POST", "/api/v1/persons/search", {"name": person(number)["name"]})[2])
        server.call("GET", f"/api/v1/persons/{found['items'][0]['id']}")
    # A seal covers what was read a minute before it.
    time.sleep(65)
    server.end()
    with sqlite3.connect(f"{folder}/base.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return f"{folder}/base.db"


def tables(connection):
    return [name for name, in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]


def rows_of(file):
    """The rows of every table, or why it cannot be read."""
    told = {}
    connection = sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)
    connection.text_factory = bytes
    try:
        for name in tables(connection):
            name = name.decode(errors="replace")
            try:
                found = connection.execute(f'SELECT * FROM "{name}"')
                told[name] = ([column[0] for column in found.description], found.fetchall())
            except (sqlite3.Error, UnicodeError) as error:
                told[name] = str(error)
    except (sqlite3.Error, UnicodeError) as error:
        told = {"": str(error)}
    connection.close()
    return told


def hit(usual, rows):
    """The columns whose values are others."""
    columns = set()
    for name, known in usual.items():
        now = rows.get(name)
        if isinstance(now, tuple) and len(now[1]) == len(known[1]):
            columns.update(f"{name}.{column}" for before, after in zip(known[1], now[1])
                           for column, one, other in zip(known[0], before, after) if one != other)
        elif now != known:
            columns.add(name)
    return sorted(columns)


def verified(jiku, file):
    """Whether `jiku verify`, and then `jiku audit verify` with the seals, says that all is well, and how it ended."""
    seals = f"{os.path.dirname(file)}/seals"
    base = ["--database", f"sqlite://{file}"]
    for command in (["verify", *base], ["audit", *base, "verify", "--seals", seals]):
        ended = subprocess.run([jiku, *command, "--json"], capture_output=True, text=True, errors="replace", timeout=300)
        if ended.returncode != 0:
            break
    return ended.returncode == 0, ended


def told(ended):
    """What was found first, without what it was found in."""
    if ended.returncode == 1:
        found = json.loads(ended.stdout)
        return found["differences"][0]["area"] if "differences" in found else "traces"
    return re.sub(r"\d+", "N", ended.stderr.strip().splitlines()[-1])[:160]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jiku", default="target/release/jiku")
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    jiku, chance = os.path.abspath(asked.jiku), random.Random(asked.seed)
    with tempfile.TemporaryDirectory(prefix="jiku-pages-") as folder:
        whole = filled(jiku, asked.people, folder)
        size, usual = 4096, rows_of(whole)
        clean, ended = verified(jiku, whole)
        pages = os.path.getsize(whole) // size
        noticed, harmless, missed, ways, panics = 0, 0, [], collections.Counter(), 0
        for page in chance.sample(range(pages), asked.times):
            place, flip = page * size + chance.randrange(size), chance.randrange(1, 256)
            copy = f"{folder}/copy.db"
            for name in (copy, copy + "-wal", copy + "-shm"):
                if os.path.exists(name):
                    os.remove(name)
            shutil.copy(whole, copy)
            with open(copy, "r+b") as file:
                file.seek(place)
                byte = file.read(1)[0]
                file.seek(place)
                file.write(bytes([byte ^ flip]))
            rows = rows_of(copy)
            good, ended = verified(jiku, copy)
            panics += "panicked" in ended.stderr
            if not good:
                noticed += 1
                ways[f"exit {ended.returncode}: {told(ended)}"] += 1
            elif rows == usual:
                harmless += 1
            else:
                missed.append({"page": page, "byte": place % size, "values": hit(usual, rows)})
    print(json.dumps({"pages": pages, "changed": asked.times, "whole_is_clean": clean, "noticed": noticed, "how": ways,
                      "changed_no_row": harmless, "missed": missed, "panics": panics}))
    return 0 if clean and not missed and not panics else 1


if __name__ == "__main__":
    sys.exit(main())
