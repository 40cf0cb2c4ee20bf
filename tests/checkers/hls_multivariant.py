"""The rules of multivariant playlists (V1 to V5), and those that compare renditions (H2, H4, H10, V4)."""

import re
from dataclasses import dataclass, field
from fractions import Fraction
from urllib.parse import urljoin

import hls
import hls_parts
from series import Series

VIDEO_CODECS = ("avc", "hvc", "hev", "av01", "vp09", "vp08", "dvh")
AUDIO_CODECS = ("mp4a", "ac-3", "ec-3", "ac-4", "opus", "flac", "alac", "dts")
CODEC = re.compile(r"avc[13]\.[0-9A-Fa-f]{6}|(hvc1|hev1|dvh1|dvhe|av01|vp09|vp08|mp4a|ac-4|stpp)(\.[\w-]+)+"
                   r"|(?i:ac-3|ec-3|opus|flac|alac|wvtt|dts[ceh-x]|stpp)")
GROUP_ATTRIBUTES = {
    "AUDIO": "AUDIO",
    "VIDEO": "VIDEO",
    "SUBTITLES": "SUBTITLES",
    "CLOSED-CAPTIONS": "CLOSED-CAPTIONS",
}
VIDEO_SLACK = Fraction(2, 1000)  # two dates, each rounded to the millisecond
AUDIO_SLACK = Fraction(50, 1000)  # one frame of 2048 samples at 44.1 kHz


@dataclass
class Presentation:
    """The multivariant playlist and the media playlists it names, each with its reloads."""

    multivariant: Series
    media: dict = field(default_factory=dict)  # absolute URI: Series
    blocking: dict = field(default_factory=dict)  # the same, as one saw them who waited for each part

    def uri_of(self, relative):
        return urljoin(self.multivariant.uri, relative)

    def last_of(self, relative):
        series = self.media.get(self.uri_of(relative)) if relative else None
        return series.last if series else None


def media_uris(playlist):
    """The absolute URIs of a multivariant playlist's media playlists, each once."""
    named = [variant["URI"] for variant in playlist.variants]
    named += [rendition["URI"] for rendition in playlist.renditions if "URI" in rendition]
    return list(dict.fromkeys(urljoin(playlist.uri, uri) for uri in named))


def check_multivariant(playlist, findings):
    for rule in MULTIVARIANT_RULES:
        rule(playlist, findings)


def check_presentation(presentation, findings, options=hls.Options()):
    for snapshot in presentation.multivariant.snapshots:
        check_multivariant(snapshot.parsed, findings)
    for old, new in presentation.multivariant.pairs():
        check_bandwidths_stay(old.parsed, new.parsed, findings)
    for series in [*presentation.media.values(), *presentation.blocking.values()]:
        hls.check_series(series, findings, options)
    for rule in RENDITION_RULES:
        rule(presentation, findings)


def codecs_of(variant):
    return [codec.strip() for codec in variant.get("CODECS", "").split(",") if codec.strip()]


def has_video(variant):
    codecs = codecs_of(variant)
    return not codecs or any(codec.lower().startswith(VIDEO_CODECS) for codec in codecs)


# One multivariant playlist

def check_bandwidths(playlist, findings):
    for variant in playlist.variants:
        peak, average = variant.get("BANDWIDTH"), variant.get("AVERAGE-BANDWIDTH")
        if not peak or not average:
            findings.add("V1", playlist.uri, f"{variant['URI']}: BANDWIDTH or AVERAGE-BANDWIDTH is missing")
        elif average > peak:
            findings.add("V1", playlist.uri, f"{variant['URI']}: AVERAGE-BANDWIDTH is above BANDWIDTH")


def check_codecs(playlist, findings):
    for variant in playlist.variants:
        codecs = codecs_of(variant)
        if not codecs:
            findings.add("V2", playlist.uri, f"{variant['URI']}: CODECS is missing")
        for codec in codecs:
            if not CODEC.fullmatch(codec):
                findings.add("V2", playlist.uri, f"{variant['URI']}: '{codec}' is no RFC 6381 codec string")


def check_video_attributes(playlist, findings):
    for variant in filter(has_video, playlist.variants):
        for name in ("RESOLUTION", "FRAME-RATE"):
            if name not in variant:
                findings.add("V3", playlist.uri, f"{variant['URI']}: {name} is missing")
        if (variant.get("FRAME-RATE", Fraction(0)) * 1000).denominator != 1:
            findings.add("V3", playlist.uri, f"{variant['URI']}: FRAME-RATE has more than three decimals")
        if variant.get("VIDEO-RANGE", "SDR") not in ("SDR", "HLG", "PQ"):
            findings.add("V3", playlist.uri, f"{variant['URI']}: unknown VIDEO-RANGE {variant['VIDEO-RANGE']}")


def check_group_references(playlist, findings):
    groups = {(one["TYPE"], one["GROUP-ID"]) for one in playlist.renditions}
    with_captions = any(kind == "CLOSED-CAPTIONS" for kind, _ in groups)
    for variant in playlist.variants:
        for attribute, kind in GROUP_ATTRIBUTES.items():
            group = variant.get(attribute)
            if group is not None and group != "NONE" and (kind, group) not in groups:
                findings.add("V3", playlist.uri, f"{variant['URI']}: there is no {kind} group '{group}'")
        if has_video(variant) and not with_captions and variant.get("CLOSED-CAPTIONS") != "NONE":
            findings.add("V3", playlist.uri, f"{variant['URI']}: without captions CLOSED-CAPTIONS must be NONE")


