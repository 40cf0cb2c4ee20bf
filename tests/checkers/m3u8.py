"""A strict parser of HLS playlists: bytes in, a Media or a Multivariant playlist out.

What the grammar forbids is reported as H0 and, where possible, parsing goes on behind it. Numbers are
exact: durations and dates are Fractions of seconds.
"""

import unicodedata
from dataclasses import dataclass, field
from fractions import Fraction

from m3u8_syntax import (TAGS, SyntaxFault, parse_attributes, parse_byterange, parse_date, parse_inf,
                         parse_integer)

RULE = "H0"


@dataclass
class Segment:
    uri: str = ""
    duration: Fraction = None
    decimals: int = 0
    title: str = ""
    msn: int = 0
    dsn: int = 0
    discontinuity: bool = False
    gap: bool = False
    map: tuple = None  # (uri, byterange text or None)
    keys: tuple = ()
    byterange: tuple = None
    date: Fraction = None
    date_text: str = ""
    date_decimals: int = 0
    date_has_zone: bool = True
    parts: list = field(default_factory=list)
    line: int = 0


@dataclass
class Media:
    uri: str
    text: str
    version: int = 1
    target_duration: int = None
    media_sequence: int = 0
    discontinuity_sequence: int = None
    playlist_type: str = None
    endlist: bool = False
    iframes_only: bool = False
    independent: bool = False
    part_target: Fraction = None
    server_control: dict = None
    skipped: int = 0
    skip_dateranges: bool = False
    segments: list = field(default_factory=list)
    trailing_parts: list = field(default_factory=list)
    trailing: Segment = None  # what is known of the segment that is under way
    hints: list = field(default_factory=list)
    reports: list = field(default_factory=list)
    dateranges: list = field(default_factory=list)
    defines: list = field(default_factory=list)
    tags: list = field(default_factory=list)  # (name, line), in the order of the text

    def duration(self):
        return sum((segment.duration for segment in self.segments), Fraction(0))

    def first_line_of(self, *names):
        return min((line for name, line in self.tags if name in names), default=None)


@dataclass
class Multivariant:
    uri: str
    text: str
    version: int = 1
    independent: bool = False
    variants: list = field(default_factory=list)  # attributes of EXT-X-STREAM-INF, with 'URI'
    iframe_variants: list = field(default_factory=list)
    renditions: list = field(default_factory=list)  # attributes of EXT-X-MEDIA
    defines: list = field(default_factory=list)


@dataclass
class _Line:
    number: int
    tag: str  # '' for a URI
    value: object


def parse(data, uri, findings):
    """The playlist in these bytes, or None if they are no playlist at all."""
    text = _decode(data, uri, findings)
    if text is None:
        return None
    lines = _scan(text, uri, findings)
    kinds = {TAGS[line.tag][0] for line in lines if line.tag} - {"both"}
    if len(kinds) == 2:
        findings.add(RULE, uri, "tags of media and of multivariant playlists are mixed")
    if "multivariant" in kinds:
        return _build_multivariant(lines, Multivariant(uri, text), findings)
    if not kinds:
        findings.add(RULE, uri, "there is neither a media nor a multivariant tag")
        return None
    return _MediaBuilder(Media(uri, text), findings).build(lines)


def _decode(data, uri, findings):
    if data.startswith(b"\xef\xbb\xbf"):
        findings.add("H16", uri, "the playlist starts with a byte order mark")
        data = data[3:]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        findings.add("H16", uri, "the playlist is not UTF-8")
        return None
    if any(unicodedata.category(char) == "Cc" and char not in "\r\n" for char in text):
        findings.add("H16", uri, "the playlist has control characters")
    if not text.startswith(("#EXTM3U\n", "#EXTM3U\r\n")):
        findings.add(RULE, uri, "the first line is not #EXTM3U")
        return None
    if not text.endswith("\n"):
        findings.add(RULE, uri, "the last line has no line end: the playlist may be cut off")
    return text


