"""Everything that was seen of one live presentation, and the findings about it.

Evidence takes fetches one by one, live from watch.py or from a recording, tells what should be fetched
next, and runs all checkers over what it has. It does no I/O and reads no clock.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from fractions import Fraction
from urllib.parse import urljoin

import cmaf
import dash
import dash_low_latency
import dash_media
import hls
import hls_media
import hls_multivariant
import m3u8
import mpd as mpd_parser
import transport
from findings import Findings
from low_latency import LowLatency
from series import Series

REMOVAL_MARGIN = 0.5  # seconds before a removed segment may go, in which it is fetched once more
CLOCK_TOLERANCE = 0.25  # seconds beyond the request's own duration
WHOLE_SECONDS = 1.0


@dataclass(frozen=True)
class Want:
    """Something that a manifest names, or named until now: fetch it with this purpose."""

    purpose: str
    uri: str
    init_uri: str = None
    due: float = 0.0  # not before this time


@dataclass
class Evidence:
    hls_uri: str = None
    dash_uri: str = None
    hls_options: hls.Options = field(default_factory=hls.Options)
    dash_options: dash.Options = field(default_factory=dash.Options)
    ignore: tuple = ()

    def __post_init__(self):
        self.presentation = hls_multivariant.Presentation(Series(self.hls_uri))
        self.mpd = Series(self.dash_uri)
        self.parsed = {}  # URI: Init or Segment
        self.seen = {}  # URI: transport.Seen
        self.wants = {}  # URI: Want
        self.kept_until = {}  # URI of a segment that left its manifests: time
        self._direct = Findings(self.ignore)  # about single responses and files
        self.low_latency = LowLatency(self.presentation, self._direct,
                                      lambda fetch: self._parse_playlist(fetch, m3u8.Media))
        self.dash_low_latency = dash_low_latency.LowLatency(self.mpd, self._direct)

    def take(self, fetch):
        """Files one fetch; returns the Wants that it newly gives rise to."""
        takers = {
            "multivariant": self._take_multivariant,
            "media": self._take_media_playlist,
            "mpd": self._take_mpd,
            "init": self._take_file,
            "segment": self._take_file,
            "removed": self._take_removed,
            "clock": self._take_clock,
            "growing": self.dash_low_latency.take_growing,
            "patch": self.dash_low_latency.take_patch,
            **dict.fromkeys(("reload", "delta", "part", "hint", "refused", "past"), self._take_low_latency),
        }
        judges = {
            "gzip": transport.judge_gzip,
            "manifest-head": transport.judge_manifest_head,
            "missing": transport.judge_missing,
        }
        if fetch.purpose in takers:
            return takers[fetch.purpose](fetch) or []
        if fetch.purpose in judges:
            judges[fetch.purpose](fetch, self._direct)
        elif fetch.uri in self.seen:
            transport.judge_probe(fetch, self.seen[fetch.uri], self._direct)
        return []

    def findings(self):
        """All findings so far, the series as a whole included."""
        found = Findings(self.ignore)
        found.extend(self._direct)
        digests = {uri: seen.digest for uri, seen in self.seen.items()}
        if self.hls_uri:
            hls_multivariant.check_presentation(self.presentation, found, self.hls_options)
            hls_media.check_media(self.presentation, self.parsed, found)
            self.low_latency.check(self.parsed, digests, found)
        if self.dash_uri:
            dash.check_series(self.mpd, found, self.dash_options)
            dash_media.check_media(self.mpd, self.parsed, found)
            self.dash_low_latency.check(self.parsed, digests, found)
        return found

    def knows(self, uri):
        """Whether the manifest was seen at least once, in a form that can be read."""
        media = self.presentation.media.get(uri)
        known = [self.presentation.multivariant, self.mpd] + ([media] if media else [])
        return any(series.uri == uri and series.last is not None for series in known)

    def has_ended(self):
        """Whether every manifest says that nothing more will come."""
        media = self.presentation.media.values()
        hls_ended = not self.hls_uri or (bool(media) and all(
            series.last is not None and series.last.endlist for series in media))
        dash_ended = not self.dash_uri or (self.mpd.last is not None and self.mpd.last.type == "static")
        return hls_ended and dash_ended

    def _take_multivariant(self, fetch):
        if not transport.judge_manifest(fetch, self._direct, self.has_ended()):
            return []
        text = fetch.body.decode("utf-8", "replace")
        playlist = self.presentation.multivariant.add(
            fetch.time, text, lambda _: self._parse_playlist(fetch, m3u8.Multivariant))
        if playlist is None:
            return []
        uris = hls_multivariant.media_uris(playlist)
        for uri in uris:
            self.presentation.media.setdefault(uri, Series(uri))
        return self._new_wants([Want("media", uri) for uri in uris])

    def _parse_playlist(self, fetch, kind):
        playlist = m3u8.parse(fetch.body, fetch.uri, self._direct)
        if playlist is not None and not isinstance(playlist, kind):
            self._direct.add("H0", fetch.uri, "this is the other kind of playlist")
            return None
        return playlist

    def _take_media_playlist(self, fetch):
        if fetch.status != 200:
            transport.judge_manifest(fetch, self._direct)
            return []
        series = self.presentation.media.setdefault(fetch.uri, Series(fetch.uri))
        text = fetch.body.decode("utf-8", "replace")
        playlist = series.add(fetch.time, text, lambda _: self._parse_playlist(fetch, m3u8.Media))
        transport.judge_manifest(fetch, self._direct, series.last is not None and series.last.endlist)
        wants = []
        for segment in playlist.segments if playlist else []:
            if segment.gap or segment.byterange:
                continue
            init = urljoin(fetch.uri, segment.map[0]) if segment.map else None
            if init:
                wants.append(Want("init", init))
            wants.append(Want("segment", urljoin(fetch.uri, segment.uri), init))
        return self._new_wants(wants) + (self._left_playlist(series) if playlist else [])

    def _left_playlist(self, series):
        """The segments that the latest reload removed, due at the end of their grace (H6)."""
        if len(series.snapshots) < 2:
            return []
        old, new = series.snapshots[-2:]
        longest = max(float(snapshot.parsed.duration()) for snapshot in series.snapshots)
        kept = {segment.uri for segment in new.parsed.segments}
        return [self._removed(urljoin(series.uri, segment.uri), old.until + float(segment.duration) + longest)
                for segment in old.parsed.segments
                if segment.uri not in kept and not segment.gap and not segment.byterange]

    def _take_mpd(self, fetch):
        if fetch.status != 200:
            transport.judge_manifest(fetch, self._direct)
            return []
        parsed = self.mpd.add(fetch.time, fetch.body,
                              lambda body: mpd_parser.parse(body, fetch.uri, self._direct))
        transport.judge_manifest(fetch, self._direct,
                                 self.mpd.last is not None and self.mpd.last.type == "static")
        if self.mpd.last is None:
            return []
        wants = []
        for one in (parsed or self.mpd.last).representations():
            init = one.init_uri()
            if init:
                wants.append(Want("init", init))
            wants += [Want("segment", one.media_uri(piece), init) for piece in one.pieces(fetch.time)
                      if not piece.is_open]
        return self._new_wants(wants) + (self._left_mpd(fetch.time) if parsed else [])

    def _left_mpd(self, now):
        """The segments that the latest MPD no longer lists, due at the end of their availability (D2)."""
        if len(self.mpd.snapshots) < 2 or self.mpd.last.depth is None:
            return []
        kept = {one.media_uri(piece) for one in self.mpd.last.representations() for piece in one.pieces(now)}
        wants = []
        for one in self.mpd.snapshots[-2].parsed.representations():
            for piece in one.pieces(now):
                until = one.ready_at(piece) + self.mpd.last.depth + Fraction(piece.duration, one.timescale)
                if one.media_uri(piece) not in kept and until > now + REMOVAL_MARGIN:
                    wants.append(self._removed(one.media_uri(piece), float(until)))
        return wants

    def _removed(self, uri, until):
        self.kept_until[uri] = max(until, self.kept_until.get(uri, 0))
        return Want("removed", uri, due=until - REMOVAL_MARGIN)

    def _new_wants(self, wants):
        new = [want for want in dict.fromkeys(wants) if want.uri not in self.wants]
        self.wants.update((want.uri, want) for want in new)
        return new

    def _take_file(self, fetch):
        if fetch.uri in self.seen or not transport.judge_media(fetch, self._direct):
            return
        self.seen[fetch.uri] = transport.remember(fetch)
        want = self.wants.get(fetch.uri, Want(fetch.purpose, fetch.uri))
        if fetch.purpose == "init":
            parsed = cmaf.read_init(fetch.body, fetch.uri, self._direct)
        else:
            parsed = cmaf.read_segment(fetch.body, self.parsed.get(want.init_uri), fetch.uri, self._direct)
        if parsed is not None:
            self.parsed[fetch.uri] = parsed

    def _take_low_latency(self, fetch):
        return self._new_wants(Want("part", uri, init) for uri, init in self.low_latency.take(fetch))

    def _take_removed(self, fetch):
        """A segment that left its manifests stays fetchable for a while (H6, D2); who asks late is no judge."""
        if fetch.status != 200 and fetch.started < self.kept_until.get(fetch.uri, fetch.started):
            rule = "H6" if self.hls_uri else "D2"
            self._direct.add(rule, fetch.uri, f"shortly after its removal the status is {fetch.status}")

    def _take_clock(self, fetch):
        """D7: the time that a UTCTiming source tells, by its scheme in fetch.sent['scheme']."""
        told = clock_time(fetch)
        if told is None:
            self._direct.add("D7", fetch.uri, f"the clock answers with status {fetch.status} "
                             f"and '{fetch.body[:40].decode('latin-1')}'")
            return
        slack = CLOCK_TOLERANCE + (0 if b"." in fetch.body else WHOLE_SECONDS)
        if not fetch.started - slack <= told <= fetch.time + slack:
            self._direct.add("D7", fetch.uri, f"the clock is {told - fetch.time:+.2f} s off")
        transport.judge_cors(fetch, self._direct)


def clock_time(fetch):
    """The seconds since 1970 that a UTCTiming answer tells (ISO/IEC 23009-1, 5.8.4.11), or None."""
    if fetch.status != 200:
        return None
    try:
        if fetch.method == "HEAD":
            return parsedate_to_datetime(fetch.headers.get("date", "")).timestamp()
        text = fetch.body.decode("ascii").strip()
        stamp = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    except (ValueError, TypeError):
        return None
    if stamp.tzinfo is None:
        stamp = stamp.replace(tzinfo=timezone.utc)
    return stamp.timestamp()
