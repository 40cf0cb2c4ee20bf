"""What peers may do to an RTMP server that they should not: one table, a line or a few for each.

A case is a name, a phase, bytes, and what is to come of them. The phase is what has been said before: RAW
nothing, SHAKEN a handshake, CONNECTED connect and createStream, PUBLISHING publish. KEPT: the connection
lives and a ping behind the bytes is answered. CLOSED: the server hangs up by itself.
"""

import itertools
import math
import struct
import time

import carriers
from rtmp import AUDIO, DATA, VIDEO, amf
from server import PATIENCE

RAW, SHAKEN, CONNECTED, PUBLISHING = range(4)
KEPT, CLOSED = "kept", "closed"

ABORT, ACK, USER, WINDOW, BANDWIDTH, AGGREGATE = 2, 3, 4, 5, 6, 22
DATA_3, SHARED_3, COMMAND_3, SHARED, COMMAND = 15, 16, 17, 19, 20
NAN, INFINITY = math.nan, math.inf
MOST = 0xFFFFFFFF
HANDSHAKE = b"\x03" + bytes(1536) + bytes(1536)

# --- bytes -----------------------------------------------------------------------------------------


def basic(form, chunk_stream):
    """A chunk's first one, two or three bytes."""
    if chunk_stream < 64:
        return bytes([form << 6 | chunk_stream])
    if chunk_stream < 320:
        return bytes([form << 6, chunk_stream - 64])
    return bytes([form << 6 | 1]) + struct.pack("<H", chunk_stream - 64)


def head(kind, length, chunk_stream=5, stream_id=1, stamp=0):
    """A header of form 0."""
    extended = struct.pack(">I", stamp) if stamp >= 0xFFFFFF else b""
    return (basic(0, chunk_stream) + min(stamp, 0xFFFFFF).to_bytes(3, "big") + length.to_bytes(3, "big")
            + bytes([kind]) + struct.pack("<I", stream_id) + extended)


def message(kind, body, stamp=0, stream_id=1, chunk_stream=5, chunk_size=128):
    """A whole message, cut into chunks."""
    extended = struct.pack(">I", stamp) if stamp >= 0xFFFFFF else b""
    pieces = [body[at:at + chunk_size] for at in range(0, len(body), chunk_size)] or [b""]
    between = basic(3, chunk_stream) + extended
    return head(kind, len(body), chunk_stream, stream_id, stamp) + between.join(pieces)


def control(kind, value, chunk_size=128):
    return message(kind, struct.pack(">I", value & MOST), stream_id=0, chunk_stream=2, chunk_size=chunk_size)


def user(event, value, chunk_size=128):
    return message(USER, struct.pack(">HI", event, value), stream_id=0, chunk_stream=2, chunk_size=chunk_size)


def call(*values, stream_id=0):
    return message(COMMAND, b"".join(map(amf, values)), stream_id=stream_id)


def connect(**members):
    return call("connect", 1, {"app": "live", "tcUrl": "rtmp://127.0.0.1/live", **members})


def audio(body, stamp=0):
    return message(AUDIO, body, stamp)


def video(body, stamp=0):
    return message(VIDEO, body, stamp)


def data(body, kind=DATA):
    return message(kind, body)


def metadata(value):
    """onMetaData with bytes of AMF0."""
    return data(amf("@setDataFrame") + amf("onMetaData") + value)


def amf3(value):
    """A data message with bytes of AMF3."""
    return data(b"\x00" + amf("onMetaData") + b"\x11" + value, DATA_3)


def tag(kind, body, stamp=0, length=None):
    """A part of an aggregate."""
    size = len(body) if length is None else length
    return (bytes([kind]) + size.to_bytes(3, "big") + (stamp & 0xFFFFFF).to_bytes(3, "big")
            + bytes([stamp >> 24]) + bytes(3) + body + struct.pack(">I", 11 + len(body)))


def nested(levels, inner=b""):
    """An object in an object …"""
    return b"\x03\x00\x01a" * levels + inner


def avc_config(sets=b"", count=0):
    return b"\x17\x00\x00\x00\x00\x01\x42\xc0\x1e\xff" + bytes([0xE0 | count]) + sets


def cut_off(*pieces):
    return b"".join(pieces)[:-1]


