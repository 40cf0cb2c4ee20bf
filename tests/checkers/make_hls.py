"""A valid live HLS presentation, and its reloads over time, for the checkers' own tests.

A Stream describes the segments; `playlist` writes the window that a server shows at some moment. Tests
spoil the text, the stream or the window. Times count from EPOCH; segments last one second.
"""

from dataclasses import dataclass, field
from datetime import datetime, timezone

from findings import Findings
from hls_multivariant import Presentation
from m3u8 import parse
from series import Series

EPOCH = 1_700_000_000
BASE = "http://origin.test/live/one/"
MULTIVARIANT = """#EXTM3U
#EXT-X-VERSION:6
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aac",NAME="und",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1000000,AVERAGE-BANDWIDTH=900000,CODECS="avc1.42c01f,mp4a.40.2",\
RESOLUTION=640x360,FRAME-RATE=25.000,VIDEO-RANGE=SDR,AUDIO="aac",CLOSED-CAPTIONS=NONE
video.m3u8
"""


@dataclass
class Stream:
    name: str = "video"
    target: int = 1
    length: int = 6  # segments in the window
    duration: float = 1.0
    breaks: dict = field(default_factory=dict)  # number: init name, of segments behind a discontinuity
    epoch: int = EPOCH
    switches: dict = field(default_factory=dict)  # the same, of segments behind nothing but a new map

    def date(self, number):
        stamp = datetime.fromtimestamp(self.epoch + number * self.duration, timezone.utc)
        return stamp.strftime("%Y-%m-%dT%H:%M:%S.") + f"{stamp.microsecond // 1000:03d}Z"

    def init_at(self, number):
        changes = sorted({**self.breaks, **self.switches}.items())
        before = [init for at, init in changes if at <= number]
        return before[-1] if before else f"{self.name}-init.mp4"

    def playlist(self, end, first=None, ended=False):
        """The window whose last segment is `end` - 1."""
        first = max(0, end - self.length) if first is None else first
        lines = ["#EXTM3U", "#EXT-X-VERSION:6", f"#EXT-X-TARGETDURATION:{self.target}",
                 f"#EXT-X-MEDIA-SEQUENCE:{first}",
                 f"#EXT-X-DISCONTINUITY-SEQUENCE:{sum(at < first for at in self.breaks)}",
                 "#EXT-X-INDEPENDENT-SEGMENTS"]
        init = None
        for number in range(first, end):
            if number in self.breaks:
                lines.append("#EXT-X-DISCONTINUITY")
            if self.init_at(number) != init:
                init = self.init_at(number)
                lines.append(f'#EXT-X-MAP:URI="{init}"')
            lines += [f"#EXT-X-PROGRAM-DATE-TIME:{self.date(number)}",
                      f"#EXTINF:{self.duration:.3f},", f"{self.name}-{number}.m4s"]
        if ended:
            lines.append("#EXT-X-ENDLIST")
        return "\n".join(lines) + "\n"

    def reloads(self, *ends):
        """(time, text) of one reload per segment."""
        return [(self.epoch + end * self.duration, self.playlist(end)) for end in ends or range(6, 14)]

    @property
    def uri(self):
        return BASE + self.name + ".m3u8"


def parsed(text, uri=BASE + "video.m3u8", findings=None):
    return parse(text.encode(), uri, Findings() if findings is None else findings)


def series(reloads, uri=BASE + "video.m3u8", findings=None):
    made = Series(uri)
    for when, text in reloads:
        made.add(when, text, lambda value: parsed(value, uri, findings))
    return made


def presentation(streams, findings, multivariant=(MULTIVARIANT,), reloads=None):
    """All of it; `reloads` replaces the reloads of streams by name."""
    uri = BASE + "index.m3u8"
    made = Presentation(series([(EPOCH + at, text) for at, text in enumerate(multivariant)], uri, findings))
    for stream in streams:
        seen = (reloads or {}).get(stream.name) or stream.reloads()
        made.media[stream.uri] = series(seen, stream.uri, findings)
    return made
