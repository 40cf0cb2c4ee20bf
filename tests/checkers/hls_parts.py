"""The rules of low-latency playlists: one playlist, a pair, and the series of its reloads (L1 to L5, L8, L10).

The tables at the end are part of those in hls.py and hls_multivariant.py. A *place* is how far a playlist
has come: (media sequence number, index of the part), the part -1 for a segment whose parts are not listed.
"""

from bisect import bisect_right
from fractions import Fraction
from urllib.parse import urljoin

LEAST_SHARE = Fraction(85, 100)
MICROSECOND = Fraction(1, 10**6)
REPORT_SLACK = 1.0  # seconds within which a playlist and a report about it may be rendered


def parts_of(playlist):
    """The listed parts' attributes by place, oldest first."""
    parts = {(segment.msn, at): part for segment in playlist.segments for at, part in enumerate(segment.parts)}
    parts.update({(end_of(playlist), at): part for at, part in enumerate(playlist.trailing_parts)})
    return parts


def end_of(playlist):
    """The number of the segment that will be listed next."""
    return playlist.media_sequence + playlist.skipped + len(playlist.segments)


def place_of(playlist):
    if playlist.trailing_parts:
        return end_of(playlist), len(playlist.trailing_parts) - 1
    last = playlist.segments[-1] if playlist.segments else None
    return end_of(playlist) - 1, len(last.parts) - 1 if last else -1


def hint_of(playlist):
    """The URI of the part that is hinted at, or None."""
    return next((hint["URI"] for hint in playlist.hints if hint["TYPE"] == "PART"), None)


# One playlist

def check_control(playlist, findings):
    control, part, target = playlist.server_control or {}, playlist.part_target, playlist.target_duration or 0
    if parts_of(playlist) and part is None:
        findings.add("L1", playlist.uri, "there are parts, and no EXT-X-PART-INF")
    if part is not None and not playlist.endlist:
        if control.get("CAN-BLOCK-RELOAD") != "YES":
            findings.add("L1", playlist.uri, "there are parts, and CAN-BLOCK-RELOAD is not YES")
        if control.get("PART-HOLD-BACK", 0) < 3 * part:
            findings.add("L1", playlist.uri, f"PART-HOLD-BACK is {float(control.get('PART-HOLD-BACK', 0))} s, less "
                         f"than three parts of {float(part)} s")
    for name, least in (("HOLD-BACK", 3), ("CAN-SKIP-UNTIL", 6)):
        if name in control and control[name] < least * target:
            findings.add("L1", playlist.uri, f"{name} is {float(control[name])} s, less than {least} target durations")


def check_part_lengths(playlist, findings):
    target = playlist.part_target
    if target is None:
        return
    groups = [segment.parts for segment in playlist.segments] + [playlist.trailing_parts]
    for parts in groups:
        for at, part in enumerate(parts):
            if part["DURATION"] > target:
                findings.add("L2", playlist.uri, f"the part {part['URI']} lasts {float(part['DURATION'])} s, more "
                             f"than the target of {float(target)} s")
            elif at + 1 < len(parts) and part["DURATION"] < LEAST_SHARE * target:
                findings.add("L2", playlist.uri, f"the part {part['URI']} lasts {float(part['DURATION'])} s, less "
                             f"than 85 % of {float(target)} s, and is not the last of its segment")


def check_sums(playlist, findings):
    for segment in playlist.segments:
        if not segment.parts:
            continue
        error = segment.duration - sum(part["DURATION"] for part in segment.parts)
        if abs(error) > (len(segment.parts) + 1) * MICROSECOND:
            findings.add("L3", playlist.uri, f"the parts of segment {segment.msn} are {float(error):+.6f} s away "
                         "from its EXTINF")


def check_old_parts(playlist, findings):
    """Parts leave the playlist once they are three target durations old."""
    behind = sum((part["DURATION"] for part in playlist.trailing_parts), Fraction(0))
    for segment in reversed(playlist.segments):
        if segment.parts and behind > 3 * playlist.target_duration:
            findings.add("L4", playlist.uri, f"segment {segment.msn} ends {float(behind)} s before the end, and still "
                         "has parts")
        behind += segment.duration


