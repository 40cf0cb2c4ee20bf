"""Playlists and MPDs of a server under test, parsed by the checkers, and what tests ask of them."""

import os
import pathlib
import sys
from urllib.parse import urljoin

from media import publish_ffmpeg
from server import wait_until

SOURCE = pathlib.Path(os.environ.get("MEDIAGRAPH_SOURCE", pathlib.Path(__file__).parents[2]))
sys.path.insert(0, str(SOURCE / "tests" / "checkers"))

import m3u8  # noqa: E402
import mpd as mpd_parser  # noqa: E402
from findings import Findings  # noqa: E402
from watch import Watch  # noqa: E402


def watch(server, stream, also_ignore=(), app="live"):
    """The checkers' watch over a stream, which may come later. start(), wait(seconds), stop()."""
    return Watch(hls=server.url(f"/{app}/{stream}/index.m3u8"),
                 dash=server.url(f"/{app}/{stream}/manifest.mpd"),
                 grace=15, ignore=set(also_ignore))


def parse_playlist(data, uri=""):
    """A playlist without a fault; else an AssertionError says which."""
    findings = Findings()
    playlist = m3u8.parse(data, uri, findings)
    assert playlist is not None and not len(findings), "\n".join(findings.lines())
    return playlist


def media(server, stream, track="video", app="live"):
    """The media playlist, or None when it is not to be had now."""
    path = f"/{app}/{stream}/{track}.m3u8"
    status, _, body = server.get(path)
    return parse_playlist(body, server.url(path)) if status == 200 else None


def mpd(server, stream, app="live"):
    """The MPD, or None when it is not to be had now."""
    path = f"/{app}/{stream}/manifest.mpd"
    status, _, body = server.get(path)
    return parse_mpd(body, server.url(path)) if status == 200 else None


def parse_mpd(body, uri=""):
    findings = Findings()
    parsed = mpd_parser.parse(body, uri, findings)
    assert parsed is not None and not len(findings), "\n".join(findings.lines())
    return parsed


def numbers(playlist):
    return [segment.msn for segment in playlist.segments]


def segment_urls(playlist):
    return [urljoin(playlist.uri, segment.uri) for segment in playlist.segments]


def discontinuities(playlist):
    """The indices of the segments that begin with EXT-X-DISCONTINUITY."""
    return [i for i, segment in enumerate(playlist.segments) if segment.discontinuity]


def listed_in_mpd(parsed, kind):
    """The URLs of all segments of 'video' or 'audio', over all periods."""
    return [one.media_uri(piece) for one in parsed.representations() if one.kind == kind
            for piece in one.pieces()]


def watch_until(server, path, number, track="video", **options):
    """Publishes PATH, and returns the watch and its findings once the segment of that number is listed."""
    publisher = publish_ffmpeg(path, server.push_url("x"))
    watcher = watch(server, "x", **options).start()
    wait_until(lambda: is_listed(server, number, track), f"segment {number}")
    findings = watcher.stop()
    publisher.kill()
    publisher.communicate()
    return watcher, findings


def is_listed(server, number, track):
    playlist = media(server, "x", track)
    return playlist is not None and number in numbers(playlist)
