#!/usr/bin/python3
"""Each rule of HLS media playlists, proven by a fault in an otherwise valid series of reloads."""

import unittest

import hls
import make_hls as make
from findings import Findings


def rules_of(reloads):
    found = Findings()
    hls.check_series(make.series(reloads, findings=found), found)
    return found.rules()


def rules_of_one(text, when=make.EPOCH + 100):
    return rules_of([(when, text)])


def spoiled(reloads, at, old, new, count=1):
    """The reloads with a text replaced in those from index `at` on."""
    assert all(old in text for _, text in reloads[at:at + 1]), old
    return reloads[:at] + [(when, text.replace(old, new, count)) for when, text in reloads[at:]]


class ValidSeries(unittest.TestCase):
    def test_a_sliding_window(self):
        self.assertEqual(rules_of(make.Stream().reloads()), set())

    def test_a_window_that_grows_and_ends(self):
        stream = make.Stream()
        last = (make.EPOCH + 14, stream.playlist(13, ended=True))
        self.assertEqual(rules_of(stream.reloads(*range(1, 14)) + [last]), set())

    def test_discontinuities_that_slide_out(self):
        stream = make.Stream(breaks={4: "b.mp4", 8: "c.mp4"})
        self.assertEqual(rules_of(stream.reloads(*range(6, 20))), set())

    def test_durations_that_are_no_whole_milliseconds(self):
        stream = make.Stream(duration=1.0010416)
        self.assertEqual(rules_of([(make.EPOCH + 20, stream.playlist(12))]), set())

    def test_an_event_playlist(self):
        stream = make.Stream(length=100)
        reloads = spoiled(stream.reloads(), 0, "#EXT-X-INDEP", "#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-INDEP")
        self.assertEqual(rules_of(reloads), set())