CONFIG = bytes.fromhex("6742c01ed901e0089f961000000300100000030320f162e480")
GOOD_CONFIG = avc_config(struct.pack(">H", len(CONFIG)) + CONFIG + b"\x01\x00\x04\x68\xcb\x83\xcb", 1)
AAC_CONFIG = b"\xaf\x00\x12\x10"

# --- the table -------------------------------------------------------------------------------------

HANDSHAKES = [
    *((f"version {version}", RAW, bytes([version]) + bytes(3072), CLOSED) for version in (0, 1, 2, 4, 8, 9, 255)),
    ("an encryption that is not taken", RAW, b"\x06" + bytes(3072), CLOSED),
    ("a digest of nothing", RAW, b"\x03" + bytes(4) + b"\x80\x00\x07\x02" + b"\xff" * 1528 + b"\xff" * 1536
     + connect(), KEPT),
    ("an echo of something else", RAW, b"\x03" + bytes(1536) + b"\xee" * 1536 + connect(), KEPT),
    ("a request of HTTP", RAW, b"POST /open/1 HTTP/1.1\r\nContent-Length: 1\r\n\r\n\x00", CLOSED),
    ("half a TLS record", RAW, b"\x16\x03\x01\xff\xff" + b"\xff" * 70000, CLOSED),
]

# Where RTMPE is taken.
ENCRYPTED = [
    *((f"type {kind} with a digest of nothing", RAW, bytes([kind]) + b"\xff" * 3072, CLOSED) for kind in (6, 8, 9)),
    *((f"type 6 with a key that is none: {key:x}"[:60], RAW, b"\x06" + carriers.first_block(key.to_bytes(128, "big"))
       + bytes(1536), CLOSED) for key in (0, 1, 5, carriers.PRIME - 1, carriers.PRIME, (1 << 1024) - 1)),
    ("type 8 with the digest of another block", RAW, b"\x08" + carriers.first_block(bytes(128))[:-1] + b"\xff"
     + bytes(1536), CLOSED),
    ("bytes of no message behind RC4", RAW, b"\x09" + carriers.first_block(pow(2, 77, carriers.PRIME).to_bytes(128, "big"))
     + bytes(1536) + b"\xa5" * 5000, CLOSED),
]


