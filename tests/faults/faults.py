#!/usr/bin/env python3
"""What is lost when the machine fails? Nothing may be; this program tries, and counts.

    tests/faults/faults.py CASE --jiku target/release/jiku [--times N]

Cases: kill (SIGKILL under load, half of the times on each store), pairs (two nodes are told of one person at once), traces (readings beside the access log), terminate (SIGTERM under load), retry (the client goes away before the answer and asks another node again), disk-full (a small
file system fills and empties; needs root), restart (PostgreSQL restarts under load), standby (a synchronous standby is lost), cancel (the wait for
one is cancelled, and it takes over), io (single reads,
writes and syncs fail; needs strace), idle (ten
thousand connections are held), slow (requests are sent and answers taken by a trickle), overload (far more callers than can be served, for so many seconds; needs
wrk), bombs (so many people of one name), stack (so many parcels on one place). The databases and the servers are the program's own, in a temporary folder, and are gone afterwards. It prints a report in JSON; exit code 1 when something was lost or answered
wrongly. Only Python's standard library and PostgreSQL's server programs are used.
"""

import argparse
import contextlib
import glob
import http.client
import json
import math
import multiprocessing
import os
import random
import re
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time


class Server:
    """A serving `jiku` and somebody with a key for it."""

    def __init__(self, jiku, database, key=None, processors=None, more=()):
        self.jiku, self.database = jiku, database
        self.run("migrate", "--database", database)
        self.key = key or self.run("key", "--database", database, "create", "tester", "--department", "test",
                                   "--role", "source", "--role", "reader", "--source", "gongan").strip()
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([jiku, "serve", "--json", "--port", "0", "--database", database, *more],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        preexec_fn=processors and (lambda: os.sched_setaffinity(0, processors)))
        self.host = json.loads(self.process.stdout.readline())["address"].removeprefix("http://")

    def run(self, *arguments):
        return subprocess.run([self.jiku, *arguments], check=True, capture_output=True, text=True).stdout

    def head(self, **more):
        return {"Authorization": f"Bearer {self.key}", "Purpose-Of-Use": "public-service", "Content-Type": "application/json", **more}

    def call(self, method, path, body=None, connection=None, **more):
        """Status, headers, body; raises OSError or HTTPException when no whole answer came."""
        connection = connection or http.client.HTTPConnection(self.host, timeout=60)
        connection.request(method, path, body if body is None or isinstance(body, str) else json.dumps(body), self.head(**more))
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        return answer.status, dict(answer.getheaders()), text

    def failures(self):
        """What the log says of answers that were 500, counted."""
        self.log.seek(0)
        counted = {}
        for line in self.log:
            if "a use case failed" in line:
                said = line.split("a use case failed", 1)[1].strip()
                counted[said[:300]] = counted.get(said[:300], 0) + 1
        return counted

    def end(self, with_signal=signal.SIGTERM):
        self.process.send_signal(with_signal)
        return self.process.wait(timeout=30)


