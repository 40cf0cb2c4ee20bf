"""The rules of DASH MPDs: one MPD, and the series of its reloads (D1 to D7, D11).

As in hls.py, every rule is a small function in one of the tables at the end.
"""

from dataclasses import dataclass
from fractions import Fraction

from dash_schema import check_schema
from mpd import NAMESPACE

CLOCK_SCHEMES = {f"urn:mpeg:dash:utc:{way}:2014" for way in (
    "http-xsdate", "http-iso", "http-ntp", "http-head", "direct", "ntp", "sntp")}
VALIDITY_SCHEME = "urn:mpeg:dash:event:2012"
PERIOD_SLACK = Fraction(1, 10)  # seconds; audio and video do not start and end together


@dataclass
class Options:
    clock_slack: float = 0.5  # seconds between the poller's and the origin's clock


def check_mpd(mpd, findings, when=None, options=Options()):
    for rule in MPD_RULES:
        rule(mpd, findings)
    if when is not None and mpd.type == "dynamic" and mpd.root.get("availabilityStartTime"):
        check_availability(mpd, when, findings, options)


def check_series(series, findings, options=Options()):
    for snapshot in series.snapshots:
        check_mpd(snapshot.parsed, findings, snapshot.time, options)
    for old, new in series.pairs():
        for rule in PAIR_RULES:
            rule(old.parsed, new, findings)
    check_history(series, findings)


def _children(element, name):
    return element.findall(NAMESPACE + name)


def _seconds(one, ticks):
    return Fraction(ticks, one.timescale)


# One MPD

def check_identity(mpd, findings):
    if mpd.type != "dynamic":
        return
    for name in ("availabilityStartTime", "publishTime"):
        if mpd.root.get(name) is None:
            findings.add("D1", mpd.uri, f"MPD@{name} is missing")
    ids = [period.id for period in mpd.periods]
    if None in ids or len(set(ids)) != len(ids):
        findings.add("D1", mpd.uri, f"the periods' ids {ids} are not unique")


def check_timelines(mpd, findings):
    for one in mpd.representations():
        if one.timeline is None:
            continue
        end = None
        for at, (time, duration, repeat) in enumerate(one.timeline):
            if repeat < -1 or (repeat < 0 and at + 1 < len(one.timeline)
                               and one.timeline[at + 1][0] is None):
                findings.add("D3", mpd.uri, f"{one.id}: S@r is {repeat}")
            if time is not None and end is not None and time != end:
                findings.add("D3", mpd.uri, f"{one.id}: S@t is {time}, {time - end:+d} ticks from the end "
                             "of the segment before")
            start = (end or 0) if time is None else time
            end = start + duration * (max(repeat, 0) + 1)


def check_mpd_times(mpd, findings):
    def add(text):
        findings.add("D4", mpd.uri, text)

    longest = max((_longest(one) for one in mpd.representations()), default=0)
    if mpd.type == "dynamic":
        for name in ("timeShiftBufferDepth", "suggestedPresentationDelay", "maxSegmentDuration"):
            if mpd.root.get(name) is None:
                add(f"MPD@{name} is missing")
    if mpd.max_segment is not None and longest > mpd.max_segment:
        add(f"a segment lasts {float(longest)} s, maxSegmentDuration is {float(mpd.max_segment)} s")
    if mpd.type != "dynamic":
        return
    if mpd.delay is not None and mpd.delay < 2 * longest and not _is_low_latency(mpd):
        add(f"suggestedPresentationDelay is {float(mpd.delay)} s, less than two segments of "
            f"{float(longest)} s")
    by_timeline = any(one.timeline for one in mpd.representations())
    if by_timeline and mpd.update_period is not None and mpd.update_period > longest:
        add(f"minimumUpdatePeriod is {float(mpd.update_period)} s, longer than a segment of "
            f"{float(longest)} s")
    if mpd.update_period == 0 and not _has_validity_events(mpd):
        add("minimumUpdatePeriod is 0, and there are no MPD validity events in band")


def _longest(one):
    ticks = int(one.template.get("duration", 0))
    if one.timeline is not None:
        ticks = max((duration for _, duration, _ in one.timeline), default=0)
    return _seconds(one, ticks)


def _is_low_latency(mpd):
    return any(one.is_low_latency for one in mpd.representations())


def _has_validity_events(mpd):
    return any(stream.get("schemeIdUri") == VALIDITY_SCHEME
               for stream in mpd.root.iter(NAMESPACE + "InbandEventStream"))