class OnePlaylist(unittest.TestCase):
    def test_a_segment_longer_than_the_target_duration_is_h1(self):
        text = make.Stream(duration=1.5).playlist(6)
        self.assertEqual(rules_of_one(text), {"H1"})
        self.assertEqual(rules_of_one(make.Stream(duration=1.499).playlist(6)), set())

    def test_a_late_media_sequence_is_h3(self):
        text = make.Stream().playlist(6).replace("#EXT-X-MEDIA-SEQUENCE:0\n", "")
        self.assertEqual(rules_of_one(text + "#EXT-X-MEDIA-SEQUENCE:0\n"), {"H3"})

    def test_a_late_discontinuity_sequence_is_h4(self):
        text = make.Stream().playlist(6).replace("#EXT-X-DISCONTINUITY-SEQUENCE:0\n", "")
        self.assertEqual(rules_of_one(text + "#EXT-X-DISCONTINUITY-SEQUENCE:0\n"), {"H4"})

    def test_a_version_too_low_is_h7(self):
        text = make.Stream().playlist(6)
        self.assertEqual(rules_of_one(text.replace("VERSION:6", "VERSION:5")), {"H7"})
        self.assertEqual(rules_of_one(text.replace("#EXT-X-VERSION:6\n", "")), {"H7"})

    def test_every_feature_needs_its_version(self):
        features = {
            2: '#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x01\n#EXTINF:1,\na.ts\n',
            3: "#EXTINF:1.0,\na.ts\n",
            4: "#EXTINF:1,\n#EXT-X-BYTERANGE:5@0\na.ts\n",
            5: '#EXT-X-KEY:METHOD=AES-128,URI="k",KEYFORMAT="identity"\n#EXTINF:1,\na.ts\n',
            6: '#EXT-X-MAP:URI="i"\n#EXTINF:1,\na.ts\n',
            8: '#EXT-X-DEFINE:NAME="a",VALUE="b"\n#EXTINF:1,\na.ts\n',
            9: "#EXT-X-SKIP:SKIPPED-SEGMENTS=1\n#EXTINF:1,\na.ts\n",
            10: '#EXT-X-SKIP:SKIPPED-SEGMENTS=1,RECENTLY-REMOVED-DATERANGES=""\n#EXTINF:1,\na.ts\n',
            11: '#EXT-X-DEFINE:QUERYPARAM="a"\n#EXTINF:1,\na.ts\n',
        }
        for version, body in features.items():
            head = f"#EXTM3U\n#EXT-X-VERSION:{version}\n#EXT-X-TARGETDURATION:1\n"
            self.assertEqual(rules_of_one(head + body), set(), version)
            low = head.replace(f"VERSION:{version}", f"VERSION:{version - 1}")
            self.assertEqual(rules_of_one(low + body), {"H7"}, version)

    def test_a_fragment_without_map_is_h8(self):
        text = make.Stream().playlist(6).replace('#EXT-X-MAP:URI="video-init.mp4"\n', "")
        self.assertEqual(rules_of_one(text), {"H8"})

    def test_a_date_off_by_two_milliseconds_is_h10(self):
        text = make.Stream().playlist(6)
        self.assertEqual(rules_of_one(text.replace("23.000Z", "23.002Z")), {"H10"})
        self.assertEqual(rules_of_one(text.replace("23.000Z", "23.001Z")), set())

    def test_dates_that_drift_slowly_are_h10(self):
        lines = make.Stream(length=10).playlist(10).split("\n")
        dates = [at for at, line in enumerate(lines) if "DATE-TIME" in line]
        for shift, at in enumerate(dates):
            lines[at] = lines[at].replace(".000Z", f".{shift:03d}Z")
        self.assertEqual(rules_of_one("\n".join(lines)), {"H10"})

    def test_a_date_without_milliseconds_or_zone_is_h10(self):
        text = make.Stream().playlist(6)
        self.assertEqual(rules_of_one(text.replace("20.000Z", "20Z")), {"H10"})
        self.assertEqual(rules_of_one(text.replace("20.000Z", "20.000")), {"H10"})

    def test_no_date_behind_a_discontinuity_is_h10(self):
        stream = make.Stream(breaks={3: "b.mp4"})
        text = stream.playlist(6).replace(f"#EXT-X-PROGRAM-DATE-TIME:{stream.date(3)}\n", "")
        self.assertEqual(rules_of_one(text), {"H10"})

    def test_a_date_in_the_future_is_h10(self):
        self.assertEqual(rules_of_one(make.Stream().playlist(6), make.EPOCH + 4), {"H10"})
        self.assertEqual(rules_of_one(make.Stream().playlist(6), make.EPOCH + 5), set())

    def test_thousands_of_gaps_are_h14(self):
        text = make.Stream(length=200).playlist(200).replace("#EXTINF", "#EXT-X-GAP\n#EXTINF")
        self.assertEqual(rules_of_one(text, make.EPOCH + 300), {"H14"})

    def test_a_gap_with_parts_that_are_none_is_h14(self):
        part = '#EXT-X-PART:DURATION=1,URI="p.m4s"\n'
        text = make.Stream().playlist(6)
        first = text.index("#EXTINF")
        self.assertIn("H14", rules_of_one(text[:first] + "#EXT-X-GAP\n" + part + text[first:]))


