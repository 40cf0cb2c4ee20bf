"""MPDs against the bytes they name: D3, D4, D6, and C2, C4 and C8 in their order.

`files` maps absolute URIs to parsed init segments and segments (cmaf_model). What is not in it was not
fetched, and nothing is said about it.
"""

from bisect import bisect
from dataclasses import dataclass
from fractions import Fraction

import cmaf

CLOCK_GRAIN = Fraction(2, 1000)  # seconds: dates in MPDs are milliseconds


@dataclass
class Listed:
    """A segment of a representation with its bytes."""

    representation: object  # mpd.Representation, as the segment was first listed, or first listed as whole
    description: object  # mpd.Piece
    piece: cmaf.Piece


def check_media(series, files, findings):
    tracks = listed_segments(series, files, findings)
    for listed in tracks.values():
        for rule in TRACK_RULES:
            rule(series, listed, findings)
    check_tracks_align(tracks, findings)


def listed_segments(series, files, findings):
    """The fetched segments of each (period, representation), in order of time."""
    tracks = {}
    is_open = {}  # the time of the segment that may still grow
    for snapshot in series.snapshots:
        for one in snapshot.parsed.representations():
            track = tracks.setdefault((one.period.id, one.id), {})
            for piece in one.pieces(snapshot.time) + one.pieces(snapshot.until):
                if piece.time not in track or is_open.get((one.period.id, one.id)) == piece.time:
                    track[piece.time] = _listed(series, one, piece, files, findings)
                if piece.is_open:
                    is_open[(one.period.id, one.id)] = piece.time
    return {key: _in_order(track) for key, track in tracks.items()}


def _listed(series, one, description, files, findings):
    uri = one.media_uri(description)
    init = files.get(one.init_uri())
    segment = files.get(uri)
    if init is None or segment is None:
        return None
    misfit = cmaf.decodes_with(segment, init)
    if misfit:
        findings.add("C2", series.uri, f"{uri} does not go with {one.init_uri()}: {misfit}")
        return None
    return Listed(one, description, cmaf.Piece(uri, segment, init))


def _in_order(track):
    listed = []
    complete = False
    for _, one in sorted(track.items()):
        if one is not None:
            one.piece.starts_continuity = not complete
            listed.append(one)
        complete = one is not None
    return listed


def check_times(series, listed, findings):
    for one in listed:
        segment, described = one.piece.segment, one.description
        name = one.representation.id
        if one.piece.track.timescale != one.representation.timescale:
            findings.add("D3", series.uri, f"{name}: the timescale is {one.representation.timescale}, in the "
                         f"init segment {one.piece.track.timescale}")
            return
        if one.representation.timeline is None:
            _check_nominal(series, one, findings)
        elif segment.time != described.time:
            findings.add("D3", series.uri, f"{name}: S@t is {described.time}, the decode time "
                         f"of {one.piece.uri} is {segment.time}")
        elif segment.duration() != described.duration and not described.is_open:
            findings.add("D3", series.uri, f"{name}: S@d is {described.duration}, {one.piece.uri} "
                         f"lasts {segment.duration()}")


def _check_nominal(series, one, findings):
    """With @duration the decode time may be off by half of a segment."""
    error = one.piece.segment.time - one.description.time
    if abs(error) * 2 > one.description.duration:
        findings.add("D3", series.uri, f"{one.representation.id}: {one.piece.uri} starts {error:+d} ticks "
                     "from its nominal time, more than half of its duration")


def check_sequence(series, listed, findings):
    cmaf.check_sequence([one.piece for one in listed], findings)


def check_attributes_are_true(series, listed, findings):
    for one in listed[:1]:
        representation, track = one.representation, one.piece.track
        actual = {"codecs": track.codec}
        if track.handler == "vide":
            actual.update(width=str(track.width), height=str(track.height))
        else:
            actual.update(audioSamplingRate=str(track.sample_rate))
        for name, value in actual.items():
            declared = representation.get(name)
            if declared is not None and declared.lower() != value.lower():
                findings.add("D6", series.uri, f"{representation.id}: {name} is {declared}, "
                             f"the init segment says {value}")


def check_starts_are_true(series, listed, findings):
    """startWithSAP is 1 if, and only if, every segment starts with a sync sample."""
    late = [one for one in listed if not all(sample.is_sync for sample in one.piece.segment.samples()[:1])]
    for one in late[:1] or listed[:1]:
        declared = one.representation.get("startWithSAP")
        if (declared == "1") == bool(late):
            findings.add("D6", series.uri, f"{one.representation.id}: startWithSAP is {declared}, "
                         f"{one.piece.uri} starts with {'no ' if late else 'a '}sync sample")


def check_reference_times(series, listed, findings):
    """A prft says what availabilityStartTime says: there is one map from media to the wall clock."""
    for one in listed:
        representation, chunk = one.representation, one.piece.segment.chunks[0]
        if chunk.reference is None:
            continue
        told, media_time = chunk.reference
        since = Fraction(media_time - representation.offset, representation.timescale)
        error = told - (representation.period.mpd.start + representation.period.start + since)
        if abs(error) > CLOCK_GRAIN:
            findings.add("D8", series.uri, f"{representation.id}: the prft of {one.piece.uri} is {float(error):+.4f} s "
                         "from what availabilityStartTime says")


def check_bandwidth(series, listed, findings):
    """At @bandwidth, after minBufferTime, every run of segments arrives in time for playing it."""
    if not listed or series.last is None or series.last.buffer_time is None:
        return
    bandwidth = int(listed[0].representation.element.get("bandwidth", 0))
    for first in range(len(listed)):
        bits, seconds = 0, Fraction(0)
        for one in listed[first:]:
            bits += one.piece.segment.size * 8
            seconds += one.piece.seconds()
            if bits > bandwidth * (series.last.buffer_time + seconds):
                findings.add("D4", series.uri, f"{one.representation.id}: {bits} bits in {float(seconds):.2f} s "
                             f"are more than a bandwidth of {bandwidth} delivers with a minBufferTime of "
                             f"{float(series.last.buffer_time)} s")
                return


TRACK_RULES = [
    check_times,
    check_sequence,
    check_attributes_are_true,
    check_starts_are_true,
    check_reference_times,
    check_bandwidth,
]


def check_tracks_align(tracks, findings):
    """C8 within each period, for the first video and every audio representation."""
    for period in {key[0] for key in tracks}:
        members = [listed for key, listed in tracks.items() if key[0] == period and listed]
        videos = [listed for listed in members if listed[0].piece.track.handler == "vide"]
        audios = [listed for listed in members if listed[0].piece.track.handler == "soun"]
        for video in videos[:1]:
            for audio in audios:
                cmaf.check_alignment(_side_by_side(video, audio), findings)


def _side_by_side(video, audio):
    """Each audio segment with the video segment that starts next to it, within half of its duration."""
    starts = [one.piece.start() for one in video]
    for one in audio:
        start = one.piece.start()
        at = bisect(starts, start)
        nearest = min((other.piece for other in video[max(0, at - 1):at + 1]),
                      key=lambda piece: abs(piece.start() - start))
        if abs(nearest.start() - start) * 2 < one.piece.seconds():
            yield nearest, one.piece
