"""Init segments and media segments as plain data (ISO/IEC 14496-12), for the rules in cmaf.py.

Parsing is lenient where a rule is to judge (missing boxes are None) and strict where bytes make no sense
(BoxFault). Segments keep no payload: of video samples the NAL unit types are kept.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha1

from boxes import BoxFault, Fields, find, need, split
from codecs_6381 import codec_string

NTP_EPOCH = 2_208_988_800  # seconds from 1900 to 1970
VISUAL_ENTRY = 78
AUDIO_ENTRY = 28
NAL_ENTRIES = ("avc1", "avc3", "hvc1", "hev1")


@dataclass
class Track:
    track_id: int
    handler: str
    timescale: int
    duration: int
    entry: str  # the sample entry's four letters
    codec: str
    width: int = 0
    height: int = 0
    sample_rate: int = 0
    nal_length: int = 0
    parameter_sets: int = 0
    edits: int = None  # entries of an elst; None if there is none
    samples: int = 0  # samples that the moov itself describes

    def shape(self):
        """What must not change without a discontinuity."""
        return self.track_id, self.handler, self.timescale, self.entry


@dataclass
class Init:
    size: int
    digest: str
    kinds: list  # of the top-level boxes
    brands: list  # the major brand first
    tracks: list
    defaults: dict  # track_ID: (description, duration, size, flags) of its trex


@dataclass
class Sample:
    duration: int
    size: int
    flags: int
    offset: int  # composition time offset
    nals: tuple = ()

    @property
    def is_sync(self):
        return not self.flags >> 16 & 1

    @property
    def depends_on(self):
        return self.flags >> 24 & 3


@dataclass
class Chunk:
    start: int
    moof_size: int
    mdat_header: int
    mdat_size: int  # payload
    brands: list = None  # of the styp in front of it
    reference: tuple = None  # of the prft in front of it: seconds since 1970, and the decode time they are of
    sequence: int = 0
    trafs: int = 1
    runs: int = 1
    track_id: int = 0
    tfhd_flags: int = 0
    tfdt_version: int = None
    time: int = 0
    run_version: int = 0
    run_flags: int = 0
    data_offset: int = None
    samples: list = field(default_factory=list)

    def duration(self):
        return sum(sample.duration for sample in self.samples)


@dataclass
class Segment:
    size: int
    digest: str
    kinds: list
    chunks: list

    @property
    def time(self):
        return self.chunks[0].time

    def duration(self):
        return sum(chunk.duration() for chunk in self.chunks)

    def samples(self):
        return [sample for chunk in self.chunks for sample in chunk.samples]


def parse_init(data):
    top = split(data)
    moov = need(top, "moov").children()
    ftyp = find(top, "ftyp")
    extends = find(moov, "mvex")
    tracks = [_parse_track(box) for box in moov if box.kind == "trak"]
    if not tracks:
        raise BoxFault("there is no track")
    return Init(
        size=len(data),
        digest=sha1(data).hexdigest(),
        kinds=[box.kind for box in top],
        brands=_brands(ftyp) if ftyp else [],
        tracks=tracks,
        defaults=dict(_parse_trex(box) for box in extends.children() if box.kind == "trex")
        if extends else {},
    )


def _brands(box):
    body = bytes(box.body)
    if len(body) < 8 or len(body) % 4:
        raise BoxFault(f"'{box.kind}' has {len(body)} bytes")
    return [body[at:at + 4].decode("latin-1") for at in (0, *range(8, len(body), 4))]


def _parse_trex(box):
    fields = box.fields()
    fields.full_box()
    return fields.unsigned(4), tuple(fields.unsigned(4) for _ in range(4))


def _parse_track(trak):
    boxes = trak.children()
    media = need(boxes, "mdia").children()
    table = need(need(media, "minf").children(), "stbl").children()
    timescale, duration = _parse_mdhd(need(media, "mdhd"))
    handler = need(media, "hdlr").fields()
    handler.take(8)
    track = Track(
        track_id=_track_id(need(boxes, "tkhd")),
        handler=handler.take(4).decode("latin-1"),
        timescale=timescale,
        duration=duration,
        entry="",
        codec="",
        edits=_count_edits(find(boxes, "edts")),
        samples=_count_samples(table),
    )
    _parse_entry(need(table, "stsd"), track)
    return track


def _track_id(box):
    fields = box.fields()
    version, _ = fields.full_box()
    fields.take(16 if version == 1 else 8)
    return fields.unsigned(4)


def _parse_mdhd(box):
    fields = box.fields()
    version, _ = fields.full_box()
    fields.take(16 if version == 1 else 8)
    return fields.unsigned(4), fields.unsigned(8 if version == 1 else 4)


def _count_edits(edts):
    elst = edts.child("elst") if edts else None
    if elst is None:
        return None
    fields = elst.fields()
    fields.full_box()
    return fields.unsigned(4)


def _count_samples(table):
    """The entries of the boxes that would describe samples in the moov: all must be empty."""
    total = 0
    for box in table:
        if box.kind in ("stts", "stsc", "stsz", "stz2", "stco", "co64"):
            fields = box.fields()
            fields.full_box()
            fields.take(4 if box.kind in ("stsz", "stz2") else 0)
            total += fields.unsigned(4)
    return total


def _parse_entry(stsd, track):
    entries = stsd.children(skip=8)
    if len(entries) != 1:
        raise BoxFault(f"'stsd' has {len(entries)} entries")
    entry = entries[0]
    fields = entry.fields()
    children = []
    if track.handler == "vide":
        fields.take(24)
        track.width, track.height = fields.unsigned(2), fields.unsigned(2)
        children = entry.children(skip=VISUAL_ENTRY)
    elif track.handler == "soun":
        fields.take(24)
        track.sample_rate = fields.unsigned(4) >> 16
        children = entry.children(skip=AUDIO_ENTRY)
    track.entry = entry.kind
    track.codec = codec_string(entry.kind, children)
    if entry.kind in NAL_ENTRIES:
        _parse_nal_config(entry.kind, children, track)


def _parse_nal_config(entry, children, track):
    if entry.startswith("avc"):
        fields = need(children, "avcC").fields()
        fields.take(4)
        track.nal_length = (fields.unsigned(1) & 3) + 1
        track.parameter_sets = fields.unsigned(1) & 31
        return
    fields = need(children, "hvcC").fields()
    fields.take(21)
    track.nal_length = (fields.unsigned(1) & 3) + 1
    track.parameter_sets = fields.unsigned(1)


def parse_segment(data, init=None):
    """The chunks of a segment, with trex defaults and NAL units resolved if the init segment is given."""
    top = split(data)
    chunks = []
    brands = reference = None
    for at, box in enumerate(top):
        if box.kind == "styp":
            brands = _brands(box)
        if box.kind == "prft":
            reference = _parse_prft(box)
        if box.kind == "moof":
            mdat = top[at + 1] if at + 1 < len(top) else None
            if mdat is None or mdat.kind != "mdat":
                raise BoxFault("a 'moof' is not followed by its 'mdat'")
            chunks.append(_parse_chunk(box, mdat, brands, init, data))
            chunks[-1].reference = reference
            brands = reference = None
    if not chunks:
        raise BoxFault("there is no 'moof'")
    return Segment(len(data), sha1(data).hexdigest(), [box.kind for box in top], chunks)


def _parse_prft(box):
    fields = box.fields()
    version, _ = fields.full_box()
    fields.take(4)
    told = Fraction(fields.unsigned(8), 2**32) - NTP_EPOCH
    return told, fields.unsigned(8 if version == 1 else 4)


def _parse_chunk(moof, mdat, brands, init, data):
    boxes = moof.children()
    trafs = [box for box in boxes if box.kind == "traf"]
    if not trafs:
        raise BoxFault("there is no 'traf'")
    inner = trafs[0].children()
    chunk = Chunk(
        start=moof.start,
        moof_size=moof.size,
        mdat_header=mdat.header,
        mdat_size=len(mdat.body),
        brands=brands,
        trafs=len(trafs),
    )
    sequence = need(boxes, "mfhd").fields()
    sequence.full_box()
    chunk.sequence = sequence.unsigned(4)
    defaults = _parse_tfhd(need(inner, "tfhd"), chunk, init)
    _parse_tfdt(find(inner, "tfdt"), chunk)
    runs = [box for box in inner if box.kind == "trun"]
    chunk.runs = len(runs)
    for run in runs:
        _parse_run(run, chunk, defaults)
    _find_nals(chunk, init, data)
    return chunk


def _parse_tfhd(box, chunk, init):
    """The default duration, size and flags of the chunk's samples."""
    fields = box.fields()
    _, flags = fields.full_box()
    chunk.tfhd_flags = flags
    chunk.track_id = fields.unsigned(4)
    fields.take(8 if flags & 0x1 else 0)
    fields.take(4 if flags & 0x2 else 0)
    defaults = list(init.defaults.get(chunk.track_id, (0,) * 4)[1:] if init else (0, 0, 0))
    for at, flag in enumerate((0x8, 0x10, 0x20)):
        if flags & flag:
            defaults[at] = fields.unsigned(4)
    return defaults


