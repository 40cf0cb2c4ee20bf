"""The rules of HLS media playlists: one playlist, and the series of its reloads (H1 to H10, H14, H18).

Every rule is a small function in one of the tables at the end: PLAYLIST_RULES see one playlist,
PAIR_RULES a playlist and the one that replaced it, SERIES_RULES all of them. Those of low-latency playlists
(L1 to L5, L10) come from hls_parts.py.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import floor

import hls_parts

MAX_GAPS = 100
DATE_STEP = Fraction(1, 1000)
FMP4_SUFFIXES = (".m4s", ".mp4", ".m4v", ".m4a", ".cmfv", ".cmfa")


@dataclass
class Options:
    """How exact the clocks are that rules about time depend on."""

    clock_slack: float = 0.1  # seconds between the poller's and the origin's clock
    stale_slack: float = 1.0  # seconds that a poll may come late


def check_playlist(playlist, findings, when=None, options=Options()):
    for rule in PLAYLIST_RULES:
        rule(playlist, findings)
    if when is not None:
        check_dates_are_past(playlist, when, findings, options)


def check_series(series, findings, options=Options()):
    for snapshot in series.snapshots:
        check_playlist(snapshot.parsed, findings, snapshot.time, options)
    for old, new in series.pairs():
        if new.parsed.media_sequence < old.parsed.media_sequence:
            findings.add("H3", series.uri, f"EXT-X-MEDIA-SEQUENCE went back from "
                         f"{old.parsed.media_sequence} to {new.parsed.media_sequence}")
            continue
        for rule in PAIR_RULES:
            rule(old.parsed, new.parsed, findings)
    for rule in SERIES_RULES:
        rule(series, findings, options)


def segments_seen(series):
    """Every segment that any snapshot listed, by media sequence number, as it was first listed."""
    seen = {}
    for snapshot in series.snapshots:
        for segment in snapshot.parsed.segments:
            seen.setdefault(segment.msn, segment)
    return dict(sorted(seen.items()))


# One playlist

def check_durations(playlist, findings):
    limit = playlist.target_duration
    for segment in playlist.segments:
        if limit is not None and floor(segment.duration + Fraction(1, 2)) > limit:
            findings.add("H1", playlist.uri, f"segment {segment.msn} lasts {float(segment.duration)} s, "
                         f"more than the target duration of {limit} s")


def check_sequence_tags(playlist, findings):
    first = playlist.first_line_of("", "EXTINF")
    sequence = playlist.first_line_of("EXT-X-MEDIA-SEQUENCE")
    if first is not None and sequence is not None and sequence > first:
        findings.add("H3", playlist.uri, "EXT-X-MEDIA-SEQUENCE comes after the first segment")
    first = playlist.first_line_of("", "EXTINF", "EXT-X-DISCONTINUITY")
    sequence = playlist.first_line_of("EXT-X-DISCONTINUITY-SEQUENCE")
    if first is not None and sequence is not None and sequence > first:
        findings.add("H4", playlist.uri, "EXT-X-DISCONTINUITY-SEQUENCE comes after the first segment "
                     "or discontinuity")


def needed_version(playlist):
    """The lowest EXT-X-VERSION for what the playlist uses, and the reason."""
    keys = [dict(key) for segment in playlist.segments for key in segment.keys]
    with_map = any(segment.map for segment in playlist.segments)
    needs = [
        (1, "nothing"),
        (2, "the IV of an EXT-X-KEY") if any("IV" in key for key in keys) else None,
        (3, "EXTINF with decimals") if any(s.decimals for s in playlist.segments) else None,
        (4, "EXT-X-BYTERANGE") if any(s.byterange for s in playlist.segments) else None,
        (4, "EXT-X-I-FRAMES-ONLY") if playlist.iframes_only else None,
        (5, "KEYFORMAT") if any("KEYFORMAT" in key for key in keys) else None,
        (5, "SAMPLE-AES") if any("SAMPLE-AES" in key["METHOD"] for key in keys) else None,
        (5, "EXT-X-MAP") if with_map else None,
        (6, "EXT-X-MAP") if with_map and not playlist.iframes_only else None,
        (8, "EXT-X-DEFINE") if playlist.defines else None,
        (9, "EXT-X-SKIP") if playlist.skipped else None,
        (9, "EXT-X-PART") if playlist.part_target is not None else None,
        (10, "RECENTLY-REMOVED-DATERANGES") if playlist.skip_dateranges else None,
        (11, "QUERYPARAM") if any("QUERYPARAM" in one for one in playlist.defines) else None,
    ]
    return max(filter(None, needs), key=lambda need: need[0])


def check_version(playlist, findings):
    version, reason = needed_version(playlist)
    if playlist.version < version:
        findings.add("H7", playlist.uri, f"EXT-X-VERSION is {playlist.version}, but {reason} needs {version}")


def check_maps(playlist, findings):
    for segment in playlist.segments:
        path = segment.uri.partition("?")[0]
        if path.endswith(FMP4_SUFFIXES) and segment.map is None:
            findings.add("H8", playlist.uri, f"segment {segment.msn} has no EXT-X-MAP")


def check_dates(playlist, findings):
    dated = [segment for segment in playlist.segments if segment.date is not None]
    for segment in dated:
        if segment.date_decimals < 3 or not segment.date_has_zone:
            findings.add("H10", playlist.uri, f"'{segment.date_text}' has no milliseconds or no time zone")
    is_live = not playlist.endlist and playlist.playlist_type != "VOD"
    for segment in playlist.segments:
        if is_live and segment.discontinuity and segment.date is None:
            findings.add("H10", playlist.uri, f"segment {segment.msn} starts after a discontinuity "
                         "and has no EXT-X-PROGRAM-DATE-TIME")
    _check_dates_follow_durations(playlist, findings)


def _check_dates_follow_durations(playlist, findings):
    """Dates advance by the durations: from one segment to the next within 1 ms, the rounding of two dates;
    from a continuity's first date on, within that and half a unit of the last decimal of each EXTINF."""
    anchor = expected = None
    slack = before = None
    for segment in playlist.segments:
        if segment.discontinuity:
            anchor = before = None
        if segment.date is not None:
            steps = [(before, DATE_STEP), (expected if anchor is not None else None, slack)]
            if any(wanted is not None and abs(segment.date - wanted) > limit for wanted, limit in steps):
                findings.add("H10", playlist.uri, f"segment {segment.msn} is dated {segment.date_text}, "
                             "which is not where the durations put it")
                anchor = None
            if anchor is None:
                anchor = expected = segment.date
                slack = DATE_STEP
        before = None if segment.date is None else segment.date + segment.duration
        if anchor is not None:
            expected += segment.duration
            slack += Fraction(1, 2 * 10**segment.decimals)


