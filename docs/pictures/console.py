#!/usr/bin/env python3
"""Takes the README's pictures of the console with headless Chromium (Debian: apt-get install chromium).

Run from the repository's root after `cargo build --release`. It makes a demo in a temporary folder, signs in as its
steward, and opens the pages. The people are invented, so values are shown in full. Chromium cannot be given a cookie on its command line, so it goes through a
small proxy in this script that adds the session's.
The map draws itself only while somebody waits for it: map.png is the picture that its browser test leaves in target/browser.
"""

import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
JIKU = os.environ.get("JIKU", os.path.join(ROOT, "target", "release", "jiku"))


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(NoRedirect)


def call(request):
    try:
        return OPENER.open(request)
    except urllib.error.HTTPError as answer:
        return answer


def sign_in(address, steward):
    form = urllib.parse.urlencode({**steward, "purpose": "demo"}).encode()
    request = urllib.request.Request(f"{address}/sign-in", data=form, headers={"Origin": address, "Accept": "text/html"})
    answer = call(request)
    cookies = [value.split(";")[0] for value in answer.headers.get_all("Set-Cookie", [])]
    if not cookies:
        sys.exit(f"the sign-in was refused: {answer.status}")
    return "; ".join(cookies + ["jiku_language=en"])


def proxy(address, cookies):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            headers = {"Cookie": cookies, "Accept": self.headers.get("Accept", "*/*")}
            answer = call(urllib.request.Request(address + self.path, headers=headers))
            body = answer.read()
            self.send_response(answer.status)
            for name in ("Content-Type", "Content-Security-Policy"):
                if answer.headers[name]:
                    self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def shoot(url, path, folder, size):
    subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={folder}/chromium",
         f"--window-size={size}", f"--screenshot={path}", url],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main():
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen([JIKU, "demo", "--json", "--port", "0", "--dir", folder + "/demo"], stdout=subprocess.PIPE)
        try:
            ready = json.loads(server.stdout.readline())
            address = ready["address"]
            headers = {"Authorization": "Bearer " + ready["key"], "Purpose-Of-Use": "demo"}
            ask = lambda path: json.load(OPENER.open(urllib.request.Request(address + path, headers=headers)))
            task = ask("/api/v1/reviews?limit=1&kind=person")["items"][0]
            through = proxy(address, sign_in(address, ready["steward"]))
            left, right = task["left"]["entity"], task["right"]["entity"]
            for name, path, size in [
                ("home", "/", "1280,1180"),
                ("console", f"/reviews/{task['id']}?unmask=true", "1280,900"),
                ("record", f"/persons/{right}?unmask=true", "1280,1250"),
                ("merge", f"/persons/merge?ids={left},{right}&unmask=true", "1280,900"),
            ]:
                shoot(through + path, os.path.join(ROOT, "docs", "pictures", name + ".png"), folder, size)
        finally:
            server.terminate()
            server.wait()


main()