def post(path, body=b"\x00", length=None, more=""):
    said = len(body) if length is None else length
    return (f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {said}\r\n{more}\r\n").encode() + body


# Of tunnels that there are not, or that nobody opens so.
POSTS = {
    "a tunnel of nobody": post("/send/0123456789abcdef0123456789abcdef/1"),
    "a tunnel with no name": post("/send//1"),
    "a number that is none": post("/idle/x/-1"),
    "a number of 4 KB": post("/idle/x/" + "9" * 4000),
    "a path without end": post("/" + "a" * 70000),
    "a name that climbs": post("/send/../../etc/passwd/1"),
    "a body of 4 GiB": post("/open/1", length=1 << 32),
    "a body of less than nothing": post("/open/1", length=-1),
    "two lengths": post("/open/1", more="Content-Length: 2\r\n"),
    "chunks": b"POST /open/1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
    "lines without end": b"POST /open/1 HTTP/1.1\r\n" + b"A: b\r\n" * 20000,
    "another method": b"DELETE /open/1 HTTP/1.1\r\n\r\n",
    "no line": b"POST\r\n\r\n",
}

CHUNKS = [
    ("form 3 on a fresh chunk stream", SHAKEN, basic(3, 9), CLOSED),
    ("form 1 on a fresh chunk stream", SHAKEN, basic(1, 9) + bytes(3) + (4).to_bytes(3, "big") + b"\x03" + bytes(4),
     KEPT),
    ("form 2 on a fresh chunk stream", SHAKEN, basic(2, 9) + bytes(3), CLOSED),
    ("chunk size 0", SHAKEN, control(1, 0), CLOSED),
    ("chunk size 0 and the sign", SHAKEN, control(1, 1 << 31), CLOSED),
    ("chunk size -1", CONNECTED, control(1, -1), KEPT),
    ("chunk size 1", PUBLISHING, control(1, 1) + message(VIDEO, b"\x27\x01" + bytes(60000), chunk_size=1)
     + control(1, 128, 1), KEPT),
    ("chunk sizes by the thousand", CONNECTED, b"".join(control(1, size) for size in range(128, 5000))
     + control(1, 128), KEPT),
    ("half a chunk size", SHAKEN, message(1, b"\x00\x00", chunk_stream=2), CLOSED),
    ("half an abort", SHAKEN, message(ABORT, b"\x00", chunk_stream=2), CLOSED),
    ("a storm of aborts", CONNECTED, b"".join(control(ABORT, i * 77) for i in range(5000)), KEPT),
    ("begun and aborted", PUBLISHING, (head(VIDEO, 0xFFFFFF) + bytes(128) + control(ABORT, 5)) * 2000, KEPT),
    ("begun and begun again", PUBLISHING, (head(VIDEO, 0xFFFFFF) + bytes(128)) * 2000 + video(b"\x17"), KEPT),
    ("64 chunk streams", SHAKEN, connect() + b"".join(message(ACK, bytes(4), chunk_stream=i) for i in range(6, 68)),
     KEPT),
    ("100 chunk streams", SHAKEN, connect() + b"".join(message(ACK, bytes(4), chunk_stream=i) for i in range(6, 106)),
     CLOSED),
    ("the farthest chunk stream", CONNECTED, message(ACK, bytes(4), chunk_stream=65599), KEPT),
    ("60 messages that never end", PUBLISHING, b"".join(head(VIDEO, 0xFFFFFF, i) + bytes(128) for i in range(6, 64)),
     KEPT),
    ("too much in messages that never end", PUBLISHING, control(1, 1 << 20)
     + b"".join(head(VIDEO, 0xFFFFFF, i) + bytes(1 << 20) for i in range(6, 40)), CLOSED),
    ("a length that changes", PUBLISHING, head(VIDEO, 300) + bytes(128) + basic(1, 5) + bytes(3)
     + (9999).to_bytes(3, "big") + bytes([VIDEO]), CLOSED),
    ("a type that changes", PUBLISHING, head(VIDEO, 300) + bytes(128) + basic(1, 5) + bytes(3)
     + (300).to_bytes(3, "big") + bytes([AUDIO]), CLOSED),
    ("times that are extended and do not repeat", CONNECTED,
     head(DATA, 200, stamp=MOST) + bytes(128) + basic(3, 5) + bytes(72), KEPT),
    ("empty messages of all types", CONNECTED, b"".join(message(kind, b"") for kind in range(23)
                                                        if kind not in (1, ABORT, COMMAND, COMMAND_3)), KEPT),
]

CONTROL = [
    ("a window of 0", SHAKEN, control(WINDOW, 0) * 100, KEPT),
    ("a window of 1", CONNECTED, control(WINDOW, 1) + control(ACK, 0) * 3000, KEPT),
    ("a window of -1", CONNECTED, control(WINDOW, -1), KEPT),
    ("half a window", CONNECTED, message(WINDOW, b"\x01"), KEPT),
    ("acknowledged what was never sent", CONNECTED, b"".join(control(ACK, i * 0x1234567) for i in range(5000)), KEPT),
    ("bandwidths of no kind", CONNECTED, message(BANDWIDTH, bytes(4) + b"\x63") + message(BANDWIDTH, b""), KEPT),
    ("events that there are not", CONNECTED, b"".join(user(event, MOST) for event in range(8, 2000)), KEPT),
    ("half an event", CONNECTED, message(USER, b"") + message(USER, b"\x00") + message(USER, b"\x00\x06\x01"), KEPT),
    ("answers to no ping", CONNECTED, user(7, 1) * 5000, KEPT),
    ("pings whose answers are not read", SHAKEN, user(6, 9) * 1000000, CLOSED),
]

COMMANDS = [
    *((f"{name} before connect", SHAKEN, call(name, 2, None, "x", stream_id=1), CLOSED)
      for name in ("createStream", "publish", "play", "deleteStream", "FCPublish", "_checkbw", "_result")),
    *((f"a message of type {kind} before connect", SHAKEN, message(kind, b"\x17\x00"), CLOSED)
      for kind in (0, 7, AUDIO, VIDEO, DATA_3, SHARED_3, DATA, SHARED, AGGREGATE, 255)),
    ("connect, twice", SHAKEN, connect() * 2, CLOSED),
    ("an app without end", SHAKEN, connect(app="a" * 70000), CLOSED),
    ("a connect with an unheard of number", SHAKEN, call("connect", NAN, {"app": "live", "capsEx": INFINITY,
                                                                         "objectEncoding": -1e308}), KEPT),
    ("a connect without arguments", SHAKEN, call("connect", 1), KEPT),
    ("a connect of wrong kinds", SHAKEN, call("connect", "one", {"app": 1, "tcUrl": {}, "fourCcList": 7}), KEPT),
    ("a connect that is deep", SHAKEN, message(COMMAND, amf("connect") + amf(1) + nested(5000)), CLOSED),
    ("a connect in AMF3 that is none", SHAKEN, message(COMMAND_3, b"\x00" + amf("connect") + amf(1)
                                                       + b"\x11\x0a\xff\xff\xff\xff"), CLOSED),
    ("a list of codecs that lies", SHAKEN, message(COMMAND, amf("connect") + amf(1) + b"\x03\x00\x0afourCcList\x0a"
                                                   + b"\xff" * 4 + amf("avc1")), KEPT),
    ("a command without a name", CONNECTED, message(COMMAND, amf(1) + amf(2)), CLOSED),
    ("a command of nothing", CONNECTED, message(COMMAND, b""), CLOSED),
    ("a command that is cut off", CONNECTED, message(COMMAND, cut_off(amf("publish"), amf(3))), CLOSED),
    ("createStream by the hundred", CONNECTED, call("createStream", 2, None) * 100, CLOSED),
    ("deleteStream by the thousand", CONNECTED, b"".join(call("deleteStream", 0, None, n) for n in (
        NAN, INFINITY, -INFINITY, -1, 1e308, MOST, 5e-324, None, "1", {})) * 500, KEPT),
    ("calls that want an answer from nobody", CONNECTED, call("nothing", NAN) + call("nothing", -INFINITY)
     + call("n" * 60000, 1e308), KEPT),
    ("a name of 60 KB is unpublished", CONNECTED, call("FCUnpublish", 5, None, "x" * 60000), KEPT),
    ("publish of nothing", CONNECTED, call("publish", 3, None, stream_id=1), CLOSED),
    ("publish of a number", CONNECTED, call("publish", 3, None, NAN, stream_id=1), CLOSED),
    ("publish of 70 KB", CONNECTED, call("publish", 3, None, "x" * 70000, stream_id=1), CLOSED),
    ("play of what is nowhere", CONNECTED, call("play", 3, None, "x", NAN, INFINITY, -1, stream_id=MOST) * 50, KEPT),
    ("publish, twice", PUBLISHING, call("publish", 4, None, "y", "live", stream_id=1) * 50, KEPT),
    ("published and ended, again and again", PUBLISHING, b"".join(
        call("closeStream", 0, None, stream_id=1) + call("publish", 3, None, f"again-{i}", stream_id=1)
        for i in range(150)), CLOSED),
    ("connect of who publishes", PUBLISHING, connect(), CLOSED),
    ("shared objects", PUBLISHING, message(SHARED, b"\xff" * 100) + message(SHARED_3, b"\x00" + b"\xff" * 100), KEPT),
    ("media that nobody asked for", CONNECTED, video(b"\x17" * 5000) + audio(b"\xaf" * 500) + data(b"\xff")
     + message(AGGREGATE, b"\xff" * 500), KEPT),
]

NUMBERS = b"".join(struct.pack(">H", len(name)) + name + b"\x00" + struct.pack(">d", value)
                   for name, value in itertools.product((b"width", b"framerate", b"videodatarate", b"videocodecid"),
                                                        (NAN, -INFINITY, -1, 1e308)))

AMF = [
    ("numbers of no size", PUBLISHING, metadata(b"\x03" + NUMBERS + b"\x00\x00\x09"), KEPT),
    ("an object that is deep", PUBLISHING, metadata(nested(20000)), KEPT),
    ("arrays that are deep", PUBLISHING, metadata(b"\x0a\x00\x00\x00\x01" * 20000), KEPT),
    ("an array of 4294967295", PUBLISHING, metadata(b"\x0a" + b"\xff" * 4) + metadata(b"\x08" + b"\xff" * 4), KEPT),
    ("a count that lies", PUBLISHING, metadata(b"\x08" + b"\xff" * 4 + b"\x00\x05width" + amf(9) + b"\x00\x00\x09"),
     KEPT),
    ("an array of a million nothings", PUBLISHING, metadata(b"\x0a" + struct.pack(">I", 10**6) + b"\x05" * 10**6),
     KEPT),
    ("a string of 4 GiB", PUBLISHING, metadata(b"\x0c" + b"\xff" * 4 + b"x" * 1000), KEPT),
    ("a string of 4 MiB", PUBLISHING, metadata(b"\x0c" + struct.pack(">I", 4 << 20) + b"x" * (4 << 20)), KEPT),
    ("a string with everything in it", PUBLISHING, metadata(b"\x03\x00\x07encoder\x02\x00\x06\x00\r\n\x1b\xff\xc0"
                                                            b"\x00\x00\x09"), KEPT),
    ("references to itself and to nothing", PUBLISHING, metadata(b"\x03\x00\x01a\x07\x00\x00\x00\x00\x09")
     + metadata(b"\x07\xff\xff"), KEPT),
    ("markers of all kinds", PUBLISHING, b"".join(metadata(bytes([marker])) for marker in range(256)), KEPT),
    ("AMF3: references to nothing", PUBLISHING, b"".join(amf3(bytes([marker]) + b"\xff\xff\xff\xfe")
                                                         for marker in range(6, 18)), KEPT),
    ("AMF3: 536 million of everything", PUBLISHING, b"".join(amf3(bytes([marker]) + b"\xff\xff\xff\xff" + bytes(50))
                                                             for marker in range(18)), KEPT),
    ("AMF3: arrays that are deep", PUBLISHING, amf3(b"\x09\x03\x01" * 20000), KEPT),
    ("AMF3: objects that are deep", PUBLISHING, amf3(b"\x0a\x0b\x01\x03a" * 20000), KEPT),
    ("data without a name", PUBLISHING, data(b"") + data(amf(NAN)) + data(b"\x00", DATA_3) + data(b"", DATA_3), KEPT),
    ("tracks with numbers that none has", PUBLISHING, metadata(amf({"videoTrackIdInfoMap": {
        key: {"width": NAN} for key in ("-1", "256", "99999999999999999999", "", "x", "1e9")}})), KEPT),
]


def many_codecs(count):
    """A multitrack message: COUNT tracks, each with a codec and nothing."""
    return b"".join(b"avc1" + bytes([number & 0xFF]) + (0).to_bytes(3, "big") for number in range(count))


MEDIA = [
    ("tags of nothing", PUBLISHING, video(b"") + audio(b"") + video(b"\x17") + audio(b"\xaf") + video(b"\xff")
     + audio(b"\xff"), KEPT),
    ("tags of all first bytes", PUBLISHING, b"".join(video(bytes([i, 0, 0, 0, 0])) + audio(bytes([i, 0]))
                                                     for i in range(256)), KEPT),
    ("31 parameter sets that are not there", PUBLISHING, video(avc_config(b"\xff\xff", 31)), KEPT),
    ("31 parameter sets of nothing", PUBLISHING, video(avc_config(bytes(62), 31) + b"\x00"), KEPT),
    ("a parameter set of garbage", PUBLISHING, video(avc_config(b"\x00\x40\x67" + b"\xff" * 63
                                                               + b"\x01\x00\x01\x68", 1)), KEPT),
    ("arrays of HEVC that are not there", PUBLISHING, video(b"\x90hvc1\x01" + bytes(21) + b"\xff" * 41), KEPT),
    ("sound of no rate", PUBLISHING, audio(b"\xaf\x00\xff\xff\xff") + audio(b"\xaf\x00") + audio(b"\xaf\x00\x00\x00"),
     KEPT),
    ("lengths of NALs beyond the end", PUBLISHING, video(GOOD_CONFIG) + video(b"\x17\x01\x00\x00\x00" + b"\xff" * 40)
     + video(b"\x17\x01\x00\x00\x00\x00\x00\x00\x00"), KEPT),
    ("pictures shown years before", PUBLISHING, video(GOOD_CONFIG) + b"".join(
        video(b"\x17\x01" + offset + b"\x00\x00\x00\x02\x65\x88", i * 40)
        for i, offset in enumerate((b"\x80\x00\x00", b"\x7f\xff\xff", b"\xff\xff\xff") * 20)), KEPT),
    ("times that leap", PUBLISHING, video(GOOD_CONFIG) + audio(AAC_CONFIG) + b"".join(
        video(b"\x17\x01\x00\x00\x00\x00\x00\x00\x02\x65\x88", stamp) + audio(b"\xaf\x01" + bytes(9), MOST - stamp)
        for stamp in (0, MOST, 0xFFFFFE, 0xFFFFFF, 0x1000000, 0x7FFFFFFF, 0x80000000, 1, MOST, 0) * 20), KEPT),
    ("codecs that there are not", PUBLISHING, b"".join(video(bytes([0x90 | kind]) + codec + bytes(20))
                                                       + audio(bytes([0x90 | kind]) + codec + bytes(20))
                                                       for kind in range(16)
                                                       for codec in (b"\x00" * 4, b"%n%s", b"\xff" * 4)), KEPT),
    ("half an enhanced tag", PUBLISHING, b"".join(video((bytes([0x90 | kind]) + b"avc1\x00\x00")[:size])
                                                  for kind in range(16) for size in range(1, 8)), KEPT),
    ("256 tracks", PUBLISHING, video(b"\x96\x20" + many_codecs(256)), KEPT),
    ("a million tracks", PUBLISHING, video(b"\x96\x20" + many_codecs(10**6)), KEPT),
    ("tracks of 16 MiB that are not there", PUBLISHING, video(b"\x96\x10avc1\x00\xff\xff\xff") + audio(
        b"\x95\x10mp4a\xff\xff\xff\xff"), KEPT),
    ("tracks in tracks", PUBLISHING, video(b"\x96" + b"\x06avc1\x00" * 500) + audio(b"\x95" + b"\x05mp4a\x00" * 500),
     KEPT),
    ("tracks of no kind", PUBLISHING, b"".join(video(b"\x96" + bytes([kind << 4]) + b"avc1" + bytes(20))
                                               for kind in range(3, 16)), KEPT),
    ("a chain of modifiers", PUBLISHING, video(b"\x97" + b"\x02\x00\x00\x01\x07" * 100000 + b"\x01avc1" + bytes(20)),
     KEPT),
    ("a modifier of more than there is", PUBLISHING, video(b"\x97\xff\xff\xff\x00\x00\x01") + video(b"\x97\x02\xff")
     + video(b"\x97") + audio(b"\x97\xff") + video(b"\x97\x02\xff\xff\xff\x01avc1" + bytes(9)), KEPT),
    ("colours of no kind", PUBLISHING, video(b"\x94avc1" + amf("colorInfo") + nested(5000))
     + video(b"\x94avc1" + amf("colorInfo") + amf({"hdrMdcv": {"redX": NAN, "maxLuminance": -INFINITY}})), KEPT),
    ("pictures by TS", PUBLISHING, video(b"\x95av01" + b"\x80\x04" + b"\xff" * 100), KEPT),
]

AGGREGATES = [
    ("an aggregate of nothing", PUBLISHING, message(AGGREGATE, b"") + message(AGGREGATE, b"\x09"), KEPT),
    ("aggregates in aggregates", PUBLISHING, message(AGGREGATE, b"".join(
        tag(AGGREGATE, tag(AGGREGATE, tag(VIDEO, b"\x17"))) for _ in range(200))), KEPT),
    ("a chain of aggregates", PUBLISHING, message(AGGREGATE, (bytes([AGGREGATE, 0xFF, 0xFF, 0xFF]) + bytes(7)) * 2000),
     KEPT),
    ("a part of 16 MiB that is not there", PUBLISHING, message(AGGREGATE, tag(VIDEO, b"\x17", length=0xFFFFFF)), KEPT),
    ("a hundred thousand empty parts", PUBLISHING, message(AGGREGATE, tag(AUDIO, b"") * 100000), KEPT),
    ("parts whose times leap", PUBLISHING, message(AGGREGATE, b"".join(
        tag(VIDEO, b"\x27\x01\x00\x00\x00", stamp) for stamp in (MOST, 0, 0x80000000, 5)), stamp=MOST), KEPT),
    ("commands in an aggregate", PUBLISHING, message(AGGREGATE, tag(COMMAND, amf("deleteStream") + amf(0) + b"\x05"
                                                                    + amf(1)) + tag(COMMAND, b"\xff")), KEPT),
    ("chunk sizes in an aggregate", PUBLISHING, message(AGGREGATE, tag(1, bytes(4)) + tag(ABORT, b"")), KEPT),
]

# Phase, what is said at once, and what trickles in after it: none of it may buy time.
SLOW = {
    "silence": (RAW, b"", b""),
    "a handshake by the byte": (RAW, b"", b"\x03"),
    "a TLS hello by the byte": (RAW, b"\x16\x03\x01\x0f\xff\x01", b"\x00"),
    "silence behind the handshake": (SHAKEN, b"", b""),
    "half a connect, and silence": (SHAKEN, connect()[:30], b""),
    "a command by the byte": (SHAKEN, head(COMMAND, 0xFFFFFF), b"\x05"),
    "pings before connect": (SHAKEN, b"", user(6, 1)),
    "silence behind connect": (CONNECTED, b"", b""),
    "calls behind connect": (CONNECTED, b"", call("_checkbw", 9, None)),
    "media that nobody asked for": (CONNECTED, b"", video(b"\x17\x01\x00\x00\x00")),
    "silence behind publish": (PUBLISHING, b"", b""),
    "pings in place of media": (PUBLISHING, b"", user(6, 1)),
    "metadata in place of media": (PUBLISHING, b"", metadata(amf({"width": 1}))),
    "empty media": (PUBLISHING, b"", video(b"") + audio(b"")),
    "silence behind media": (PUBLISHING, video(GOOD_CONFIG), b""),
    "pings behind media": (PUBLISHING, video(GOOD_CONFIG), user(6, 1)),
    "commands behind media": (PUBLISHING, video(GOOD_CONFIG), call("_checkbw", 9, None)),
}

GROUPS = {"handshakes": HANDSHAKES, "chunks": CHUNKS, "control": CONTROL, "commands": COMMANDS, "amf": AMF,
          "media": MEDIA, "aggregates": AGGREGATES}

# --- the peer --------------------------------------------------------------------------------------

numbers = itertools.count(0x40000001)


class Peer:
    """A connection that hears only whether it is still one. SCHEME is a URL's."""

    def __init__(self, port, scheme="rtmp"):
        self.name, self.scheme = f"hostile-{next(numbers)}", scheme
        self.socket = carriers.connect(scheme, port, 10)
        self.socket.settimeout(PATIENCE / 2)  # before the server's own

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.socket.close()

    def reach(self, phase):
        """Says what comes before PHASE."""
        if phase >= SHAKEN and self.scheme in carriers.ENCRYPTED:
            self.socket = carriers.encrypt(self.socket)
        elif phase >= SHAKEN:
            self.socket.sendall(HANDSHAKE)
        if phase >= CONNECTED:
            self.socket.sendall(connect() + call("createStream", 2, None))
        if phase >= PUBLISHING:
            self.socket.sendall(call("publish", 3, None, self.name, "live", stream_id=1))
            self.hear(b"NetStream.Publish.Start")

    def hear(self, what):
        """Whether it comes before the end does."""
        heard = b""
        while what not in heard:
            try:
                piece = self.socket.recv(65536)
            except (ConnectionError, BrokenPipeError):
                return False
            if not piece:
                return False
            heard = heard[-len(what):] + piece
        return True

    def outcome(self, attack):
        """KEPT or CLOSED, after ATTACK."""
        number = next(numbers)
        try:
            self.socket.sendall(attack + user(6, number))
        except OSError as error:
            if isinstance(error, TimeoutError):
                raise
            return CLOSED
        return KEPT if self.hear(struct.pack(">HI", 7, number)) else CLOSED

    def is_ended(self, first, piece, pause, seconds):
        """Sends FIRST, and PIECE every PAUSE seconds: whether the server ends that within SECONDS."""
        deadline = time.monotonic() + seconds
        self.socket.settimeout(pause)
        while time.monotonic() < deadline:
            try:
                self.socket.sendall(first)
                first = piece
                if not self.socket.recv(65536):
                    return True
            except TimeoutError:
                continue
            except OSError:
                return True
        return False
