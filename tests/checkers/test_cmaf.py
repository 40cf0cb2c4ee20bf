#!/usr/bin/python3
"""Each CMAF rule, proven by a fault in an otherwise valid init segment or segment."""

import unittest

import cmaf
import make_cmaf as make
from findings import Findings


def rules_of_init(data):
    found = Findings()
    cmaf.read_init(data, "init.mp4", found)
    return found.rules()


def rules_of_segment(data, init=None, **options):
    found = Findings()
    known = cmaf.parse_init(init or make.video_init())
    cmaf.read_segment(data, known, "1.m4s", found, **options)
    return found.rules()


def rules_of_sequence(*segments):
    found = Findings()
    init = cmaf.parse_init(make.video_init())
    pieces = [cmaf.Piece(f"{at}.m4s", cmaf.parse_segment(data, init), init)
              for at, data in enumerate(segments)]
    cmaf.check_sequence(pieces, found)
    return found.rules()


class InitSegments(unittest.TestCase):
    def test_valid_ones_have_no_findings(self):
        self.assertEqual(rules_of_init(make.video_init()), set())
        self.assertEqual(rules_of_init(make.audio_init()), set())

    def test_codec_strings_come_from_the_configuration(self):
        self.assertEqual(cmaf.parse_init(make.video_init()).tracks[0].codec, "avc1.42c01f")
        self.assertEqual(cmaf.parse_init(make.audio_init()).tracks[0].codec, "mp4a.40.2")

    def test_missing_brands_are_c1(self):
        for brands in (("iso6", "cfhd"), ("cmf2", "cfhd"), ("cmf2", "iso6")):
            self.assertEqual(rules_of_init(make.video_init(brands=brands)), {"C1"}, brands)

    def test_a_first_box_other_than_ftyp_is_c1(self):
        self.assertEqual(rules_of_init(make.box("free") + make.video_init()), {"C1"})

    def test_two_tracks_in_one_file_are_c1(self):
        tracks = [make.track(number, "vide", 90000, make.video_entry()) for number in (1, 2)]
        self.assertEqual(rules_of_init(make.init(*tracks, trex=(1, 2))), {"C1"})

    def test_samples_in_the_moov_are_c1(self):
        self.assertEqual(rules_of_init(make.video_init(samples=3)), {"C1"})

    def test_a_missing_trex_is_c1(self):
        self.assertEqual(rules_of_init(make.video_init(trex=())), {"C1"})

    def test_media_in_the_init_segment_are_c1(self):
        self.assertEqual(rules_of_init(make.video_init() + make.video_segment(0)), {"C1"})

    def test_cut_off_bytes_are_c1(self):
        self.assertEqual(rules_of_init(make.video_init()[:-5]), {"C1"})

    def test_an_edit_list_is_c3(self):
        self.assertEqual(rules_of_init(make.audio_init(edits=1)), {"C3"})

    def test_in_band_parameter_sets_are_c7(self):
        self.assertEqual(rules_of_init(make.video_init(make.video_entry(name="avc3"))), {"C7"})

    def test_a_configuration_without_parameter_sets_is_c7(self):
        empty = make.AVC_CONFIG[:5] + b"\xe0\0"
        self.assertEqual(rules_of_init(make.video_init(make.video_entry(config=empty))), {"C7"})

    def test_a_timescale_in_milliseconds_is_c10(self):
        self.assertEqual(rules_of_init(make.video_init(timescale=1000)), {"C10"})

    def test_an_audio_timescale_other_than_the_sample_rate_is_c10(self):
        self.assertEqual(rules_of_init(make.audio_init(timescale=90000)), {"C10"})


