#!/usr/bin/python3
"""The playlist parser: what it reads, and that every fault of grammar is H0 (or H16)."""

import unittest
from fractions import Fraction

import m3u8
import make_hls as make
from findings import Findings


def rules_of(text):
    found = Findings()
    data = text if isinstance(text, bytes) else text.encode()
    m3u8.parse(data, "p.m3u8", found)
    return found.rules()


class Reading(unittest.TestCase):
    def test_a_media_playlist(self):
        playlist = make.parsed(make.Stream(breaks={8: "other.mp4"}).playlist(10, first=5))
        self.assertEqual((playlist.version, playlist.target_duration, playlist.media_sequence), (6, 1, 5))
        self.assertTrue(playlist.independent)
        self.assertFalse(playlist.endlist)
        self.assertEqual([one.msn for one in playlist.segments], [5, 6, 7, 8, 9])
        self.assertEqual([one.dsn for one in playlist.segments], [0, 0, 0, 1, 1])
        self.assertEqual([one.map[0] for one in playlist.segments][2:4], ["video-init.mp4", "other.mp4"])
        self.assertEqual(playlist.segments[0].date, make.EPOCH + 5)
        self.assertEqual(playlist.duration(), Fraction(5))

    def test_a_multivariant_playlist(self):
        playlist = make.parsed(make.MULTIVARIANT)
        variant = playlist.variants[0]
        self.assertEqual(variant["URI"], "video.m3u8")
        self.assertEqual(variant["BANDWIDTH"], 1000000)
        self.assertEqual(variant["RESOLUTION"], (640, 360))
        self.assertEqual(variant["CODECS"], "avc1.42c01f,mp4a.40.2")
        self.assertEqual(playlist.renditions[0]["URI"], "audio.m3u8")

    def test_parts_hints_and_reports(self):
        text = make.Stream().playlist(6) + (
            '#EXT-X-PART:DURATION=0.5,URI="6.0.m4s",INDEPENDENT=YES\n'
            '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="6.1.m4s"\n'
            '#EXT-X-RENDITION-REPORT:URI="audio.m3u8",LAST-MSN=6,LAST-PART=0\n')
        playlist = make.parsed(text)
        self.assertEqual(playlist.trailing_parts[0]["DURATION"], Fraction(1, 2))
        self.assertEqual(playlist.hints[0]["URI"], "6.1.m4s")
        self.assertEqual(playlist.reports[0]["LAST-MSN"], 6)

    def test_carriage_returns_and_comments_are_allowed(self):
        text = make.Stream().playlist(6).replace("#EXT-X-VERSION", "# a comment\n\n#EXT-X-VERSION")
        self.assertEqual(rules_of(text.replace("\n", "\r\n")), set())

    def test_skipped_segments_count_in_the_numbers(self):
        text = make.Stream().playlist(10, first=8).replace(
            "#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-SKIP:SKIPPED-SEGMENTS=3")
        self.assertEqual([one.msn for one in make.parsed(text).segments], [11, 12])


class Grammar(unittest.TestCase):
    def spoil(self, old, new, text=None):
        text = make.Stream().playlist(6) if text is None else text
        self.assertIn(old, text)
        return rules_of(text.replace(old, new, 1))

    def test_valid_playlists_have_no_findings(self):
        self.assertEqual(rules_of(make.Stream(breaks={3: "other.mp4"}).playlist(6)), set())
        self.assertEqual(rules_of(make.MULTIVARIANT), set())

    def test_faults_of_media_playlists_are_h0(self):
        faults = [
            ("#EXTM3U\n", ""),
            ("#EXT-X-TARGETDURATION:1\n", ""),
            ("#EXT-X-TARGETDURATION:1", "#EXT-X-TARGETDURATION:1.5"),
            ("#EXT-X-TARGETDURATION:1", "#EXT-X-TARGETDURATION: 1"),
            ("#EXT-X-TARGETDURATION:1", "#EXT-X-TARGETDURATION"),
            ("#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-MEDIA-SEQUENCE:-1"),
            ("#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-MEDIA-SEQUENCE:18446744073709551616"),
            ("#EXT-X-VERSION:6\n", "#EXT-X-VERSION:6\n#EXT-X-VERSION:6\n"),
            ("#EXT-X-VERSION:6\n", "#EXT-X-VERSION:6\n#EXT-X-PLAYLIST-TYPE:LIVE\n"),
            ("#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-INDEPENDENT-SEGMENTS:YES"),
            ("#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-UNHEARD-OF"),
            ("#EXTINF:1.000,\n", ""),
            ("#EXTINF:1.000,", "#EXTINF:1.000"),
            ("#EXTINF:1.000,", "#EXTINF:1.,"),
            ("#EXTINF:1.000,", "#EXTINF:nan,"),
            ("#EXTINF:1.000,\n", "#EXTINF:1.000,\n#EXTINF:1.000,\n"),
            ("video-0.m4s", " video-0.m4s"),
            ("video-5.m4s\n", ""),
            ("video-5.m4s\n", "video-5.m4s"),
            ('MAP:URI="video-init.mp4"', "MAP:URI=video-init.mp4"),
            ('MAP:URI="video-init.mp4"', 'MAP:URI="video-init.mp4",'),
            ('MAP:URI="video-init.mp4"', 'MAP:URI="video-init.mp4",URI="other.mp4"'),
            ('MAP:URI="video-init.mp4"', 'MAP:BYTERANGE="1@0"'),
            ('MAP:URI="video-init.mp4"', 'MAP:URI="video-init.mp4",COLOUR=RED'),
            ("DATE-TIME:2023", "DATE-TIME:23"),
            ("T22:", "T25:"),
        ]
        for old, new in faults:
            self.assertEqual(self.spoil(old, new), {"H0"}, new)

    def test_faults_of_multivariant_playlists_are_h0(self):
        faults = [
            ("video.m3u8\n", ""),
            ("\nvideo.m3u8", "\n#EXT-X-VERSION:6\nvideo.m3u8"),
            ("BANDWIDTH=1000000", 'BANDWIDTH="1000000"'),
            ("RESOLUTION=640x360", "RESOLUTION=640"),
            ("CLOSED-CAPTIONS=NONE", "CLOSED-CAPTIONS=NO"),
            ('GROUP-ID="aac",', ""),
            ("#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-ENDLIST"),
        ]
        for old, new in faults:
            self.assertEqual(self.spoil(old, new, make.MULTIVARIANT), {"H0"}, new)

    def test_an_empty_document_is_h0(self):
        self.assertEqual(rules_of(""), {"H0"})
        self.assertEqual(rules_of("#EXTM3U\n"), {"H0"})

    def test_faults_of_encoding_are_h16(self):
        data = make.Stream().playlist(6).encode()
        self.assertEqual(rules_of(b"\xef\xbb\xbf" + data), {"H16"})
        self.assertEqual(rules_of(data.replace(b"video-0", b"video\xff0")), {"H16"})
        self.assertEqual(rules_of(data.replace(b"1.000,", b"1.000,\x07", 1)), {"H16"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
