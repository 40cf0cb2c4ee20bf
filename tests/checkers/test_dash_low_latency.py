#!/usr/bin/python3
"""Each rule of LL-DASH, proven by a fault in an otherwise valid presentation."""

import unittest
import xml.etree.ElementTree as ElementTree
from hashlib import sha1

import dash
import dash_media
import make_cmaf
import make_live
import make_low_latency as make
import make_mpd
import mpd_patch
from dash_low_latency import LowLatency
from fetch import Fetch
from findings import Findings


def judged(reloads=None, fetches=(), digests=None):
    """The findings about these reloads, and about these fetches of growing segments."""
    found = Findings()
    series = make_mpd.series(reloads or make.reloads(), found)
    low_latency = LowLatency(series, found)
    for fetch in fetches:
        low_latency.take_growing(fetch)
    dash.check_series(series, found)
    low_latency.check(make_live.files(), digests or {}, found)
    return found


def spoiled(old, new, count=-1):
    text = make.manifest(8)
    assert old in text, old
    return judged([(make_mpd.EPOCH + 8, text.replace(old, new, count))])


class Mpds(unittest.TestCase):
    def test_a_true_presentation_has_no_findings(self):
        self.assertEqual(judged().lines(), [])

    def test_faults_of_what_is_promised_are_d8(self):
        faults = {
            "an offset of a whole segment": ('Offset="0.5"', 'Offset="1"'),
            "an offset of segments that are complete": ('availabilityTimeComplete="false"', "", 1),
            "no profile": ("low-latency-live-v5", "dash264"),
            "no target": ('target="1500"', ""),
            "a target below the least": ('target="1500"', 'target="900"'),
            "a target above the most": ('max="4500"', 'max="1400"'),
            "no playback rates": ('<PlaybackRate max="1.1" min="0.96"/>', ""),
            "a playback rate that nobody can listen to": ('max="1.1"', 'max="2"'),
            "a reference to nothing": ('referenceId="1"', 'referenceId="7"'),
            "two reference times with one id": ('ReferenceTime id="2"', 'ReferenceTime id="1"'),
            "a reference time of an application": ('type="captured"', 'type="application"'),
            "a reference time without a clock": ('<UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-iso:2014" '
                                                 'value="/time"/></Producer', "</Producer"),
            "another map to the wall clock": ('presentationTime="0"', 'presentationTime="900"'),
            "a chunk longer than a segment": ('dT="45000"', 'dT="95000"'),
            "a patch for an MPD without id": (' id="one"', ""),
        }
        for name, fault in faults.items():
            with self.subTest(name):
                self.assertEqual(spoiled(*fault).rules(), {"D8"})

    def test_a_set_without_reference_time_is_d8(self):
        text = make.manifest(8)
        head, _, tail = text.rpartition("<ProducerReferenceTime")
        text = head + tail.partition("</ProducerReferenceTime>")[2]
        self.assertEqual(judged([(make_mpd.EPOCH + 8, text)]).rules(), {"D8"})

    def test_an_open_segment_may_turn_out_shorter_and_not_longer(self):
        for told, rules in ((91000, set()), (89000, {"D8"})):
            reloads = make.reloads(7, 8)
            guess = reloads[0][1].replace('<S t="540000" d="90000"/>', f'<S t="540000" d="{told}"/>')
            self.assertNotEqual(guess, reloads[0][1])
            self.assertEqual(judged([(reloads[0][0], guess), reloads[1]]).rules(), rules)

    def test_a_whole_segment_keeps_its_duration(self):
        reloads = make.reloads(7, 8)
        guess = reloads[0][1].replace('<S t="450000" d="90000"/><S t="540000"', '<S t="450000" d="91000"/><S t="541000"')
        self.assertNotEqual(guess, reloads[0][1])
        self.assertIn("D3", judged([(reloads[0][0], guess), reloads[1]]).rules())


class Growth(unittest.TestCase):
    def test_chunks_come_when_they_have_ended(self):
        fetch = make.growing(7)
        digests = {fetch.uri: sha1(fetch.body).hexdigest()}
        self.assertEqual(judged(fetches=[fetch], digests=digests).lines(), [])

    def test_a_late_chunk_is_d8(self):
        self.assertEqual(judged(fetches=[make.growing(7, late=1)]).rules(), {"D8"})

    def test_other_bytes_than_afterwards_are_d8(self):
        fetch = make.growing(7)
        self.assertEqual(judged(fetches=[fetch], digests={fetch.uri: "other"}).rules(), {"D8"})

    def test_half_a_chunk_is_d8(self):
        fetch = make.growing(7)
        fetch.body = fetch.body[:-3]
        self.assertEqual(judged(fetches=[fetch]).rules(), {"D8"})

    def test_what_is_listed_and_not_there_is_w1(self):
        fetch = make.growing(7)
        fetch.status = 404
        self.assertEqual(judged(fetches=[fetch]).rules(), {"W1"})

    def test_the_newest_segment_of_each_track_is_what_grows(self):
        series = make_mpd.series(make.reloads(7))
        low_latency = LowLatency(series, Findings())
        self.assertEqual([uri.rpartition("/")[2] for uri, _ in low_latency.growing()], ["video-6.m4s", "audio-6.m4s"])