def check_dates_are_past(playlist, when, findings, options):
    for segment in playlist.segments:
        if segment.date is not None and segment.date > when + options.clock_slack:
            findings.add("H10", playlist.uri, f"segment {segment.msn} is dated {segment.date_text}, "
                         "which is in the future")


def check_gaps(playlist, findings):
    gaps = sum(segment.gap for segment in playlist.segments)
    if gaps > MAX_GAPS:
        findings.add("H14", playlist.uri, f"{gaps} segments are gaps; start a new playlist instead")
    for segment in playlist.segments:
        if segment.gap and any(part.get("GAP") != "YES" for part in segment.parts):
            findings.add("H14", playlist.uri, f"segment {segment.msn} is a gap, but not all of its parts are")


# A playlist and the one that replaced it

def check_fixed_tags(old, new, findings):
    uri = new.uri
    if old.target_duration != new.target_duration:
        findings.add("H1", uri, f"the target duration changed from {old.target_duration} "
                     f"to {new.target_duration}")
    for name in ("version", "independent", "iframes_only", "playlist_type", "part_target"):
        if getattr(old, name) != getattr(new, name) and not (name == "part_target" and new.endlist):
            findings.add("H5", uri, f"{name.replace('_', ' ')} changed from {getattr(old, name)} "
                         f"to {getattr(new, name)}")
    if old.endlist:
        findings.add("H5", uri, "the playlist changed after EXT-X-ENDLIST")
    elif old.playlist_type == "VOD":
        findings.add("H5", uri, "a playlist of type VOD changed")


