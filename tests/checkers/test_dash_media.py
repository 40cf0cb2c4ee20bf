#!/usr/bin/python3
"""Each rule about what MPDs say of their segments, proven by a fault in valid ones."""

import unittest

import dash
import dash_media
import make_cmaf
import make_live
import make_mpd as make
import test_dash
from findings import Findings


def rules_of(files=None, reloads=None):
    found = Findings()
    made = make.series(reloads or make.Stream().reloads(), found)
    dash.check_series(made, found)
    assert not found.rules(), found.lines()
    dash_media.check_media(made, files or make_live.files(), found)
    return found.rules()


def spoiled(old, new):
    reloads = make.Stream().reloads()
    assert old in reloads[0][1], old
    return [(when, text.replace(old, new)) for when, text in reloads]


class Segments(unittest.TestCase):
    def test_true_mpds_have_no_findings(self):
        self.assertEqual(rules_of(), set())
        self.assertEqual(rules_of(reloads=make.Stream(breaks=(5,)).reloads()), set())

    def test_a_segment_of_another_track_is_c2(self):
        other = make_cmaf.segment(make_cmaf.chunk(1, 3 * 90000, make_cmaf.video_samples(), track_id=2))
        self.assertEqual(rules_of(make_live.files(video__3=other)), {"C2"})

    def test_a_sequence_number_that_goes_back_is_c2(self):
        again = make_cmaf.segment(make_cmaf.chunk(1, 7 * 90000, make_cmaf.video_samples()))
        self.assertEqual(rules_of(make_live.files(video__7=again)), {"C2"})

    def test_a_decode_time_one_tick_off_is_d3(self):
        late = {f"video__{number}": make_cmaf.video_segment(number, start=number * 90000 + 1)
                for number in range(14)}
        self.assertEqual(rules_of(make_live.files(**late)), {"D3"})

    def test_another_timescale_is_d3(self):
        files = make_live.files()
        files.update({uri: file for uri, file in make_live.parse(
            {"video-init.mp4": make_cmaf.video_init(timescale=45000)}, make.BASE).items()})
        self.assertIn("D3", rules_of(files))

    def test_another_duration_is_d3(self):
        short = make_cmaf.segment(make_cmaf.chunk(25, 12 * 90000, make_cmaf.video_samples(24)))
        self.assertEqual(rules_of(make_live.files(video__12=short)), {"D3"})

    def test_nominal_times_may_be_off_by_half_a_segment(self):
        for shift, rules in ((44000, set()), (46000, {"D3"})):
            late = {f"video__{number}": make_cmaf.video_segment(number, start=number * 90000 + shift)
                    for number in range(14)}
            found = Findings()
            made = make.series([(make.EPOCH + 10, test_dash.with_durations())], found)
            dash_media.check_media(made, make_live.files(**late), found)
            self.assertEqual(found.rules() - {"C8"}, rules, shift)

    def test_too_many_bits_for_the_bandwidth_are_d4(self):
        heavy = {f"video__{number}": make_cmaf.video_segment(number, size=200_000) for number in range(14)}
        self.assertEqual(rules_of(make_live.files(**heavy)), {"D4"})

    def test_a_single_large_segment_fits_into_the_buffer_time(self):
        heavy = make_cmaf.video_segment(7, size=180_000)
        self.assertEqual(rules_of(make_live.files(video__7=heavy)), set())

    def test_untrue_attributes_are_d6(self):
        for old, new in (("avc1.42c01f", "avc1.640028"), ("mp4a.40.2", "mp4a.40.5"),
                         (' width="640"', ' width="1280"'),
                         ('audioSamplingRate="48000"', 'audioSamplingRate="44100"')):
            reloads = spoiled(old, new)
            if "width" in old:
                reloads = [(when, text.replace('maxWidth="640"', 'maxWidth="1280"')) for when, text in reloads]
            self.assertEqual(rules_of(reloads=reloads), {"D6"}, new)

    def test_a_claim_to_start_with_access_points_that_is_untrue_is_d6(self):
        samples = make_cmaf.video_samples()
        samples[0] = (*samples[0][:2], make_cmaf.NON_SYNC_FLAGS, 0)
        late = make_cmaf.segment(make_cmaf.chunk(15, 7 * 90000, samples))
        late = make_live.files(video__7=late)
        modest = spoiled(' startWithSAP="1" maxWidth', " maxWidth")
        self.assertEqual(rules_of(late), {"D6"})
        self.assertEqual(rules_of(late, modest), set())
        self.assertEqual(rules_of(reloads=modest), {"D6"})

    def test_audio_a_quarter_second_off_is_c8(self):
        found = Findings()
        data = {f"audio__{number}": make_cmaf.segment(make_cmaf.chunk(
            number + 1, make.audio_start(number) + 12 * make_cmaf.AUDIO_FRAME, make_cmaf.audio_samples(
                make_cmaf.audio_bounds(number + 1) - make_cmaf.audio_bounds(number)))) for number in range(14)}
        made = make.series(make.Stream().reloads(), found)
        dash_media.check_media(made, make_live.files(**data), found)
        self.assertEqual(found.rules(), {"C8", "D3"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
