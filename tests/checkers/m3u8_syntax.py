"""The grammar of HLS playlists: which tags exist, what their values look like (RFC 8216bis, section 4).

Tags are described by tables, so that the parser in m3u8.py has no branch per tag. An attribute's type is
one of the names in VALUE_PATTERNS; a trailing '!' makes the attribute required.
"""

import re
from datetime import datetime
from fractions import Fraction

MAX_INTEGER = 2**64 - 1


class SyntaxFault(ValueError):
    """A playlist line that is not what the grammar asks for."""


# name: (kind of playlist it belongs to, form of its value, at most once)
TAGS = {
    "EXTM3U": ("both", "none", True),
    "EXT-X-VERSION": ("both", "int", True),
    "EXT-X-INDEPENDENT-SEGMENTS": ("both", "none", True),
    "EXT-X-START": ("both", "attrs", True),
    "EXT-X-DEFINE": ("both", "attrs", False),
    "EXT-X-TARGETDURATION": ("media", "int", True),
    "EXT-X-MEDIA-SEQUENCE": ("media", "int", True),
    "EXT-X-DISCONTINUITY-SEQUENCE": ("media", "int", True),
    "EXT-X-ENDLIST": ("media", "none", True),
    "EXT-X-PLAYLIST-TYPE": ("media", "type", True),
    "EXT-X-I-FRAMES-ONLY": ("media", "none", True),
    "EXT-X-PART-INF": ("media", "attrs", True),
    "EXT-X-SERVER-CONTROL": ("media", "attrs", True),
    "EXTINF": ("media", "inf", False),
    "EXT-X-BYTERANGE": ("media", "range", False),
    "EXT-X-DISCONTINUITY": ("media", "none", False),
    "EXT-X-KEY": ("media", "attrs", False),
    "EXT-X-MAP": ("media", "attrs", False),
    "EXT-X-PROGRAM-DATE-TIME": ("media", "date", False),
    "EXT-X-GAP": ("media", "none", False),
    "EXT-X-BITRATE": ("media", "int", False),
    "EXT-X-PART": ("media", "attrs", False),
    "EXT-X-DATERANGE": ("media", "attrs", False),
    "EXT-X-SKIP": ("media", "attrs", True),
    "EXT-X-PRELOAD-HINT": ("media", "attrs", False),
    "EXT-X-RENDITION-REPORT": ("media", "attrs", False),
    "EXT-X-MEDIA": ("multivariant", "attrs", False),
    "EXT-X-STREAM-INF": ("multivariant", "attrs", False),
    "EXT-X-I-FRAME-STREAM-INF": ("multivariant", "attrs", False),
    "EXT-X-SESSION-DATA": ("multivariant", "attrs", False),
    "EXT-X-SESSION-KEY": ("multivariant", "attrs", False),
    "EXT-X-CONTENT-STEERING": ("multivariant", "attrs", True),
}

_KEY = {
    "METHOD": "enum!",
    "URI": "str",
    "IV": "hex",
    "KEYFORMAT": "str",
    "KEYFORMATVERSIONS": "str",
}

_STREAM = {
    "BANDWIDTH": "int",
    "AVERAGE-BANDWIDTH": "int",
    "SCORE": "float",
    "CODECS": "str",
    "SUPPLEMENTAL-CODECS": "str",
    "RESOLUTION": "resolution",
    "HDCP-LEVEL": "enum",
    "ALLOWED-CPC": "str",
    "VIDEO-RANGE": "enum",
    "REQ-VIDEO-LAYOUT": "str",
    "STABLE-VARIANT-ID": "str",
    "VIDEO": "str",
    "PATHWAY-ID": "str",
}

ATTRIBUTES = {
    "EXT-X-START": {"TIME-OFFSET": "signed!", "PRECISE": "enum"},
    "EXT-X-DEFINE": {"NAME": "str", "VALUE": "str", "IMPORT": "str", "QUERYPARAM": "str"},
    "EXT-X-PART-INF": {"PART-TARGET": "float!"},
    "EXT-X-SERVER-CONTROL": {
        "CAN-SKIP-UNTIL": "float",
        "CAN-SKIP-DATERANGES": "enum",
        "HOLD-BACK": "float",
        "PART-HOLD-BACK": "float",
        "CAN-BLOCK-RELOAD": "enum",
    },
    "EXT-X-KEY": _KEY,
    "EXT-X-SESSION-KEY": _KEY,
    "EXT-X-MAP": {"URI": "str!", "BYTERANGE": "str"},
    "EXT-X-PART": {
        "URI": "str!",
        "DURATION": "float!",
        "INDEPENDENT": "enum",
        "BYTERANGE": "str",
        "GAP": "enum",
    },
    "EXT-X-DATERANGE": {
        "ID": "str!",
        "CLASS": "str",
        "START-DATE": "str",
        "CUE": "str",
        "END-DATE": "str",
        "DURATION": "float",
        "PLANNED-DURATION": "float",
        "SCTE35-CMD": "hex",
        "SCTE35-OUT": "hex",
        "SCTE35-IN": "hex",
        "END-ON-NEXT": "enum",
    },
    "EXT-X-SKIP": {"SKIPPED-SEGMENTS": "int!", "RECENTLY-REMOVED-DATERANGES": "str"},
    "EXT-X-PRELOAD-HINT": {
        "TYPE": "enum!",
        "URI": "str!",
        "BYTERANGE-START": "int",
        "BYTERANGE-LENGTH": "int",
    },
    "EXT-X-RENDITION-REPORT": {"URI": "str!", "LAST-MSN": "int!", "LAST-PART": "int"},
    "EXT-X-MEDIA": {
        "TYPE": "enum!",
        "URI": "str",
        "GROUP-ID": "str!",
        "LANGUAGE": "str",
        "ASSOC-LANGUAGE": "str",
        "NAME": "str!",
        "STABLE-RENDITION-ID": "str",
        "DEFAULT": "enum",
        "AUTOSELECT": "enum",
        "FORCED": "enum",
        "INSTREAM-ID": "str",
        "BIT-DEPTH": "int",
        "SAMPLE-RATE": "int",
        "CHARACTERISTICS": "str",
        "CHANNELS": "str",
    },
    "EXT-X-STREAM-INF": {
        **_STREAM,
        "FRAME-RATE": "float",
        "AUDIO": "str",
        "SUBTITLES": "str",
        "CLOSED-CAPTIONS": "str-or-enum",
    },
    "EXT-X-I-FRAME-STREAM-INF": {**_STREAM, "URI": "str!"},
    "EXT-X-SESSION-DATA": {
        "DATA-ID": "str!",
        "VALUE": "str",
        "URI": "str",
        "FORMAT": "enum",
        "LANGUAGE": "str",
    },
    "EXT-X-CONTENT-STEERING": {"SERVER-URI": "str!", "PATHWAY-ID": "str"},
}