def check_end(mpd, findings):
    if mpd.type == "static" and mpd.duration is None and any(
            period.duration is None for period in mpd.periods[-1:]):
        findings.add("D5", mpd.uri, "the MPD is static, and has no duration")
    if mpd.type == "static" and mpd.update_period is not None:
        findings.add("D5", mpd.uri, "the MPD is static, and has a minimumUpdatePeriod")
    for period in mpd.periods:
        for one in period.representations:
            _check_period_end(mpd, period, one, findings)


def _check_period_end(mpd, period, one, findings):
    pieces = one.pieces() if one.timeline is not None else []
    if not pieces:
        return
    first, last = pieces[0], pieces[-1]
    if first.time < one.offset and _seconds(one, one.offset - first.time) > PERIOD_SLACK:
        findings.add("D5", mpd.uri, f"{one.id}: the first segment of period '{period.id}' is before "
                     "its presentationTimeOffset")
    end = _seconds(one, last.time + last.duration - one.offset)
    if period.duration is not None and end > period.duration + PERIOD_SLACK:
        findings.add("D5", mpd.uri, f"{one.id}: period '{period.id}' lasts {float(period.duration)} s, "
                     f"its segments {float(end)} s")
    if mpd.type == "static" and period is mpd.periods[-1] and period.duration is not None \
            and one.kind == "video" and end < period.duration - PERIOD_SLACK:
        findings.add("D5", mpd.uri, f"{one.id}: the duration is {float(period.duration)} s, "
                     f"the segments end at {float(end)} s")


def check_sets(mpd, findings):
    for period in mpd.periods:
        for element in period.sets():
            members = [one for one in period.representations if one.set_element is element]
            for rule in (_check_set, _check_maxima, _check_codecs, _check_video, _check_audio):
                rule(element, members, lambda text: findings.add("D6", mpd.uri, text))


def _check_set(element, members, add):
    if element.get("segmentAlignment", "false") == "false":
        add("an AdaptationSet has no segmentAlignment")
    if not _children(element, "Role"):
        add("an AdaptationSet has no Role")


def _check_maxima(element, members, add):
    for name in ("Width", "Height"):
        limit = element.get("max" + name)
        largest = max((int(one.get(name.lower()) or 0) for one in members), default=0)
        if limit is not None and int(limit) != largest:
            add(f"max{name} is {limit}, the largest is {largest}")


def _check_codecs(element, members, add):
    for one in members:
        for name in ("mimeType", "codecs"):
            if not one.get(name):
                add(f"{one.id} has no {name}")


def _check_video(element, members, add):
    for one in members:
        for name in ("width", "height", "frameRate", "sar") if one.kind == "video" else ():
            if one.get(name) is None:
                add(f"{one.id} has no {name}")


def _check_audio(element, members, add):
    audio = [one for one in members if one.kind == "audio"]
    if audio and not element.get("lang"):
        add("an AdaptationSet of audio has no lang ('und' if it is not known)")
    for one in audio:
        if one.get("audioSamplingRate") is None:
            add(f"{one.id} has no audioSamplingRate")
        if not _children(element, "AudioChannelConfiguration") + _children(
                one.element, "AudioChannelConfiguration"):
            add(f"{one.id} has no AudioChannelConfiguration")


def clock_sources(mpd):
    """The (scheme, value) pairs of the MPD's UTCTiming elements."""
    return [(one.get("schemeIdUri"), one.get("value", "")) for one in _children(mpd.root, "UTCTiming")]


def check_clock(mpd, findings):
    if mpd.type == "dynamic" and not any(scheme in CLOCK_SCHEMES for scheme, _ in clock_sources(mpd)):
        findings.add("D7", mpd.uri, "there is no UTCTiming of a known scheme")


def check_availability(mpd, when, findings, options=Options()):
    """What is listed is available by the clock, and inside of the time shift buffer."""
    slack = Fraction(options.clock_slack)
    for one in mpd.representations():
        pieces = one.pieces() if one.timeline is not None else []
        for piece in pieces[-1:]:
            early = one.ready_at(piece) - Fraction(when)
            if early > slack:
                findings.add("D2", mpd.uri, f"{one.id}: segment {piece.number} is listed {float(early):.2f} s "
                             "before it becomes available")
        if mpd.depth is None:
            continue
        for piece in pieces[:1]:
            allowed = mpd.depth + 2 * (mpd.max_segment or 0) + slack
            late = Fraction(when) - one.ready_at(piece) - allowed
            if late > 0:
                findings.add("D3", mpd.uri, f"{one.id}: segment {piece.number} left the time shift buffer "
                             f"{float(late):.2f} s ago and is still listed")


