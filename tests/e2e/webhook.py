"""A webhook for tests: notes what it is told, checks the signature, answers what it is set to."""

import hashlib
import hmac
import http.server
import json
import threading
import time

from server import wait_until

SECRET = "hook-secret-0123456789"


class Webhook:
    """`with Webhook() as hook:`; `hook.answer` is called with each event and returns (status, body)."""

    def __init__(self):
        self.events = []
        self.bad_signatures = 0
        self.answer = lambda event: (200, {"allow": True})
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.check(self.headers["Mediagraph-Signature"], body)
                event = json.loads(body)
                hook.events.append(event)
                self.reply(hook.answer(event))

            def reply(self, answer):
                status, content = answer
                body = content if isinstance(content, bytes) else json.dumps(content).encode()
                try:
                    self.send_response(status)
                    if status == 302:
                        self.send_header("Location", hook.url + "elsewhere")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass  # it has been cut off

            def log_message(self, *unused):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *unused):
        self.server.shutdown()
        self.server.server_close()

    def check(self, signature, body):
        fields = dict(field.split("=", 1) for field in signature.split(","))
        expected = hmac.new(SECRET.encode(), fields["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, fields["v1"]) or abs(time.time() - int(fields["t"])) > 60:
            self.bad_signatures += 1

    def named(self, name):
        return [event for event in self.events if event["event"] == name]

    def wait_for(self, name, count=1):
        """The first COUNT events of that name."""
        return wait_until(lambda: self.named(name)[:count] if len(self.named(name)) >= count else None,
                          f"{count} of {name}")
