"""What real encoders push comes out of HLS, DASH and the recording bit for bit."""

import unittest

import media
from server import Server


class Outputs(unittest.TestCase):
    """Every packet, video and audio, with its time, through each output."""

    def check(self, server, stream, path, kinds="va", audio_tolerance=0.0011):
        server.wait_for_end(stream, "video" if "v" in kinds else "audio")
        (recording,) = [file for file in server.wait_for_recordings() if file.parent.name == stream]
        outputs = {
            "HLS": (server.url(f"/live/{stream}/index.m3u8"), ["-live_start_index", "0"]),
            "DASH": (server.url(f"/live/{stream}/manifest.mpd"), []),
            "DVR": (recording, []),
        }
        for kind in kinds:
            before = media.expected(path, kind)
            self.assertGreater(len(before), 100)
            for name, (source, extra) in outputs.items():
                with self.subTest(stream=stream, output=name, kind=kind):
                    after = media.packets(source, kind, extra)
                    tolerance = audio_tolerance if kind == "a" else 0.0011
                    self.assertIsNone(media.difference(before, after, tolerance))


class FFmpeg(Outputs):
    def test_several_encoders_at_once(self):
        """With B-frames, fractions of a frame rate, other sample rates; without one of the tracks."""
        clips = {
            "b-frames": (media.make("b-frames", 6), "va"),
            "ntsc": (media.make("ntsc", 6, rate="30000/1001", sample_rate=44100), "va"),
            "mono": (media.make("mono", 6, rate="60", channels=1, bframes=3), "va"),
            "film": (media.make("film", 6, rate="24000/1001", gop=24, bframes=0, sample_rate=32000), "va"),
            "video-only": (media.make("video-only", 6, audio=None), "v"),
            "audio-only": (media.make("audio-only", 6, video=None), "a"),
        }
        with Server(linger="5s") as server:
            publishers = [media.publish_ffmpeg(path, server.push_url(name)) for name, (path, _) in clips.items()]
            for publisher in publishers:
                media.finish(publisher)
            for name, (path, kinds) in clips.items():
                self.check(server, name, path, kinds)
            self.assertEqual(server.terminate(), 0)


class GStreamer(Outputs):
    """GStreamer reads; it pushes in the matrix."""

    def test_reads_hls_and_dash(self):
        path = media.make("b-frames", 6)
        frames, sounds = (len(media.expected(path, kind)) for kind in "va")
        with Server() as server:
            media.finish(media.publish_ffmpeg(path, server.push_url("x")))
            server.wait_for_end("x")
            for manifest in ("index.m3u8", "manifest.mpd"):
                with self.subTest(manifest=manifest):
                    pictures, samples = media.decode_gstreamer(server.url(f"/live/x/{manifest}"), server.dir)
                    self.assertEqual(pictures, frames * 320 * 180 * 3 // 2)
                    self.assertEqual(samples, sounds * 1024 * 2 * 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
