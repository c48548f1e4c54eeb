#!/usr/bin/env python3
"""Runs Splink (DuckDB) and `jiku dedupe` on the same file in turn and prints time, memory and F1 of both.

    python3 benches/splink/compare.py people.csv --id source_key --truth entity [--kind person] [--jiku target/release/jiku]

Splink is installed from PyPI into a virtual environment that is thrown away afterwards; its settings, made by hand for each
kind of table, are in settings.py. Both results are judged here, by pairs of records in one cluster; the line `best` has the
threshold of Splink that is best with the truth in view.
"""

import argparse
import collections
import csv
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
import venv

SETTINGS = pathlib.Path(__file__).with_name("settings.py")


def timed(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, after.ru_maxrss / 1024


def installed(folder, requirement):
    venv.create(folder / "venv", with_pip=True)
    python = str(folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", requirement, "pandas"], check=True)
    return python


def f1(clusters, truth):
    with open(clusters, newline="") as file:
        found = {row["record_id"]: row["cluster_id"] for row in csv.DictReader(file)}
    pairs = lambda counts: sum(n * (n - 1) // 2 for n in counts.values())
    right = pairs(collections.Counter((found.get(key, key), entity) for key, entity in truth.items()))
    guessed = pairs(collections.Counter(found.get(key, key) for key in truth))
    real = pairs(collections.Counter(truth.values()))
    precision, recall = right / max(guessed, 1), right / max(real, 1)
    return 2 * precision * recall / max(precision + recall, 1e-9), precision, recall


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--id", required=True)
    parser.add_argument("--truth", required=True)
    parser.add_argument("--kind")
    parser.add_argument("--jiku", default="target/release/jiku")
    parser.add_argument("--python", help="an interpreter that has Splink and pandas already; nothing is installed then")
    parser.add_argument("--splink", default="splink", help="a requirement such as splink==5.0.0")
    args = parser.parse_args()
    with open(args.file, newline="", encoding="utf-8-sig") as file:
        truth = {row[args.id]: row[args.truth] for row in csv.DictReader(file, skipinitialspace=True) if row[args.truth]}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        results = {}
        command = [args.jiku, "dedupe", args.file, "--id-column", args.id, "--output", str(folder / "jiku.csv"), "--ignore", args.truth]
        if args.kind:
            command += ["--kind", args.kind]
        results["jiku"] = (*timed(command), *f1(folder / "jiku.csv", truth))
        python = args.python or installed(folder, args.splink)
        found = folder / "splink.csv"
        subprocess.run([python, str(SETTINGS), args.file, args.id, args.truth, str(found)], check=True, stdout=subprocess.DEVNULL)
        took = tuple(map(float, pathlib.Path(f"{found}.time").read_text().split()))
        judged = {path: f1(path, truth) for path in [found, *folder.glob("splink.csv.0*")]}
        best = max(judged, key=lambda path: judged[path])
        results["splink"] = (*took, *judged[found])
        results["best"] = (*took, *judged[best])
    print(f"{'':8}{'wall s':>10}{'CPU s':>10}{'MiB':>8}{'F1':>9}{'precision':>11}{'recall':>9}")
    for name, (wall, cpu, memory, score, precision, recall) in results.items():
        print(f"{name:8}{wall:10.1f}{cpu:10.1f}{memory:8.0f}{score:9.4f}{precision:11.5f}{recall:9.5f}")
    print(f"jiku is {results['splink'][0] / results['jiku'][0]:.1f} times faster by the clock, {results['splink'][1] / results['jiku'][1]:.1f} by processor time")


if __name__ == "__main__":
    sys.exit(main())
