#!/usr/bin/env python3
"""Makes the files that resolve.lua and find.lua read: questions as departments would ask them, and canonical ids.

    questions.py SYNTH_FOLDER BASE.db OUTPUT_FOLDER [COUNT]

SYNTH_FOLDER was written by `jiku synth`; BASE.db is the SQLite file of the base, of which the ids of active people are read (an export of more
people than a day's quota takes two humans). Rows and ids are taken at even distances, so that they lie all over the base.
"""

import csv
import json
import pathlib
import random
import sqlite3
import sys
import uuid

synth, base, output = map(pathlib.Path, sys.argv[1:4])
count = int(sys.argv[4]) if len(sys.argv) > 4 else 100_000
output.mkdir(parents=True, exist_ok=True)

questions = []
for name in ("weijian", "renshe", "minzheng"):
    with open(synth / f"{name}.csv", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        for number, row in enumerate(rows):
            if number % 7 == 0:
                asked = {column: value for column, value in row.items() if value and column not in ("source", "source_key")}
                questions.append(json.dumps(asked, ensure_ascii=False))
random.Random(1).shuffle(questions)
(output / "questions.ndjson").write_text("\n".join(questions[:count]) + "\n", encoding="utf-8")

with sqlite3.connect(f"file:{base.resolve()}?mode=ro", uri=True) as database:
    ids = [str(uuid.UUID(bytes=row[0])) for row in database.execute("SELECT id FROM entity WHERE kind = 1 AND state = 'active'")]
random.Random(2).shuffle(ids)
(output / "ids.txt").write_text("\n".join(ids[:count]) + "\n")
