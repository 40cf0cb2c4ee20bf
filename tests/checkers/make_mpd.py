"""A valid live MPD, and its reloads over time, for the checkers' own tests.

One video and one audio representation of segments of about one second, as make_live names them. Times
count from EPOCH, which is the availabilityStartTime.
"""

from dataclasses import dataclass, field
from datetime import datetime, timezone

import make_cmaf
import mpd
from findings import Findings
from series import Series

EPOCH = 1_700_000_000
BASE = "http://origin.test/live/one/"
URI = BASE + "manifest.mpd"
DEPTH = 6

PERIOD = """<Period id="{id}" start="PT{start}S"{duration}>
  <AdaptationSet id="1" contentType="video" segmentAlignment="true" startWithSAP="1" maxWidth="640" \
maxHeight="360">
    <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
    <SegmentTemplate timescale="90000" presentationTimeOffset="{video_offset}" startNumber="{first}" \
initialization="$RepresentationID$-init.mp4" media="$RepresentationID$-$Number$.m4s">
      <SegmentTimeline>
        {video_lines}
      </SegmentTimeline>
    </SegmentTemplate>
    <Representation id="video" bandwidth="800000" mimeType="video/mp4" codecs="avc1.42c01f" width="640" \
height="360" frameRate="25" sar="1:1"/>
  </AdaptationSet>
  <AdaptationSet id="2" contentType="audio" lang="und" segmentAlignment="true" startWithSAP="1">
    <AudioChannelConfiguration schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011" \
value="2"/>
    <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
    <SegmentTemplate timescale="48000" presentationTimeOffset="{audio_offset}" startNumber="{first}" \
initialization="$RepresentationID$-init.mp4" media="$RepresentationID$-$Number$.m4s">
      <SegmentTimeline>
        {audio_lines}
      </SegmentTimeline>
    </SegmentTemplate>
    <Representation id="audio" bandwidth="128000" mimeType="audio/mp4" codecs="mp4a.40.2" \
audioSamplingRate="48000"/>
  </AdaptationSet>
</Period>
"""


@dataclass
class Stream:
    breaks: tuple = ()  # numbers of the segments with which a new period starts
    depth: int = DEPTH
    epoch: int = EPOCH
    attributes: dict = field(default_factory=dict)  # of the MPD, replaced; None removes one

    def manifest(self, end, first=None, ended=False):
        """The MPD in which the segment `end` - 1 is the last one."""
        first = max(0, end - self.depth - 1) if first is None else first
        starts = [0, *self.breaks]
        periods = ""
        for at, start in enumerate(starts):
            stop = min(end, starts[at + 1]) if at + 1 < len(starts) else end
            if max(first, start) < stop:
                duration = f' duration="PT{stop - start}S"' if ended and stop == end else ""
                periods += self.period(at, start, max(first, start), stop, duration)
        return (f'<?xml version="1.0" encoding="UTF-8"?>\n'
                f'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" {self.head(end, ended)}>\n{periods}'
                '<UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-iso:2014" value="/time"/>\n</MPD>\n')

    def head(self, end, ended):
        values = {"id": "one", "profiles": "urn:mpeg:dash:profile:isoff-live:2011",
                  "type": "static" if ended else "dynamic", "availabilityStartTime": date(self.epoch),
                  "publishTime": date(self.epoch + end + ended), "minimumUpdatePeriod": None if ended else "PT1S",
                  "minBufferTime": "PT1S", "timeShiftBufferDepth": f"PT{self.depth}S",
                  "suggestedPresentationDelay": "PT3S", "maxSegmentDuration": "PT1.1S", **self.attributes}
        return " ".join(f'{name}="{value}"' for name, value in values.items() if value is not None)

    def period(self, at, start, first, stop, duration):
        video = [(number * make_cmaf.VIDEO_SCALE, make_cmaf.VIDEO_SCALE) for number in range(first, stop)]
        audio = [(audio_start(number), audio_start(number + 1) - audio_start(number))
                 for number in range(first, stop)]
        return PERIOD.format(id=f"p{at}", start=start, duration=duration, first=first,
                             video_offset=start * make_cmaf.VIDEO_SCALE, audio_offset=audio_start(start),
                             video_lines=lines(video), audio_lines=lines(audio))

    def reloads(self, *ends):
        """(time, text) of one reload per segment."""
        return [(self.epoch + end, self.manifest(end)) for end in ends or range(4, 14)]


def date(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def audio_start(number):
    return make_cmaf.audio_bounds(number) * make_cmaf.AUDIO_FRAME


def lines(pieces):
    return "".join(f'<S t="{time}" d="{duration}"/>' for time, duration in pieces)


def parsed(text, findings=None):
    data = text if isinstance(text, bytes) else text.encode()
    return mpd.parse(data, URI, Findings() if findings is None else findings)


def series(reloads, findings=None):
    made = Series(URI)
    for when, text in reloads:
        made.add(when, text.encode(), lambda value: parsed(value, findings))
    return made
