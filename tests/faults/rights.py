#!/usr/bin/env python3
"""Who may no longer, and what may not be told: larger numbers than the ordinary tests have.

`revoked` (S7): keys that three nodes on one PostgreSQL know are revoked, and each node is asked until it refuses them.
`reach` (S6): pairs of questions about somebody out of reach and nobody at all; the answers are the same, and so is their time."""

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time

import faults
from faults import Postgres, Server, person

# Pairs that one caller asks for.
PAIRS_OF_ONE = 20

# Keys that are made, known and revoked together.
TOGETHER = 50


def revoked(jiku, times, folder):
    with Postgres(folder) as url:
        nodes = [Server(jiku, url)]
        nodes += [Server(jiku, url, nodes[0].key) for _ in range(2)]
        keys = lambda *words: nodes[0].run("key", "--json", "--database", url, *words)
        took, refused_early = [], 0
        for begun in range(0, times, TOGETHER):
            names = range(begun, min(begun + TOGETHER, times))
            made = [keys("create", f"system-{name}", "--department", "test", "--role", "reader") for name in names]
            made = [json.loads(one) for one in made]
            callers = [(node, one) for one in made for node in nodes]

            def asked(node, one):
                head = {"Authorization": f"Bearer {one['key']}"}
                return node.call("GET", "/api/v1/sources", **head)[0]
            refused_early += sum(asked(*caller) != 200 for caller in callers)
            since, refused = {}, {}

            def watch(node):
                """Asks again and again, so that every one of them is in use when it is revoked."""
                left, until = list(made), time.monotonic() + 60
                while left and time.monotonic() < until:
                    for one in left:
                        if asked(node, one) == 401:
                            refused[node.host, one["id"]] = time.monotonic()
                    left = [one for one in left if (node.host, one["id"]) not in refused]
            watchers = [threading.Thread(target=watch, args=(node,)) for node in nodes]
            for watcher in watchers:
                watcher.start()
            for one in made:
                keys("revoke", one["id"])
                since[one["id"]] = time.monotonic()
            for watcher in watchers:
                watcher.join()
            took += [at - since[key] for (_, key), at in refused.items()]
        ends = [node.end() for node in nodes]
    return {"revoked": times, "nodes": len(nodes), "refused_by_a_node": len(took), "refused_too_early": refused_early,
            "slowest_s": round(max(took), 2), "exit_codes": ends}, len(took) == 3 * times and max(took) <= 5 and not refused_early


def reach(jiku, times, folder):
    database = f"sqlite://{folder}/base.db"
    server = Server(jiku, database)
    admin = server.run("key", "--database", database, "create", "guard", "--department", "test", "--role", "security-admin").strip()
    out = json.loads(server.call("POST", "/api/v1/persons/records", {**person(1), "division": "440305"})[2])["entity"]
    inside = json.loads(server.call("POST", "/api/v1/persons/records", {**person(2), "division": "440106"})[2])["entity"]
    connection = faults.http.client.HTTPConnection(server.host, timeout=60)

    def county(number):
        """Somebody who reaches one county, new: who misses more often than not is taken for one who guesses."""
        name = f"county-{number}"
        key = server.run("key", "--database", database, "create", name, "--department", "test", "--role", "reader").strip()
        path = f"/api/v1/principals/{name}/limits"
        status, _, text = server.call("PUT", path, {"divisions": ["440106"]}, connection=connection, Authorization=f"Bearer {admin}")
        assert status == 204, (status, text)
        head = {"Authorization": f"Bearer {key}"}
        assert server.call("GET", f"/api/v1/persons/{inside}", connection=connection, **head)[0] == 200
        return head
    took, answers = {"out": [], "absent": []}, {}
    for number in range(times):
        if number % PAIRS_OF_ONE == 0:
            head = county(number)
        # Somebody who could be: the last digits of an id are chance.
        absent = f"{out[:-6]}{number:06x}"
        for sort, one in (("out", out), ("absent", absent)) if number % 2 else (("absent", absent), ("out", out)):
            began = time.monotonic()
            status, _, text = server.call("GET", f"/api/v1/persons/{one}", connection=connection, **head)
            took[sort].append(time.monotonic() - began)
            said = json.loads(text)
            told = (status, *(json.dumps(said.get(name)) for name in ("type", "title", "detail")))
            answers.setdefault(sort, {}).setdefault(str(told), 0)
            answers[sort][str(told)] += 1
            if status == 429:
                return {"pairs": number, "stopped": text}, False
    medians = {sort: round(statistics.median(times_of) * 1_000, 3) for sort, times_of in took.items()}
    apart = abs(medians["out"] - medians["absent"]) / medians["absent"]
    server.end()
    return {"pairs": times, "answers": answers, "median_ms": medians, "apart": round(apart, 4)}, answers["out"] == answers["absent"] and apart <= 0.05


CASES = {"revoked": (revoked, 500), "reach": (reach, 10_000)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--jiku", default="target/release/jiku")
    parser.add_argument("--times", type=int)
    asked = parser.parse_args()
    run, usual = CASES[asked.case]
    with tempfile.TemporaryDirectory(prefix="jiku-rights-") as folder:
        os.environ["XDG_DATA_HOME"] = folder
        report, good = run(os.path.abspath(asked.jiku), asked.times or usual, folder)
    print(json.dumps({"case": asked.case, **report, "good": good}, ensure_ascii=False))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