def _scan(text, uri, findings):
    """The URIs and the tags with parsed values; faulty lines are reported and left out."""
    lines = []
    seen = set()
    for number, raw in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if not raw or (raw.startswith("#") and not raw.startswith("#EXT")):
            continue
        try:
            line = _parse_line(number, raw)
        except SyntaxFault as fault:
            findings.add(RULE, uri, f"line {number}: {fault}")
            continue
        if line.tag in seen and line.tag and TAGS[line.tag][2]:
            findings.add(RULE, uri, f"line {number}: {line.tag} appears twice")
        seen.add(line.tag)
        lines.append(line)
    return lines


def _parse_line(number, raw):
    if not raw.startswith("#"):
        if raw != raw.strip():
            raise SyntaxFault("white space around the URI")
        return _Line(number, "", raw)
    name, colon, text = raw[1:].partition(":")
    if name not in TAGS:
        raise SyntaxFault(f"unknown tag {name}")
    form = TAGS[name][1]
    if (form == "none") == bool(colon):
        raise SyntaxFault(f"{name} {'has a value' if colon else 'has no value'}")
    parsers = {
        "none": lambda _: None,
        "int": parse_integer,
        "attrs": lambda value: parse_attributes(name, value),
        "inf": parse_inf,
        "range": parse_byterange,
        "date": lambda value: (value, *parse_date(value)),
        "type": _parse_type,
    }
    return _Line(number, name, parsers[form](text))


def _parse_type(text):
    if text not in ("EVENT", "VOD"):
        raise SyntaxFault(f"EXT-X-PLAYLIST-TYPE: '{text}' is neither EVENT nor VOD")
    return text


def _build_multivariant(lines, playlist, findings):
    waiting = None
    for line in lines:
        if waiting is not None and line.tag:
            findings.add(RULE, playlist.uri, f"line {line.number}: EXT-X-STREAM-INF has no URI")
            waiting = None
        if not line.tag:
            if waiting is None:
                findings.add(RULE, playlist.uri, f"line {line.number}: a URI without EXT-X-STREAM-INF")
                continue
            playlist.variants.append({**waiting, "URI": line.value})
            waiting = None
        elif line.tag == "EXT-X-STREAM-INF":
            waiting = line.value
        else:
            _take_multivariant_tag(playlist, line)
    if waiting is not None:
        findings.add(RULE, playlist.uri, "the last EXT-X-STREAM-INF has no URI")
    return playlist


def _take_multivariant_tag(playlist, line):
    if line.tag == "EXT-X-VERSION":
        playlist.version = line.value
    elif line.tag == "EXT-X-INDEPENDENT-SEGMENTS":
        playlist.independent = True
    elif line.tag == "EXT-X-MEDIA":
        playlist.renditions.append(line.value)
    elif line.tag == "EXT-X-I-FRAME-STREAM-INF":
        playlist.iframe_variants.append(line.value)
    elif line.tag == "EXT-X-DEFINE":
        playlist.defines.append(line.value)


