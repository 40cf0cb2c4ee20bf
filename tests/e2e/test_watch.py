"""The checkers watch a live stream all the time: no rule of HLS, DASH, CMAF or delivery is broken."""

import unittest

import manifests
import media
from server import Server


class Live(unittest.TestCase):
    def test_a_window_that_moves(self):
        path = media.make("long", 60, gop=15)
        with Server(segment="1s", hls="window='6s'", dash="window='6s'") as server:
            watch, findings = manifests.watch_until(server, path, 16)
            self.assertEqual(findings.lines(), [])
            self.assertGreaterEqual(len(watch.evidence.seen), 2 * 8)
            playlist = manifests.media(server, "x")
            self.assertGreaterEqual(playlist.media_sequence, 8)
            self.assertLessEqual(len(playlist.segments), 9)

    def test_29_97_hz_with_b_frames_and_44100_hz(self):
        path = media.make("long-ntsc", 40, rate="30000/1001", sample_rate=44100, bframes=3, gop=30)
        with Server(segment="2s") as server:
            _, findings = manifests.watch_until(server, path, 5)
            self.assertEqual(findings.lines(), [])

    def test_audio_alone(self):
        path = media.make("long-audio", 40, video=None)
        with Server(segment="2s") as server:
            _, findings = manifests.watch_until(server, path, 5, "audio")
            self.assertEqual(findings.lines(), [])

    def test_video_alone(self):
        path = media.make("long-video", 40, audio=None, gop=15)
        with Server(segment="1s") as server:
            _, findings = manifests.watch_until(server, path, 9)
            self.assertEqual(findings.lines(), [])

    def test_a_gop_longer_than_the_segment(self):
        path = media.make("long-gop", 40, gop=240)
        with Server(segment="2s") as server:
            # The cuts that are forced are no key frames: the playlist must not claim that they are.
            watch, findings = manifests.watch_until(server, path, 5, also_ignore={"C6"})
            self.assertEqual(findings.lines(), [])
            playlist = manifests.media(server, "x")
            self.assertFalse(playlist.independent)
            self.assertLess(max(s.duration for s in playlist.segments), 2.5)


if __name__ == "__main__":
    unittest.main(verbosity=2)
