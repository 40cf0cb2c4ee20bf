"""An RTMP publisher by script: it says exactly what a test wants, and hears what the server answers.

Only what the tests need: the simple handshake and RTMPE's, chunks of one size, AMF0.
"""

import queue
import socket
import struct
import threading
import time

import carriers

SET_CHUNK_SIZE, ACK, AUDIO, VIDEO, DATA, COMMAND = 1, 3, 8, 9, 18, 20
CHUNK = 4096


class Refused(Exception):
    """The server's answer to publish or connect was no; `code` is what it said."""

    def __init__(self, code, description=""):
        super().__init__(f"{code}: {description}")
        self.code, self.description = code, description


def read_flv(path):
    """[(type, stamp in ms, body)] of a file's tags."""
    data, at, tags = path.read_bytes(), 13, []
    while at + 11 <= len(data):
        size = int.from_bytes(data[at + 1:at + 4], "big")
        stamp = int.from_bytes(data[at + 7:at + 8] + data[at + 4:at + 7], "big")
        tags.append((data[at], stamp, data[at + 11:at + 11 + size]))
        at += 11 + size + 4
    return tags


def is_header(tag):
    """Whether it is an AVC or AAC sequence header."""
    kind, _, body = tag
    return kind in (AUDIO, VIDEO) and len(body) > 1 and body[1] == 0


def amf(value):
    if value is None:
        return b"\x05"
    if isinstance(value, bool):
        return b"\x01" + bytes([value])
    if isinstance(value, (int, float)):
        return b"\x00" + struct.pack(">d", value)
    if isinstance(value, str):
        text = value.encode()
        if len(text) > 0xFFFF:
            return b"\x0c" + struct.pack(">I", len(text)) + text
        return b"\x02" + struct.pack(">H", len(text)) + text
    members = b"".join(struct.pack(">H", len(k)) + k.encode() + amf(v) for k, v in value.items())
    return b"\x03" + members + b"\x00\x00\x09"


def read_amf(data, at=0):
    """(value, the place behind it)"""
    kind, at = data[at], at + 1
    if kind == 0:
        return struct.unpack_from(">d", data, at)[0], at + 8
    if kind == 1:
        return bool(data[at]), at + 1
    if kind == 2:
        size = struct.unpack_from(">H", data, at)[0]
        return data[at + 2:at + 2 + size].decode(), at + 2 + size
    if kind in (3, 8):
        at, members = at + (4 if kind == 8 else 0), {}
        while data[at:at + 3] != b"\x00\x00\x09":
            size = struct.unpack_from(">H", data, at)[0]
            name, at = data[at + 2:at + 2 + size].decode(), at + 2 + size
            members[name], at = read_amf(data, at)
        return members, at + 3
    if kind in (5, 6):
        return None, at
    if kind == 10:
        count, at, values = struct.unpack_from(">I", data, at)[0], at + 4, []
        for _ in range(count):
            value, at = read_amf(data, at)
            values.append(value)
        return values, at
    raise ValueError(f"AMF0 marker {kind}")


