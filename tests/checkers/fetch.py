"""HTTP requests over kept-alive connections, and their record on disk.

A Fetch says what was asked for and why, and what came back. A recording is a folder with log.jsonl, one
Fetch per line in the order of their making, and bodies/ with each distinct body once.
"""

import http.client
import json
import ssl
import time
from dataclasses import asdict, dataclass, field
from hashlib import sha1
from pathlib import Path
from urllib.parse import urlsplit

ORIGIN = "http://checker.example"


@dataclass
class Fetch:
    purpose: str  # multivariant, media, mpd, init, segment, or one of the probes in transport.py
    uri: str
    method: str = "GET"
    sent: dict = field(default_factory=dict)  # request headers beyond Host and Origin
    started: float = 0.0  # seconds since 1970
    time: float = 0.0  # when the response was complete
    status: int = 0  # 0: no response
    error: str = ""
    headers: dict = field(default_factory=dict)  # names in lower case
    body: bytes = b""
    arrivals: list = field(default_factory=list)  # of (time, bytes so far), for what grows


class Client:
    """One thread's connections, one per host; not to be shared between threads."""

    def __init__(self, timeout=30.0):
        self._timeout = timeout
        self._connections = {}

    def fetch(self, purpose, uri, method="GET", headers=None):
        """Makes one request. Never raises for what the network or the server does."""
        fetch = Fetch(purpose, uri, method, dict(headers or {}), started=time.time())
        for attempt in ("kept", "fresh"):
            try:
                self._exchange(fetch)
                fetch.error = ""
                break
            except (OSError, http.client.HTTPException) as fault:
                self._drop(uri)
                fetch.error = f"{type(fault).__name__}: {fault}"
                if attempt == "kept" and not isinstance(fault, (http.client.RemoteDisconnected,
                                                                ConnectionError)):
                    break
        fetch.time = time.time()
        return fetch

    def close(self):
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    def _exchange(self, fetch):
        parts = urlsplit(fetch.uri)
        connection = self._connection(parts)
        target = parts.path or "/"
        if parts.query:
            target += "?" + parts.query
        connection.request(fetch.method, target, headers={"Origin": ORIGIN, **fetch.sent})
        response = connection.getresponse()
        fetch.headers = {name.lower(): value for name, value in response.getheaders()}
        if fetch.purpose == "growing":
            fetch.arrivals.clear()
            fetch.body = _read_as_it_comes(response, fetch.arrivals)
        else:
            fetch.body = response.read()
        fetch.status = response.status

    def _connection(self, parts):
        key = (parts.scheme, parts.netloc)
        if key not in self._connections:
            if parts.scheme == "https":
                context = ssl.create_default_context()
                context.check_hostname = False  # test origins have certificates of their own making
                context.verify_mode = ssl.CERT_NONE
                self._connections[key] = http.client.HTTPSConnection(
                    parts.netloc, timeout=self._timeout, context=context)
            else:
                self._connections[key] = http.client.HTTPConnection(parts.netloc, timeout=self._timeout)
        return self._connections[key]

    def _drop(self, uri):
        parts = urlsplit(uri)
        connection = self._connections.pop((parts.scheme, parts.netloc), None)
        if connection is not None:
            connection.close()


def _read_as_it_comes(response, arrivals):
    body = b""
    while piece := response.read1(65536):
        body += piece
        arrivals.append((time.time(), len(body)))
    return body


class Recorder:
    """Writes fetches to a folder; to be called from one thread at a time."""

    def __init__(self, folder):
        self._bodies = Path(folder) / "bodies"
        self._bodies.mkdir(parents=True, exist_ok=True)
        self._log = open(Path(folder) / "log.jsonl", "a", encoding="utf-8")

    def write(self, fetch):
        digest = sha1(fetch.body).hexdigest()
        path = self._bodies / digest
        if not path.exists():
            path.write_bytes(fetch.body)
        print(json.dumps({**asdict(fetch), "body": digest}), file=self._log, flush=True)

    def close(self):
        self._log.close()


def replay(folder):
    """The recorded fetches, in their order."""
    with open(Path(folder) / "log.jsonl", encoding="utf-8") as log:
        for line in log:
            values = json.loads(line)
            values["body"] = (Path(folder) / "bodies" / values["body"]).read_bytes()
            yield Fetch(**values)
