#!/usr/bin/env python3
"""How does the default model of parcels do where another department measured the same land, and mostly has no codes for it?

Makes a province with `jiku synth`, then a second department's records of seven parcels in ten: half without codes, one in
twenty with a digit of the code miscopied, some without area, location, holder or boundary, and each boundary measured anew,
so many metres off. Finds duplicates with the shipped model as it is and fitted, and compares with the truth.

    cargo build --release && python3 benches/populations/parcels.py target/release/jiku --metres 0.3 1 3

Needs Python 3 and nothing else. Prints a Markdown table: precision, recall and F1 over pairs of records.
"""

import argparse
import csv
import pathlib
import random
import re
import tempfile

from populations import judge, run

CORNER = re.compile(r"(-?\d+\.\d+) (-?\d+\.\d+)")
DEGREE_M = 111_195.0


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("jiku")
    arguments.add_argument("--parcels", type=int, default=4_000)
    arguments.add_argument("--seeds", type=int, nargs="+", default=[9])
    arguments.add_argument("--metres", type=float, nargs="+", default=[0.3, 1.0, 3.0])
    options = arguments.parse_args()
    print("| kind | metres off | seed | records | model | precision | recall | F1 | clusters that join two |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for seed in options.seeds:
            province = pathlib.Path(folder) / str(seed)
            run(options.jiku, "synth", "--output", province, "--seed", seed, "--people", 100, "--companies", 1, "--parcels", options.parcels)
            with open(province / "ziran.csv", newline="") as file:
                known = [row for row in csv.DictReader(file) if row["geometry"]]
            for metres in options.metres:
                table = province / f"{metres}.csv"
                records = write(table, known, random.Random(seed), metres)
                for model in ["as shipped", "fitted"]:
                    judge(options.jiku, "parcel", table, records, model, seed, metres)


def write(table, known, chance, metres):
    rows = [{**row, "record": f"ziran:{at}", "entity": at} for at, row in enumerate(known)]
    for at, row in enumerate(known):
        if chance.random() < 0.7:
            rows.append({**told_anew(row, chance, metres), "record": f"guihua:{at}", "entity": at})
    columns = [column for column in rows[0] if column not in ("source", "source_key")]
    with open(table, "w", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


def told_anew(row, chance, metres):
    row = dict(row)
    share = chance.random()
    if share < 0.5:
        row["parcel_code"] = row["unit_code"] = ""
    elif share < 0.55:
        at = chance.choice([place for place in range(14, 19) if row["parcel_code"][place:place + 1].isdigit()] or [18])
        row["parcel_code"] = row["parcel_code"][:at] + str(chance.randrange(10)) + row["parcel_code"][at + 1:]
        row["unit_code"] = ""
    if chance.random() < 0.3:
        row["right_holder_id"] = ""
    if chance.random() < 0.2:
        row["right_holder"] = row["right_holder_id"] = ""
    if chance.random() < 0.5 and row["registered_area_m2"]:
        row["registered_area_m2"] = f"{float(row['registered_area_m2']) * chance.uniform(0.99, 1.01):.0f}"
    if chance.random() < 0.5:
        row["location"] = re.sub(r"^..市|(?<=区)..街道", "", row["location"])
    if chance.random() < 0.1:
        row["location"] = ""
    row["geometry"] = "" if chance.random() < 0.1 else measured(row["geometry"], chance, metres)
    return row


def measured(outline, chance, metres):
    """The whole boundary moved, and each corner a quarter as far by itself."""
    east, north = (chance.gauss(0, metres) / DEGREE_M for _ in range(2))
    corners = {}

    def corner(told):
        if told[0] not in corners:
            by = [chance.gauss(0, metres / 4) / DEGREE_M for _ in range(2)]
            corners[told[0]] = f"{float(told[1]) + east + by[0]:.8f} {float(told[2]) + north + by[1]:.8f}"
        return corners[told[0]]

    return CORNER.sub(corner, outline)


if __name__ == "__main__":
    main()
