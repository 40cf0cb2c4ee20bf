#!/usr/bin/python3
"""Each rule of MPDs, proven by a fault in an otherwise valid series of reloads."""

import unittest
from fractions import Fraction

import dash
import make_mpd as make
import mpd
from findings import Findings


def rules_of(reloads):
    found = Findings()
    dash.check_series(make.series(reloads, found), found)
    return found.rules()


def rules_of_one(text):
    return rules_of([(make.EPOCH + 10, text)])


def spoil(old, new, count=-1, end=10):
    text = make.Stream().manifest(end)
    assert old in text, old
    return text.replace(old, new, count)


class Reading(unittest.TestCase):
    def test_durations_and_dates(self):
        self.assertEqual(mpd.parse_duration("P1DT1H1M1.5S"), Fraction("90061.5"))
        self.assertIsNone(mpd.parse_duration("PT"))
        self.assertIsNone(mpd.parse_duration("P1Y"))
        self.assertEqual(mpd.parse_date("2023-11-14T22:13:20.25Z"), make.EPOCH + Fraction(1, 4))

    def test_segments_of_a_timeline(self):
        video = make.parsed(make.Stream().manifest(10)).representations()[0]
        self.assertEqual([piece.number for piece in video.pieces()], [3, 4, 5, 6, 7, 8, 9])
        self.assertEqual(video.media_uri(video.pieces()[0]), make.BASE + "video-3.m4s")
        self.assertEqual(video.init_uri(), make.BASE + "video-init.mp4")
        self.assertEqual(video.ready_at(video.pieces()[-1]), make.EPOCH + 10)

    def test_segments_of_a_duration(self):
        video = make.parsed(with_durations()).representations()[0]
        self.assertEqual([piece.number for piece in video.pieces(make.EPOCH + 10.5)], [4, 5, 6, 7, 8, 9])

    def test_repeats_and_widths(self):
        text = spoil('<S t="270000" d="90000"/><S t="360000" d="90000"/>', '<S t="270000" d="90000" r="1"/>')
        video = make.parsed(text.replace("$Number$", "$Number%05d$")).representations()[0]
        self.assertEqual(len(video.pieces()), 7)
        self.assertEqual(video.media_uri(video.pieces()[1]), make.BASE + "video-00004.m4s")


def with_durations():
    """The MPD with @duration in the place of timelines."""
    head, _, rest = make.Stream().manifest(10, first=0).partition("<SegmentTimeline>")
    video, _, rest = rest.partition("</SegmentTimeline>")
    middle, _, rest = rest.partition("<SegmentTimeline>")
    _, _, tail = rest.partition("</SegmentTimeline>")
    return (head + middle + tail).replace('timescale="90000"', 'timescale="90000" duration="90000"').replace(
        'timescale="48000"', 'timescale="48000" duration="48000"')


class ValidSeries(unittest.TestCase):
    def test_a_sliding_window(self):
        self.assertEqual(rules_of(make.Stream().reloads()), set())

    def test_new_periods(self):
        self.assertEqual(rules_of(make.Stream(breaks=(5, 9)).reloads()), set())

    def test_an_end(self):
        stream = make.Stream(depth=100)
        last = (make.EPOCH + 14, stream.manifest(13, ended=True))
        self.assertEqual(rules_of(stream.reloads() + [last]), set())

    def test_segments_of_a_duration(self):
        self.assertEqual(rules_of_one(with_durations()), set())