class Publisher:
    """One connection. `with Publisher(port, "x") as p:` has the server's consent to publish."""

    def __init__(self, port, stream, app="live", source="127.0.0.1", scheme="rtmp", kind=6):
        """SCHEME is a URL's; KIND is of the handshake, where that is RTMPE's."""
        self.stream, self.app, self.port, self.scheme, self.kind = stream, app, port, scheme, kind
        self.socket = carriers.connect(scheme, port, 90, source)
        self.commands = queue.Queue()
        self.said = []  # the codes of all onStatus so far
        self.media = []  # (type, body) of all that came
        self.is_closed = threading.Event()

    def __enter__(self):
        self.handshake()
        self.connect()
        self.publish()
        return self

    def __exit__(self, *unused):
        self.close()

    # What a publisher does, step by step.

    def handshake(self):
        if self.scheme in carriers.ENCRYPTED:
            self.socket = carriers.encrypt(self.socket, self.kind)
        else:
            self.socket.sendall(b"\x03" + bytes(1536))
            self.socket.sendall(self._exactly(1 + 1536 + 1536)[1:1537])
        self.socket.settimeout(None)
        threading.Thread(target=self._listen, daemon=True).start()

    def connect(self, **more):
        """Returns the arguments of the answer."""
        self.set_chunk_size()
        self.call("connect", 1, {"app": self.app, "type": "nonprivate", "flashVer": "FMLE/3.0 (test)",
                                 "tcUrl": f"{self.scheme}://127.0.0.1:{self.port}/{self.app}", **more})
        return self.expect("_result")

    def set_chunk_size(self):
        self.send(SET_CHUNK_SIZE, 0, 0, struct.pack(">I", CHUNK))

    def publish(self):
        self.call("createStream", 2, None)
        self.expect("_result")
        self.call("publish", 3, None, self.stream, "live", stream_id=1)
        self.expect("onStatus", "NetStream.Publish.Start")

    def send_tags(self, tags, longest_wait=5.0, while_true=lambda: True, speed=1):
        """Sends tags at the distances of their stamps, SPEED times as fast; no pause is longer than
        LONGEST_WAIT seconds."""
        due, before = time.monotonic(), None
        for kind, stamp, body in tags:
            due += min(max(0, stamp - (stamp if before is None else before)) / 1000 / speed, longest_wait)
            before = stamp
            time.sleep(max(0.0, due - time.monotonic()))
            if not while_true():
                break
            self.send(kind, 1, stamp, body)

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    # Messages.

    def call(self, name, transaction, *arguments, stream_id=0):
        self.send(COMMAND, stream_id, 0, b"".join(map(amf, (name, transaction, *arguments))))

    def send(self, kind, stream_id, stamp, body):
        chunk_stream = {AUDIO: 4, VIDEO: 6}.get(kind, 3)
        stamp &= 0xFFFFFFFF
        extended = struct.pack(">I", stamp) if stamp >= 0xFFFFFF else b""
        head = (bytes([chunk_stream]) + min(stamp, 0xFFFFFF).to_bytes(3, "big")
                + len(body).to_bytes(3, "big") + bytes([kind]) + struct.pack("<I", stream_id) + extended)
        size = 128 if kind == SET_CHUNK_SIZE else CHUNK
        out = [head + body[:size]]
        for at in range(size, len(body), size):
            out.append(bytes([0xC0 | chunk_stream]) + extended + body[at:at + size])
        self.socket.sendall(b"".join(out))

    def expect(self, name, code=None, seconds=90):
        """Waits for a command; an answer that says no is Refused."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                got, *arguments = self.commands.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {code or name} within {seconds} s; it said {self.said}") from None
            if got is None:
                raise Refused("closed", "the server closed the connection without a word")
            details = next((a for a in arguments if isinstance(a, dict) and "code" in a), {})
            if got == "_error" or details.get("level") == "error":
                raise Refused(details.get("code"), details.get("description", ""))
            if got == name and code in (None, details.get("code")):
                return arguments

    # What comes in.

    def _exactly(self, count):
        return carriers.exactly(self.socket, count)

    def _listen(self):
        try:
            self._read_chunks()
        except (EOFError, OSError):
            pass
        self.is_closed.set()
        self.commands.put((None,))

    def _read_chunks(self):
        size, headers, bodies = 128, {}, {}
        while True:
            first = self._exactly(1)[0]
            form, chunk_stream = first >> 6, first & 63
            head = self._exactly((11, 7, 3, 0)[form])
            if form < 2:
                headers[chunk_stream] = (int.from_bytes(head[3:6], "big"), head[6])
            length, kind = headers[chunk_stream]
            body = bodies.setdefault(chunk_stream, bytearray())
            body += self._exactly(min(size, length - len(body)))
            if len(body) < length:
                continue
            del bodies[chunk_stream]
            if kind == SET_CHUNK_SIZE:
                size = struct.unpack(">I", body)[0]
            elif kind == COMMAND:
                self._take_command(bytes(body))
            elif kind in (AUDIO, VIDEO):
                self.media.append((kind, bytes(body)))

    def _take_command(self, body):
        values, at = [], 0
        while at < len(body):
            value, at = read_amf(body, at)
            values.append(value)
        self.said += [v["code"] for v in values if isinstance(v, dict) and "code" in v]
        self.commands.put(tuple(values))


class Player(Publisher):
    """The other way. Its `media` grows until `is_closed`, or until it hears of an end."""

    def play(self, **more):
        self.handshake()
        self.connect(**more)
        self.call("createStream", 2, None)
        self.expect("_result")
        self.call("play", 3, None, self.stream, -1, stream_id=1)
        self.expect("onStatus", "NetStream.Play.Start")
