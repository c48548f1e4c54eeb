#!/usr/bin/env python3
"""Runs Splink (DuckDB) and `jiku dedupe` on the same file in turn and prints time, memory and F1 of both.

    python3 benches/splink/compare.py people.csv --id source_key --truth entity [--kind person] [--jiku target/release/jiku]

Splink is installed from PyPI into a virtual environment that is thrown away afterwards. The Splink settings are the ones its
documentation recommends for people: names with term frequencies, dates, exact and fuzzy levels, four blocking rules, two
training passes. Both results are judged here, by pairs of records in one cluster.
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

SPLINK = r"""
import sys, pandas as pd
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
source, key, truth, output = sys.argv[1:5]
table = pd.read_csv(source, dtype=str, keep_default_na=False).replace("", None).rename(columns={key: "unique_id"})
columns = [c for c in table.columns if c not in ("unique_id", truth, "source") and 1 < table[c].nunique() < len(table)]
def comparison(c):
    if "date" in c or c == "dob":
        return cl.LevenshteinAtThresholds(c, [1, 2])
    if table[c].nunique() < 100:
        return cl.ExactMatch(c)
    return cl.JaroWinklerAtThresholds(c, [0.92, 0.8]).configure(term_frequency_adjustments=True)
columns = columns[:9]
fine = sorted(columns, key=lambda c: -table[c].nunique())
rules = [block_on(fine[0]), block_on(fine[1]), block_on(fine[0 if len(fine) < 3 else 2]), block_on(*fine[-2:], fine[1])]
settings = SettingsCreator(link_type="dedupe_only", comparisons=[comparison(c) for c in columns], blocking_rules_to_generate_predictions=rules)
linker = Linker(table, settings, DuckDBAPI())
linker.training.estimate_probability_two_random_records_match(rules[:2], recall=0.8)
linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
for rule in rules[:2]:
    linker.training.estimate_parameters_using_expectation_maximisation(rule)
pairs = linker.inference.predict(threshold_match_probability=0.5)
clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, 0.95).as_pandas_dataframe()
clusters[["unique_id", "cluster_id"]].rename(columns={"unique_id": "record_id"}).to_csv(output, index=False)
"""


def timed(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, after.ru_maxrss / 1024


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
        venv.create(folder / "venv", with_pip=True)
        python = str(folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python")
        subprocess.run([python, "-m", "pip", "install", "-q", args.splink, "pandas"], check=True)
        script = folder / "run_splink.py"
        script.write_text(SPLINK)
        results["splink"] = (*timed([python, str(script), args.file, args.id, args.truth, str(folder / "splink.csv")]), *f1(folder / "splink.csv", truth))
    print(f"{'':8}{'wall s':>10}{'CPU s':>10}{'MiB':>8}{'F1':>9}{'precision':>11}{'recall':>9}")
    for name, (wall, cpu, memory, score, precision, recall) in results.items():
        print(f"{name:8}{wall:10.1f}{cpu:10.1f}{memory:8.0f}{score:9.4f}{precision:11.5f}{recall:9.5f}")
    print(f"jiku is {results['splink'][0] / results['jiku'][0]:.1f} times faster by the clock, {results['splink'][1] / results['jiku'][1]:.1f} by processor time")


if __name__ == "__main__":
    sys.exit(main())