class OneMpd(unittest.TestCase):
    def test_missing_identity_is_d1(self):
        for name in ("availabilityStartTime", "publishTime"):
            text = make.Stream(attributes={name: None}).manifest(10)
            self.assertEqual(rules_of_one(text), {"D1"}, name)
        self.assertEqual(rules_of_one(spoil(' id="p0"', "")), {"D1"})

    def test_periods_of_one_name_are_d1(self):
        text = make.Stream(breaks=(5,)).manifest(10).replace('"p1"', '"p0"')
        self.assertEqual(rules_of_one(text), {"D1"})

    def test_a_segment_before_its_time_is_d2(self):
        self.assertEqual(rules_of([(make.EPOCH + 9, make.Stream().manifest(10))]), {"D2"})

    def test_a_gap_or_an_overlap_in_the_timeline_is_d3(self):
        for time in (540001, 539999):
            self.assertEqual(rules_of_one(spoil('t="540000"', f't="{time}"')), {"D3"}, time)

    def test_a_repeat_below_minus_one_is_d3(self):
        self.assertEqual(rules_of_one(spoil('d="90000"/>', 'd="90000" r="-2"/>', 1)), {"D3"})

    def test_segments_that_left_the_buffer_long_ago_are_d3(self):
        self.assertEqual(rules_of([(make.EPOCH + 20, make.Stream().manifest(20, first=5))]), {"D3"})

    def test_missing_live_attributes_are_d4(self):
        for name in ("timeShiftBufferDepth", "suggestedPresentationDelay", "maxSegmentDuration"):
            self.assertEqual(rules_of_one(make.Stream(attributes={name: None}).manifest(10)), {"D4"}, name)

    def test_times_that_contradict_the_segments_are_d4(self):
        for name, value in (("maxSegmentDuration", "PT0.9S"), ("suggestedPresentationDelay", "PT1.5S"),
                            ("minimumUpdatePeriod", "PT5S"), ("minimumUpdatePeriod", "PT0S")):
            self.assertEqual(rules_of_one(make.Stream(attributes={name: value}).manifest(10)), {"D4"}, name)

    def test_validity_events_allow_an_update_period_of_zero(self):
        text = make.Stream(attributes={"minimumUpdatePeriod": "PT0S"}).manifest(10)
        events = '<InbandEventStream schemeIdUri="urn:mpeg:dash:event:2012" value="1"/>'
        self.assertEqual(rules_of_one(text.replace("    <Role", "    " + events + "<Role", 1)), set())

    def test_a_static_mpd_without_duration_is_d5(self):
        text = make.Stream().manifest(10, first=0, ended=True)
        self.assertEqual(rules_of_one(text), set())
        self.assertEqual(rules_of_one(text.replace(' duration="PT10S"', "")), {"D5"})

    def test_a_static_mpd_that_promises_updates_is_d5(self):
        text = make.Stream(attributes={"minimumUpdatePeriod": "PT1S"}).manifest(10, first=0, ended=True)
        self.assertEqual(rules_of_one(text), {"D5"})

    def test_a_wrong_duration_is_d5(self):
        text = make.Stream().manifest(10, first=0, ended=True)
        self.assertEqual(rules_of_one(text.replace('duration="PT10S"', 'duration="PT9S"')), {"D5"})
        self.assertEqual(rules_of_one(text.replace('duration="PT10S"', 'duration="PT12S"')), {"D5"})

    def test_a_period_that_runs_into_the_next_is_d5(self):
        text = make.Stream(breaks=(5,)).manifest(10).replace('start="PT5S"', 'start="PT4S"')
        self.assertEqual(rules_of_one(text), {"D5"})

    def test_missing_descriptions_are_d6(self):
        for old in (' segmentAlignment="true"', ' codecs="mp4a.40.2"',
                    ' mimeType="video/mp4"', ' width="640"', ' frameRate="25"', ' sar="1:1"', ' lang="und"',
                    ' audioSamplingRate="48000"',
                    '<Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>'):
            self.assertEqual(rules_of_one(spoil(old, "", 1)), {"D6"}, old)

    def test_a_missing_channel_configuration_is_d6(self):
        text = make.Stream().manifest(10)
        at, end = text.index("<AudioChannel"), text.index("/>", text.index("<AudioChannel")) + 2
        self.assertEqual(rules_of_one(text[:at] + text[end:]), {"D6"})

    def test_a_maximum_that_no_child_has_is_d6(self):
        self.assertEqual(rules_of_one(spoil('maxHeight="360"', 'maxHeight="720"')), {"D6"})

    def test_a_missing_or_unknown_clock_is_d7(self):
        self.assertEqual(rules_of_one(spoil("utc:http-iso:2014", "utc:sundial:2014")), {"D7"})


class Schema(unittest.TestCase):
    def test_elements_out_of_order_are_d11(self):
        clock = '<UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-iso:2014" value="/time"/>\n'
        early = spoil(clock, "").replace("<Period", clock + "<Period")
        self.assertEqual(rules_of_one(early), {"D11"})

    def test_wrong_children_and_attributes_are_d11(self):
        faults = [
            ("<SegmentTimeline>", "<SegmentTimeline><Role schemeIdUri='a'/>"),
            ("<AdaptationSet ", '<AdaptationSet colour="red" '),
            (' bandwidth="800000"', ""),
            ('bandwidth="800000"', 'bandwidth="NaN"'),
            ('id="1"', 'id="v1"'),
            ('frameRate="25"', 'frameRate="25.0"'),
            ('sar="1:1"', 'sar="1"'),
            ('segmentAlignment="true"', 'segmentAlignment="True"'),
            ('lang="und"', 'lang="und_US"'),
            ('startWithSAP="1"', 'startWithSAP="1" subsegmentStartsWithSAP="7"'),
            ('minBufferTime="PT1S"', 'minBufferTime="1s"'),
            ('minBufferTime="PT1S"', ""),
            ('availabilityStartTime="2023-11-14T22:13:20Z"', 'availabilityStartTime="2023-11-14T22:13:20Z" '
             'availabilityEndTime="tomorrow"'),
        ]
        for old, new in faults:
            self.assertEqual(rules_of_one(spoil(old, new, 1)), {"D11"}, new)

    def test_too_many_of_one_child_are_d11(self):
        text = spoil("<SegmentTimeline>", "<SegmentTimeline/><SegmentTimeline>", 1)
        self.assertEqual(rules_of_one(text), {"D11"})

    def test_an_mpd_without_period_is_d11(self):
        text = make.Stream().manifest(10)
        cut = text[:text.index("<Period")] + text[text.index("</Period>") + 9:]
        self.assertEqual(rules_of_one(cut), {"D11"})

    def test_extensions_are_allowed(self):
        text = spoil("</AdaptationSet>", '<x:own xmlns:x="urn:x"/></AdaptationSet>', 1)
        self.assertEqual(rules_of_one(text.replace("<Period ", '<Period xmlns:x="urn:x" x:a="b" ')), set())

    def test_what_is_no_mpd_is_d11(self):
        for text in ("", "<MPD", "<MPD/>", spoil("</MPD>", ""), spoil('d="90000"', 'd="x"', 1),
                     spoil('timescale="48000"', 'timescale="0"'), spoil('d="90000"', 'd="90000" r="999999"')):
            self.assertEqual(rules_of_one(text), {"D11"}, text[:50])