# An MPD and the one that replaced it

def check_mpd_stays(old, snapshot, findings):
    new = snapshot.parsed
    if old.root.get("availabilityStartTime") != new.root.get("availabilityStartTime") \
            and new.type == "dynamic":
        findings.add("D1", new.uri, f"availabilityStartTime changed from "
                     f"{old.root.get('availabilityStartTime')} to {new.root.get('availabilityStartTime')}")
    if old.root.get("id") != new.root.get("id"):
        findings.add("D1", new.uri, f"MPD@id changed from {old.root.get('id')} to {new.root.get('id')}")
    if None not in (old.publish_time, new.publish_time) and new.publish_time <= old.publish_time:
        findings.add("D1", new.uri, "the MPD changed, and publishTime did not advance from "
                     f"{old.root.get('publishTime')}")
    starts = {period.id: period.start for period in old.periods}
    for period in new.periods:
        if starts.get(period.id, period.start) != period.start:
            findings.add("D1", new.uri, f"the start of period '{period.id}' changed")
    for name in ("Location", "BaseURL"):
        if [one.text for one in _children(old.root, name)] != [one.text for one in _children(new.root, name)]:
            findings.add("D11", new.uri, f"{name} changed")


def check_update_is_announced(old, snapshot, findings):
    if old.type == "static":
        findings.add("D5", snapshot.parsed.uri, "the MPD changed after it was static")
    elif old.update_period is None:
        findings.add("D4", snapshot.parsed.uri, "the MPD changed, but had no minimumUpdatePeriod")


def check_new_periods(old, snapshot, findings):
    """A new period starts with its first segment, where the one before it ends or later."""
    known = {period.id for period in old.periods}
    new = snapshot.parsed
    for period in new.periods:
        starts = [abs(_seconds(one, one.pieces()[0].time - one.offset)) for one in period.representations
                  if one.timeline]
        if period.id not in known and known and starts and min(starts) > PERIOD_SLACK:
            findings.add("D5", new.uri, f"period '{period.id}' starts {float(min(starts)):.3f} s from "
                         "its presentationTimeOffset")


def check_window(old, snapshot, findings):
    """A segment may leave the MPD when it leaves the time shift buffer, not before."""
    new = snapshot.parsed
    if new.depth is None or new.type != "dynamic":
        return
    listed = _listed(new)
    for key, (one, piece) in _listed(old).items():
        start = one.ready_at(piece) - _seconds(one, piece.duration)
        if key not in listed and start > Fraction(snapshot.time) - new.depth:
            findings.add("D2", new.uri, f"{one.id}: segment {piece.number} was removed while inside of the "
                         "time shift buffer")
            return


def _listed(mpd):
    """The segments of the timelines by (period, representation, time)."""
    return {(one.period.id, one.id, piece.time): (one, piece)
            for one in mpd.representations() if one.timeline is not None for piece in one.pieces()}


# All reloads

def check_history(series, findings):
    """A segment keeps its number and duration; none appears in front of those already listed."""
    seen = {}
    ends = {}
    for snapshot in series.snapshots:
        listed = _listed(snapshot.parsed)
        for (period, name, time), (one, piece) in listed.items():
            known = seen.get((period, name, time))
            if known is None and time < ends.get((period, name), 0):
                findings.add("D3", series.uri, f"{name}: a segment at {time} was put into the past")
            elif known is not None:
                _check_same(series, one, known, piece, findings)
            seen[(period, name, time)] = piece
        for (period, name, time), (_, piece) in listed.items():
            end = time if piece.is_open else time + piece.duration
            ends[(period, name)] = max(ends.get((period, name), 0), end)


def _check_same(series, one, known, piece, findings):
    """An open segment has a duration that is a guess: from above, or players fetch it twice."""
    if known.is_open and piece.duration > known.duration:
        findings.add("D8", series.uri, f"{one.id}: the open segment at {piece.time} was said to last {known.duration} "
                     f"ticks and lasts {piece.duration}")
    is_same = known.duration == piece.duration or known.is_open
    if not is_same or (one.is_numbered() and known.number != piece.number):
        findings.add("D3", series.uri, f"{one.id}: the segment at {piece.time} was number {known.number} of "
                     f"{known.duration} ticks and is now number {piece.number} of {piece.duration}")


MPD_RULES = [
    check_schema,
    check_identity,
    check_timelines,
    check_mpd_times,
    check_end,
    check_sets,
    check_clock,
]

PAIR_RULES = [
    check_mpd_stays,
    check_update_is_announced,
    check_new_periods,
    check_window,
]