class Segments(unittest.TestCase):
    def test_valid_ones_have_no_findings(self):
        self.assertEqual(rules_of_segment(make.video_segment(3)), set())
        self.assertEqual(rules_of_segment(make.audio_segment(3), make.audio_init()), set())

    def test_parsing_keeps_times_and_sizes(self):
        segment = cmaf.parse_segment(make.video_segment(3))
        self.assertEqual((segment.time, segment.duration(), len(segment.samples())), (270000, 90000, 25))

    def test_a_missing_styp_is_c2_only_where_a_segment_starts(self):
        data = make.segment(make.chunk(1, 0, make.video_samples()), brands=())
        self.assertEqual(rules_of_segment(data), {"C2"})
        self.assertEqual(rules_of_segment(data, starts_segment=False), set())

    def test_a_styp_without_segment_brand_is_c2(self):
        data = make.segment(make.chunk(1, 0, make.video_samples()), brands=("cmfl",))
        self.assertEqual(rules_of_segment(data), {"C2"})

    def test_the_brand_of_a_segment_inside_of_it_is_c2(self):
        samples = make.video_samples()
        first, second = make.chunk(1, 0, samples[:5]), make.chunk(2, 5 * make.FRAME, samples[5:])
        for brands, rules in ((("msdh", "cmfl"), set()), (("cmfs",), {"C2"})):
            data = make.segment(first, make.ftyp(brands, "styp"), second)
            self.assertEqual(rules_of_segment(data), rules, brands)

    def test_strange_boxes_are_c2(self):
        self.assertEqual(rules_of_segment(make.video_segment(0) + make.box("mfra")), {"C2"})

    def test_chunk_faults_are_c2(self):
        faults = {
            "base data offset": {"tfhd_flags": 0x020003},
            "moof is not the base": {"tfhd_flags": 0x2},
            "32-bit tfdt": {"tfdt_version": 0},
            "data offset": {"offset_error": 8},
            "two runs": {"run_count": 2},
            "surplus bytes": {"payload_extra": b"x"},
        }
        for name, fault in faults.items():
            data = make.segment(make.chunk(1, 0, make.video_samples(2), **fault))
            self.assertEqual(rules_of_segment(data), {"C2"}, name)

    def test_a_reference_time_that_is_not_the_chunks_is_c2(self):
        chunk = make.chunk(1, 0, make.video_samples())
        for boxes, rules in (((self.prft(0), chunk), set()), ((self.prft(1), chunk), {"C2"}),
                             ((self.prft(0), make.ftyp(("msdh",), "styp"), chunk), {"C2"})):
            self.assertEqual(rules_of_segment(make.segment(*boxes)), rules)

    def prft(self, media_time):
        return make.full("prft", 1, 24, bytes(12), media_time.to_bytes(8, "big"))

    def test_a_repeated_sequence_number_is_c2(self):
        samples = make.video_samples()
        data = make.segment(make.chunk(1, 0, samples[:5]), make.chunk(1, 5 * make.FRAME, samples[5:]))
        self.assertEqual(rules_of_segment(data), {"C2"})

    def test_bytes_that_are_no_boxes_are_c2(self):
        self.assertEqual(rules_of_segment(b"\0\0\0\4moof"), {"C2"})
        self.assertEqual(rules_of_segment(make.video_segment(0)[:-1]), {"C2"})

    def test_a_run_that_claims_more_samples_than_bytes_is_c2(self):
        row = b"\xff\xff\xff\xff\0\0\0\0"
        boxes = make.box("traf", make.full("tfhd", 0, 0x020000, b"\0\0\0\1"),
                         make.full("trun", 1, 1, row))
        moof = make.box("moof", make.full("mfhd", 0, 0, b"\0\0\0\1"), boxes)
        self.assertEqual(rules_of_segment(moof + make.box("mdat", b"abc")), {"C2"})

    def test_a_description_index_left_to_the_trex_is_c3(self):
        data = make.segment(make.chunk(1, 0, make.video_samples(), tfhd_flags=0x020000))
        self.assertEqual(rules_of_segment(data), {"C3"})

    def test_unsigned_composition_offsets_are_c3(self):
        data = make.segment(make.chunk(1, 0, make.video_samples(), run_version=0))
        self.assertEqual(rules_of_segment(data), {"C3"})

    def test_a_first_picture_after_the_decode_time_is_c3(self):
        samples = [(duration, payload, flags, make.FRAME)
                   for duration, payload, flags, _ in make.video_samples()]
        self.assertEqual(rules_of_segment(make.segment(make.chunk(1, 0, samples))), {"C3"})

    def test_reordered_pictures_with_signed_offsets_are_valid(self):
        samples = make.video_samples(4)
        offsets = (0, make.FRAME, -make.FRAME, 0)
        samples = [sample[:3] + (offset,) for sample, offset in zip(samples, offsets)]
        self.assertEqual(rules_of_segment(make.segment(make.chunk(1, 0, samples))), set())

    def test_a_gap_between_chunks_is_c4(self):
        samples = make.video_samples()
        data = make.segment(make.chunk(1, 0, samples[:5]), make.chunk(2, 5 * make.FRAME + 1, samples[5:]))
        self.assertEqual(rules_of_segment(data), {"C4"})

    def test_a_negative_time_is_c4(self):
        data = make.segment(make.chunk(1, 2**64 - 1024, make.video_samples()))
        self.assertEqual(rules_of_segment(data), {"C4"})

    def test_a_sample_without_duration_is_c4(self):
        samples = make.video_samples()
        samples[-1] = (0, *samples[-1][1:])
        self.assertEqual(rules_of_segment(make.segment(make.chunk(1, 0, samples))), {"C4"})

    def test_wrong_sync_flags_are_c6(self):
        idr, other = make.video_samples(2)
        faults = {
            "first is no sync sample": [(*idr[:2], make.NON_SYNC_FLAGS, 0), other],
            "sync flag on another picture": [idr, (*other[:2], make.SYNC_FLAGS, 0)],
            "depends on nothing, but is no sync sample": [idr, (*other[:2], 0x02010000, 0)],
        }
        for name, samples in faults.items():
            self.assertEqual(rules_of_segment(make.segment(make.chunk(1, 0, samples))), {"C6"}, name)

    def test_audio_without_sync_flag_is_c6(self):
        samples = [(*sample[:2], make.NON_SYNC_FLAGS, 0) for sample in make.audio_samples()]
        data = make.segment(make.chunk(1, 0, samples))
        self.assertEqual(rules_of_segment(data, make.audio_init()), {"C6"})

    def test_parameter_sets_in_a_sample_of_avc1_are_c7(self):
        first, *others = make.video_samples()
        first = (first[0], make.nal(make.SPS) + first[1], *first[2:])
        self.assertEqual(rules_of_segment(make.segment(make.chunk(1, 0, [first, *others]))), {"C7"})