class Reloads(unittest.TestCase):
    def setUp(self):
        self.stream = make.Stream()
        self.reloads = self.stream.reloads()

    def test_a_changed_target_duration_is_h1(self):
        self.assertEqual(rules_of(spoiled(self.reloads, 3, "DURATION:1", "DURATION:2")), {"H1"})

    def test_a_media_sequence_that_goes_back_is_h3(self):
        self.assertEqual(rules_of(self.reloads[:4] + [(make.EPOCH + 10, self.stream.playlist(7))]), {"H3"})

    def test_a_media_sequence_that_skips_a_number_is_h3(self):
        spoil = spoiled(self.reloads[:6], 5, "MEDIA-SEQUENCE:5", "MEDIA-SEQUENCE:6")
        self.assertEqual(rules_of(spoil), {"H3"})

    def test_a_number_that_names_another_file_is_h3(self):
        self.assertEqual(rules_of(spoiled(self.reloads[:3], 2, "video-6.m4s", "video-6b.m4s")), {"H3"})

    def test_a_file_that_has_two_numbers_is_h3(self):
        spoil = spoiled(self.reloads, 7, "video-12.m4s", "video-1.m4s")
        self.assertEqual(rules_of(spoil), {"H3"})

    def test_a_discontinuity_that_leaves_uncounted_is_h4(self):
        reloads = make.Stream(breaks={3: "b.mp4"}).reloads(8, 9, 10)
        spoil = spoiled(reloads, 2, "DISCONTINUITY-SEQUENCE:1", "DISCONTINUITY-SEQUENCE:0")
        self.assertEqual(rules_of(spoil), {"H4"})

    def test_a_discontinuity_counted_before_it_leaves_is_h4(self):
        reloads = make.Stream(breaks={3: "b.mp4"}).reloads(8, 9)
        spoil = spoiled(reloads, 1, "DISCONTINUITY-SEQUENCE:0", "DISCONTINUITY-SEQUENCE:1")
        self.assertEqual(rules_of([reloads[0], (spoil[1][0], spoil[1][1].replace(
            "#EXT-X-DISCONTINUITY\n", ""))]), {"H4"})

    def test_a_discontinuity_sequence_that_goes_back_unseen_is_h4(self):
        stream = make.Stream(breaks={3: "b.mp4"}, target=10)
        reloads = [(when, text.replace("#EXT-X-TARGETDURATION:10", "#EXT-X-TARGETDURATION:2"))
                   for when, text in stream.reloads(10, 12)]
        far = (make.EPOCH + 13, make.Stream(target=2).playlist(20))
        self.assertEqual(rules_of(reloads + [(far[0] + 10, far[1])]) - {"H18"}, {"H4"})

    def test_a_segment_removed_from_the_end_is_h5(self):
        shorter = (make.EPOCH + 9, self.stream.playlist(8, first=3))
        self.assertEqual(rules_of(self.reloads[:4] + [shorter]), {"H5"})

    def test_a_changed_duration_or_title_or_gap_is_h5(self):
        changes = [("#EXTINF:1.000,\nvideo-5", "#EXTINF:1.001,\nvideo-5"),
                   ("#EXTINF:1.000,\nvideo-5", "#EXTINF:1.000,news\nvideo-5"),
                   ("#EXTINF:1.000,\nvideo-5", "#EXT-X-GAP\n#EXTINF:1.000,\nvideo-5")]
        for old, new in changes:
            self.assertEqual(rules_of(spoiled(self.reloads[:3], 1, old, new)), {"H5"}, new)

    def test_a_changed_version_is_h5(self):
        self.assertEqual(rules_of(spoiled(self.reloads, 2, "VERSION:6", "VERSION:7")), {"H5"})

    def test_a_window_that_slides_in_an_event_is_h5(self):
        typed = [(when, text.replace("#EXT-X-INDEP", "#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-INDEP"))
                 for when, text in self.reloads]
        self.assertEqual(rules_of(typed), {"H5"})

    def test_a_vod_playlist_that_changes_is_h5(self):
        stream = make.Stream(length=20)
        typed = [(when, text.replace("#EXT-X-INDEP", "#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEP"))
                 for when, text in stream.reloads()]
        self.assertEqual(rules_of(typed), {"H5"})

    def test_a_change_after_the_end_is_h5(self):
        ended = (make.EPOCH + 8, self.stream.playlist(8, ended=True))
        self.assertEqual(rules_of(self.reloads[:2] + [ended] + self.reloads[3:4]), {"H5"})

    def test_a_window_shorter_than_three_target_durations_is_h6(self):
        self.assertEqual(rules_of(make.Stream(length=2).reloads()), {"H6"})
        self.assertEqual(rules_of(make.Stream(length=3).reloads()), set())

    def test_a_map_that_changes_under_a_segment_is_h8(self):
        spoil = spoiled(self.reloads[:3], 1, "video-init.mp4", "new-init.mp4")
        self.assertEqual(rules_of(spoil), {"H8"})

    def test_a_date_that_changes_is_h10(self):
        moved = [(when, text.replace(".000Z", ".001Z")) for when, text in self.reloads[2:]]
        self.assertEqual(rules_of(self.reloads[:2] + moved), {"H10"})

    def test_a_playlist_that_stands_still_is_h18(self):
        again = (make.EPOCH + 15.9, self.reloads[2][1])
        late = (make.EPOCH + 16, self.stream.playlist(16))
        self.assertEqual(rules_of(self.reloads[:3] + [again, late]), {"H18"})

    def test_a_poller_that_was_away_proves_nothing(self):
        late = (make.EPOCH + 16, self.stream.playlist(16))
        self.assertEqual(rules_of(self.reloads[:3] + [late]), set())

    def test_a_playlist_seen_unchanged_for_long_is_h18(self):
        again = (make.EPOCH + 20, self.reloads[-1][1])
        self.assertEqual(rules_of(self.reloads + [again]), {"H18"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
