"""The rules of HTTP delivery: H16, and W1 to W9 (README.md), one response at a time.

`probes` names the further requests that a fetched file is worth; `judge_probe` judges their answers
against what was fetched first.
"""

import gzip
import re
import zlib
from dataclasses import dataclass, field
from hashlib import sha1

from fetch import ORIGIN

PLAYLIST_TYPES = {"application/vnd.apple.mpegurl", "audio/mpegurl"}
MPD_TYPES = {"application/dash+xml"}
MEDIA_TYPES = {"video/mp4", "audio/mp4"}
MANIFEST_MAX_AGE = 2  # seconds that a cache may keep a live manifest
MEDIA_MIN_AGE = 3600  # seconds that a cache may at least keep what never changes
RANGE_BYTES = 100


@dataclass
class Seen:
    """What the first fetch of an init segment or segment brought."""

    uri: str
    size: int
    digest: str
    headers: dict = field(default_factory=dict)
    head: bytes = b""
    tail: bytes = b""


def remember(fetch):
    return Seen(fetch.uri, len(fetch.body), sha1(fetch.body).hexdigest(), fetch.headers,
                fetch.body[:RANGE_BYTES], fetch.body[-RANGE_BYTES:])


def content_type(fetch):
    return fetch.headers.get("content-type", "").partition(";")[0].strip().lower()


def cache_control(fetch):
    """The directives of Cache-Control: names in lower case, and their values or None."""
    directives = {}
    for part in fetch.headers.get("cache-control", "").split(","):
        name, equals, value = part.strip().partition("=")
        directives[name.lower()] = value.strip('"') if equals else None
    directives.pop("", None)
    return directives


def _age(directives, name):
    value = directives.get(name)
    return int(value) if value is not None and re.fullmatch(r"\d{1,10}", value) else None


def _failed(fetch, findings):
    if fetch.status == 200:
        return False
    findings.add("W1", fetch.uri, fetch.error or f"{fetch.method} is answered with status {fetch.status}")
    return True


def judge_cors(fetch, findings):
    """Every answer, a 404 included, can be read by a page of another origin."""
    if fetch.status == 0:
        return
    allowed = fetch.headers.get("access-control-allow-origin")
    if allowed not in ("*", ORIGIN):
        findings.add("W6", fetch.uri, f"Access-Control-Allow-Origin is {allowed} "
                     f"in the answer with status {fetch.status}")


def judge_manifest(fetch, findings, is_final=False):
    """Whether the manifest can be used. What is final may be cached for long."""
    if _failed(fetch, findings):
        return False
    is_mpd = fetch.purpose == "mpd"
    if content_type(fetch) not in (MPD_TYPES if is_mpd else PLAYLIST_TYPES):
        findings.add("W7" if is_mpd else "H16", fetch.uri, f"the content type is '{content_type(fetch)}'")
    directives = cache_control(fetch)
    ages = [_age(directives, name) for name in ("max-age", "s-maxage")]
    is_short = {"no-cache", "no-store"} & directives.keys() or (
        any(age is not None for age in ages) and all(age is None or age <= MANIFEST_MAX_AGE for age in ages))
    if not is_final and not is_short:
        findings.add("W2", fetch.uri, f"a live manifest has Cache-Control "
                     f"'{fetch.headers.get('cache-control')}'")
    judge_cors(fetch, findings)
    return True


def judge_media(fetch, findings):
    """Whether the init segment or segment was delivered, and how."""
    if _failed(fetch, findings):
        return False
    if content_type(fetch) not in MEDIA_TYPES:
        findings.add("H16", fetch.uri, f"the content type is '{content_type(fetch)}'")
    directives = cache_control(fetch)
    if "immutable" not in directives or (_age(directives, "max-age") or 0) < MEDIA_MIN_AGE:
        findings.add("W2", fetch.uri, f"what never changes has Cache-Control "
                     f"'{fetch.headers.get('cache-control')}'")
    if not fetch.headers.get("etag"):
        findings.add("W3", fetch.uri, "there is no ETag")
    judge_cors(fetch, findings)
    return True


def probes(seen):
    """Further requests for a file: (purpose, method, request headers)."""
    etag = seen.headers.get("etag")
    return [
        ("again", "GET", {}),
        ("head", "HEAD", {}),
        ("range", "GET", {"Range": f"bytes=0-{RANGE_BYTES - 1}"}),
        ("suffix-range", "GET", {"Range": f"bytes=-{RANGE_BYTES}"}),
        ("bad-range", "GET", {"Range": f"bytes={seen.size}-"}),
    ] + ([("unchanged", "GET", {"If-None-Match": etag})] if etag else [])


