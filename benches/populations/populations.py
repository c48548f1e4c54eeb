#!/usr/bin/env python3
"""How do the default models do on provinces they were not looked at on?

Makes provinces with `jiku synth` (several seeds, several mixes of mistakes), takes all records of people and of legal persons
as one table each, finds duplicates with the shipped model as it is and fitted to the table, and compares with the truth.

    cargo build --release && python3 benches/populations/populations.py target/release/jiku

Needs Python 3 and nothing else. Prints a Markdown table: precision, recall and F1 over pairs of records.
"""

import argparse
import csv
import json
import pathlib
import subprocess
import tempfile

# From none to three times as many, and mixes of their own: offices that mishear, that miscopy numbers, that never look again.
MIXES = ["0", "0.5", "1", "2", "3", "names=4", "numbers=4", "dates=4,places=2", "stale=2,copies=3"]

KINDS = {
    "person": ["gongan", "minzheng", "renshe", "jiaoyu", "zhujian", "weijian"],
    "legal-person": ["scjg", "shzz", "shuiwu", "caigou"],
}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("jiku")
    arguments.add_argument("--people", type=int, default=20_000)
    arguments.add_argument("--seeds", type=int, nargs="+", default=[101, 102, 103])
    arguments.add_argument("--mistakes", nargs="+", default=MIXES)
    options = arguments.parse_args()
    print("| kind | mistakes | seed | records | model | precision | recall | F1 | clusters that join two |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for mistakes in options.mistakes:
            for seed in options.seeds:
                province = pathlib.Path(folder) / f"{seed}-{mistakes}"
                size = ["--people", options.people, "--companies", options.people // 4, "--parcels", 0]
                run(options.jiku, "synth", "--output", province, "--seed", seed, "--mistakes", mistakes, *size)
                for kind in KINDS:
                    table, records = gather(province, kind)
                    for model in ["as shipped", "fitted"]:
                        judge(options.jiku, kind, table, records, model, seed, mistakes)


def gather(province, kind):
    """All records of a kind in one table, each under source and key, with its true entity."""
    with open(province / "truth.csv", newline="") as file:
        truth = {(row["source"], row["source_key"]): row["entity"] for row in csv.DictReader(file) if row["kind"] == kind}
    table, rows = province / f"{kind}.csv", []
    for source in KINDS[kind]:
        with open(province / f"{source}.csv", newline="") as file:
            for row in csv.DictReader(file):
                rows.append({"record": f"{source}:{row['source_key']}", "entity": truth[source, row["source_key"]], **row})
    columns = [column for column in rows[0] if column not in ("source", "source_key")]
    with open(table, "w", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return table, len(rows)


def judge(jiku, kind, table, records, model, seed, mistakes):
    clusters = table.with_suffix(".clusters.csv")
    as_shipped = ["--as-shipped"] if model == "as shipped" else []
    names = ["--id-column", "record", "--truth-column", "entity"]
    run(jiku, "dedupe", table, "--kind", kind, "--output", clusters, *names, *as_shipped)
    judged = run(jiku, "evaluate", "--json", "--clusters", clusters, "--truth", table, "--id-column", "record", "--truth-column", "entity")
    told = json.loads(judged)
    figures = " | ".join(f"{told[name]:.4f}" for name in ["precision", "recall", "f1"])
    print(f"| {kind} | {mistakes} | {seed} | {records:,} | {model} | {figures} | {told['mixed_clusters']} |", flush=True)


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
