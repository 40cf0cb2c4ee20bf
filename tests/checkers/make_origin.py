"""A small live origin on 127.0.0.1 that does everything right, or one thing wrong, for the tests of watch.py.

It plays make_live's presentation, a segment each second, from its start on or, if it has ended, as it is
after the last one. `fault` names what it does wrong.
"""

import gzip
import threading
import time
from datetime import datetime, timezone
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import make_cmaf
import make_hls
import make_live
import make_mpd

LENGTH = 8  # segments of an ended presentation, and those a live one starts with
TYPES = {".m3u8": "application/vnd.apple.mpegurl", ".mpd": "application/dash+xml", ".mp4": "video/mp4",
         ".m4s": "video/mp4", ".time": "text/plain"}
MANIFESTS = (".m3u8", ".mpd", ".time")


class Origin(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, fault="", ended=True):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fault = fault
        self.ended = ended
        self.epoch = int(time.time()) - LENGTH
        self.served = {}  # file name: number of requests
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def uri(self, name):
        return f"http://127.0.0.1:{self.server_address[1]}/live/one/{name}"

    def close(self):
        self.shutdown()
        self.server_close()

    def end(self):
        """The number of segments that are complete."""
        return LENGTH if self.ended else int(time.time() - self.epoch)

    def body(self, name):
        """The bytes of a file, or None."""
        stem, _, suffix = name.rpartition(".")
        if suffix == "m3u8":
            return self.playlist(stem)
        if suffix == "mpd":
            stream = make_mpd.Stream(epoch=self.epoch, depth=100 if self.ended else make_mpd.DEPTH,
                                     attributes={"maxSegmentDuration": "PT1.1S"})
            return stream.manifest(self.end(), ended=self.ended).replace("/time", "now.time").encode()
        if suffix == "time":
            shift = 3600 if self.fault == "clock" else 0
            return datetime.fromtimestamp(time.time() + shift, timezone.utc).isoformat().encode()
        kind, _, number = stem.partition("-")
        if suffix == "mp4" and number == "init":
            return {"video": make_cmaf.video_init, "audio": make_cmaf.audio_init}[kind]()
        if suffix == "m4s" and number.isdigit() and int(number) < self.end():
            return self.segment(kind, int(number))
        return None

    def playlist(self, name):
        if name == "index":
            return make_hls.MULTIVARIANT.encode()
        kind = {"video": make_hls.Stream, "audio": make_live.AudioStream}[name]
        stream = kind(name, epoch=self.epoch, length=100 if self.ended else 5)
        return stream.playlist(self.end(), ended=self.ended).encode()

    def segment(self, kind, number):
        if self.fault == "removed" and number < self.end() - 5:
            return None
        return {"video": make_cmaf.video_segment, "audio": make_cmaf.audio_segment}[kind](number)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.respond(with_body=True)

    def do_HEAD(self):
        self.respond(with_body=self.server.fault == "body-after-head")

    def respond(self, with_body):
        fault = self.server.fault
        name = self.path.rpartition("/")[2]
        suffix = "." + name.rpartition(".")[2]
        is_media = suffix not in MANIFESTS
        body = self.server.body(name)
        if body is None:
            status = 200 if fault == "soft-404" else 404
            return self.send(status, {"Cache-Control": "no-cache"}, b"not found", with_body)
        count = self.server.served[name] = self.server.served.get(name, 0) + 1
        if fault == "mutable" and is_media and count > 1:
            body += make_cmaf.box("free")
        etag = f'"{sha1(body).hexdigest()[:16]}"'
        headers = {
            "Content-Type": TYPES[suffix] if fault != "type" else "application/x-mpegURL",
            "Cache-Control": "max-age=31536000, immutable" if is_media else "no-cache",
        }
        if fault == "cache":
            headers["Cache-Control"] = "max-age=60"
        if fault == "new-etag":
            etag = f'"{count}"'
        if is_media and fault != "no-etag":
            headers["ETag"] = etag
        if is_media and self.headers.get("If-None-Match") == etag and fault != "no-304":
            return self.send(304, headers, b"", False)
        if is_media and "Range" in self.headers and fault != "no-range":
            return self.send_range(headers, body)
        if suffix == ".m3u8" and "gzip" in self.headers.get("Accept-Encoding", "") and fault != "no-gzip":
            headers.update({"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})
            body = body if fault == "bad-gzip" else gzip.compress(body)
        return self.send(500 if fault == "no-" + name else 200, headers, body, with_body)

    def send_range(self, headers, body):
        first, last = self.headers["Range"].removeprefix("bytes=").split("-")
        if not first:
            first, last = max(0, len(body) - int(last)), len(body) - 1
        first, last = int(first), min(int(last or len(body)), len(body) - 1)
        if first >= len(body):
            return self.send(416, {**headers, "Content-Range": f"bytes */{len(body)}"}, b"", True)
        headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
        return self.send(206, headers, body[first:last + (2 if self.server.fault == "long-range" else 1)], True)

    def send(self, status, headers, body, with_body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.server.fault != "no-cors":
            self.send_header("Access-Control-Allow-Origin", "*")
        if status != 304 and not (self.server.fault == "head-length" and self.command == "HEAD"):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)
