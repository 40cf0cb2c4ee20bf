#!/usr/bin/python3
"""Each rule of low-latency playlists, proven by a fault in an otherwise valid series, or in what waiting brings."""

import unittest

import hls
import hls_multivariant
import make_hls as make
import make_parts
from evidence import Evidence
from fetch import Fetch
from findings import Findings
from make_cmaf import video_init
from make_parts import PARTS, PartStream

FIRST, END = 50, 62  # parts: from ten segments on, over two boundaries


def rules_of(reloads):
    found = Findings()
    hls.check_series(make.series(reloads, findings=found), found)
    return found.rules()


def spoiled(old, new, at=0, stream=PartStream()):
    """The rules that are broken when OLD is replaced in all states from index AT on."""
    reloads = stream.states(FIRST, END)
    assert all(old in text for _, text in reloads[at:at + 1]), old
    return rules_of(reloads[:at] + [(when, text.replace(old, new)) for when, text in reloads[at:]])


class Texts(unittest.TestCase):
    def test_valid_series(self):
        self.assertEqual(rules_of(PartStream().states(FIRST, END)), set())
        self.assertEqual(rules_of(PartStream(breaks={11: "b.mp4"}).states(FIRST, END)), set())
        self.assertEqual(rules_of(PartStream(length=12).states(FIRST, 90)), set())

    def test_an_end(self):
        stream = PartStream()
        last = (make.EPOCH + 14, stream.state(END - 1, ended=True))
        self.assertEqual(rules_of(stream.states(FIRST, END) + [last]), set())
        hinting = last[1].replace("#EXT-X-END", '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="x.m4s"\n#EXT-X-END')
        self.assertEqual(rules_of(stream.states(FIRST, END) + [(last[0], hinting)]), {"L5"})

    def test_server_control_is_l1(self):
        for old, new in (("PART-HOLD-BACK=0.600", "PART-HOLD-BACK=0.599"), (",PART-HOLD-BACK=0.600", ""),
                         ("CAN-BLOCK-RELOAD=YES,", ""), ("UNTIL=6.000", "UNTIL=5.999"),
                         ("PART-HOLD", "HOLD-BACK=2.999,PART-HOLD"),
                         ("#EXT-X-PART-INF:PART-TARGET=0.200\n", "")):
            self.assertEqual(spoiled(old, new), {"L1"}, old)

    def test_a_part_longer_than_the_target_is_l2(self):
        self.assertEqual(spoiled("TARGET=0.200", "TARGET=0.199"), {"L2"})

    def test_a_part_that_is_too_short_and_not_the_last_is_l2(self):
        short, rest = 'DURATION=0.169000,URI="video-9.1.m4s', 'DURATION=0.231000,URI="video-9.2.m4s'
        text = PartStream().state(FIRST)
        for at, wanted in ((short, 1), (rest, 2)):
            text = text.replace(f'DURATION=0.200000,URI="video-9.{wanted}.m4s', at)
        text = text.replace("0.600", "0.900").replace("TARGET=0.200", "TARGET=0.231")
        self.assertEqual(rules_of([(make.EPOCH + 20, text)]), {"L2"})
        fine = text.replace("0.169000", "0.200000").replace("0.231000", "0.200000").replace("0.231", "0.200")
        self.assertEqual(rules_of([(make.EPOCH + 20, fine)]), set())

    def test_parts_that_are_not_as_long_as_their_segment_are_l3(self):
        self.assertEqual(spoiled('DURATION=0.200000,URI="video-9.4', 'DURATION=0.199000,URI="video-9.4'), {"L3"})

    def test_parts_that_change_are_l3(self):
        self.assertEqual(spoiled('"video-10.0.m4s",INDEPENDENT=YES', '"video-10.0.m4s"', at=2), {"L3"})

    def test_a_segment_that_lost_a_part_is_l3(self):
        line = PartStream().part_line(10, 4) + "\n"
        self.assertIn("L3", spoiled(line, "", at=5))

    def test_old_parts_are_l4(self):
        inf = "#EXTINF:1.000,\nvideo-6.m4s"
        self.assertEqual(spoiled(inf, '#EXT-X-PART:DURATION=1.000,URI="video-6.0.m4s"\n' + inf), {"L2", "L4"})

    def test_two_hints_and_a_hint_that_is_listed_are_l5(self):
        hint = '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="video-10.1.m4s"\n'
        self.assertEqual(spoiled(hint, hint + hint.replace("10.1", "10.2"), at=1), {"L5"})
        text = PartStream().state(FIRST + 1).replace(hint, hint.replace("10.1", "10.0"))
        self.assertEqual(rules_of([(make.EPOCH + 20, text)]), {"L5"})

    def test_another_part_than_the_one_hinted_at_is_l5(self):
        self.assertEqual(spoiled('TYPE=PART,URI="video-10.1.m4s"', 'TYPE=PART,URI="video-x.m4s"', at=1), {"L5"})

    def test_parts_without_a_date_are_l10(self):
        stream = PartStream()
        self.assertEqual(spoiled(f"#EXT-X-PROGRAM-DATE-TIME:{stream.date(10)}\n", "", at=1), {"L10"})


