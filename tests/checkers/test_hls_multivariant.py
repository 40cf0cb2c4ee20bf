#!/usr/bin/python3
"""Each rule of multivariant playlists and of renditions side by side, proven by a fault in valid ones."""

import unittest

import hls_multivariant
import make_hls as make
from findings import Findings

AUDIO = '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aac",NAME="und",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2"'


def rules_of(*texts, streams=(), reloads=None):
    found = Findings()
    made = make.presentation(streams, found, multivariant=texts or (make.MULTIVARIANT,), reloads=reloads)
    hls_multivariant.check_presentation(made, found)
    return found.rules()


def spoil(old, new):
    assert old in make.MULTIVARIANT, old
    return make.MULTIVARIANT.replace(old, new, 1)


class MultivariantPlaylist(unittest.TestCase):
    def test_a_valid_one_has_no_findings(self):
        self.assertEqual(rules_of(), set())

    def test_missing_or_contradictory_bandwidths_are_v1(self):
        self.assertEqual(rules_of(spoil("BANDWIDTH=1000000,", "")), {"V1"})
        self.assertEqual(rules_of(spoil("AVERAGE-BANDWIDTH=900000,", "")), {"V1"})
        self.assertEqual(rules_of(spoil("=900000,", "=1900000,")), {"V1"})

    def test_a_bandwidth_that_changes_is_v1(self):
        self.assertEqual(rules_of(make.MULTIVARIANT, spoil("=1000000", "=1000001")), {"V1"})

    def test_missing_or_malformed_codecs_are_v2(self):
        self.assertEqual(rules_of(spoil('CODECS="avc1.42c01f,mp4a.40.2",', "")), {"V2"})
        for codec in ("avc1", "avc1.66.30", "mp4a", "x264"):
            self.assertEqual(rules_of(spoil("avc1.42c01f", "avc1.42c01f," + codec)), {"V2"}, codec)

    def test_missing_video_attributes_are_v3(self):
        self.assertEqual(rules_of(spoil("RESOLUTION=640x360,", "")), {"V3"})
        self.assertEqual(rules_of(spoil("FRAME-RATE=25.000,", "")), {"V3"})

    def test_malformed_video_attributes_are_v3(self):
        self.assertEqual(rules_of(spoil("=25.000", "=29.97003")), {"V3"})
        self.assertEqual(rules_of(spoil("RANGE=SDR", "RANGE=HDR")), {"V3"})

    def test_a_group_that_does_not_exist_is_v3(self):
        self.assertEqual(rules_of(spoil('AUDIO="aac"', 'AUDIO="mp3"')), {"V3"})
        self.assertEqual(rules_of(spoil('AUDIO="aac"', 'AUDIO="aac",SUBTITLES="text"')), {"V3"})

    def test_captions_that_are_not_denied_are_v3(self):
        self.assertEqual(rules_of(spoil(",CLOSED-CAPTIONS=NONE", "")), {"V3"})

    def test_group_members_in_conflict_are_v3(self):
        twin = AUDIO + ',URI="audio2.m3u8"\n'
        self.assertEqual(rules_of(spoil("#EXT-X-MEDIA", twin.replace("YES", "NO") + "#EXT-X-MEDIA")), {"V3"})
        named = twin.replace('"und"', '"eng"')
        self.assertEqual(rules_of(spoil("#EXT-X-MEDIA", named + "#EXT-X-MEDIA")), {"V3"})
        self.assertEqual(rules_of(spoil("#EXT-X-MEDIA", named.replace("DEFAULT=YES", "DEFAULT=NO")
                                        + "#EXT-X-MEDIA")), set())

    def test_groups_with_other_members_are_v3(self):
        other = (AUDIO + ',URI="audio2.m3u8"\n').replace('"aac"', '"opus"').replace('"und"', '"eng"')
        self.assertEqual(rules_of(spoil("#EXT-X-MEDIA", other + "#EXT-X-MEDIA")), {"V3"})

    def test_a_default_that_is_not_autoselected_is_v3(self):
        self.assertEqual(rules_of(spoil("AUTOSELECT=YES", "AUTOSELECT=NO")), {"V3"})

    def test_renditions_without_uri_that_need_one_are_v5(self):
        subtitles = '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="en"\n'
        self.assertEqual(rules_of(spoil("#EXT-X-MEDIA", subtitles + "#EXT-X-MEDIA")), {"V5"})
        silent = spoil(',URI="audio.m3u8"', "").replace(",mp4a.40.2", "")
        self.assertEqual(rules_of(silent), {"V5"})

    def test_captions_with_uri_are_v5(self):
        captions = ('#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="en",INSTREAM-ID="CC1",'
                    'URI="cc.m3u8"\n')
        self.assertEqual(rules_of(spoil("#EXT-X-MEDIA", captions + "#EXT-X-MEDIA")), {"V5"})

    def test_a_version_too_low_is_h7(self):
        service = spoil('CHANNELS="2"', 'CHANNELS="2",INSTREAM-ID="SERVICE1"')
        self.assertEqual(rules_of(service), {"H7"})
        self.assertEqual(rules_of(service.replace("VERSION:6", "VERSION:7")), set())


class Renditions(unittest.TestCase):
    def setUp(self):
        self.video, self.audio = make.Stream("video"), make.Stream("audio")

    def rules(self, audio=None, reloads=None):
        return rules_of(streams=(self.video, audio or self.audio), reloads=reloads)

    def test_valid_ones_have_no_findings(self):
        self.assertEqual(self.rules(), set())

    def test_audio_frames_need_not_end_with_the_video(self):
        self.assertEqual(self.rules(make.Stream("audio", duration=1.002)), set())

    def test_other_target_durations_are_h2(self):
        self.assertEqual(self.rules(make.Stream("audio", target=2)), {"H2"})

    def test_a_discontinuity_in_one_rendition_only_is_h4(self):
        self.assertEqual(self.rules(make.Stream("audio", breaks={4: "b.mp4"})), {"H4"})

    def test_dates_in_one_rendition_only_are_h10(self):
        bare = [(when, "\n".join(line for line in text.split("\n") if "DATE-TIME" not in line))
                for when, text in self.audio.reloads()]
        self.assertEqual(self.rules(reloads={"audio": bare}), {"H10"})

    def test_numbers_that_name_other_times_are_v4(self):
        shifted = [(when + 1, text.replace("MEDIA-SEQUENCE:", "MEDIA-SEQUENCE:1"))
                   for when, text in self.audio.reloads(6)]
        self.assertEqual(self.rules(reloads={"audio": shifted}), {"V4"})

    def test_a_rendition_that_starts_late_is_v4(self):
        late = [(when + 1, text.replace(".000Z", ".300Z")) for when, text in self.audio.reloads()]
        self.assertEqual(self.rules(reloads={"audio": late}), {"V4"})

    def test_without_dates_durations_that_drift_are_v4(self):
        def bare(stream):
            return [(when, "\n".join(line for line in text.split("\n") if "DATE-TIME" not in line))
                    for when, text in stream.reloads()]
        drifting = make.Stream("audio", duration=1.02)
        self.assertEqual(self.rules(reloads={"video": bare(self.video), "audio": bare(drifting)}), {"V4"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