def check_hint(playlist, findings):
    hints = [hint["URI"] for hint in playlist.hints if hint["TYPE"] == "PART"]
    if len(hints) > 1:
        findings.add("L5", playlist.uri, "two parts are hinted at")
    if hints and playlist.endlist:
        findings.add("L5", playlist.uri, "a part is hinted at after the end")
    listed = {part["URI"] for part in parts_of(playlist).values()}
    for uri in hints:
        if uri in listed:
            findings.add("L5", playlist.uri, f"the hint {uri} is listed already")


def check_parts_are_dated(playlist, findings):
    groups = [(segment.msn, segment.parts, segment.date) for segment in playlist.segments]
    if playlist.trailing is not None:
        groups.append((end_of(playlist), playlist.trailing_parts, playlist.trailing.date))
    for msn, parts, date in groups:
        if parts and date is None:
            findings.add("L10", playlist.uri, f"segment {msn} has parts and no EXT-X-PROGRAM-DATE-TIME")


# A playlist and the one that replaced it

def check_kept_parts(old, new, findings):
    before = parts_of(old)
    for place, part in parts_of(new).items():
        was = before.get(place, part)
        if was != part:
            findings.add("L3", new.uri, f"part {place[1]} of segment {place[0]} was {was['URI']}, "
                         f"{float(was['DURATION'])} s, and is now {part['URI']}, {float(part['DURATION'])} s")
            return


def check_no_part_is_lost(old, new, findings):
    """What was listed of an unfinished segment is in it when it is finished, unless it is too old by then."""
    number = end_of(old)
    segment = next((one for one in new.segments if one.msn == number), None)
    if segment is not None and segment.parts and len(segment.parts) < len(old.trailing_parts):
        findings.add("L3", new.uri, f"segment {number} had {len(old.trailing_parts)} parts before it was finished, "
                     f"and has {len(segment.parts)} now")


def check_hint_came_true(old, new, findings):
    """The part behind the last one is the one that was hinted at, if no discontinuity came between."""
    hint = hint_of(old)
    newer = [(place, part) for place, part in parts_of(new).items() if place > place_of(old)]
    if hint is None or not newer:
        return
    (msn, _), part = newer[0]
    segment = next((one for one in [*new.segments, new.trailing] if one is not None and one.msn == msn), None)
    breaks = segment is not None and segment.discontinuity
    if not breaks and msn - place_of(old)[0] <= 1 and part["URI"] != hint:
        findings.add("L5", new.uri, f"the part {hint} was hinted at, and {part['URI']} came")


# Renditions compared

def check_reports(presentation, findings):
    everything = {**presentation.media}
    for uri, series in presentation.blocking.items():
        for snapshot in series.snapshots:
            if snapshot.parsed.part_target is not None and not snapshot.parsed.endlist:
                _check_reports_of(uri, snapshot, everything, presentation, findings)


def _check_reports_of(uri, snapshot, everything, presentation, findings):
    reports = {urljoin(uri, report["URI"]): report for report in snapshot.parsed.reports}
    for other in everything:
        if other == uri or presentation.blocking.get(other) is None:
            continue
        lowest, highest = _places_around(presentation.blocking[other], snapshot.time)
        if lowest is None:
            continue
        report = reports.get(other)
        if report is None:
            findings.add("L8", uri, f"there is no report about {other}")
            return
        place = (report["LAST-MSN"], report.get("LAST-PART", -1))
        if not lowest <= place <= highest:
            findings.add("L8", uri, f"the report about {other} says {place}, it was from {lowest} to {highest}")
            return


def _places_around(series, when):
    """Where a playlist was a little before, and a little behind; (None, None): nobody knows."""
    times = [snapshot.time for snapshot in series.snapshots]
    before = bisect_right(times, when - REPORT_SLACK) - 1
    behind = bisect_right(times, when + REPORT_SLACK)
    if before < 0 or behind >= len(times):
        return None, None
    part = float(series.snapshots[before].parsed.part_target or 0)
    first = max(0, bisect_right(times, when - REPORT_SLACK - 2 * part) - 1)
    return place_of(series.snapshots[first].parsed), place_of(series.snapshots[behind].parsed)


PLAYLIST_RULES = [
    check_control,
    check_part_lengths,
    check_sums,
    check_old_parts,
    check_hint,
    check_parts_are_dated,
]

PAIR_RULES = [
    check_kept_parts,
    check_no_part_is_lost,
    check_hint_came_true,
]

RENDITION_RULES = [
    check_reports,
]
