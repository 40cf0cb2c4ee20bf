"""HLS playlists against the bytes they name: H8, H9, H10, H17, V1, V2, V3, V5, and C4 and C8 in their order.

`files` maps absolute URIs to parsed init segments and segments (cmaf_model). What is not in it was not
fetched, and nothing is said about it.
"""

from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import urljoin

import cmaf
import hls
from hls_multivariant import codecs_of

DATE_SLACK = Fraction(1, 1000)
BANDWIDTH_TOLERANCE = Fraction(11, 10)
FRAME_RATE_TOLERANCE = Fraction(98, 100)


@dataclass
class Listed:
    """A segment of a playlist with its bytes."""

    entry: object  # m3u8.Segment
    piece: cmaf.Piece


def check_media(presentation, files, findings):
    listings = {}
    for uri, series in presentation.media.items():
        listings[uri] = listed_segments(series, files, findings)
        for rule in LISTING_RULES:
            rule(series, listings[uri], findings)
    playlist = presentation.multivariant.last
    if playlist is not None:
        for rule in MEASURED_RULES:
            rule(presentation, listings, findings)
        check_tracks_align(presentation, listings, findings)


def listed_segments(series, files, findings):
    """The fetched segments in order of their numbers. Those that no init segment fits are reported."""
    listed = []
    expected = None
    for msn, entry in hls.segments_seen(series).items():
        init = files.get(urljoin(series.uri, entry.map[0])) if entry.map else None
        segment = files.get(urljoin(series.uri, entry.uri))
        if entry.gap or init is None or segment is None:
            continue
        misfit = cmaf.decodes_with(segment, init)
        if misfit:
            findings.add("H8", series.uri, f"segment {msn} does not go with its map: {misfit}")
            continue
        starts = entry.discontinuity or msn != expected
        listed.append(Listed(entry, cmaf.Piece(urljoin(series.uri, entry.uri), segment, init, starts)))
        expected = msn + 1
    return listed


def _continuities(listed):
    """The listed segments, parted where a discontinuity or an unfetched segment lies between them."""
    part = []
    for one in listed:
        if part and one.piece.starts_continuity:
            yield part
            part = []
        part.append(one)
    if part:
        yield part


# One playlist and its segments

def check_sequence(series, listed, findings):
    cmaf.check_sequence([one.piece for one in listed], findings)


def check_format_changes(series, listed, findings):
    for before, one in zip(listed, listed[1:]):
        old = [track.shape() for track in before.piece.init.tracks]
        new = [track.shape() for track in one.piece.init.tracks]
        if old != new and one.entry.dsn == before.entry.dsn:
            findings.add("H9", series.uri, f"segment {one.entry.msn} has the tracks {new} where "
                         f"there were {old}, and no EXT-X-DISCONTINUITY")


def check_durations_are_true(series, listed, findings):
    for one in listed:
        error = one.entry.duration - one.piece.seconds()
        if abs(error) > max(Fraction(1, 1000), Fraction(1, 10**one.entry.decimals)):
            findings.add("H17", series.uri, f"segment {one.entry.msn} is {float(one.piece.seconds()):.4f} s "
                         f"long, EXTINF says {float(one.entry.duration):.4f} s")


def check_independent_starts(series, listed, findings):
    if series.last is None or not series.last.independent:
        return
    for one in listed:
        track = one.piece.track
        idr_types = cmaf.IDR_TYPES.get(track.entry[:3])
        first = one.piece.segment.samples()[:1]
        if idr_types and first and not idr_types & set(first[0].nals):
            findings.add("H17", series.uri, f"segment {one.entry.msn} does not start with an IDR picture")


def check_date_mapping(series, listed, findings):
    """Within a continuity, date minus decode time is one constant."""
    for part in _continuities(listed):
        dated = [one for one in part if one.entry.date is not None]
        for one in dated[1:]:
            drift = ((one.entry.date - one.piece.start())
                     - (dated[0].entry.date - dated[0].piece.start()))
            if abs(drift) > DATE_SLACK:
                findings.add("H10", series.uri, f"segment {one.entry.msn} is dated {float(drift):+.4f} s "
                             "from where its decode time puts it")
                break


LISTING_RULES = [
    check_sequence,
    check_format_changes,
    check_durations_are_true,
    check_independent_starts,
    check_date_mapping,
]


# The multivariant playlist and what was measured

def peak_bandwidth(series, listed):
    """The largest bit rate of neighbouring segments that last 0.5 to 1.5 target durations together."""
    target = series.last.target_duration or 1
    peak = Fraction(0)
    for part in _continuities(listed):
        for first in range(len(part)):
            seconds, size = Fraction(0), 0
            for one in part[first:]:
                seconds += one.piece.seconds()
                size += one.piece.segment.size
                if seconds * 2 > target * 3:
                    break
                if seconds * 2 >= target:
                    peak = max(peak, size * 8 / seconds)
    return peak


