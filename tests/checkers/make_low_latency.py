"""A valid low-latency MPD over time, its patches, and its segments as they grow, for the checkers' own tests.

It is make_mpd's, with one period; the newest segment is open. Chunks are half a segment.
"""

import make_cmaf
import make_mpd
from fetch import Fetch

PROFILES = "urn:mpeg:dash:profile:isoff-live:2011,http://www.dashif.org/guidelines/low-latency-live-v5"
REFERENCE = ('<ProducerReferenceTime id="{id}" inband="true" type="captured" wallClockTime="{date}" '
             'presentationTime="0"><UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-iso:2014" value="/time"/>'
             '</ProducerReferenceTime><Resync type="0" dT="{chunk}" marker="true"/>')
SERVICE = ('<PatchLocation ttl="20">patch-{end}.mpp</PatchLocation><ServiceDescription id="0">'
           '<Latency referenceId="1" target="1500" max="4500" min="1000"/><PlaybackRate max="1.1" min="0.96"/>'
           "</ServiceDescription>\n")
PATCH = ('<Patch xmlns="urn:mpeg:dash:schema:mpd-patch:2020" mpdId="one" originalPublishTime="{old}" '
         'publishTime="{new}">{operations}</Patch>')
TIMELINE = "/MPD/Period[@id='p0']/AdaptationSet[@id='{id}']/SegmentTemplate/SegmentTimeline"


def manifest(end, first=None):
    text = make_mpd.Stream(attributes={"profiles": PROFILES}).manifest(end, first)
    text = text.replace("<SegmentTemplate ", '<SegmentTemplate availabilityTimeOffset="0.5" '
                        'availabilityTimeComplete="false" ')
    date = make_mpd.date(make_mpd.EPOCH)
    video, audio = (REFERENCE.format(id=at, date=date, chunk=chunk) for at, chunk in ((1, 45000), (2, 24000)))
    text = text.replace('<Role scheme', video + '<Role scheme', 1)
    head, role, tail = text.rpartition('<Role scheme')
    return (head + audio + role + tail).replace("<Period ", SERVICE.format(end=end) + "<Period ", 1)


def reloads(*ends):
    return [(make_mpd.EPOCH + end, manifest(end)) for end in ends or range(4, 12)]


def patch(end, operations=None):
    """From the MPD that ends with END - 1 to the next; both begin with segment 0."""
    audio = make_mpd.audio_start
    made = "".join((
        f'<replace sel="/MPD/@publishTime">{make_mpd.date(make_mpd.EPOCH + end + 1)}</replace>',
        f'<replace sel="/MPD/PatchLocation[1]"><PatchLocation ttl="20">patch-{end + 1}.mpp</PatchLocation></replace>',
        f'<add sel="{TIMELINE.format(id=1)}"><S t="{end * make_cmaf.VIDEO_SCALE}" d="{make_cmaf.VIDEO_SCALE}"/></add>',
        f'<add sel="{TIMELINE.format(id=2)}"><S t="{audio(end)}" d="{audio(end + 1) - audio(end)}"/></add>',
    )) if operations is None else operations
    return PATCH.format(old=make_mpd.date(make_mpd.EPOCH + end), new=make_mpd.date(make_mpd.EPOCH + end + 1),
                        operations=made).encode()


def growing(number, late=0.0):
    """The fetch of a segment of video that asks when the first chunk is there, each chunk LATE seconds late."""
    begin = make_mpd.EPOCH + number
    body = make_cmaf.video_segment(number)
    half = body.index(b"mdat") + body[body.index(b"mdat") + 4:].index(b"moof")
    arrivals = [(begin + 0.5 + late, half), (begin + 1 + late, len(body))]
    headers = {"content-type": "video/mp4", "cache-control": "max-age=31536000, immutable", "etag": '"x"',
               "access-control-allow-origin": "*"}
    return Fetch("growing", f"{make_mpd.BASE}video-{number}.m4s", started=begin + 0.5, time=begin + 1, status=200,
                 headers=headers, body=body, arrivals=arrivals)
