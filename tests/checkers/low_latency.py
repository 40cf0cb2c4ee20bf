"""What those see who wait for each part: blocking reloads, delta updates, hinted parts (L3, L5 to L7, L9).

LowLatency is the part of Evidence that is about them. A *reload* is a request with `_HLS_msn` and `_HLS_part`, a
*delta* one with `_HLS_skip` besides, a *hint* one for a part before it is listed, a *part* one after that. A
*refused* request must get 400 at once, a *past* one the playlist at once.
"""

from dataclasses import replace
from fractions import Fraction
from urllib.parse import parse_qs, urljoin

import cmaf
import hls_parts
import transport
from boxes import BoxFault
from series import Series

AT_ONCE = 2.0  # seconds
WAIT_SLACK = 2.0  # seconds beyond three target durations that an answer may take
LATE = 2.0  # seconds that a hinted part may come after a playlist that lists it
TICK = Fraction(1, 10**5)


def base_of(uri):
    return uri.partition("?")[0]


def asked_of(uri):
    """(number, part or None) of the directives in a URI."""
    query = parse_qs(uri.partition("?")[2])
    part = query.get("_HLS_part")
    return int(query["_HLS_msn"][0]), int(part[0]) if part else None


def answers(playlist, asked):
    """Whether a playlist has what was asked for (RFC 8216bis, 6.2.5.2)."""
    msn, part = asked
    end, trailing = hls_parts.end_of(playlist), len(playlist.trailing_parts)
    if playlist.endlist or end > msn + 1:
        return True
    if msn == end:
        return part is not None and trailing > part
    if msn != end - 1:
        return False
    last = playlist.segments[-1] if playlist.segments else None
    n_parts = max(len(last.parts), 1) if last else 0
    return part is None or part < n_parts or trailing > 0


def directives_after(playlist):
    """What a player asks for next."""
    msn, part = hls_parts.place_of(playlist)
    is_open = bool(playlist.trailing_parts)
    return f"_HLS_msn={msn}&_HLS_part={part + 1}" if is_open else f"_HLS_msn={msn + 1}&_HLS_part=0"