VALUE_PATTERNS = {
    "int": r"\d{1,20}",
    "float": r"\d+(\.\d+)?",
    "signed": r"-?\d+(\.\d+)?",
    "hex": r"0[xX][0-9A-Fa-f]+",
    "str": r'"[^"\r\n]*"',
    "enum": r'[^",\s]+',
    "resolution": r"\d+x\d+",
    "str-or-enum": r'"[^"\r\n]*"|NONE',
    "client": r'"[^"\r\n]*"|0[xX][0-9A-Fa-f]+|\d+(\.\d+)?',
}

_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s][^",]*)(,|$)')
_DATE = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?", re.ASCII)


def parse_integer(text):
    if not re.fullmatch(VALUE_PATTERNS["int"], text, re.ASCII) or int(text) > MAX_INTEGER:
        raise SyntaxFault(f"'{text}' is not a decimal integer of 64 bits")
    return int(text)


def parse_float(text):
    if not re.fullmatch(VALUE_PATTERNS["float"], text, re.ASCII):
        raise SyntaxFault(f"'{text}' is not a decimal floating-point number")
    return Fraction(text)


def parse_value(kind, text):
    """An attribute's value as int, Fraction, (width, height) or text without its quotes."""
    if not re.fullmatch(VALUE_PATTERNS[kind], text, re.ASCII):
        raise SyntaxFault(f"'{text}' is not of type {kind}")
    if kind == "int":
        return parse_integer(text)
    if kind in ("float", "signed"):
        return Fraction(text)
    if kind == "resolution":
        width, height = text.split("x")
        return int(width), int(height)
    return text.strip('"')


def parse_attributes(tag, text):
    """The attribute list of a tag as a dict of values, checked against ATTRIBUTES."""
    table = ATTRIBUTES[tag]
    values = {}
    at = 0
    while at < len(text):
        match = _ATTRIBUTE.match(text, at)
        if match is None or (match.group(3) == "," and match.end() == len(text)):
            raise SyntaxFault(f"{tag}: the attribute list is malformed at '{text[at:at + 30]}'")
        name, value, at = match.group(1), match.group(2), match.end()
        if name in values:
            raise SyntaxFault(f"{tag}: attribute {name} appears twice")
        values[name] = _attribute_value(tag, table, name, value)
    for name, kind in table.items():
        if kind.endswith("!") and name not in values:
            raise SyntaxFault(f"{tag}: attribute {name} is missing")
    return values


def _attribute_value(tag, table, name, value):
    kind = table.get(name, "client" if name.startswith("X-") else None)
    if kind is None:
        raise SyntaxFault(f"{tag}: unknown attribute {name}")
    try:
        return parse_value(kind.rstrip("!"), value)
    except SyntaxFault as fault:
        raise SyntaxFault(f"{tag}: {name}: {fault}") from None


def parse_inf(text):
    """EXTINF's value as (duration, number of decimals, title)."""
    number, comma, title = text.partition(",")
    if not comma:
        raise SyntaxFault("EXTINF: there is no comma after the duration")
    return parse_float(number), len(number.partition(".")[2]), title


def parse_byterange(text):
    match = re.fullmatch(r"(\d+)(?:@(\d+))?", text, re.ASCII)
    if match is None:
        raise SyntaxFault(f"'{text}' is not a byte range")
    return int(match.group(1)), None if match.group(2) is None else int(match.group(2))


def parse_date(text):
    """A date as (seconds since 1970, decimals of the second, has a zone)."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise SyntaxFault(f"'{text}' is not an ISO 8601 date and time")
    zone = match.group(3) or "Z"
    try:
        stamp = datetime.fromisoformat(match.group(1) + ("+00:00" if zone == "Z" else zone))
    except ValueError as fault:
        raise SyntaxFault(f"'{text}': {fault}") from None
    decimals = match.group(2) or ""
    seconds = Fraction(int(stamp.timestamp()))
    if decimals:
        seconds += Fraction(int(decimals), 10 ** len(decimals))
    return seconds, len(decimals), match.group(3) is not None