def person(number):
    # People of their own: many who nearly agree would be one question after another, and fill the disk by themselves.
    given = "".join(chr(0x5000 + turn % 6000) for turn in (number * 7, number * 1013 + number // 6000 * 411))
    return {"source": "gongan", "source_key": f"k{number}", "name": f"赵{given}" if number else "赵钱孙",
            "birth_date": f"19{50 + number % 50}-{number % 12 + 1:02}-{number % 28 + 1:02}", "phone": f"138{number * 7919 % 10 ** 8:08}"}


class Ledger:
    """What was acknowledged, as the client saw it."""

    def __init__(self):
        self.numbers, self.unanswered, self.lock, self.next = set(), set(), threading.Lock(), 0

    def take(self):
        with self.lock:
            self.next += 1
            return self.next

    def acknowledged(self, number):
        with self.lock:
            self.numbers.add(number)

    def holds(self, server, number):
        return server.call("GET", f"/api/v1/sources/gongan/persons/k{number}")[0] == 200

    def missing(self, server):
        return [number for number in self.numbers if not self.holds(server, number)]


def load(server, ledger, seen, stop, threads=8):
    """Sends records until told to stop; counts each sort of answer."""
    def work():
        connection = http.client.HTTPConnection(server.host, timeout=60)
        while not stop.is_set():
            number = ledger.take()
            try:
                status, headers, text = server.call("POST", "/api/v1/persons/records", person(number), connection)
                name = f"{status}" if status < 400 else f"{status} {json.loads(text)['type'].rsplit('/', 1)[1]}"
                if status in (429, 503) and "Retry-After" not in headers and "retry-after" not in headers:
                    name += " without Retry-After"
                if status == 200:
                    ledger.acknowledged(number)
                else:
                    time.sleep(0.05)
            except ConnectionRefusedError:
                name = "refused"
                time.sleep(0.02)
                connection = http.client.HTTPConnection(server.host, timeout=60)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # A kept-alive connection ended as the request was on its way. Whether it was taken is asked afterwards.
                name = "closed before an answer"
                ledger.unanswered.add(number)
                connection = http.client.HTTPConnection(server.host, timeout=60)
            except (OSError, http.client.HTTPException) as error:
                name = f"cut: {type(error).__name__}"
                connection = http.client.HTTPConnection(server.host, timeout=60)
            with ledger.lock:
                seen[name] = seen.get(name, 0) + 1
    workers = [threading.Thread(target=work, daemon=True) for _ in range(threads)]
    for worker in workers:
        worker.start()
    return workers


def terminate(jiku, times, folder):
    """R33: requests in flight are answered, and the process ends by itself."""
    database, ledger, seen, slowest, codes, key = f"sqlite://{folder}/base.db", Ledger(), {}, 0.0, set(), None
    for _ in range(times):
        server, stop = Server(jiku, database, key), threading.Event()
        key = server.key
        workers = load(server, ledger, seen, stop)
        time.sleep(0.2 + random.random() * 0.4)
        began = time.monotonic()
        codes.add(server.end())
        slowest = max(slowest, time.monotonic() - began)
        stop.set()
        for worker in workers:
            worker.join()
    server = Server(jiku, database, key)
    lost = ledger.missing(server)
    # Taken, and its answer dropped.
    dropped = [number for number in ledger.unanswered if ledger.holds(server, number)]
    server.end()
    cut = len(dropped) + sum(count for name, count in seen.items() if name.startswith("cut"))
    return {"times": times, "acknowledged": len(ledger.numbers), "lost": len(lost), "cut": cut, "answers": seen,
            "slowest_exit_s": round(slowest, 2), "exit_codes": sorted(codes)}, not lost and not cut and codes == {0} and slowest < 10


# How many records are sent at a time.
BATCH = 64

# After so many kills the indexes are held against the tables.
VERIFIED_EVERY = 50


def send_batches(server, ledger, waiting, lock, wrong):
    """Sends batches of records until the server is gone; what was not acknowledged waits to be sent again."""
    connection = http.client.HTTPConnection(server.host, timeout=60)
    while True:
        with lock:
            batch = waiting.pop() if waiting else [ledger.take() for _ in range(BATCH)]
        try:
            connection.request("POST", "/api/v1/persons/records", "".join(json.dumps(person(number)) + "\n" for number in batch),
                               server.head(**{"Content-Type": "application/x-ndjson"}))
            answer = connection.getresponse()
            status, text = answer.status, answer.read()
            # 200: this very batch was taken in, and its answer lost.
            if status in (200, 202):
                rows = json.loads(text).get("rows", [])
                # A batch whose answer was lost is found as it was.
                wrong.extend(row for row in rows if row.get("status") not in ("created", "unchanged"))
                if len({row.get("status") for row in rows}) > 1:
                    wrong.append("half of a batch was there")
                for number in batch:
                    ledger.acknowledged(number)
                continue
            if status != 503:
                wrong.append(f"{status} {text[:200]}")
        except (OSError, http.client.HTTPException, ValueError):
            status = None
        with lock:
            waiting.append(batch)
        if status is None:
            return
        time.sleep(0.02)


def killed(jiku, times, database):
    ledger, waiting, lock, wrong, key, verified = Ledger(), [], threading.Lock(), [], None, 0
    for turn in range(1, times + 1):
        server = Server(jiku, database, key)
        key = server.key
        workers = [threading.Thread(target=send_batches, args=(server, ledger, waiting, lock, wrong), daemon=True) for _ in range(4)]
        while server.call("GET", "/readyz")[0] != 200:
            time.sleep(0.01)
        for worker in workers:
            worker.start()
        time.sleep(0.02 + random.random() * 0.4)
        server.end(signal.SIGKILL)
        for worker in workers:
            worker.join()
        if turn % VERIFIED_EVERY == 0:
            verified += json.loads(server.run("verify", "--json", "--database", database))["clean"]
    server = Server(jiku, database, key)
    while server.call("GET", "/readyz")[0] != 200:
        time.sleep(0.01)
    # What was on its way at a kill is sent again, so that every number was taken once.
    for number in [number for batch in waiting for number in batch]:
        status, _, text = server.call("POST", "/api/v1/persons/records", person(number))
        if status != 200 or json.loads(text).get("status") not in ("created", "unchanged"):
            wrong.append(f"{status} {text[:200]}")
    numbers, lost, doubled = list(range(1, ledger.next + 1)), [], []

    def look(part):
        connection = http.client.HTTPConnection(server.host, timeout=60)
        for number in part:
            status, _, text = server.call("GET", f"/api/v1/sources/gongan/persons/k{number}", connection=connection)
            if status != 200:
                lost.append(number)
            elif json.loads(text)["revision"] != 1:
                doubled.append(number)
    lookers = [threading.Thread(target=look, args=(numbers[at::4],)) for at in range(4)]
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join()
    records = json.loads(server.call("GET", "/api/v1/stats")[2])["kinds"][0]["records"]
    server.end()
    # Tables, clusters, golden records, and the indexes in memory against the database.
    clean = json.loads(server.run("verify", "--json", "--database", database))["clean"]
    good = not lost and not doubled and not wrong and records == len(numbers) and clean and verified == times // VERIFIED_EVERY
    return {"kills": times, "acknowledged": len(ledger.numbers), "sent": len(numbers), "records": records, "lost": len(lost),
            "doubled": len(doubled), "wrong": wrong[:5], "verified_between": verified, "verify_clean": clean}, good


def kill(jiku, times, folder):
    """R1: acknowledged is there, once, whenever the process dies; a batch is there whole or not at all, and sent again it is there once."""
    sqlite, well = killed(jiku, times - times // 2, f"sqlite://{folder}/base.db")
    with Postgres(folder) as url:
        postgres, also = killed(jiku, times // 2, url)
    return {"times": times, "sqlite": sqlite, "postgres": postgres}, well and also


def retry(jiku, times, folder):
    """R17: a request whose client went away has one effect, and the retry elsewhere tells the same."""
    with Postgres(folder) as url:
        one = Server(jiku, url)
        two = Server(jiku, url, one.key)
        wrong, states, lock = [], {}, threading.Lock()

        def work(numbers):
            connection = http.client.HTTPConnection(two.host, timeout=60)
            for number in numbers:
                body = json.dumps(person(number)).encode()
                keyed = {"Idempotency-Key": f"i{number}"}
                head = "".join(f"{name}: {value}\r\n" for name, value in one.head(**keyed).items())
                host, port = one.host.split(":")
                with socket.create_connection((host, int(port))) as sent:
                    sent.sendall(f"POST /api/v1/persons/records HTTP/1.1\r\nHost: localhost\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode()
                                 + body)
                    time.sleep(random.random() * 0.004)
                for _ in range(1_000):
                    status, _, text = two.call("POST", "/api/v1/persons/records", person(number), connection, **keyed)
                    if status != 409:
                        break
                    time.sleep(0.01)
                again = two.call("POST", "/api/v1/persons/records", person(number), connection, **keyed)
                with lock:
                    states[status] = states.get(status, 0) + 1
                    if status != 200 or again[2] != text or json.loads(text)["revision"] != 1:
                        wrong.append(text[:200])
        workers = [threading.Thread(target=work, args=(range(first, times, 8),)) for first in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        figures = json.loads(one.call("GET", "/api/v1/stats")[2])["kinds"][0]["records"]
        one.end()
        two.end()
        return {"times": times, "wrong": len(wrong), "first_wrong": wrong[:3], "records": figures, "answers": states}, not wrong and figures == times


def identity_number(number):
    """Valid and invented: Tianhe, a day of birth, a sequence, and the check character of GB 11643."""
    born = person(number)["birth_date"].replace("-", "")
    body = f"440106{born}{number // 100 % 1000:03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights)) % 11]


def pairs(jiku, times, folder):
    """R9, R10: two nodes are told of one new person at the same moment, half of them with a number: one entity each, never two in silence."""
    with Postgres(folder) as url:
        one = Server(jiku, url)
        nodes, wrong, lock = (one, Server(jiku, url, one.key)), {}, threading.Lock()

        def told(number, side):
            record = {**person(number), "source_key": f"{'ab'[side]}{number}"}
            if number % 2:
                return {**record, "id_number": identity_number(number)}
            # The other one does not know the telephone.
            return {name: value for name, value in record.items() if name != "phone" or not side}

        def work(side, numbers, barrier):
            connection = http.client.HTTPConnection(nodes[side].host, timeout=60)
            for number in numbers:
                barrier.wait()
                status, _, text = nodes[side].call("POST", "/api/v1/persons/records", told(number, side), connection)
                if status != 200:
                    with lock:
                        wrong[f"{status} {text[:100]}"] = wrong.get(f"{status} {text[:100]}", 0) + 1
        workers = []
        for first in range(8):
            barrier = threading.Barrier(2)
            workers += [threading.Thread(target=work, args=(side, range(first + 1, times + 1, 8), barrier)) for side in (0, 1)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        connection, apart = http.client.HTTPConnection(one.host, timeout=60), []
        for number in range(1, times + 1):
            entities = [json.loads(one.call("GET", f"/api/v1/sources/gongan/persons/{side}{number}", connection=connection)[2])["entity"]
                        for side in "ab"]
            if entities[0] != entities[1]:
                apart.append(number)
        figures = json.loads(one.call("GET", "/api/v1/stats")[2])["kinds"][0]
        for node in nodes:
            node.end()
        clean = json.loads(one.run("verify", "--json", "--database", url))["clean"]
        silent = max(len(apart) - figures["open_reviews"], 0)
        exact = figures["records"] == 2 * times and figures["entities"] == times + len(apart)
        good = not wrong and not silent and clean and exact and not any(number % 2 for number in apart)
        return {"pairs": times, "records": figures["records"], "entities": figures["entities"], "apart": len(apart),
                "open_reviews": figures["open_reviews"], "wrong": wrong, "verify_clean": clean}, good


def traces(jiku, times, folder):
    """S10: every reading that was answered is in the access log, by the id of its request, while the server is killed now and then."""
    database, answered, lock, wrong, key = f"sqlite://{folder}/base.db", [], threading.Lock(), {}, None
    server = Server(jiku, database)
    key = server.key
    ids = [json.loads(server.call("POST", "/api/v1/persons/records", person(number))[2])["entity"] for number in range(1, 201)]
    while len(answered) < times:
        until = min(times, len(answered) + max(times // 10, 1))

        def work(first):
            connection, number = http.client.HTTPConnection(server.host, timeout=60), first
            try:
                while len(answered) < until:
                    status, headers, _ = server.call("GET", f"/api/v1/persons/{ids[number % 200]}", connection=connection)
                    number += 1
                    with lock:
                        if status == 200:
                            answered.append({name.lower(): value for name, value in headers.items()}["request-id"])
                        else:
                            wrong[status] = wrong.get(status, 0) + 1
            except (OSError, http.client.HTTPException):
                pass
        workers = [threading.Thread(target=work, args=(first * 25,)) for first in range(8)]
        for worker in workers:
            worker.start()
        while len(answered) < until - max(times // 100, 1) and any(worker.is_alive() for worker in workers):
            time.sleep(0.01)
        # While readings are on their way.
        server.end(signal.SIGKILL)
        for worker in workers:
            worker.join()
        server = Server(jiku, database, key)
        while server.call("GET", "/readyz")[0] != 200:
            time.sleep(0.01)
    server.end()
    with contextlib.closing(sqlite3.connect(f"file:{folder}/base.db?mode=ro", uri=True)) as base:
        logged = {row[0] for row in base.execute("SELECT request_id FROM access_log WHERE action = 'find'")}
    missing = [request for request in answered if request not in logged]
    return {"answered": len(answered), "logged": len(logged), "missing": len(missing), "otherwise": wrong}, not missing and not wrong


# How often a person is asked for while the disk is full.
READ_WHEN_FULL = 1_000

# What shows nobody, and is answered whether the disk is full or not.
OF_NOBODY = ("/healthz", "/api/v1/stats", "/api/v1/sources", "/metrics", "/ogc/", "/ogc/collections", "/ogc/collections/parcels/items",
             "/ogc/collections/parcels/tiles/WebMercatorQuad/14/7110/13334", "/api/openapi.json")


def disk_full(jiku, times, folder):
    """R4, R5: a full disk refuses writes within a second, and reads of persons; what shows nobody is answered, nothing is lost, and no restart is needed."""
    disk = os.path.join(folder, "disk")
    os.mkdir(disk)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m", "tmpfs", disk], check=True)
    try:
        server, ledger, seen = Server(jiku, f"sqlite://{disk}/base.db"), Ledger(), {}
        person_id = json.loads(server.call("POST", "/api/v1/persons/records", person(0))[2])["entity"]
        square = [[113.0, 23.1], [113.001, 23.1], [113.001, 23.101], [113.0, 23.101], [113.0, 23.1]]
        parcel = {"source": "gongan", "source_key": "p1", "geometry": {"type": "Polygon", "coordinates": [square]}}
        assert server.call("POST", "/api/v1/parcels/records", parcel)[0] == 200
        told, leaked, resumed, refused, unavailable, shown, refusal = 0, 0, 0.0, 0, {}, [], 0.0
        for _ in range(times):
            stop = threading.Event()
            workers = load(server, ledger, seen, stop)
            time.sleep(0.3)
            # Where the base itself has filled the disk, there is not even room for the name of the ballast.
            with contextlib.suppress(OSError), open(os.path.join(disk, "ballast"), "wb") as ballast:
                while True:
                    ballast.write(b"\0" * 65536)
                    ballast.flush()
            deadline = time.monotonic() + 20
            while seen.get("507 storage-full", 0) == told and time.monotonic() < deadline:
                time.sleep(0.05)
            told = seen.get("507 storage-full", 0)
            connection = http.client.HTTPConnection(server.host, timeout=60)
            for turn in range(READ_WHEN_FULL):
                status, headers, text = server.call("GET", f"/api/v1/persons/{person_id}", connection=connection)
                refused += status == 503 and "audit-unavailable" in text
                leaked += "赵" in text and status != 200
                if status == 200:
                    shown.append({name.lower(): value for name, value in headers.items()}["request-id"])
                of_nobody = OF_NOBODY[turn % len(OF_NOBODY)]
                if (status := server.call("GET", of_nobody, connection=connection)[0]) != 200:
                    unavailable[f"{status} {of_nobody}"] = unavailable.get(f"{status} {of_nobody}", 0) + 1
                if not turn % 20:
                    asked = time.monotonic()
                    if server.call("POST", "/api/v1/persons/records", person(ledger.take()), connection=connection)[0] == 507:
                        refusal = max(refusal, time.monotonic() - asked)
            stop.set()
            for worker in workers:
                worker.join()
            with contextlib.suppress(FileNotFoundError):
                os.remove(os.path.join(disk, "ballast"))
            began = time.monotonic()
            while server.call("POST", "/api/v1/persons/records", person(ledger.take()))[0] != 200 and time.monotonic() < began + 20:
                time.sleep(0.05)
            resumed = max(resumed, time.monotonic() - began)
        lost = ledger.missing(server)
        server.end()
        with contextlib.closing(sqlite3.connect(f"file:{disk}/base.db?mode=ro", uri=True)) as base:
            logged = {row[0] for row in base.execute("SELECT request_id FROM access_log WHERE action = 'find'")}
        untraced = [request for request in shown if request not in logged]
        clean = json.loads(server.run("verify", "--json", "--database", server.database))["clean"]
        report = {"times": times, "acknowledged": len(ledger.numbers), "lost": len(lost), "answers": seen, "person_reads_refused": refused,
                  "person_reads_shown": len(shown), "shown_without_a_trace": len(untraced), "person_data_in_refusals": leaked, "of_nobody_refused": unavailable, "slowest_refusal_s": round(refusal, 3), "slowest_resume_s": round(resumed, 2), "verify_clean": clean}
        good = not lost and not leaked and not untraced and not unavailable and clean and resumed < 5 and told > 0 and refusal < 1
        return report, good and not any(name.startswith(("500", "cut")) for name in seen)
    finally:
        subprocess.run(["umount", "-l", disk], check=False)


class Postgres:
    """A cluster of our own on a socket, durable as in earnest."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "pg")
        os.mkdir(self.folder)
        os.chmod(folder, 0o755)
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.user = []
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
            self.user = ["runuser", "-u", "postgres", "--"]

    def tool(self, *command):
        subprocess.run([*self.user, f"{self.bin}/{command[0]}", *command[1:]], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       cwd="/")

    def __enter__(self):
        self.tool("initdb", "-D", f"{self.folder}/data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8")
        self.start()
        self.tool("createdb", "-h", self.folder, "-U", "postgres", "base")
        return f"postgres://postgres@{self.folder.replace('/', '%2F')}/base"

    def start(self):
        self.tool("pg_ctl", "-D", f"{self.folder}/data", "-o", f"-k {self.folder} -c listen_addresses=", "-l", f"{self.folder}/log", "-w", "start")

    def say(self, *statements):
        self.tool("psql", "-h", self.folder, "-U", "postgres", *[word for one in statements for word in ("-c", one)], "base")

    def ask(self, statement):
        return subprocess.run([*self.user, f"{self.bin}/psql", "-h", self.folder, "-U", "postgres", "-tAc", statement, "base"], check=True,
                              capture_output=True, text=True, cwd="/").stdout.strip()

    def stop(self, how):
        self.tool("pg_ctl", "-D", f"{self.folder}/data", "-m", how, "-w", "stop")

    def follower(self, folder):
        """A standby of this cluster, running, that commits here wait for."""
        standby = Postgres(folder)
        self.tool("pg_basebackup", "-h", self.folder, "-U", "postgres", "-D", f"{standby.folder}/data", "-R", "-X", "stream", "-d",
                  "application_name=standby")
        standby.start()
        self.say("ALTER SYSTEM SET synchronous_standby_names = 'standby'", "SELECT pg_reload_conf()")
        return standby

    def receiver(self):
        """The process of a standby that takes the log."""
        return int(self.ask("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walreceiver'"))

    def __exit__(self, *_):
        self.stop("immediate")


def restart(jiku, times, folder):
    """R22: while the database is away the answer is 503 with Retry-After; afterwards everything goes on by itself."""
    cluster = Postgres(folder)
    with cluster as url:
        server, ledger, seen, slowest = Server(jiku, url), Ledger(), {}, 0.0
        stop = threading.Event()
        workers = load(server, ledger, seen, stop)
        for turn in range(times):
            time.sleep(0.3)
            cluster.stop(["fast", "immediate"][turn % 2])
            time.sleep(0.1)
            cluster.start()
            began = time.monotonic()
            while server.call("POST", "/api/v1/persons/records", person(ledger.take()))[0] != 200 and time.monotonic() < began + 30:
                time.sleep(0.02)
            slowest = max(slowest, time.monotonic() - began)
        stop.set()
        for worker in workers:
            worker.join()
        lost = ledger.missing(server)
        # What was open to the databases that went is closed: no more is held than a new server holds after the same load.
        count = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        held = int(cluster.ask(count))
        server.end()
        left = int(cluster.ask(count))
        again, stop = Server(jiku, url, server.key), threading.Event()
        workers = load(again, ledger, seen, stop)
        time.sleep(1)
        stop.set()
        for worker in workers:
            worker.join()
        usual = int(cluster.ask(count))
        again.end()
        clean = json.loads(server.run("verify", "--json", "--database", url))["clean"]
        wrong = {name: count for name, count in seen.items() if not name.startswith(("200", "503")) or "without" in name}
        return {"times": times, "acknowledged": len(ledger.numbers), "lost": len(lost), "answers": seen, "slowest_return_s": round(slowest, 2),
                "connections": held, "connections_of_a_new_server": usual, "connections_left": left,
                "verify_clean": clean}, not lost and not wrong and clean and slowest < 5 and not left and held <= usual + 2


def standby(jiku, times, folder):
    """R7: a synchronous standby is lost, so no commit is confirmed: told in time, nothing shown, nothing lost, nothing twice."""
    cluster = Postgres(folder)
    with cluster as url:
        server, answers, slowest, back, shown = Server(jiku, url), {}, 0.0, 0.0, 0
        known = json.loads(server.call("POST", "/api/v1/persons/records", person(0))[2])["entity"]
        for turn in range(1, times + 1):
            cluster.say("ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()")
            time.sleep(0.3)
            for method, path, body in (("POST", "/api/v1/persons/records", person(turn)), ("GET", f"/api/v1/persons/{known}", None)):
                began = time.monotonic()
                status, _, text = server.call(method, path, body)
                slowest = max(slowest, time.monotonic() - began)
                name = f"{method} {status}" if status < 400 else f"{method} {status} {json.loads(text)['type'].rsplit('/', 1)[1]}"
                answers[name] = answers.get(name, 0) + 1
                shown += method == "GET" and ("赵" in text or status == 200)
            began = time.monotonic()
            cluster.say("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
            while server.call("GET", f"/api/v1/sources/gongan/persons/k{turn}")[0] != 200 and time.monotonic() < began + 30:
                time.sleep(0.05)
            back = max(back, time.monotonic() - began)
            # Sent again, it changes nothing.
            again = json.loads(server.call("POST", "/api/v1/persons/records", person(turn))[2]).get("status")
            answers[f"again {again}"] = answers.get(f"again {again}", 0) + 1
        server.end()
        clean = json.loads(server.run("verify", "--json", "--database", url))["clean"]
        expected = {"POST 503 commit-unconfirmed": times, "GET 503 audit-unavailable": times, "again unchanged": times}
        return {"times": times, "answers": answers, "shown": shown, "slowest_answer_s": round(slowest, 2), "slowest_return_s": round(back, 2),
                "verify_clean": clean}, answers == expected and not shown and slowest <= 5 and clean


def cancel(jiku, times, folder):
    """R7: the standby takes nothing for a while and an administrator cancels the waiting commits, which PostgreSQL then calls done; at last the
    primary is lost and the standby takes over. Nothing is acknowledged or shown that the standby does not have."""
    os.chmod(folder, 0o755)
    places = [os.path.join(folder, name) for name in ("one", "other")]
    for place in places:
        os.mkdir(place)
    primary = Postgres(places[0])
    with primary as url:
        server, answers, ledger, shown, early = Server(jiku, url), {}, Ledger(), [], 0
        known = json.loads(server.call("POST", "/api/v1/persons/records", person(0))[2])["entity"]
        standby = primary.follower(places[1])

        def told(method, path, body, number=None):
            status, headers, text = server.call(method, path, body)
            name = f"{method} {status}" if status < 400 else f"{method} {status} {json.loads(text)['type'].rsplit('/', 1)[1]}"
            answers[name] = answers.get(name, 0) + 1
            if status == 200 and number is not None:
                ledger.acknowledged(number)
            elif status == 200:
                shown.append({key.lower(): value for key, value in headers.items()}["request-id"])

        try:
            for turn in range(times):
                number, receiver, good = ledger.take(), standby.receiver(), len(ledger.numbers) + len(shown)
                os.kill(receiver, signal.SIGSTOP)
                calls = [threading.Thread(target=told, args=("POST", "/api/v1/persons/records", person(number), number)),
                         threading.Thread(target=told, args=("GET", f"/api/v1/persons/{known}", None))]
                for call in calls:
                    call.start()
                # A pause that nobody cancels ends well; the others are cancelled once or again, at the pace of a person.
                if turn % 4 == 1:
                    time.sleep(0.7)
                else:
                    for _ in range(1 + turn % 3):
                        time.sleep(1.2)
                        primary.ask("SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                    for call in calls:
                        call.join()
                    early += len(ledger.numbers) + len(shown) - good
                if turn < times - 1:
                    os.kill(receiver, signal.SIGCONT)
                for call in calls:
                    call.join()
                # What was not confirmed is done now; the next turn begins when it is.
                until = time.monotonic() + 30
                while turn < times - 1 and not ledger.holds(server, number) and time.monotonic() < until:
                    time.sleep(0.1)
            # The primary dies, and what it sent in the last turn was not taken: the standby begins without.
            server.process.kill()
            server.process.wait()
            primary.stop("immediate")
            standby.stop("immediate")
            standby.start()
            standby.tool("pg_ctl", "-D", f"{standby.folder}/data", "-w", "promote")
            server = Server(jiku, f"postgres://postgres@{standby.folder.replace('/', '%2F')}/base", server.key)
            absent = sum(not ledger.holds(server, number) for number in range(1, times + 1))
            lost = ledger.missing(server)
            traced = set(standby.ask("SELECT request_id FROM access_log WHERE request_id IS NOT NULL").split())
            untraced = [request for request in shown if request not in traced]
            server.end()
            clean = json.loads(server.run("verify", "--json", "--database", server.database))["clean"]
            primary.start()
        finally:
            standby.stop("immediate")
    return {"times": times, "answers": answers, "acknowledged": len(ledger.numbers), "lost": len(lost), "shown": len(shown),
            "shown_without_a_trace": len(untraced), "told_done_too_early": early, "absent_in_the_end": absent,
            "verify_clean": clean}, not (lost or untraced or early) and clean and bool(absent and ledger.numbers and shown)


def rss_kib(process):
    with open(f"/proc/{process}/status") as status:
        return int(next(line.split()[1] for line in status if line.startswith("VmRSS:")))


def idle(jiku, times, folder):
    """R23: so many connections are held open and idle, and every one of them is still answered."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(2 * times + 1_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    server = Server(jiku, f"sqlite://{folder}/base.db")
    host, port = server.host.rsplit(":", 1)
    before, held, failed = rss_kib(server.process.pid), [], 0
    request = f"GET /api/v1/stats HTTP/1.1\r\nHost: {server.host}\r\nAuthorization: Bearer {server.key}\r\n\r\n".encode()

    def asked(connection):
        connection.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer or not answer.rstrip().endswith(b"}"):
            piece = connection.recv(65_536)
            if not piece:
                return False
            answer += piece
        return answer.startswith(b"HTTP/1.1 200")
    for number in range(times):
        # A port of ours belongs to an address of ours: a few of them give room.
        held.append(socket.create_connection((host, int(port)), timeout=30, source_address=(f"127.0.0.{number % 5 + 2}", 0)))
        # Who says nothing at all is closed; who has asked once may be idle.
        failed += not asked(held[-1])
    each = (rss_kib(server.process.pid) - before) / times
    began = time.monotonic()
    for connection in held:
        failed += not asked(connection)
    took = time.monotonic() - began
    after = (rss_kib(server.process.pid) - before) / times
    stranger = server.call("GET", "/healthz")[0]
    for connection in held:
        connection.close()
    code = server.end()
    return {"connections": times, "requests": 2 * times, "failed": failed, "idle_kib_each": round(each, 1), "asked_kib_each": round(after, 1),
            "requests_a_second": round(times / took), "health": stranger, "exit_code": code}, not failed and after <= 64 and stranger == 200


# Callers that are slow and not too slow.
STEADY = 4

# Within so many seconds a slow caller is closed, as it is seen once a second.
CLOSED_WITHIN_S = 10


class Crowd:
    """Callers of one sort, from addresses of their own, and how long the server keeps each."""

    def __init__(self, server, times, first, trickle, small=False):
        """`trickle` is done for each of them once a second."""
        host, port = server.host.rsplit(":", 1)
        self.port, self.trickle, self.open, self.kept_s = int(port), trickle, {}, []
        looked = time.monotonic()
        for number in range(times):
            # Thousands take seconds to come: the first of them may be gone before the last.
            if time.monotonic() > looked + 1:
                self.step()
                looked = time.monotonic()
            caller = socket.socket()
            if small:
                # A small buffer of the caller's own, so that the system takes little on its behalf.
                caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            caller.bind((f"127.0.0.{number % 5 + 5}", 0))
            caller.connect((host, self.port))
            caller.sendall(first)
            caller.setblocking(False)
            self.open[caller.getsockname()] = (caller, number, time.monotonic())

    def step(self):
        """Who is still there trickles. The server's own ends are looked at: what is told to a caller that takes nothing does not reach it."""
        with open("/proc/net/tcp") as table:
            ends = [line.split()[1:4] for line in table][1:]
        there = {other for own, other, state in ends if own.endswith(f":{self.port:04X}") and state in ("01", "08")}
        for (address, port), (caller, number, since) in list(self.open.items()):
            if "".join(f"{int(part):02X}" for part in reversed(address.split("."))) + f":{port:04X}" not in there:
                del self.open[(address, port)]
                self.kept_s.append(time.monotonic() - since)
                caller.close()
                continue
            with contextlib.suppress(OSError):
                self.trickle(caller, number)

    def end(self):
        for caller, _, _ in self.open.values():
            caller.close()
        kept = sorted(self.kept_s)
        return {"still_open": len(self.open), **({"half_closed_after_s": round(kept[len(kept) // 2], 1), "all_closed_after_s": round(kept[-1], 1)} if kept else {})}


def slow(jiku, times, folder):
    """R24: callers who say nothing, send a head or a body by a trickle, take a large answer by a trickle or not at all: so many of each sort are closed
    within seconds; others are served beside them, and those who take 3,000 bytes a second, little but enough, are left alone."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    server = Server(jiku, f"sqlite://{folder}/base.db")
    known = json.loads(server.call("POST", "/api/v1/persons/records", person(0))[2])["entity"]
    head = f"Host: {server.host}\r\n".encode()
    body = f"POST /api/v1/persons/records HTTP/1.1\r\nHost: {server.host}\r\nContent-Length: 100000\r\n".encode()
    body += "".join(f"{name}: {value}\r\n" for name, value in server.head().items()).encode() + b"\r\n{"
    # Several answers on one connection are more than the system holds for a caller.
    answers = b"GET /api/openapi.json HTTP/1.1\r\n" + head + b"\r\n"
    taken = []

    def take(caller, number):
        if number % 2:
            taken.append(len(caller.recv(200)))
    sorts = {"silent": (b"", lambda *_: None), "heads": (b"GET /healthz HTTP/1.1\r\n" + head, lambda caller, _: caller.send(b"X-More: 1\r\n")),
             "bodies": (body, lambda caller, _: caller.send(b" " * 200)), "answers": (answers * 4, take)}
    quiet = Prober(server, f"/api/v1/persons/{known}", "127.0.0.2", 0.005)
    time.sleep(10)
    quiet, told, good = quiet.end(), {}, True
    for name, (first, trickle) in sorts.items():
        before = rss_kib(server.process.pid)
        crowd = Crowd(server, times, first, trickle, small=name == "answers")
        steady = Crowd(server, STEADY if name == "answers" else 0, answers * 4, lambda caller, _: caller.recv(3_000), small=True)
        beside, most, began = Prober(server, f"/api/v1/persons/{known}", "127.0.0.2", 0.005), 0, time.monotonic()
        while crowd.open and time.monotonic() < began + 60:
            crowd.step()
            steady.step()
            most = max(most, rss_kib(server.process.pid))
            time.sleep(1)
        beside, steady_closed = beside.end(), len(steady.kept_s)
        steady.end()
        told[name] = {**crowd.end(), "memory_kib_each": round((most - before) / times, 1), "another_beside": beside}
        # A look each second, and what it takes to look.
        in_time = not told[name]["still_open"] and told[name]["all_closed_after_s"] < CLOSED_WITHIN_S + 2
        good = good and in_time and set(beside) == {"200"} and not steady_closed
        told[name].update({"steady": STEADY, "steady_closed": steady_closed} if name == "answers" else {})
    code = server.end()
    return {"connections_of_each": times, "another_alone": quiet, **told, "taken_by_trickle": sum(taken), "exit_code": code}, good


# How many records are sent, and readings asked, while one sort of call fails again and again.
ROUNDS = 16


def asked_in_failure(server, ledger, known, answers):
    """Sends a record and asks for a person; what either answers is counted. Whether the person was shown by a refusal."""
    number = ledger.take()
    for method, path, body in (("POST", "/api/v1/persons/records", person(number)), ("GET", f"/api/v1/persons/{known}", None)):
        status, _, text = server.call(method, path, body)
        if method == "POST" and status == 200:
            ledger.acknowledged(number)
        name = f"{method} {status}" if status < 400 else f"{method} {status} {json.loads(text)['type'].rsplit('/', 1)[1]}"
        answers[name] = answers.get(name, 0) + 1
    return status != 200 and "赵" in text


def input_output(jiku, times, folder):
    """R3: so many reads, writes and syncs fail with EIO, on SQLite those of the server, on PostgreSQL the syncs of its own processes; the
    calls they belong to are told so, the others are well, and nothing acknowledged is lost."""
    sqlite, well = failing_calls(jiku, times, folder)
    with Postgres(folder) as url:
        postgres, also = failing_syncs(jiku, max(times // 20, 1), folder, url)
    return {"times": times, "sqlite": sqlite, "postgres": postgres}, well and also


def failing_calls(jiku, times, folder):
    database = f"sqlite://{folder}/base.db"
    server, ledger, answers, injected, leaked, afterwards, turn = Server(jiku, database), Ledger(), {}, 0, 0, {}, 0
    known = json.loads(server.call("POST", "/api/v1/persons/records", person(0))[2])["entity"]
    while injected < times and turn < times:
        # The n-th call of each thread fails, and then each m-th.
        calls, first, each = (("fsync,fdatasync", 1, 2), ("pwrite64", 1, 9), ("pread64", 1, 5))[turn % 3]
        first, each = first + random.randrange(24), each + random.randrange(12)
        turn += 1
        tracer = subprocess.Popen(["strace", "-f", "-qq", "-o", f"{folder}/trace", "-e", f"trace={calls}",
                                   "-e", f"inject={calls}:error=EIO:when={first}+{each}", "-p", str(server.process.pid)], stderr=subprocess.DEVNULL)
        while tracer.poll() is None and "TracerPid:\t0\n" in open(f"/proc/{server.process.pid}/status").read():
            time.sleep(0.005)
        for _ in range(ROUNDS):
            leaked += asked_in_failure(server, ledger, known, answers)
        tracer.send_signal(signal.SIGINT)
        tracer.wait(timeout=30)
        with open(f"{folder}/trace") as trace:
            injected += sum("INJECTED" in line for line in trace)
        # The very next requests, without a restart.
        leaked += asked_in_failure(server, ledger, known, afterwards)
    lost = ledger.missing(server)
    server.end()
    again = Server(jiku, database, server.key)
    lost += ledger.missing(again)
    again.end()
    clean = json.loads(again.run("verify", "--json", "--database", database))["clean"]
    healed = set(afterwards) == {"POST 200", "GET 200"}
    return {"turns": turn, "injected": injected, "answers": answers, "acknowledged": len(ledger.numbers), "lost": len(lost), "leaked": leaked,
            "afterwards": afterwards, "verify_clean": clean, "failures": server.failures(),
            }, injected >= times and not lost and not leaked and healed and clean and not any(" 500" in name for name in answers)


def failing_syncs(jiku, times, folder, url):
    """PostgreSQL that cannot sync its log stops all its processes and recovers by itself."""
    server, ledger, answers, injected, leaked, slowest = Server(jiku, url), Ledger(), {}, 0, 0, 0.0
    known = json.loads(server.call("POST", "/api/v1/persons/records", person(0))[2])["entity"]
    with open(f"{folder}/pg/data/postmaster.pid") as file:
        postmaster = int(file.readline())
    for turn in range(times):
        # Those that run now: the ones that recover are not to fail.
        children = subprocess.run(["pgrep", "-P", str(postmaster)], check=True, capture_output=True, text=True).stdout.split()
        tracer = subprocess.Popen(["strace", "-qq", "-o", f"{folder}/trace", "-e", "trace=fsync,fdatasync", "-e",
                                   f"inject=fsync,fdatasync:error=EIO:when={1 + turn % 3}", *[word for child in children for word in ("-p", child)]],
                                  stderr=subprocess.DEVNULL)
        time.sleep(0.2)
        for _ in range(4):
            leaked += asked_in_failure(server, ledger, known, answers)
        tracer.send_signal(signal.SIGINT)
        tracer.wait(timeout=30)
        with open(f"{folder}/trace") as trace:
            injected += sum("INJECTED" in line for line in trace)
        began, number = time.monotonic(), ledger.take()
        while server.call("POST", "/api/v1/persons/records", person(number))[0] != 200 and time.monotonic() < began + 60:
            time.sleep(0.05)
        slowest = max(slowest, time.monotonic() - began)
        ledger.acknowledged(number)
    lost = ledger.missing(server)
    server.end()
    clean = json.loads(server.run("verify", "--json", "--database", url))["clean"]
    return {"turns": times, "injected": injected, "answers": answers, "acknowledged": len(ledger.numbers), "lost": len(lost), "leaked": leaked,
            "slowest_return_s": round(slowest, 2), "verify_clean": clean, "failures": server.failures(),
            }, injected >= times // 2 and not lost and not leaked and clean and slowest < 30 and not any(" 500" in name for name in answers)


class Prober:
    """Asks for one thing again and again from an address of its own, a connection each time, and keeps how long each sort of answer took. It is a process
    of its own: what this one does meanwhile is not what it measures."""

    def __init__(self, server, path, source, pause=0.05):
        fork = multiprocessing.get_context("fork")
        self.stopped, (self.told, telling) = fork.Event(), fork.Pipe(duplex=False)
        self.process = fork.Process(target=self.work, args=(server, path, source, pause, telling), daemon=True)
        self.process.start()

    def work(self, server, path, source, pause, telling):
        took_of = {}
        while not self.stopped.is_set():
            began = time.monotonic()
            try:
                connection = http.client.HTTPConnection(server.host, timeout=30, source_address=(source, 0))
                name = f"{server.call('GET', path, connection=connection)[0]}"
                connection.close()
            except OSError as error:
                name = type(error).__name__
            took_of.setdefault(name, []).append(time.monotonic() - began)
            time.sleep(pause)
        told = {}
        for name, took in took_of.items():
            took.sort()
            told[name] = {"times": len(took), **{word: round(took[min(int(len(took) * part), len(took) - 1)] * 1_000, 1)
                                                 for word, part in (("half_ms", 0.5), ("p99_ms", 0.99), ("most_ms", 1.0))}}
        telling.send(told)

    def end(self):
        """How often each answer came, and within how many milliseconds half of them, 99 % and all."""
        self.stopped.set()
        told = self.told.recv()
        self.process.join()
        return told


def wrk(server, path, connections, seconds):
    """Requests answered well and refused, a second each."""
    said = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-H", f"Authorization: Bearer {server.key}", "-H",
                           "Purpose-Of-Use: public-service", f"http://{server.host}{path}"], check=True, capture_output=True, text=True).stdout

    def number(pattern):
        found = re.search(pattern, said)
        return float(found[1]) if found else 0.0
    took = number(r"requests in ([0-9.]+)(?:s|m)") * (60 if re.search(r"requests in [0-9.]+m", said) else 1)
    refused = number(r"Non-2xx or 3xx responses: (\d+)")
    return round((number(r"(\d+) requests in") - refused) / took), round(refused / took)


def overload(jiku, times, folder):
    """R28: ten times as many callers at once as are at work, for so many seconds: as much is done as before, what comes beyond is refused, health
    and the pages answer, and afterwards everything is as before. The server has one half of the processors and the callers have the other: what
    thousands of connections cost whoever makes them is no work of the server. A fifth of the time is spent with as few callers as keep it busy, in
    turn with the flood, because a machine that others use is not the same ten minutes later."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    processors = sorted(os.sched_getaffinity(0))
    servers = set(processors[:max(1, len(processors) // 2)])
    server = Server(jiku, f"sqlite://{folder}/base.db", processors=servers)
    os.sched_setaffinity(0, set(processors) - servers or servers)
    known = [json.loads(server.call("POST", "/api/v1/persons/records", person(number))[2])["entity"] for number in range(1, 201)][0]
    path, callers = f"/api/v1/persons/{known}", 10 * 256 * len(servers)
    calm, flood = [], []
    wrk(server, path, 256, 5)
    before, most, stop = rss_kib(server.process.pid), [0], threading.Event()

    def watch():
        while not stop.wait(0.5):
            most[0] = max(most[0], rss_kib(server.process.pid))
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    probers = {"health": Prober(server, "/healthz", "127.0.0.2"), "page": Prober(server, "/sign-in", "127.0.0.3"),
               "another": Prober(server, path, "127.0.0.4")}
    for _ in range(10):
        calm.append(wrk(server, path, 256, max(2, times // 50))[0])
        flood.append(wrk(server, path, callers, max(2, times // 10)))
    during = {name: prober.end() for name, prober in probers.items()}
    stop.set()
    watcher.join()
    began = time.monotonic()
    while time.monotonic() < began + 30:
        asked = time.monotonic()
        if server.call("GET", path)[0] == 200 and time.monotonic() - asked < 0.05:
            break
    back = time.monotonic() - began
    again = wrk(server, path, 256, 10)[0]
    code = server.end()
    peak, good, refused = (round(sum(rates) / len(rates)) for rates in (calm, [good for good, _ in flood], [refused for _, refused in flood]))
    well = good >= 0.8 * peak and back < 10 and set(during["health"]) == {"200"} and set(during["page"]) == {"200"} and again > 0.8 * peak
    return {"seconds": times, "processors_of_the_server": len(servers), "callers": callers, "peak_a_second": peak, "good_a_second": good,
            "in_turn": [(quiet, good) for quiet, (good, _) in zip(calm, flood)], "refused_a_second": refused, "beside": during, "memory_mib": round(before / 1024),
            "most_memory_mib": round(most[0] / 1024), "back_after_s": round(back, 2), "afterwards_a_second": again, "exit_code": code}, well


def processor_s(process):
    with open(f"/proc/{process}/stat") as stat:
        words = stat.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def put(jiku, folder, database, name, kind, head, rows):
    """Takes rows in from a file; the seconds it took."""
    with open(f"{folder}/{name}.csv", "w", encoding="utf-8") as file:
        file.write(head + "\n")
        file.writelines(row + "\n" for row in rows)
    began = time.monotonic()
    command = [jiku, "ingest", "--json", "--database", database, "--kind", kind, "--source", "gongan", f"{folder}/{name}.csv"]
    for step in [jiku, "migrate", "--database", database], command:
        subprocess.run(step, check=True, capture_output=True)
    return round(time.monotonic() - began, 1)


# How long each question is asked again and again.
ASKED_FOR_S = 3

# How often at least.
ASKED_TIMES = 10


def told_by(server, known, questions):
    """Each question again and again, and somebody else beside it: what they were answered and cost, which were too dear, and behind which the other
    one waited more than twice as long as alone."""
    probed = lambda: Prober(server, f"/api/v1/persons/{known}", "127.0.0.2", 0.005)
    quiet, told, dear, behind = probed(), {}, [], []
    time.sleep(10)
    quiet = quiet.end()
    for name, (method, path, body) in questions.items():
        body = body and json.dumps(body)
        spent, statuses, most, times, beside = processor_s(server.process.pid), {}, 0.0, 0, probed()
        until = time.monotonic() + ASKED_FOR_S
        while times < ASKED_TIMES or time.monotonic() < until:
            asked, times = time.monotonic(), times + 1
            status, _, text = server.call(method, path, body)
            most = max(most, time.monotonic() - asked)
            word = f"{status}" if status < 400 else f"{status} {json.loads(text)['type'].rsplit('/', 1)[1]}"
            statuses[word] = statuses.get(word, 0) + 1
        beside = beside.end()
        # With what the prober costs beside it.
        spent = (processor_s(server.process.pid) - spent) / times
        told[name] = {"answers": statuses, "processor_ms": round(spent * 1_000), "most_ms": round(most * 1_000),
                      "another_p99_ms": beside.get("200", {}).get("p99_ms")}
        if spent > 0.3 or any(word.startswith("5") for word in statuses):
            dear.append(name)
        if set(beside) != {"200"} or beside["200"]["p99_ms"] > 2 * quiet["200"]["p99_ms"]:
            behind.append(name)
    worst = max((name for name in told if set(told[name]["answers"]) == {"200"}), key=lambda name: told[name]["processor_ms"])
    return {"questions": told, "too_dear": dear, "another_alone": quiet, "another_waits_behind": behind,
            f"{CALLERS_AT_ONCE} ask at once: {worst}": asked_at_once(server, questions[worst], probed)}, not dear


# So many ask the dearest question at the same time.
CALLERS_AT_ONCE = 16


def asked_at_once(server, question, probed):
    method, path, body = question
    body, beside, answers, until = body and json.dumps(body), probed(), {}, time.monotonic() + 3 * ASKED_FOR_S

    def ask():
        while time.monotonic() < until:
            status = server.call(method, path, body)[0]
            answers[status] = answers.get(status, 0) + 1
    askers = [threading.Thread(target=ask) for _ in range(CALLERS_AT_ONCE)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    return {"answers": answers, "another_beside": beside.end()}


def served(jiku, database, key):
    """A server that is ready, and the id of somebody it knows."""
    server = Server(jiku, database, key)
    while server.call("GET", "/readyz")[0] != 200:
        time.sleep(0.1)
    return server, json.loads(server.call("POST", "/api/v1/persons/records", {**person(1), "source_key": "other"})[2])["entity"]


def bombs(jiku, times, folder):
    """R27: so many people of one name and year, a tenth of them beside variants of one name and number: no question about them takes
    more than 300 ms of processor time, and whoever asks for somebody else does not notice."""
    database = f"sqlite://{folder}/base.db"
    server = Server(jiku, database)
    key = server.key
    server.end()

    def numbered(place, born, sequence):
        body = f"{place}{born}{sequence:03}"
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights)) % 11]

    def namesake(number):
        month, day = number % 12 + 1, number // 12 % 28 + 1
        sequence, county = number // 336 % 1000, 440103 + number // 336_000
        return f"n{number},王伟,1980-{month:02}-{day:02},{numbered(county, f'1980{month:02}{day:02}', sequence)},139{number:08}"

    def variant(number):
        # Orders of the same characters and of the digits of one day.
        words, chosen, left = list("伟强国华明建军志文海"), [], number
        for size in (10, 9, 8, 7):
            chosen.append(words.pop(left % size))
            left //= size
        month, day = (1, 11, 10, 12)[number % 4], (1, 10, 11, 12, 21, 20)[number // 4 % 6]
        return f"v{number},张{''.join(chosen)},1980-{month:02}-{day:02},{numbered(440106, f'1980{month:02}{day:02}', number % 1000)},"

    people = "source_key,name,birth_date,id_number,phone"
    took = {"namesakes_s": put(jiku, folder, database, "namesakes", "person", people, map(namesake, range(times))),
            "variants_s": put(jiku, folder, database, "variants", "person", people, map(variant, range(times // 10)))}
    server, known = served(jiku, database, key)
    number = numbered(440103, "19800101", 0)
    told, good = told_by(server, known, {
        "resolve a namesake by name and day": ("POST", "/api/v1/persons/resolve", {"name": "王伟", "birth_date": "1980-01-01"}),
        "resolve a namesake by name and year": ("POST", "/api/v1/persons/resolve", {"name": "王伟", "birth_date": "1980"}),
        "resolve a namesake by number": ("POST", "/api/v1/persons/resolve", {"name": "王伟", "birth_date": "1980-01-01", "id_number": number}),
        "search for the name": ("POST", "/api/v1/persons/search", {"name": "王伟"}),
        "search for name and day": ("POST", "/api/v1/persons/search", {"name": "王伟", "birth_date": "1980-01-01"}),
        "does one exist": ("POST", "/api/v1/persons/exists", {"record": {"name": "王伟", "birth_date": "1980-01-01"}}),
        "resolve a variant": ("POST", "/api/v1/persons/resolve", {"name": "张伟强国华", "birth_date": "1980-01-11"}),
        "another namesake comes in": ("POST", "/api/v1/persons/records", {"source": "gongan", "source_key": "new", "name": "王伟", "birth_date": "1980-01-01"}),
    })
    server.end()
    return {"namesakes": times, "variants": times // 10, **took, **told}, good


def stack(jiku, times, folder):
    """R27: so many parcels on top of each other: no question about them takes more than 300 ms of processor time, or it is refused, and
    whoever asks for somebody else does not notice."""
    database = f"sqlite://{folder}/base.db"
    server = Server(jiku, database)
    key = server.key
    server.end()
    square = [[113.0, 23.1], [113.001, 23.1], [113.001, 23.101], [113.0, 23.101], [113.0, 23.1]]
    text = ", ".join(f"{lon} {lat}" for lon, lat in square)
    took = put(jiku, folder, database, "parcels", "parcel", "source_key,geometry,land_use,parcel_code",
               (f'p{number},"POLYGON (({text}))",0701,{4401060010001000000 + number}' for number in range(times)))
    server, known = served(jiku, database, key)
    query, items = "/api/v1/parcels/query", "/ogc/collections/parcels/items"
    one = json.loads(server.call("POST", query, {"point": [113.0005, 23.1005], "limit": 100})[2])
    circle = [[113 + 0.3 * math.cos(turn / 50_000 * math.tau), 23.1 + 0.3 * math.sin(turn / 50_000 * math.tau)] for turn in range(50_000)]
    circle.append(circle[0])
    told, good = told_by(server, known, {
        "at a point": ("POST", query, {"point": [113.0005, 23.1005], "limit": 100}),
        "the next page": ("POST", query, {"point": [113.0005, 23.1005], "limit": 100, "cursor": one["next_cursor"]}),
        "at a point, of no such use": ("POST", query, {"point": [113.0005, 23.1005], "land_use": "99"}),
        "in a box": ("POST", query, {"bbox": [112.9, 23.0, 113.1, 23.2], "limit": 100}),
        "the nearest from within": ("POST", query, {"point": [113.0005, 23.1005], "nearest": 10}),
        "the nearest from beside": ("POST", query, {"point": [113.01, 23.1], "nearest": 10}),
        "in a radius from beside": ("POST", query, {"point": [113.01, 23.1], "radius_m": 5_000}),
        "neighbours of one": ("POST", query, {"neighbours_of": one["items"][0]["id"]}),
        "in a polygon": ("POST", query, {"polygon": {"type": "Polygon", "coordinates": [circle[::50] + circle[:1]]}, "limit": 10}),
        "in 50,000 vertices": ("POST", query, {"polygon": {"type": "Polygon", "coordinates": [circle]}, "limit": 10}),
        "one more": ("POST", "/api/v1/parcels/records", {"source": "gongan", "source_key": "new",
                                                         "geometry": {"type": "Polygon", "coordinates": [square]}}),
        "would one more fit": ("POST", "/api/v1/parcels/validate", {"geometry": {"type": "Polygon", "coordinates": [square]}}),
        "a tile": ("GET", "/ogc/collections/parcels/tiles/WebMercatorQuad/14/7110/13334", None),
        "items in a box": ("GET", f"{items}?bbox=112.9,23.0,113.1,23.2&limit=100", None),
        "items at a point": ("GET", f"{items}?bbox=113.0005,23.1005,113.0005,23.1005&limit=100", None),
        "items that meet a point": ("GET", f"{items}?limit=100&filter=s_intersects(geometry,point(113.0005%2023.1005))", None),
        "items within metres": ("GET", f"{items}?limit=100&filter=dwithin(geometry,point(113.01%2023.1),5000)", None),
    })
    server.end()
    return {"parcels": times, "parcels_s": took, **told}, good


CASES = {
    "kill": (kill, 1_000),
    "pairs": (pairs, 10_000),
    "traces": (traces, 100_000),
    "terminate": (terminate, 200),
    "retry": (retry, 20_000),
    "disk-full": (disk_full, 20),
    "restart": (restart, 100),
    "standby": (standby, 50),
    "cancel": (cancel, 48),
    "io": (input_output, 2_000),
    "idle": (idle, 10_000),
    "slow": (slow, 4_000),
    "overload": (overload, 600),
    "bombs": (bombs, 100_000),
    "stack": (stack, 1_000_000),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--jiku", default="target/release/jiku")
    parser.add_argument("--times", type=int)
    asked = parser.parse_args()
    run, usual = CASES[asked.case]
    with tempfile.TemporaryDirectory(prefix="jiku-faults-") as folder:
        # The keys of the PostgreSQL database lie with everything else.
        os.environ["XDG_DATA_HOME"] = folder
        report, good = run(os.path.abspath(asked.jiku), asked.times or usual, folder)
    print(json.dumps({"case": asked.case, **report, "good": good}, ensure_ascii=False))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