class Neighbours(unittest.TestCase):
    def test_segments_in_order_have_no_findings(self):
        self.assertEqual(rules_of_sequence(*(make.video_segment(at) for at in range(4))), set())

    def test_one_tick_too_many_is_c4(self):
        late = make.video_segment(1, start=make.VIDEO_SCALE + 1)
        self.assertEqual(rules_of_sequence(make.video_segment(0), late), {"C4"})

    def test_a_sequence_number_that_goes_back_is_c2(self):
        again = make.segment(make.chunk(1, make.VIDEO_SCALE, make.video_samples()))
        self.assertEqual(rules_of_sequence(make.video_segment(0), again), {"C2"})

    def pairs(self, audio_numbers):
        video_init, audio_init = (cmaf.parse_init(data) for data in (make.video_init(), make.audio_init()))
        return [(cmaf.Piece("v", cmaf.parse_segment(make.video_segment(at), video_init), video_init),
                 cmaf.Piece("a", cmaf.parse_segment(make.audio_segment(number), audio_init), audio_init))
                for at, number in enumerate(audio_numbers)]

    def test_audio_within_a_frame_of_the_video_has_no_findings(self):
        found = Findings()
        cmaf.check_alignment(self.pairs(range(20)), found)
        self.assertEqual(found.rules(), set())

    def test_audio_a_segment_ahead_is_c8(self):
        found = Findings()
        cmaf.check_alignment(self.pairs((0, 1, 3)), found)
        self.assertEqual(found.rules(), {"C8"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
