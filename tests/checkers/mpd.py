"""DASH MPDs as plain data: bytes in, an Mpd out. What the schema forbids is in dash_schema.py.

Times are Fractions of seconds; on a representation's own timeline they are ticks of its timescale.
"""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor
from urllib.parse import urljoin

import m3u8_syntax

NAMESPACE = "{urn:mpeg:dash:schema:mpd:2011}"
MAX_PIECES = 100_000  # of one representation; what lists more is broken
DURATION = re.compile(
    r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", re.ASCII)
_IDENTIFIER = re.compile(r"\$(?:(RepresentationID|Number|Time|Bandwidth)(?:%0(\d+)d)?)?\$")


@dataclass
class Piece:
    """A segment as the MPD describes it, in ticks on the media timeline."""

    number: int
    time: int
    duration: int
    is_open: bool = False  # low latency: it may still grow, and its duration is a guess


@dataclass
class Representation:
    element: object
    set_element: object
    period: object
    base: str
    template: dict  # merged attributes of the SegmentTemplates in force
    timeline: list  # [(t or None, d, r)] of the SegmentTimeline, None without one

    def get(self, name):
        """An attribute of the Representation, or of its AdaptationSet."""
        return self.element.get(name, self.set_element.get(name))

    @property
    def id(self):
        return self.element.get("id", "")

    @property
    def kind(self):
        """'video', 'audio' or another top-level media type."""
        return self.get("contentType") or (self.get("mimeType") or "").partition("/")[0]

    @property
    def timescale(self):
        return int(self.template.get("timescale", 1))

    @property
    def offset(self):
        return int(self.template.get("presentationTimeOffset", 0))

    @property
    def start_number(self):
        return int(self.template.get("startNumber", 1))

    @property
    def time_offset(self):
        """availabilityTimeOffset, in seconds."""
        text = self.template.get("availabilityTimeOffset", "0")
        return Fraction(0) if text == "INF" else Fraction(text)

    @property
    def is_low_latency(self):
        """Whether segments can be had before they are whole."""
        return self.template.get("availabilityTimeComplete") == "false"

    def is_numbered(self):
        """Whether segments are addressed by number, which then must not change."""
        return "$Number" in self.template.get("media", "")

    def init_uri(self):
        name = self.template.get("initialization")
        return urljoin(self.base, self.expand(name)) if name else None

    def media_uri(self, piece):
        return urljoin(self.base, self.expand(self.template.get("media", ""), piece))

    def expand(self, template, piece=None):
        values = {"RepresentationID": self.id, "Bandwidth": int(self.element.get("bandwidth", 0))}
        if piece:
            values.update(Number=piece.number, Time=piece.time)

        def replace(match):
            name, width = match.groups()
            if name is None:
                return "$"
            value = values.get(name, 0)
            return f"{value:0{width}d}" if width and name != "RepresentationID" else str(value)

        return _IDENTIFIER.sub(replace, template)

    def pieces(self, now=None):
        """The segments listed by the SegmentTimeline, or those that @duration makes available now."""
        if self.timeline is not None:
            return self._timeline_pieces()
        duration = int(self.template.get("duration", 0))
        if not duration:
            return []
        first, last = self._available_indices(duration, now)
        return [Piece(self.start_number + at, self.offset + at * duration, duration)
                for at in range(first, last)]

    def _timeline_pieces(self):
        pieces = []
        at = 0
        number = self.start_number
        for index, (time, duration, repeat) in enumerate(self.timeline):
            at = at if time is None else time
            for _ in range(self._repeats(index, at, duration, repeat)):
                pieces.append(Piece(number, at, duration))
                at += duration
                number += 1
        is_live = self.period.mpd.type == "dynamic" and self.period is self.period.mpd.periods[-1]
        if pieces and is_live and self.is_low_latency:
            pieces[-1].is_open = True
        return pieces

    def _repeats(self, index, at, duration, repeat):
        """How many segments an S stands for; a negative @r repeats to the next S or the period's end."""
        if repeat >= 0 or not duration:
            return max(repeat, 0) + 1
        following = self.timeline[index + 1][0] if index + 1 < len(self.timeline) else None
        if following is None and self.period.duration is not None:
            following = self.offset + self.period.duration * self.timescale
        count = 1 if following is None else max(1, ceil(Fraction(following - at, duration)))
        return min(count, MAX_PIECES)

    def _available_indices(self, duration, now):
        seconds = Fraction(duration, self.timescale)
        period = self.period
        total = None if period.duration is None else ceil(period.duration / seconds)
        if period.mpd.type == "static":
            return 0, total or 0
        elapsed = Fraction(now) - period.mpd.start - period.start + self.time_offset
        last = max(0, floor(elapsed / seconds))
        last = last if total is None else min(last, total)
        depth = period.mpd.depth
        first = 0 if depth is None else max(0, floor((elapsed - depth) / seconds))
        return min(first, last), last

    def ready_at(self, piece):
        """The wall-clock time at which a segment becomes available (ISO/IEC 23009-1, 5.3.9.5.3)."""
        end = Fraction(piece.time + piece.duration - self.offset, self.timescale)
        return self.period.mpd.start + self.period.start + end - self.time_offset


@dataclass
class Period:
    mpd: object
    element: object
    start: Fraction
    duration: Fraction
    representations: list = field(default_factory=list)

    @property
    def id(self):
        return self.element.get("id")

    def sets(self):
        return [child for child in self.element if child.tag == NAMESPACE + "AdaptationSet"]


@dataclass
class Mpd:
    uri: str
    text: bytes
    root: object
    type: str = "static"
    start: Fraction = Fraction(0)  # availabilityStartTime, seconds since 1970
    publish_time: Fraction = None
    depth: Fraction = None
    duration: Fraction = None
    update_period: Fraction = None
    delay: Fraction = None
    buffer_time: Fraction = None
    max_segment: Fraction = None
    periods: list = field(default_factory=list)

    def representations(self):
        return [one for period in self.periods for one in period.representations]


def parse_duration(text):
    """An xs:duration in seconds; None if it is no duration or has years or months."""
    match = DURATION.fullmatch(text or "")
    if match is None or not any(match.groups()[1:]) or text.endswith("T"):
        return None
    sign, years, months, days, hours, minutes, seconds = match.groups()
    if int(years or 0) or int(months or 0):
        return None
    total = int(days or 0) * 86400 + int(hours or 0) * 3600 + int(minutes or 0) * 60
    return (-1 if sign else 1) * (total + Fraction(seconds or 0))


def parse_date(text):
    """An xs:dateTime in seconds since 1970, in UTC where no zone is given; None if it is none."""
    try:
        return m3u8_syntax.parse_date(text)[0] if text else None
    except m3u8_syntax.SyntaxFault:
        return None


def parse(data, uri, findings):
    """The MPD in these bytes, or None (and a finding) if they are no MPD."""
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as fault:
        findings.add("D11", uri, f"not well-formed: {fault}")
        return None
    if root.tag != NAMESPACE + "MPD":
        findings.add("D11", uri, f"the root element is {root.tag}")
        return None
    mpd = Mpd(
        uri, data, root,
        type=root.get("type", "static"),
        start=parse_date(root.get("availabilityStartTime")) or Fraction(0),
        publish_time=parse_date(root.get("publishTime")),
        depth=parse_duration(root.get("timeShiftBufferDepth")),
        duration=parse_duration(root.get("mediaPresentationDuration")),
        update_period=parse_duration(root.get("minimumUpdatePeriod")),
        delay=parse_duration(root.get("suggestedPresentationDelay")),
        buffer_time=parse_duration(root.get("minBufferTime")),
        max_segment=parse_duration(root.get("maxSegmentDuration")),
    )
    try:
        _add_periods(mpd)
    except ValueError as fault:
        findings.add("D11", uri, f"a number cannot be read: {fault}")
        return None
    return mpd


def _add_periods(mpd):
    elements = mpd.root.findall(NAMESPACE + "Period")
    start = Fraction(0)
    for at, element in enumerate(elements):
        start = parse_duration(element.get("start")) or (start if at else Fraction(0))
        duration = parse_duration(element.get("duration"))
        following = parse_duration(elements[at + 1].get("start")) if at + 1 < len(elements) else mpd.duration
        if duration is None and following is not None:
            duration = following - start
        period = Period(mpd, element, start, duration)
        mpd.periods.append(period)
        base = _base(_base(mpd.uri, mpd.root), element)
        for set_element in period.sets():
            for one in set_element.findall(NAMESPACE + "Representation"):
                period.representations.append(_representation(period, set_element, one, base))
        start += duration or 0


def _base(base, element):
    inner = element.find(NAMESPACE + "BaseURL")
    return base if inner is None else urljoin(base, (inner.text or "").strip())


def _representation(period, set_element, element, base):
    template = {}
    timeline = None
    for owner in (period.element, set_element, element):
        inner = owner.find(NAMESPACE + "SegmentTemplate")
        if inner is not None:
            template.update(inner.attrib)
            lines = inner.find(NAMESPACE + "SegmentTimeline")
            if lines is not None:
                timeline = [_line(one) for one in lines.findall(NAMESPACE + "S")]
    one = Representation(element, set_element, period, _base(_base(base, set_element), element),
                         template, timeline)
    if one.timescale < 1 or one.offset < 0 or one.start_number < 0 or one.time_offset < 0:
        raise ValueError(f"in the SegmentTemplate of representation '{one.id}'")
    if sum(abs(repeat) + 1 for _, _, repeat in timeline or ()) > MAX_PIECES:
        raise ValueError(f"representation '{one.id}' has more than {MAX_PIECES} segments")
    return one


def _line(element):
    time = element.get("t")
    return (None if time is None else int(time), int(element.get("d", 0)), int(element.get("r", 0)))
