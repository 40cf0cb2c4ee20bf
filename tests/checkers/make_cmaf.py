"""Valid CMAF init segments and segments, as small as possible, for the checkers' own tests.

Every function takes what a test may want to spoil as a keyword. Samples are a few bytes of one NAL unit.
"""

import struct

VIDEO_SCALE = 90000
FRAME = 3600  # 25 frames per second
AUDIO_SCALE = 48000
AUDIO_FRAME = 1024
SYNC_FLAGS = 0x02000000
NON_SYNC_FLAGS = 0x01010000
IDR, NON_IDR, SPS = b"\x65\x88", b"\x41\x9a", b"\x67\x42"
AVC_CONFIG = bytes((1, 0x42, 0xC0, 0x1F, 0xFF, 0xE1)) + struct.pack(">H", 2) + SPS + b"\1" + struct.pack(
    ">H", 2) + b"\x68\xce"


def box(kind, *parts):
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind.encode() + body


def full(kind, version, flags, *parts):
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def ftyp(brands, kind="ftyp"):
    return box(kind, brands[0].encode(), bytes(4), *(brand.encode() for brand in brands))


def video_entry(width=640, height=360, name="avc1", config=AVC_CONFIG):
    return box(name, bytes(6), b"\0\1", bytes(16), struct.pack(">HH", width, height), bytes(50),
               box("avcC", config))


def audio_entry(rate=AUDIO_SCALE):
    specific = bytes((0x05, 2, 0x11, 0x90))  # AAC LC, 48 kHz, stereo
    decoder = bytes((0x04, 13 + len(specific), 0x40)) + bytes(12) + specific
    stream = bytes((0x03, 3 + len(decoder))) + bytes(3) + decoder
    return box("mp4a", bytes(6), b"\0\1", bytes(8), b"\0\2\0\x10", bytes(4), struct.pack(">I", rate << 16),
               full("esds", 0, 0, stream))


def track(track_id, handler, timescale, entry, edits=None, samples=0):
    table = box("stbl", full("stsd", 0, 0, struct.pack(">I", 1), entry),
                full("stts", 0, 0, struct.pack(">I", 0)), full("stsc", 0, 0, struct.pack(">I", 0)),
                full("stsz", 0, 0, struct.pack(">II", 1, samples)),
                full("stco", 0, 0, struct.pack(">I", 0)))
    media = box("mdia", full("mdhd", 0, 0, struct.pack(">IIIHH", 0, 0, timescale, 0, 0)),
                full("hdlr", 0, 0, bytes(4), handler.encode(), bytes(13)), box("minf", table))
    head = full("tkhd", 0, 3, struct.pack(">III", 0, 0, track_id), bytes(68))
    editing = b"" if edits is None else box(
        "edts", full("elst", 0, 0, struct.pack(">I", edits), struct.pack(">IiI", 0, 0, 1 << 16) * edits))
    return box("trak", head, editing, media)


def init(*tracks, brands=("cmf2", "iso6", "cfhd"), trex=(1,)):
    extends = [full("trex", 0, 0, struct.pack(">5I", track_id, 1, 0, 0, 0)) for track_id in trex]
    return ftyp(brands) + box("moov", full("mvhd", 0, 0, bytes(96)), *tracks, box("mvex", *extends))


def video_init(entry=None, timescale=VIDEO_SCALE, edits=None, samples=0, **rest):
    return init(track(1, "vide", timescale, entry or video_entry(), edits, samples), **rest)


def audio_init(timescale=AUDIO_SCALE, edits=None, brands=("cmf2", "iso6", "caac"), **rest):
    return init(track(1, "soun", timescale, audio_entry(), edits), brands=brands, **rest)


def nal(unit):
    return struct.pack(">I", len(unit)) + unit


def video_samples(count=25, duration=FRAME, size=None):
    """(duration, payload, flags, composition offset): one IDR picture and the pictures after it."""
    filler = bytes(max(0, (size or 0) // count - 6))
    return [(duration, nal((NON_IDR if at else IDR) + filler), NON_SYNC_FLAGS if at else SYNC_FLAGS, 0)
            for at in range(count)]


def audio_samples(count=47, duration=AUDIO_FRAME):
    return [(duration, b"\x21\x10", SYNC_FLAGS, 0) for _ in range(count)]


def chunk(sequence, time, samples, *, track_id=1, tfhd_flags=0x020002, tfdt_version=1, run_version=1,
          run_flags=0xF01, offset_error=0, run_count=1, payload_extra=b""):
    """A moof and its mdat. A tfhd flag of 0x2 is the sample description index."""
    payload = b"".join(sample[1] for sample in samples) + payload_extra
    rows = b"".join(_row(sample, run_flags) for sample in samples)
    tfhd = struct.pack(">I", track_id)
    tfhd += bytes(8) if tfhd_flags & 0x1 else b""
    tfhd += struct.pack(">I", 1) if tfhd_flags & 0x2 else b""
    head = [full("mfhd", 0, 0, struct.pack(">I", sequence))]

    def moof(offset):
        runs = [full("trun", run_version, run_flags, struct.pack(">Ii", len(samples), offset), rows)]
        tfdt = full("tfdt", tfdt_version, 0, struct.pack(">Q" if tfdt_version else ">I", time))
        return box("moof", *head, box("traf", full("tfhd", 0, tfhd_flags, tfhd), tfdt, *runs * run_count))

    size = len(moof(0))
    return moof(size + 8 + offset_error) + box("mdat", payload)


def _row(sample, run_flags):
    duration, payload, flags, offset = sample
    row = b""
    row += struct.pack(">I", duration) if run_flags & 0x100 else b""
    row += struct.pack(">I", len(payload)) if run_flags & 0x200 else b""
    row += struct.pack(">I", flags) if run_flags & 0x400 else b""
    row += struct.pack(">i", offset) if run_flags & 0x800 else b""
    return row


def segment(*chunks, brands=("msdh", "cmfs")):
    return (ftyp(brands, "styp") if brands else b"") + b"".join(chunks)


def video_segment(number, seconds=1, start=None, size=None):
    """Segment `number` of a stream of segments of so many seconds, in two chunks."""
    samples = video_samples(25 * seconds, size=size)
    half = len(samples) // 2
    time = number * seconds * VIDEO_SCALE if start is None else start
    return segment(chunk(2 * number + 1, time, samples[:half]),
                   chunk(2 * number + 2, time + half * FRAME, samples[half:]))


def audio_bounds(number, seconds=1):
    """The first frame of an audio segment: the one nearest to the video's boundary."""
    return round(number * seconds * AUDIO_SCALE / AUDIO_FRAME)


def audio_segment(number, seconds=1):
    first, end = audio_bounds(number, seconds), audio_bounds(number + 1, seconds)
    return segment(chunk(number + 1, first * AUDIO_FRAME, audio_samples(end - first)))
