#!/usr/bin/python3
"""Each rule about what playlists say of their segments, proven by a fault in valid ones."""

import unittest

import hls_media
import hls_multivariant
import make_cmaf
import make_hls as make
import make_live
from findings import Findings

VIDEO_SIZE = 20_000  # bytes per second


def rules_of(files=None, multivariant=make.MULTIVARIANT, video=None, reloads=None):
    found = Findings()
    streams = (video or make.Stream("video"), make_live.AudioStream("audio"))
    made = make.presentation(streams, found, multivariant=(multivariant,), reloads=reloads)
    hls_multivariant.check_presentation(made, found)
    assert not found.rules(), found.lines()
    hls_media.check_media(made, files or make_live.files(), found)
    return found.rules()


def spoil(old, new):
    assert old in make.MULTIVARIANT, old
    return make.MULTIVARIANT.replace(old, new, 1)


class Playlists(unittest.TestCase):
    def test_true_ones_have_no_findings(self):
        self.assertEqual(rules_of(), set())

    def test_segments_that_were_not_fetched_say_nothing(self):
        files = make_live.files()
        del files[make.BASE + "video-7.m4s"]
        self.assertEqual(rules_of(files), set())

    def test_a_segment_of_another_track_is_h8(self):
        other = make_cmaf.segment(make_cmaf.chunk(1, 3 * 90000, make_cmaf.video_samples(), track_id=2))
        self.assertEqual(rules_of(make_live.files(video__3=other)), {"H8"})

    def test_another_timescale_without_discontinuity_is_h9(self):
        files = self.with_new_timescale()
        self.assertEqual(rules_of(files, video=make.Stream("video", switches={8: "other-init.mp4"})),
                         {"H9"})

    @staticmethod
    def with_new_timescale():
        data = {f"other-{number}.m4s": make_cmaf.segment(make_cmaf.chunk(
            100 + number, number * 25000, make_cmaf.video_samples(duration=1000)))
            for number in range(8, 14)}
        data["other-init.mp4"] = make_cmaf.video_init(timescale=25000)
        parsed = make_live.parse(data, make.BASE)
        return {**make_live.files(), **{uri.replace("other-", "video-") if uri.endswith(".m4s") else uri: file
                                        for uri, file in parsed.items()}}

    def test_dates_that_drift_from_the_decode_times_are_h10(self):
        # Each second is 72 ticks too long: less than EXTINF may be rounded by, but it adds up.
        samples = make_cmaf.video_samples(24) + [(make_cmaf.FRAME + 72, *make_cmaf.video_samples(2)[1][1:])]
        slow = {f"video__{number}": make_cmaf.segment(make_cmaf.chunk(number + 1, number * 90072, samples))
                for number in range(14)}
        self.assertEqual(rules_of(make_live.files(**slow)), {"H10"})

    def test_a_segment_longer_than_it_says_is_h17(self):
        long = make_cmaf.segment(make_cmaf.chunk(100, 12 * 90000, make_cmaf.video_samples(26)))
        self.assertEqual(rules_of(make_live.files(video__12=long)), {"H17"})

    def test_a_segment_that_starts_with_no_idr_is_h17(self):
        samples = make_cmaf.video_samples()
        samples[0] = (samples[0][0], samples[1][1], *samples[0][2:])
        data = make_cmaf.segment(make_cmaf.chunk(25, 12 * 90000, samples))
        self.assertEqual(rules_of(make_live.files(video__12=data)), {"H17"})

    def test_decode_times_with_a_gap_are_c4(self):
        late = make_cmaf.video_segment(12, start=12 * 90000 + 1)
        self.assertEqual(rules_of(make_live.files(video__12=late)), {"C4"})

    def test_a_gap_behind_a_discontinuity_is_allowed(self):
        late = {f"video__{number}": make_cmaf.video_segment(number, start=(number + 50) * 90000)
                for number in range(20)}
        found = Findings()
        stream = make.Stream("video", breaks={0: "video-init.mp4"})
        made = make.presentation((stream,), found)
        hls_media.check_media(made, make_live.files(**late), found)
        self.assertEqual(found.rules(), set())

    def test_audio_a_quarter_second_off_is_c8(self):
        off = [make_cmaf.segment(make_cmaf.chunk(
            number + 1, (make_cmaf.audio_bounds(number) + 12) * make_cmaf.AUDIO_FRAME,
            make_cmaf.audio_samples(make_cmaf.audio_bounds(number + 1) - make_cmaf.audio_bounds(number))))
            for number in range(14)]
        files = make_live.files(**{f"audio__{number}": data for number, data in enumerate(off)})
        self.assertEqual(rules_of(files), {"C8"})


class Multivariant(unittest.TestCase):
    def test_a_bandwidth_below_the_measured_peak_is_v1(self):
        heavy = {f"video__{number}": make_cmaf.video_segment(number, size=VIDEO_SIZE) for number in range(14)}
        files = make_live.files(**heavy)
        self.assertEqual(rules_of(files, spoil("=1000000,AVERAGE-BANDWIDTH=900000", "=140000,"
                                               "AVERAGE-BANDWIDTH=90000")), {"V1"})
        self.assertEqual(rules_of(files, spoil("=1000000,AVERAGE-BANDWIDTH=900000", "=175000,"
                                               "AVERAGE-BANDWIDTH=90000")), set())

    def test_codecs_of_another_profile_are_v2(self):
        self.assertEqual(rules_of(multivariant=spoil("avc1.42c01f", "avc1.640028")), {"V2"})

    def test_codecs_without_the_audio_group_are_v2(self):
        self.assertEqual(rules_of(multivariant=spoil(",mp4a.40.2", "")), {"V2"})

    def test_codecs_that_nothing_has_are_v2(self):
        self.assertEqual(rules_of(multivariant=spoil(",mp4a.40.2", ",mp4a.40.2,ac-3")), {"V2"})

    def test_another_resolution_is_v3(self):
        self.assertEqual(rules_of(multivariant=spoil("640x360", "1280x720")), {"V3"})

    def test_a_frame_rate_below_the_measured_one_is_v3(self):
        self.assertEqual(rules_of(multivariant=spoil("=25.000", "=24.000")), {"V3"})

    def test_audio_that_is_not_muxed_and_has_no_uri_is_v5(self):
        found = Findings()
        made = make.presentation((make.Stream("video"),), found,
                                 multivariant=(spoil(',URI="audio.m3u8"', ""),))
        hls_media.check_media(made, make_live.files(), found)
        self.assertIn("V5", found.rules())
        self.assertLessEqual(found.rules(), {"V2", "V5"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