def judge_probe(fetch, seen, findings):
    if fetch.status == 0:
        findings.add("W1", fetch.uri, f"{fetch.purpose}: {fetch.error}")
        return
    _PROBE_JUDGES[fetch.purpose](fetch, seen, findings)
    judge_cors(fetch, findings)


def _judge_again(fetch, seen, findings):
    if fetch.status != 200:
        findings.add("W1", fetch.uri, f"fetched again, the status is {fetch.status}")
    elif sha1(fetch.body).hexdigest() != seen.digest:
        findings.add("H3", fetch.uri, "fetched again, the bytes are others")
    elif fetch.headers.get("etag") != seen.headers.get("etag"):
        findings.add("W3", fetch.uri, "fetched again, the ETag is another one")


def _judge_head(fetch, seen, findings):
    length = fetch.headers.get("content-length")
    if fetch.status != 200 or fetch.body or length != str(seen.size):
        findings.add("W5", fetch.uri, f"HEAD is answered with status {fetch.status}, Content-Length {length} "
                     f"and {len(fetch.body)} bytes; GET had {seen.size}")
    elif fetch.headers.get("content-type") != seen.headers.get("content-type"):
        findings.add("W5", fetch.uri, "HEAD has another content type than GET")


def _judge_range(fetch, seen, findings):
    _judge_partial(fetch, seen.head, 0, seen, findings)


def _judge_suffix_range(fetch, seen, findings):
    _judge_partial(fetch, seen.tail, max(0, seen.size - RANGE_BYTES), seen, findings)


def _judge_partial(fetch, expected, first, seen, findings):
    wanted = f"bytes {first}-{first + len(expected) - 1}/{seen.size}"
    got = fetch.headers.get("content-range")
    if fetch.status != 206 or got != wanted or fetch.body != expected:
        findings.add("W4", fetch.uri, f"a request for {fetch.sent['Range']} is answered with status "
                     f"{fetch.status}, Content-Range '{got}' and {len(fetch.body)} bytes")


def _judge_bad_range(fetch, seen, findings):
    got = fetch.headers.get("content-range")
    if fetch.status != 416 or got != f"bytes */{seen.size}":
        findings.add("W4", fetch.uri, f"a range beyond the end is answered with status {fetch.status} "
                     f"and Content-Range '{got}'")


def _judge_unchanged(fetch, seen, findings):
    if fetch.status != 304 or fetch.body or fetch.headers.get("etag") != seen.headers.get("etag"):
        findings.add("W3", fetch.uri, f"If-None-Match with the ETag is answered with status {fetch.status}, "
                     f"{len(fetch.body)} bytes and ETag {fetch.headers.get('etag')}")


_PROBE_JUDGES = {
    "again": _judge_again,
    "head": _judge_head,
    "range": _judge_range,
    "suffix-range": _judge_suffix_range,
    "bad-range": _judge_bad_range,
    "unchanged": _judge_unchanged,
}
PROBES = frozenset(_PROBE_JUDGES)


def judge_gzip(fetch, findings):
    """A playlist asked for with Accept-Encoding: gzip."""
    if _failed(fetch, findings):
        return
    coding = fetch.headers.get("content-encoding", "")
    if coding != "gzip" or "accept-encoding" not in fetch.headers.get("vary", "").lower():
        findings.add("W9", fetch.uri, f"asked for gzip, the answer has Content-Encoding '{coding}' "
                     f"and Vary '{fetch.headers.get('vary', '')}'")
        return
    try:
        text = gzip.decompress(fetch.body)
    except (OSError, EOFError, zlib.error) as fault:
        findings.add("H16", fetch.uri, f"the gzip coding is broken: {fault}")
        return
    if not text.startswith(b"#EXTM3U"):
        findings.add("H16", fetch.uri, "unpacked, the answer is no playlist")


def judge_manifest_head(fetch, findings):
    if fetch.status != 200 or fetch.body:
        findings.add("W5", fetch.uri, f"HEAD of the manifest is answered with status {fetch.status} "
                     f"and {len(fetch.body)} bytes")


def judge_missing(fetch, findings):
    """A file that never existed."""
    if fetch.status != 404:
        findings.add("W8", fetch.uri, f"a file that never existed is answered with status {fetch.status}")
    if "immutable" in cache_control(fetch):
        findings.add("W8", fetch.uri, "a 404 is marked as immutable")
    judge_cors(fetch, findings)