def check_window_moves_on(old, new, findings):
    removed = new.media_sequence - old.media_sequence
    if removed and new.playlist_type is not None:
        findings.add("H5", new.uri, f"segments were removed from a playlist of type {new.playlist_type}")
    if hls_parts.end_of(new) < hls_parts.end_of(old):
        findings.add("H5", new.uri, f"segments {hls_parts.end_of(new)} to {hls_parts.end_of(old) - 1} were removed from the end")
    needed = 3 * (new.target_duration or 0)
    if removed and not new.endlist and not new.skipped and new.duration() < needed:
        findings.add("H6", new.uri, f"after a removal {float(new.duration())} s are left, less than three "
                     f"target durations of {new.target_duration} s")


def check_kept_segments(old, new, findings):
    """A segment that stays listed stays what it was. Of one pair, each rule is reported once."""
    before = {segment.msn: segment for segment in old.segments}
    broken = {}
    for segment in new.segments:
        if segment.msn in before:
            rule, text = _difference(before[segment.msn], segment) or (None, None)
            broken.setdefault(rule, f"segment {segment.msn}: {text}")
            if rule == "H3":  # a shifted number makes everything else differ as well
                break
    for rule, text in broken.items():
        if rule is not None:
            findings.add(rule, new.uri, text)


def _difference(old, new):
    if (old.uri, old.byterange) != (new.uri, new.byterange):
        return "H3", f"was '{old.uri}' and is now '{new.uri}'"
    if (old.dsn, old.discontinuity) != (new.dsn, new.discontinuity):
        return "H4", (f"had discontinuity sequence {old.dsn}{_marked(old)} "
                      f"and has now {new.dsn}{_marked(new)}")
    if old.map != new.map:
        return "H8", f"had the map {old.map} and has now {new.map}"
    if None not in (old.date, new.date) and old.date_text != new.date_text:
        return "H10", f"was dated {old.date_text} and is now dated {new.date_text}"
    for name in ("duration", "title", "gap", "keys"):
        if getattr(old, name) != getattr(new, name):
            return "H5", f"its {name} changed"
    return None


def _marked(segment):
    return " (and EXT-X-DISCONTINUITY)" if segment.discontinuity else ""


def check_discontinuity_count(old, new, findings):
    """What left the playlist without being seen can only have raised the discontinuity sequence."""
    kept = {segment.msn for segment in old.segments} & {segment.msn for segment in new.segments}
    before, after = old.discontinuity_sequence or 0, new.discontinuity_sequence or 0
    if not kept and after < before:
        findings.add("H4", new.uri, f"the discontinuity sequence went back from {before} to {after}")


# All reloads

def check_numbers_are_unique(series, findings, options):
    numbers = {}
    for msn, segment in segments_seen(series).items():
        other = numbers.setdefault((segment.uri, segment.byterange), msn)
        if other != msn and not segment.gap:
            findings.add("H3", series.uri, f"'{segment.uri}' is both segment {other} and segment {msn}")


def check_updates_come(series, findings, options):
    """Between two polls anything may have happened: only polls that saw the same text are proof."""
    if not series.snapshots or series.snapshots[0].parsed.playlist_type == "VOD":
        return
    for now in series.snapshots:
        if now.parsed.endlist or now.parsed.target_duration is None:
            return
        stood = now.until - now.time
        if stood > 1.5 * now.parsed.target_duration + options.stale_slack:
            findings.add("H18", series.uri, f"the playlist ending with segment {hls_parts.end_of(now.parsed) - 1} "
                         f"stood for {stood:.1f} s, more than 1.5 target durations")


PLAYLIST_RULES = [
    check_durations,
    check_sequence_tags,
    check_version,
    check_maps,
    check_dates,
    check_gaps,
    *hls_parts.PLAYLIST_RULES,
]

PAIR_RULES = [
    check_fixed_tags,
    check_window_moves_on,
    check_kept_segments,
    check_discontinuity_count,
    *hls_parts.PAIR_RULES,
]

SERIES_RULES = [
    check_numbers_are_unique,
    check_updates_come,
]