def _parse_tfdt(box, chunk):
    if box is None:
        return
    fields = box.fields()
    chunk.tfdt_version, _ = fields.full_box()
    chunk.time = fields.unsigned(8 if chunk.tfdt_version == 1 else 4)


def _parse_run(box, chunk, defaults):
    fields = box.fields()
    version, flags = fields.full_box()
    count = fields.unsigned(4)
    chunk.run_version, chunk.run_flags = version, flags
    if flags & 0x1:
        offset = fields.signed(4)
        chunk.data_offset = offset if chunk.data_offset is None else chunk.data_offset
    first_flags = fields.unsigned(4) if flags & 0x4 else None
    if count * 4 * bin(flags & 0xf00).count("1") != fields.left():
        raise BoxFault(f"'trun' claims {count} samples in {fields.left()} bytes")
    if count > chunk.mdat_size:
        raise BoxFault(f"'trun' claims {count} samples of {chunk.mdat_size} bytes in all")
    for at in range(count):
        sample = Sample(
            duration=fields.unsigned(4) if flags & 0x100 else defaults[0],
            size=fields.unsigned(4) if flags & 0x200 else defaults[1],
            flags=fields.unsigned(4) if flags & 0x400 else defaults[2],
            offset=0,
        )
        if flags & 0x800:
            sample.offset = fields.signed(4) if version else fields.unsigned(4)
        if at == 0 and first_flags is not None:
            sample.flags = first_flags
        chunk.samples.append(sample)


def _find_nals(chunk, init, data):
    track = track_of(init, chunk)
    if track is None or not track.nal_length:
        return
    at = chunk.start + chunk.moof_size + chunk.mdat_header
    is_avc = track.entry.startswith("avc")
    for sample in chunk.samples:
        sample.nals = _nal_types(data[at:at + sample.size], track.nal_length, is_avc)
        at += sample.size


def _nal_types(payload, length_size, is_avc):
    fields = Fields(payload)
    types = []
    while fields.left():
        unit = fields.take(fields.unsigned(length_size))
        if not unit:
            raise BoxFault("a sample has an empty NAL unit")
        types.append(unit[0] & 0x1f if is_avc else unit[0] >> 1 & 0x3f)
    return tuple(types)


def track_of(init, chunk):
    if init is None:
        return None
    return next((track for track in init.tracks if track.track_id == chunk.track_id), None)