class Reloads(unittest.TestCase):
    def setUp(self):
        self.reloads = make.Stream().reloads()

    def changed(self, at, old, new):
        assert old in self.reloads[at][1], old
        return self.reloads[:at] + [(when, text.replace(old, new)) for when, text in self.reloads[at:]]

    def test_a_start_time_that_moves_is_d1(self):
        self.assertEqual(rules_of(self.changed(5, "22:13:20Z\" publish", "22:13:19Z\" publish")), {"D1"})

    def test_a_name_that_changes_is_d1(self):
        self.assertEqual(rules_of(self.changed(5, 'id="one"', 'id="two"')), {"D1"})

    def test_a_period_that_moves_is_d1(self):
        reloads = make.Stream(breaks=(5,)).reloads(8, 9)
        moved = reloads[1][1].replace('start="PT5S"', 'start="PT5.05S"')
        self.assertEqual(rules_of([reloads[0], (reloads[1][0], moved)]), {"D1"})

    def test_a_publish_time_that_stands_still_is_d1(self):
        late = self.changed(5, f'publishTime="{make.date(make.EPOCH + 9)}"',
                            f'publishTime="{make.date(make.EPOCH + 8)}"')
        self.assertEqual(rules_of(late), {"D1"})

    def test_a_segment_removed_too_early_is_d2(self):
        early = (make.EPOCH + 14, make.Stream().manifest(14, first=12))
        self.assertEqual(rules_of(self.reloads + [early]), {"D2"})

    def test_a_rewritten_duration_is_d3(self):
        old, new = '<S t="720000" d="90000"/>', '<S t="720000" d="89000"/>'
        first = (self.reloads[5][0], self.reloads[5][1].replace(old, new))
        self.assertEqual(rules_of([first, self.reloads[6]]), {"D3"})

    def test_a_number_that_moves_on_is_d3(self):
        self.assertEqual(rules_of(self.changed(6, 'startNumber="3"', 'startNumber="4"')), {"D3"})

    def test_numbers_that_address_nothing_may_move_on(self):
        self.reloads = [(when, text.replace("$Number$", "$Time$")) for when, text in self.reloads]
        self.assertEqual(rules_of(self.changed(6, ' startNumber="3"', "")), set())

    def test_a_segment_put_into_the_past_is_d3(self):
        stream = make.Stream()
        reloads = [(make.EPOCH + 10, stream.manifest(10, first=6)), (make.EPOCH + 11, stream.manifest(11, 5))]
        self.assertEqual(rules_of(reloads), {"D3"})

    def test_an_update_after_the_last_one_is_d4(self):
        final = make.Stream(attributes={"minimumUpdatePeriod": None})
        self.assertEqual(rules_of(final.reloads(8, 9)), {"D4"})

    def test_a_period_that_starts_off_its_offset_is_d5(self):
        reloads = make.Stream(breaks=(9,)).reloads(8, 10)
        shifted = reloads[1][1].replace('presentationTimeOffset="810000"', 'presentationTimeOffset="720000"')
        shifted = shifted.replace('presentationTimeOffset="432128"', 'presentationTimeOffset="384000"')
        self.assertNotEqual(shifted, reloads[1][1])
        self.assertEqual(rules_of([reloads[0], (reloads[1][0] + 2, shifted)]), {"D5"})

    def test_a_change_after_the_end_is_d5(self):
        stream = make.Stream(depth=100)
        ended = (make.EPOCH + 10, stream.manifest(10, ended=True))
        later = (make.EPOCH + 13, stream.manifest(12))
        self.assertEqual(rules_of([ended, later]), {"D5"})

    def test_a_location_that_changes_is_d11(self):
        base = "<BaseURL>a/</BaseURL><Period"
        self.assertEqual(rules_of(self.changed(5, "<Period", base)), {"D11"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