def _renditions_of(playlist, variant):
    """For each group that the variant names, its renditions."""
    for kind in ("AUDIO", "VIDEO", "SUBTITLES"):
        group = variant.get(kind)
        if group is not None:
            yield kind, [one for one in playlist.renditions
                         if one["TYPE"] == kind and one["GROUP-ID"] == group]


def check_bandwidths_are_true(presentation, listings, findings):
    playlist = presentation.multivariant.last

    def peak_of(relative):
        uri = presentation.uri_of(relative)
        series = presentation.media.get(uri)
        return peak_bandwidth(series, listings[uri]) if series and series.last else Fraction(0)

    for variant in playlist.variants:
        peak = peak_of(variant["URI"])
        for _, members in _renditions_of(playlist, variant):
            peak += max((peak_of(one["URI"]) for one in members if "URI" in one), default=0)
        declared = variant.get("BANDWIDTH")
        if declared and peak > declared * BANDWIDTH_TOLERANCE:
            findings.add("V1", playlist.uri, f"{variant['URI']}: BANDWIDTH is {declared}, "
                         f"measured were {int(peak)}")


def _newest_tracks(presentation, listings, relative):
    listed = listings.get(presentation.uri_of(relative)) if relative else None
    return listed[-1].piece.init.tracks if listed else []


def check_codecs_are_true(presentation, listings, findings):
    playlist = presentation.multivariant.last
    for variant in playlist.variants:
        uris = [variant["URI"]]
        for _, members in _renditions_of(playlist, variant):
            uris += [one["URI"] for one in members if "URI" in one]
        found = [_newest_tracks(presentation, listings, uri) for uri in uris]
        declared = {codec.lower() for codec in codecs_of(variant)}
        actual = {track.codec.lower() for tracks in found for track in tracks}
        missing = actual - declared
        surplus = declared - actual if all(found) else set()
        if declared and (missing or surplus):
            findings.add("V2", playlist.uri, f"{variant['URI']}: CODECS says {sorted(declared)}, "
                         f"the init segments say {sorted(actual)}")


def check_pictures_are_true(presentation, listings, findings):
    playlist = presentation.multivariant.last
    for variant in playlist.variants:
        for track in _newest_tracks(presentation, listings, variant["URI"]):
            size = (track.width, track.height)
            if track.handler == "vide" and variant.get("RESOLUTION", size) != size:
                findings.add("V3", playlist.uri, f"{variant['URI']}: RESOLUTION is {variant['RESOLUTION']}, "
                             f"the init segment has {size}")
        rate = _frame_rate(listings.get(presentation.uri_of(variant["URI"]), []))
        declared = variant.get("FRAME-RATE")
        if declared is not None and declared < rate * FRAME_RATE_TOLERANCE:
            findings.add("V3", playlist.uri, f"{variant['URI']}: FRAME-RATE is {float(declared)}, "
                         f"measured were {float(rate):.3f}")


def _frame_rate(listed):
    video = [one.piece for one in listed if one.piece.track.handler == "vide"]
    seconds = sum((piece.seconds() for piece in video), Fraction(0))
    frames = sum(len(piece.segment.samples()) for piece in video)
    return frames / seconds if seconds else Fraction(0)


def check_muxed_audio(presentation, listings, findings):
    playlist = presentation.multivariant.last
    for variant in playlist.variants:
        tracks = _newest_tracks(presentation, listings, variant["URI"])
        if not tracks:
            continue
        for kind, members in _renditions_of(playlist, variant):
            for one in members:
                is_muxed = any(track.handler == "soun" for track in tracks)
                if kind == "AUDIO" and "URI" not in one and not is_muxed:
                    findings.add("V5", playlist.uri, f"audio '{one['NAME']}' has no URI, and "
                                 f"{variant['URI']} has no audio track")


MEASURED_RULES = [
    check_bandwidths_are_true,
    check_codecs_are_true,
    check_pictures_are_true,
    check_muxed_audio,
]


def check_tracks_align(presentation, listings, findings):
    """C8 for every video rendition and every audio rendition, by segment number."""
    by_handler = {"vide": [], "soun": []}
    for listed in listings.values():
        if listed:
            by_handler.get(listed[0].piece.track.handler, []).append(
                {one.entry.msn: one.piece for one in listed})
    for video in by_handler["vide"][:1]:
        for audio in by_handler["soun"]:
            common = sorted(video.keys() & audio.keys())
            cmaf.check_alignment([(video[msn], audio[msn]) for msn in common], findings)