class LowLatency:
    """`parse(fetch)` gives the media playlist in an answer; `direct` takes findings about single answers."""

    def __init__(self, presentation, direct, parse):
        self.presentation = presentation
        self.direct = direct
        self._parse = parse
        self.deltas = {}  # URI: [(time, playlist)]
        self.newest = {}  # (purpose, URI): playlist
        self.parts = {}  # URI: bytes
        self.part_inits = {}  # URI: URI of its init segment
        self.hinted = {}  # URI: Fetch

    def take(self, fetch):
        """Files one fetch; returns (URI, URI of the init segment) of the parts that its playlist lists."""
        takers = {"reload": self._take_reload, "delta": self._take_delta, "part": self._take_part,
                  "hint": self._take_hint, "refused": self._take_refused, "past": self._take_past}
        return takers[fetch.purpose](fetch) or []

    def next_query(self, purpose, uri):
        """What follows the newest answer, or the newest poll; None: there is nothing to wait for."""
        series = self.presentation.media.get(uri)
        playlist = self.newest.get((purpose, uri)) or (series.last if series else None)
        if playlist is None or playlist.part_target is None or playlist.endlist:
            return None
        return directives_after(playlist) + ("&_HLS_skip=YES" if purpose == "delta" else "")

    def next_hint(self, uri):
        """The absolute URI of the part hinted at last, once; None: it was asked for already."""
        playlist = self.newest.get(("reload", uri))
        hint = hls_parts.hint_of(playlist) if playlist is not None and not playlist.endlist else None
        if hint is None or urljoin(uri, hint) in self.hinted:
            return None
        self.hinted[urljoin(uri, hint)] = None
        return urljoin(uri, hint)

    def probes(self, uri):
        """(purpose, URI) of requests that are wrong, or about the past."""
        playlist = self.presentation.media[uri].last
        msn, part = hls_parts.place_of(playlist)
        wrong = ["_HLS_part=0", f"_HLS_msn={msn + 9}", f"_HLS_msn={msn}&_HLS_part=99999&_HLS_part=1", "_HLS_msn=-1",
                 "_HLS_msn=x", "_HLS_msn=99999999999999999999", f"_HLS_msn={msn + 1}&_HLS_part=99999"]
        past = [f"_HLS_msn={playlist.media_sequence}", f"_HLS_msn={playlist.media_sequence}&_HLS_part=0",
                "_HLS_other=1"]
        return [("refused", f"{uri}?{query}") for query in wrong] + [("past", f"{uri}?{query}") for query in past]

    # Single answers

    def _take_playlist(self, fetch):
        """The playlist that was waited for, or None."""
        uri = base_of(fetch.uri)
        polled = self.presentation.media[uri].last
        waited, most = fetch.time - fetch.started, 3 * polled.target_duration
        if fetch.status == 503 and waited >= most - AT_ONCE:
            return None
        if fetch.status != 200:
            self.direct.add("L6", uri, f"'{fetch.uri.partition('?')[2]}' is answered with status {fetch.status} "
                            f"{fetch.error} after {waited:.1f} s")
            return None
        if waited > most + WAIT_SLACK:
            self.direct.add("L6", uri, f"an answer took {waited:.1f} s, more than three target durations")
        playlist = self._parse(replace(fetch, uri=uri))
        if playlist is None:
            return None
        if not answers(playlist, asked_of(fetch.uri)):
            self.direct.add("L6", uri, f"'{fetch.uri.partition('?')[2]}' is answered with a playlist that is at "
                            f"{hls_parts.place_of(playlist)}")
        if not playlist.endlist:
            self._judge_cache(fetch, uri, polled.target_duration)
        self.newest[fetch.purpose, uri] = playlist
        return playlist

    def _judge_cache(self, fetch, uri, target):
        """The URI says what the answer has, so that one request to the origin serves all who are behind a cache."""
        age = transport.cache_control(fetch).get("max-age")
        if age is None or not age.isdigit() or int(age) < target:
            self.direct.add("L9", uri, f"a blocking reload has Cache-Control '{fetch.headers.get('cache-control')}'")

    def _take_reload(self, fetch):
        playlist = self._take_playlist(fetch)
        if playlist is None:
            return []
        uri = base_of(fetch.uri)
        self.presentation.blocking.setdefault(uri, Series(uri)).add(
            fetch.time, fetch.body.decode("utf-8", "replace"), lambda _: playlist)
        listed = []
        for segment in [*playlist.segments, playlist.trailing]:
            init = urljoin(uri, segment.map[0]) if segment.map else None
            listed += [(urljoin(uri, part["URI"]), init) for part in segment.parts if part.get("GAP") != "YES"]
        self.part_inits.update(listed)
        return listed

    def _take_delta(self, fetch):
        playlist = self._take_playlist(fetch)
        if playlist is not None:
            self.deltas.setdefault(base_of(fetch.uri), []).append((fetch.time, playlist))

    def _take_part(self, fetch):
        if transport.judge_media(fetch, self.direct):
            self.parts[fetch.uri] = fetch.body

    def _take_hint(self, fetch):
        self.hinted[fetch.uri] = fetch

    def _take_refused(self, fetch):
        if fetch.status != 400 or fetch.time - fetch.started > AT_ONCE:
            self.direct.add("L6", base_of(fetch.uri), f"'{fetch.uri.partition('?')[2]}' is answered with status "
                            f"{fetch.status} after {fetch.time - fetch.started:.1f} s, not with 400 at once")

    def _take_past(self, fetch):
        if fetch.status != 200 or fetch.time - fetch.started > AT_ONCE:
            self.direct.add("L6", base_of(fetch.uri), f"'{fetch.uri.partition('?')[2]}', which is there, is answered "
                            f"with status {fetch.status} after {fetch.time - fetch.started:.1f} s")

    # All of them

    def check(self, files, digests, findings):
        """`files` are parsed init segments and segments, `digests` SHA-1 of whole files, by URI."""
        for uri, series in self.presentation.blocking.items():
            check_parts(series, self.parts, self.part_inits, files, findings)
            check_wholes(series, self.parts, digests, findings)
            check_hints(series, self.hinted, self.parts, findings)
            check_dead_hints(self.presentation.media[uri], self.hinted, findings)
            check_deltas(series, self.deltas.get(uri, []), findings)


def first_listings(series):
    """(absolute URI, attributes, time) of each part, when it was first seen."""
    seen = {}
    for snapshot in series.snapshots:
        for part in hls_parts.parts_of(snapshot.parsed).values():
            seen.setdefault(urljoin(series.uri, part["URI"]), (part, snapshot.time))
    return [(uri, part, when) for uri, (part, when) in seen.items()]