class _MediaBuilder:
    """Walks the lines of a media playlist; what applies to the next segment waits in `self.next`."""

    PLAYLIST_FIELDS = {
        "EXT-X-VERSION": "version",
        "EXT-X-TARGETDURATION": "target_duration",
        "EXT-X-MEDIA-SEQUENCE": "media_sequence",
        "EXT-X-DISCONTINUITY-SEQUENCE": "discontinuity_sequence",
        "EXT-X-PLAYLIST-TYPE": "playlist_type",
        "EXT-X-SERVER-CONTROL": "server_control",
    }
    PLAYLIST_MARKS = {
        "EXT-X-ENDLIST": "endlist",
        "EXT-X-I-FRAMES-ONLY": "iframes_only",
        "EXT-X-INDEPENDENT-SEGMENTS": "independent",
    }
    PLAYLIST_LISTS = {
        "EXT-X-PRELOAD-HINT": "hints",
        "EXT-X-RENDITION-REPORT": "reports",
        "EXT-X-DATERANGE": "dateranges",
        "EXT-X-DEFINE": "defines",
    }

    def __init__(self, playlist, findings):
        self.playlist = playlist
        self.findings = findings
        self.next = Segment()
        self.map = None
        self.keys = ()

    def build(self, lines):
        for line in lines:
            self.playlist.tags.append((line.tag, line.number))
            if line.tag:
                self.take_tag(line)
            else:
                self.take_uri(line)
        if self.next.duration is not None:
            self.fault("the last EXTINF has no URI")
        self.playlist.trailing_parts = self.next.parts
        self.playlist.trailing = self.next
        self.next.map = self.map
        if self.playlist.target_duration is None:
            self.fault("EXT-X-TARGETDURATION is missing")
        self.number_segments()
        return self.playlist

    def fault(self, text):
        self.findings.add(RULE, self.playlist.uri, text)

    def take_tag(self, line):
        if line.tag in self.PLAYLIST_FIELDS:
            setattr(self.playlist, self.PLAYLIST_FIELDS[line.tag], line.value)
        elif line.tag in self.PLAYLIST_MARKS:
            setattr(self.playlist, self.PLAYLIST_MARKS[line.tag], True)
        elif line.tag in self.PLAYLIST_LISTS:
            getattr(self.playlist, self.PLAYLIST_LISTS[line.tag]).append(line.value)
        elif line.tag == "EXT-X-PART-INF":
            self.playlist.part_target = line.value["PART-TARGET"]
        elif line.tag == "EXT-X-SKIP":
            self.playlist.skipped = line.value["SKIPPED-SEGMENTS"]
            self.playlist.skip_dateranges = "RECENTLY-REMOVED-DATERANGES" in line.value
        else:
            self.take_segment_tag(line)

    def take_segment_tag(self, line):
        segment = self.next
        if line.tag == "EXTINF":
            if segment.duration is not None:
                self.fault(f"line {line.number}: the EXTINF before this one has no URI")
            segment.duration, segment.decimals, segment.title = line.value
        elif line.tag == "EXT-X-DISCONTINUITY":
            segment.discontinuity = True
        elif line.tag == "EXT-X-GAP":
            segment.gap = True
        elif line.tag == "EXT-X-BYTERANGE":
            segment.byterange = line.value
        elif line.tag == "EXT-X-MAP":
            self.map = (line.value["URI"], line.value.get("BYTERANGE"))
        elif line.tag == "EXT-X-KEY":
            self.take_key(line.value)
        elif line.tag == "EXT-X-PART":
            segment.parts.append(line.value)
        elif line.tag == "EXT-X-PROGRAM-DATE-TIME":
            (segment.date_text, segment.date, segment.date_decimals,
             segment.date_has_zone) = line.value

    def take_key(self, key):
        kept = [old for old in self.keys if dict(old).get("KEYFORMAT") != key.get("KEYFORMAT")]
        self.keys = () if key["METHOD"] == "NONE" else (*kept, tuple(sorted(key.items())))

    def take_uri(self, line):
        segment = self.next
        self.next = Segment()
        if segment.duration is None:
            self.fault(f"line {line.number}: '{line.value}' has no EXTINF")
            return
        segment.uri = line.value
        segment.line = line.number
        segment.map = self.map
        segment.keys = self.keys
        self.playlist.segments.append(segment)

    def number_segments(self):
        msn = self.playlist.media_sequence + self.playlist.skipped
        dsn = self.playlist.discontinuity_sequence or 0
        for segment in self.playlist.segments:
            dsn += segment.discontinuity
            segment.msn, segment.dsn = msn, dsn
            msn += 1
        trailing = self.playlist.trailing
        trailing.msn, trailing.dsn = msn, dsn + trailing.discontinuity
