#!/usr/bin/env python3
"""Hostile requests, made from the interface's own description: no 5xx, every 4xx is a problem, no panic, memory flat.

    tests/fuzz/fuzz.py --jiku target/release/jiku [--examples 50]

Needs `schemathesis` in PATH or beside this Python. The server and its database are the program's own and are gone afterwards.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile


def rss_mib(process):
    with open(f"/proc/{process}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) // 1024


# The administrators are apart from everybody else and from each other.
CALLERS = [("source", "reader", "verifier", "steward", "gis-editor", "data-office"), ("auditor",), ("security-admin",), ("system-admin",)]


def key(jiku, database, roles):
    words = [word for role in roles for word in ("--role", role)]
    made = subprocess.run([jiku, "key", "--database", database, "create", f"fuzz-{roles[0]}", "--department", "test", "--source", "*", *words],
                          check=True, capture_output=True, text=True)
    return made.stdout.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jiku", default="target/release/jiku")
    parser.add_argument("--examples", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    tool = shutil.which("schemathesis") or os.path.join(os.path.dirname(sys.executable), "schemathesis")
    with tempfile.TemporaryDirectory(prefix="jiku-fuzz-") as folder:
        database = f"sqlite://{folder}/base.db"
        subprocess.run([asked.jiku, "migrate", "--database", database], check=True, capture_output=True)
        keys = [key(asked.jiku, database, roles) for roles in CALLERS]
        log = open(f"{folder}/log", "w")
        server = subprocess.Popen([asked.jiku, "serve", "--json", "--port", "0", "--database", database], stdout=subprocess.PIPE, stderr=log,
                                  text=True)
        address = json.loads(server.stdout.readline())["address"]
        before = rss_mib(server.pid)
        said = ""
        for secret in keys:
            fuzz = subprocess.run(
                [tool, "run", f"{address}/api/openapi.json", "--checks", "not_a_server_error,content_type_conformance,status_code_conformance",
                 "--phases", "examples,coverage,fuzzing", "--max-examples", str(asked.examples), "--seed", str(asked.seed),
                 "--continue-on-failure", "--exclude-path", "/api/v1/changes/stream", "-H", f"Authorization: Bearer {secret}",
                 "-H", "Purpose-Of-Use: public-service"],
                cwd=folder, capture_output=True, text=True)
            said += fuzz.stdout
            # 1: something was found, which is told below; anything else: it did not do its work.
            if fuzz.returncode not in (0, 1) or "generated" not in fuzz.stdout:
                server.kill()
                sys.exit(f"schemathesis did not run\n{fuzz.stdout[-2000:]}{fuzz.stderr[-2000:]}")
        after = rss_mib(server.pid)
        alive = server.poll() is None
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)
        log.close()
        with open(f"{folder}/log") as lines:
            panics = sum("panicked" in line for line in lines)
    print(said[-6000:])
    server_errors = len(re.findall(r"Server error", said))
    undescribed = len(re.findall(r"Undocumented (?:HTTP status code|Content-Type)", said))
    requests = [int(number) for number in re.findall(r"(\d+) generated", said)]
    print(json.dumps({"requests": requests, "server_errors": server_errors, "undescribed": undescribed, "panics": panics, "alive": alive, "rss_mib_before": before, "rss_mib_after": after}))
    return 0 if alive and not panics and not server_errors and not undescribed and after - before <= 200 else 1


if __name__ == "__main__":
    sys.exit(main())