def check_parts(series, parts, inits, files, findings):
    """L3: what the playlist says of a part is true of its bytes."""
    for uri, part, _ in first_listings(series):
        init = files.get(inits.get(uri))
        if uri not in parts or init is None:
            continue
        try:
            parsed = cmaf.parse_segment(parts[uri], init)
        except BoxFault as fault:
            findings.add("L3", uri, f"the part cannot be parsed: {fault}")
            continue
        seconds = Fraction(parsed.duration(), init.tracks[0].timescale)
        if abs(seconds - part["DURATION"]) > TICK:
            findings.add("L3", uri, f"the part is {float(seconds):.5f} s long, the playlist says "
                         f"{float(part['DURATION']):.5f} s")
        samples = parsed.samples()
        is_independent = bool(samples) and samples[0].is_sync
        if is_independent != (part.get("INDEPENDENT") == "YES"):
            findings.add("L3", uri, f"the part {'starts' if is_independent else 'does not start'} with a sync sample, "
                         f"and INDEPENDENT is {part.get('INDEPENDENT', 'NO')}")


def check_wholes(series, parts, digests, findings):
    """L3: a segment is its parts, one behind the other."""
    done = set()
    for snapshot in series.snapshots:
        for segment in snapshot.parsed.segments:
            uri = urljoin(series.uri, segment.uri)
            bodies = [parts.get(urljoin(series.uri, part["URI"])) for part in segment.parts]
            if uri in done or not bodies or None in bodies or uri not in digests:
                continue
            done.add(uri)
            if transport.sha1(b"".join(bodies)).hexdigest() != digests[uri]:
                findings.add("L3", uri, "the segment is not its parts, one behind the other")


def check_hints(series, hinted, parts, findings):
    """L5: a hinted part is delivered when it comes, and is what is listed then."""
    for uri, _, when in first_listings(series):
        fetch = hinted.get(uri)
        if fetch is None:
            continue
        if fetch.status != 200:
            findings.add("L5", uri, f"the part was hinted at and came; who waited got {fetch.status} {fetch.error}")
        elif uri in parts and fetch.body != parts[uri]:
            findings.add("L5", uri, f"who waited for the part got {len(fetch.body)} bytes, it has {len(parts[uri])}")
        elif fetch.time > max(when, fetch.started) + LATE:
            findings.add("L5", uri, f"who waited for the part got it {fetch.time - when:.1f} s after it was listed")


def check_dead_hints(series, hinted, findings):
    """L5: a playlist does not go on hinting at a part that will not come."""
    for snapshot in series.snapshots:
        hint = hls_parts.hint_of(snapshot.parsed)
        fetch = hinted.get(urljoin(series.uri, hint)) if hint else None
        if fetch is not None and fetch.status == 404 and snapshot.until > fetch.time + LATE:
            findings.add("L5", series.uri, f"{hint} is hinted at, and answered with 404")


def check_deltas(series, deltas, findings):
    """L7: a delta update is the whole playlist without its old segments."""
    wholes = {(snapshot.parsed.media_sequence, _state(snapshot.parsed)): snapshot.parsed
              for snapshot in series.snapshots}
    for _, delta in deltas:
        whole = wholes.get((delta.media_sequence, _state(delta)))
        if whole is not None and not delta.endlist and not whole.endlist:
            _check_delta(series.uri, delta, whole, findings)


def _state(playlist):
    """The newest part's URI, which is the same however segments are counted."""
    return playlist.trailing_parts[-1]["URI"] if playlist.trailing_parts else playlist.segments[-1].uri


def _check_delta(uri, delta, whole, findings):
    boundary = (delta.server_control or {}).get("CAN-SKIP-UNTIL")
    left = _seconds(delta)
    if not delta.skipped:
        oldest = whole.segments[0].duration if whole.segments else 0
        is_plain = not any(segment.discontinuity for segment in whole.segments)
        if boundary is not None and is_plain and _seconds(whole) >= boundary + oldest + whole.target_duration:
            findings.add("L7", uri, "_HLS_skip=YES is answered with the whole playlist")
        return
    if boundary is None:
        findings.add("L7", uri, "there is an EXT-X-SKIP, and no CAN-SKIP-UNTIL")
    elif left < boundary:
        findings.add("L7", uri, f"a delta update leaves out what is {float(left)} s from the end, CAN-SKIP-UNTIL is "
                     f"{float(boundary)} s")
    kept = whole.segments[delta.skipped:]
    if [_facts(one) for one in [*delta.segments, delta.trailing]] != [_facts(one) for one in [*kept, whole.trailing]]:
        findings.add("L7", uri, f"a delta update that skips {delta.skipped} segments differs from the playlist at "
                     f"{hls_parts.place_of(whole)}")
    if any(segment.discontinuity for segment in whole.segments[:delta.skipped]):
        findings.add("L7", uri, "a delta update leaves out a discontinuity")


def _seconds(playlist):
    return playlist.duration() + sum(part["DURATION"] for part in playlist.trailing_parts)


def _facts(segment):
    return (segment.uri, segment.duration, segment.msn, segment.discontinuity, segment.gap, segment.map,
            segment.date_text, segment.parts)
