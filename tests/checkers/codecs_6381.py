"""RFC 6381 codec strings, made from the sample entries of init segments."""

from boxes import BoxFault, Fields, find


def codec_string(entry, children):
    """The codec string of a sample entry and the boxes in it; of an unknown entry, its four letters."""
    maker = _MAKERS.get(entry)
    return maker(entry, children) if maker else entry


def _config(children, kind):
    box = find(children, kind)
    if box is None:
        raise BoxFault(f"the sample entry has no '{kind}'")
    return box.fields()


def _avc(entry, children):
    fields = _config(children, "avcC")
    fields.take(1)
    return f"{entry}.{fields.take(3).hex()}"


def _hevc(entry, children):
    fields = _config(children, "hvcC")
    fields.take(1)
    first = fields.unsigned(1)
    flags = int(f"{fields.unsigned(4):032b}"[::-1], 2)
    constraints = fields.take(6).rstrip(b"\0")
    level = fields.unsigned(1)
    space = ("", "A", "B", "C")[first >> 6]
    tier = "H" if first & 0x20 else "L"
    tail = "".join(f".{byte:x}" for byte in constraints)
    return f"{entry}.{space}{first & 0x1f}.{flags:x}.{tier}{level}{tail}"


def _av1(entry, children):
    fields = _config(children, "av1C")
    fields.take(1)
    second, third = fields.unsigned(1), fields.unsigned(1)
    depth = 8
    if third & 0x40:
        depth = 12 if third & 0x20 else 10
    tier = "H" if third & 0x80 else "M"
    return f"{entry}.{second >> 5}.{second & 0x1f:02d}{tier}.{depth:02d}"


def _vp9(entry, children):
    fields = _config(children, "vpcC")
    fields.full_box()
    profile, level, depth = fields.unsigned(1), fields.unsigned(1), fields.unsigned(1) >> 4
    return f"{entry}.{profile:02d}.{level:02d}.{depth:02d}"


def _mp4a(entry, children):
    fields = _config(children, "esds")
    fields.full_box()
    config = _descriptor(_descriptor(fields, 3, skip=3), 4)
    object_type = config.unsigned(1)
    config.take(12)
    if object_type != 0x40:
        return f"{entry}.{object_type:x}"
    bits = _descriptor(config, 5).rest()
    if not bits:
        raise BoxFault("the AudioSpecificConfig is empty")
    audio_type = bits[0] >> 3
    if audio_type == 31:
        audio_type = 32 + (int.from_bytes(bits[:2], "big") >> 5 & 0x3f)
    return f"{entry}.40.{audio_type}"


def _descriptor(fields, tag, skip=0):
    """The fields of the descriptor that comes next (ISO/IEC 14496-1, 8.3.3), behind `skip` bytes."""
    found = fields.unsigned(1)
    if found != tag:
        raise BoxFault(f"descriptor {found} where {tag} was expected")
    size = 0
    while True:
        byte = fields.unsigned(1)
        size = size << 7 | byte & 0x7f
        if not byte & 0x80:
            break
    inner = Fields(fields.take(size))
    inner.take(skip)
    return inner


_MAKERS = {
    "avc1": _avc,
    "avc3": _avc,
    "hvc1": _hevc,
    "hev1": _hevc,
    "av01": _av1,
    "vp09": _vp9,
    "mp4a": _mp4a,
    "Opus": lambda *_: "opus",
    "fLaC": lambda *_: "flac",
}