def check_groups(playlist, findings):
    groups = {}
    for one in playlist.renditions:
        groups.setdefault((one["TYPE"], one["GROUP-ID"]), []).append(one)
    members = {}
    for (kind, group), renditions in groups.items():
        names = [one["NAME"] for one in renditions]
        if len(set(names)) != len(names):
            findings.add("V3", playlist.uri, f"{kind} group '{group}' has a NAME twice")
        if sum(one.get("DEFAULT") == "YES" for one in renditions) > 1:
            findings.add("V3", playlist.uri, f"{kind} group '{group}' has more than one DEFAULT")
        for one in renditions:
            if one.get("DEFAULT") == "YES" and one.get("AUTOSELECT", "YES") != "YES":
                findings.add("V3", playlist.uri, f"'{one['NAME']}' is DEFAULT, but not AUTOSELECT")
        known = members.setdefault(kind, sorted(names))
        if known != sorted(names):
            findings.add("V3", playlist.uri, f"{kind} group '{group}' has other members than the first one")


def check_media_uris(playlist, findings):
    for one in playlist.renditions:
        if one["TYPE"] == "SUBTITLES" and "URI" not in one:
            findings.add("V5", playlist.uri, f"subtitles '{one['NAME']}' have no URI")
        if one["TYPE"] == "CLOSED-CAPTIONS" and "URI" in one:
            findings.add("V5", playlist.uri, f"closed captions '{one['NAME']}' have a URI")
        if one["TYPE"] == "AUDIO" and "URI" not in one:
            _check_is_muxed(playlist, one, findings)


def _check_is_muxed(playlist, rendition, findings):
    for variant in playlist.variants:
        with_audio = any(codec.lower().startswith(AUDIO_CODECS) for codec in codecs_of(variant))
        if variant.get("AUDIO") == rendition["GROUP-ID"] and not with_audio:
            findings.add("V5", playlist.uri, f"audio '{rendition['NAME']}' has no URI, and "
                         f"{variant['URI']} has no audio")


def check_multivariant_version(playlist, findings):
    needs = 1
    if playlist.defines:
        needs = 11 if any("QUERYPARAM" in one for one in playlist.defines) else 8
    if any("REQ-VIDEO-LAYOUT" in variant for variant in playlist.variants):
        needs = 12
    if any(one.get("INSTREAM-ID", "").startswith("SERVICE") for one in playlist.renditions):
        needs = max(needs, 7)
    if playlist.version < needs:
        findings.add("H7", playlist.uri, f"EXT-X-VERSION is {playlist.version}, but must be {needs}")


def check_bandwidths_stay(old, new, findings):
    before = {variant["URI"]: variant.get("BANDWIDTH") for variant in old.variants}
    for variant in new.variants:
        was = before.get(variant["URI"], variant.get("BANDWIDTH"))
        if was != variant.get("BANDWIDTH"):
            findings.add("V1", new.uri, f"{variant['URI']}: BANDWIDTH changed from {was} "
                         f"to {variant.get('BANDWIDTH')}")


# Renditions compared

def check_same_target_duration(presentation, findings):
    targets = {}
    for uri, series in presentation.media.items():
        if series.last is not None and not series.last.iframes_only:
            targets.setdefault(series.last.target_duration, uri)
    if len(targets) > 1:
        findings.add("H2", presentation.multivariant.uri, "target durations differ: " + ", ".join(
            f"{target} in {uri}" for target, uri in targets.items()))


def check_all_have_dates(presentation, findings):
    dated = {}
    for uri, series in presentation.media.items():
        segments = hls.segments_seen(series).values()
        if segments:
            dated.setdefault(any(segment.date is not None for segment in segments), uri)
    if len(dated) > 1:
        findings.add("H10", dated[False], f"there are no dates here, but in {dated[True]}")


def check_renditions_match(presentation, findings):
    """Equal numbers name equal stretches of time, with equal discontinuity sequences."""
    playlist = presentation.multivariant.last
    if playlist is None:
        return
    audio = {presentation.uri_of(one["URI"]) for one in playlist.renditions if "URI" in one}
    videos = [uri for uri in media_uris(playlist) if uri not in audio]
    first = next((uri for uri in videos if uri in presentation.media), None)
    if first is None:
        return
    reference = hls.segments_seen(presentation.media[first])
    for uri, series in presentation.media.items():
        if uri != first:
            slack = AUDIO_SLACK if uri in audio else VIDEO_SLACK
            _compare_renditions(reference, hls.segments_seen(series), slack, uri, findings)


def _compare_renditions(reference, segments, slack, uri, findings):
    common = [msn for msn in segments if msn in reference]
    if reference and segments and not common:
        findings.add("V4", uri, "no media sequence number is the same as in the first rendition")
    for msn in common:
        if reference[msn].dsn != segments[msn].dsn:
            findings.add("H4", uri, f"segment {msn} has discontinuity sequence {segments[msn].dsn}, "
                         f"the first rendition's has {reference[msn].dsn}")
            return
    for msn, shift in _shifts(reference, segments, common):
        if abs(shift) > slack:
            findings.add("V4", uri, f"segment {msn} starts {float(shift):+.4f} s from the first rendition's")
            return


def _shifts(reference, segments, common):
    """How much later each common segment starts than the reference's: by date, else by summed durations."""
    summed = Fraction(0)
    for msn in common:
        a, b = reference[msn], segments[msn]
        if a.date is not None and b.date is not None:
            summed = b.date - a.date
        yield msn, summed
        summed += b.duration - a.duration


MULTIVARIANT_RULES = [
    check_bandwidths,
    check_codecs,
    check_video_attributes,
    check_group_references,
    check_groups,
    check_media_uris,
    check_multivariant_version,
]

RENDITION_RULES = [
    check_same_target_duration,
    check_all_have_dates,
    check_renditions_match,
    *hls_parts.RENDITION_RULES,
]
