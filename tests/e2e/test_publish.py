"""What real encoders push comes out of HLS, DASH and the recording bit for bit."""

import unittest

import media
from server import Server


class Outputs(unittest.TestCase):
    """Every packet, video and audio, with its time, from each client and through each output."""

    audio_tolerance = 0.0011  # seconds; RTMP's stamps are milliseconds

    def check(self, server, stream, path, kinds="va"):
        server.wait_for_end(stream, "video" if "v" in kinds else "audio")
        (recording,) = server.recordings()
        outputs = {
            "HLS": (server.url(f"/live/{stream}/index.m3u8"), ["-live_start_index", "0"]),
            "DASH": (server.url(f"/live/{stream}/manifest.mpd"), []),
            "DVR": (recording, []),
        }
        for kind in kinds:
            before = media.expected(path, kind)
            self.assertGreater(len(before), 100)
            for name, (source, extra) in outputs.items():
                with self.subTest(output=name, kind=kind):
                    tolerance = self.audio_tolerance if kind == "a" else 0.0011
                    self.assertIsNone(media.difference(before, media.packets(source, kind, extra), tolerance))


class FFmpeg(Outputs):
    def run_client(self, path, publish, kinds="va"):
        with Server() as server:
            media.finish(publish(path, server.push_url("x")))
            self.check(server, "x", path, kinds)
            self.assertEqual(server.terminate(), 0)

    def test_with_b_frames(self):
        self.run_client(media.make("b-frames", 6), media.publish_ffmpeg)

    def test_at_29_97_fps_and_44100_hz(self):
        path = media.make("ntsc", 6, rate="30000/1001", sample_rate=44100)
        self.run_client(path, media.publish_ffmpeg)

    def test_at_60_fps_mono(self):
        path = media.make("mono", 6, rate="60", channels=1, bframes=3)
        self.run_client(path, media.publish_ffmpeg)

    def test_video_only(self):
        self.run_client(media.make("video-only", 6, audio=None), media.publish_ffmpeg, "v")

    def test_audio_only(self):
        self.run_client(media.make("audio-only", 6, video=None), media.publish_ffmpeg, "a")


class GStreamer(Outputs):
    """GStreamer pushes, by its own RTMP and by librtmp, and reads."""

    # Its muxer gives the first packets one stamp; audio goes on by counting samples.
    audio_tolerance = 0.03

    def run_sink(self, sink):
        path = media.make("b-frames", 6)
        with Server() as server:
            sent = server.dir / "sent.flv"
            media.finish(media.publish_gstreamer(path, server.push_url("x"), sent, sink))
            self.check(server, "x", sent)
            self.assertEqual(server.terminate(), 0)

    def test_rtmp2sink(self):
        self.run_sink("rtmp2sink")

    def test_rtmpsink(self):
        self.run_sink("rtmpsink")

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