class Patches(unittest.TestCase):
    def followed(self, fetch, newer=None):
        found = Findings()
        series = make_mpd.series([(make_mpd.EPOCH + 4, make.manifest(4, first=0))], found)
        low_latency = LowLatency(series, found)
        self.assertEqual(low_latency.next_patch(), make_mpd.BASE + "patch-4.mpp")
        low_latency.take_patch(fetch)
        newer = newer or make.manifest(5, first=0)
        series.add(make_mpd.EPOCH + 5, newer.encode(), make_mpd.parsed)
        low_latency.check({}, {}, found)
        return found, low_latency

    def fetch(self, body, status=200):
        return Fetch("patch", make_mpd.BASE + "patch-4.mpp", status=status, body=body,
                     headers={"access-control-allow-origin": "*"})

    def test_a_patch_leads_to_the_next_mpd(self):
        found, low_latency = self.followed(self.fetch(make.patch(4)))
        self.assertEqual(found.lines(), [])
        self.assertEqual(low_latency.next_patch(), make_mpd.BASE + "patch-5.mpp")

    def test_faults_of_patches_are_d12(self):
        true = make.patch(4)
        faults = {
            "another MPD's": true.replace(b'mpdId="one"', b'mpdId="two"'),
            "from another time": true.replace(b'originalPublishTime="2023', b'originalPublishTime="2022'),
            "to another time": true.replace(b' publishTime="2023', b' publishTime="2022'),
            "at nothing": true.replace(b"@id='2'", b"@id='9'"),
            "of a strange kind": true.replace(b"<add ", b"<put ").replace(b"</add>", b"</put>"),
            "broken": true[:-3],
            "of another segment": true.replace(b'd="90000"', b'd="90001"'),
            "an MPD": make.manifest(5).encode(),
        }
        for name, body in faults.items():
            with self.subTest(name):
                self.assertNotEqual(body, true)
                self.assertEqual(self.followed(self.fetch(body))[0].rules(), {"D12"})

    def test_a_patch_that_is_not_there_is_d12(self):
        self.assertEqual(self.followed(self.fetch(b"", status=404))[0].rules(), {"D12"})

    def test_operations(self):
        root = ElementTree.fromstring('<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" id="one" a="1" '
                                      f'publishTime="{make_mpd.date(make_mpd.EPOCH + 4)}"><Period id="a"/>'
                                      "<UTCTiming/></MPD>")
        patched = mpd_patch.applied(root, make.patch(4, "".join((
            f'<replace sel="/MPD/@publishTime">{make_mpd.date(make_mpd.EPOCH + 5)}</replace>',
            '<add sel="/MPD" type="@type">static</add><remove sel="/MPD/@a"/>',
            """<add sel="/MPD/Period[@id='a']" pos="after"><Period id="b"/></add>""",
            '<add sel="/MPD" pos="prepend"><BaseURL>x</BaseURL></add>',
            """<remove sel="/MPD/Period[@id='a']"/>"""))))
        self.assertEqual([child.tag.partition("}")[2] for child in patched], ["BaseURL", "Period", "UTCTiming"])
        self.assertEqual((patched.get("type"), patched.get("a"), patched[1].get("id")), ("static", None, "b"))


class ReferenceTimes(unittest.TestCase):
    def prft(self, number, error=0.0):
        ntp = int((make_mpd.EPOCH + number + error + 2_208_988_800) * 2**32)
        return make_cmaf.full("prft", 1, 24, (1).to_bytes(4, "big"), ntp.to_bytes(8, "big"),
                              (number * make_cmaf.VIDEO_SCALE).to_bytes(8, "big"))

    def rules(self, error):
        body = make_cmaf.video_segment(5)
        begin = body.index(b"moof") - 4
        body = body[:begin] + self.prft(5, error) + body[begin:]
        found = Findings()
        series = make_mpd.series(make.reloads(), found)
        dash_media.check_media(series, make_live.files(video__5=body), found)
        return found.rules()

    def test_a_prft_says_what_the_mpd_says(self):
        self.assertEqual(self.rules(0), set())
        self.assertEqual(self.rules(0.01), {"D8"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