class Renditions(unittest.TestCase):
    """Two playlists that report about each other."""

    def rules(self, lag=0, with_reports=True):
        found = Findings()
        video, other = PartStream(), PartStream(name="other")
        made = make.presentation([video, other], found)
        for mine, its in ((video, other), (other, video)):
            reloads = []
            for parts in range(FIRST, FIRST + 60):
                place = divmod(parts - lag - 1, PARTS)
                reports = [(its.name + ".m3u8", *place)] if with_reports else []
                reloads.append((make.EPOCH + parts / PARTS, mine.state(parts, reports=reports)))
            made.blocking[mine.uri] = make.series(reloads, mine.uri, found)
            made.media[mine.uri] = made.blocking[mine.uri]
        for rule in hls_multivariant.RENDITION_RULES:
            rule(made, found)
        return found.rules() & {"L8"}

    def test_true_reports(self):
        self.assertEqual(self.rules(), set())

    def test_old_or_missing_reports_are_l8(self):
        self.assertEqual(self.rules(lag=PARTS * 2), {"L8"})
        self.assertEqual(self.rules(lag=-PARTS * 2), {"L8"})
        self.assertEqual(self.rules(with_reports=False), {"L8"})


class Waiting(unittest.TestCase):
    """What those get who wait; each test spoils one answer."""

    def setUp(self):
        self.stream = PartStream(length=12)
        self.evidence = Evidence(hls_uri=make.BASE + "index.m3u8")
        self.evidence.take(Fetch("multivariant", make.BASE + "index.m3u8", status=200, body=b"#EXTM3U\n" + (
            b"#EXT-X-STREAM-INF:BANDWIDTH=1,AVERAGE-BANDWIDTH=1,CODECS=\"avc1.42c01f\",RESOLUTION=640x360,"
            b"FRAME-RATE=25.000,CLOSED-CAPTIONS=NONE\nvideo.m3u8\n")))
        self.poll(90)

    def poll(self, parts):
        self.answer("media", "", self.stream.state(parts), parts)

    def answer(self, purpose, query, text, parts, waited=0.2, status=200, cache="max-age=6"):
        when = make.EPOCH + parts / PARTS
        body = text if isinstance(text, bytes) else text.encode()
        uri = self.stream.uri + query
        self.evidence.take(Fetch(purpose, uri, started=when - waited, time=when, status=status, body=body, headers={
            "content-type": "application/vnd.apple.mpegurl", "cache-control": cache,
            "access-control-allow-origin": "*"}))

    def file(self, purpose, name, body, when, status=200):
        self.evidence.take(Fetch(purpose, make.BASE + name, started=when, time=when, status=status, body=body, headers={
            "content-type": "video/mp4", "cache-control": "max-age=9999, immutable", "etag": '"x"',
            "access-control-allow-origin": "*"}))

    def wait(self, parts, text=None, **options):
        """Waits for the last of so many parts."""
        msn, part = divmod(parts - 1, PARTS)
        self.answer("reload", f"?_HLS_msn={msn}&_HLS_part={part}", text or self.stream.state(parts), parts, **options)

    def wait_all(self, first=91, end=103):
        for parts in range(first, end):
            self.wait(parts)

    def rules(self):
        """The rules of low latency that were broken."""
        return {rule for rule in self.evidence.findings().rules() if rule.startswith("L")}

    def test_right_answers(self):
        self.wait_all()
        self.wait(103, waited=3.5)
        self.answer("reload", "?_HLS_msn=30&_HLS_part=0", "", 120, waited=3, status=503)
        self.assertEqual(self.rules(), set())

    def test_a_playlist_without_the_part_is_l6(self):
        self.wait(92, self.stream.state(91))
        self.assertEqual(self.rules(), {"L6"})

    def test_a_part_behind_the_last_is_the_next_segments_first(self):
        self.answer("reload", "?_HLS_msn=18&_HLS_part=5", self.stream.state(96), 96)
        self.assertEqual(self.rules(), set())
        self.answer("reload", "?_HLS_msn=19&_HLS_part=5", self.stream.state(100), 100)
        self.assertEqual(self.rules(), {"L6"})

    def test_a_whole_segment_is_waited_for(self):
        self.answer("reload", "?_HLS_msn=18", self.stream.state(95), 95)
        self.assertEqual(self.rules(), set())
        self.answer("reload", "?_HLS_msn=19", self.stream.state(99), 99)
        self.assertEqual(self.rules(), {"L6"})

    def test_an_error_and_a_long_wait_are_l6(self):
        for options in ({"status": 404}, {"status": 503, "waited": 0.5}, {"waited": 6}):
            with self.subTest(**options):
                self.setUp()
                self.wait(91, **options)
                self.assertEqual(self.rules(), {"L6"})

    def test_directives_that_are_not_refused_are_l6(self):
        self.answer("refused", "?_HLS_part=0", "", 91, waited=0, status=400)
        self.assertEqual(self.rules(), set())
        self.answer("refused", "?_HLS_part=0", self.stream.state(91), 91, waited=0)
        self.assertEqual(self.rules(), {"L6"})

    def test_the_past_that_is_waited_for_is_l6(self):
        self.answer("past", "?_HLS_msn=9", self.stream.state(91), 91, waited=0.1)
        self.assertEqual(self.rules(), set())
        self.answer("past", "?_HLS_msn=9", self.stream.state(91), 91, waited=3)
        self.assertEqual(self.rules(), {"L6"})

    def test_an_answer_that_no_cache_may_keep_is_l9(self):
        self.wait(91, cache="no-store")
        self.assertEqual(self.rules(), {"L9"})

    def test_delta_updates(self):
        self.wait_all(91, 97)
        for parts in range(91, 97):
            msn, part = divmod(parts - 1, PARTS)
            text = self.stream.state(parts, skip=True)
            self.assertIn("EXT-X-SKIP", text)
            self.answer("delta", f"?_HLS_msn={msn}&_HLS_part={part}&_HLS_skip=YES", text, parts)
        self.assertEqual(self.rules(), set())

    def test_wrong_delta_updates_are_l7(self):
        right = self.stream.state(91, skip=True)
        for text in (right.replace("SEGMENTS=6", "SEGMENTS=7"), right.replace("video-14.m4s", "video-x.m4s"),
                     right.replace('URI="video-init.mp4"', 'URI="other.mp4"'), self.stream.state(91),
                     right.replace("CAN-SKIP-UNTIL=6.000,", "")):
            with self.subTest(text=text):
                self.setUp()
                self.wait(91)
                self.assertNotEqual(text, right)
                self.answer("delta", "?_HLS_msn=18&_HLS_part=0&_HLS_skip=YES", text, 91)
                self.assertEqual(self.rules(), {"L7"})

    def fetch_segment_17(self, **spoil):
        """Its parts, listed until part 90 and some more, and the whole; SPOIL replaces bytes."""
        self.file("init", "video-init.mp4", video_init(), make.EPOCH)
        self.wait(91)
        for at in range(PARTS):
            name = self.stream.part(17, at)
            self.file("part", name, spoil.get(f"part{at}", make_parts.part_bytes(17, at)), make.EPOCH + 19)
        self.file("segment", "video-17.m4s", spoil.get("whole", make_parts.segment_bytes(17)), make.EPOCH + 19)

    def test_parts_that_are_true(self):
        self.fetch_segment_17()
        self.assertEqual(self.rules(), set())

    def test_bytes_that_are_not_what_is_listed_are_l3(self):
        for spoil in ({"part1": make_parts.part_bytes(17, 1)[:-1]}, {"part3": make_parts.part_bytes(17, 0)},
                      {"whole": make_parts.segment_bytes(16)}):
            with self.subTest(**spoil):
                self.setUp()
                self.fetch_segment_17(**spoil)
                self.assertEqual(self.rules(), {"L3"})

    def hint(self, status=200, body=make_parts.part_bytes(18, 0), delay=0.0):
        """A request for part 0 of segment 18, before it is listed."""
        uri = make.BASE + self.stream.part(18, 0)
        self.evidence.take(Fetch("hint", uri, started=make.EPOCH + 18, time=make.EPOCH + 18.2 + delay, status=status,
                                 body=body))
        self.fetch_segment_17()
        self.file("part", self.stream.part(18, 0), make_parts.part_bytes(18, 0), make.EPOCH + 19)
        return self.rules()

    def test_a_hint_at_what_does_not_come_is_l5(self):
        uri = make.BASE + self.stream.part(18, 0)
        self.evidence.take(Fetch("hint", uri, started=make.EPOCH + 18, time=make.EPOCH + 18.1, status=404))
        self.wait(90)
        self.assertEqual(self.rules(), set())
        self.answer("media", "", self.stream.state(90), 110)
        self.assertEqual(self.rules(), {"L5"})

    def test_a_hinted_part_that_comes(self):
        self.assertEqual(self.hint(), set())

    def test_a_hinted_part_that_does_not_come_as_it_is_is_l5(self):
        self.assertEqual(self.hint(status=404, body=b""), {"L5"})
        self.setUp()
        self.assertEqual(self.hint(body=make_parts.part_bytes(18, 0)[:50]), {"L5"})
        self.setUp()
        self.assertEqual(self.hint(delay=3), {"L5"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
