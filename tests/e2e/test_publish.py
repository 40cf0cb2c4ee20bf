"""What real encoders push comes out of HLS, DASH and the recording bit for bit."""

import unittest

import media
from server import Server


class Publish(unittest.TestCase):
    """Every packet, video and audio, with its time, from each client and through each output."""

    def check(self, server, stream, path, kinds="va"):
        server.wait_for_end(stream, "video" if "v" in kinds else "audio")
        (recording,) = server.recordings()
        outputs = {
            "HLS": (server.url(f"/live/{stream}/index.m3u8"), ["-live_start_index", "0"]),
            "DASH": (server.url(f"/live/{stream}/manifest.mpd"), []),
            "DVR": (recording, []),
        }
        for kind in kinds:
            before = media.packets(path, kind)
            self.assertGreater(len(before), 100)
            for name, (source, extra) in outputs.items():
                with self.subTest(output=name, kind=kind):
                    self.assertIsNone(media.difference(before, media.packets(source, kind, extra)))

    def run_client(self, path, publish, kinds="va"):
        with Server() as server:
            media.finish(publish(path, server.push_url("x")))
            self.check(server, "x", path, kinds)
            self.assertEqual(server.terminate(), 0)

    def test_ffmpeg_with_b_frames(self):
        self.run_client(media.make("b-frames", 9), media.publish_ffmpeg)

    def test_ffmpeg_at_29_97_fps_and_44100_hz(self):
        path = media.make("ntsc", 9, rate="30000/1001", sample_rate=44100)
        self.run_client(path, media.publish_ffmpeg)

    def test_ffmpeg_video_only(self):
        self.run_client(media.make("video-only", 9, audio=None), media.publish_ffmpeg, "v")

    def test_ffmpeg_audio_only(self):
        self.run_client(media.make("audio-only", 9, video=None), media.publish_ffmpeg, "a")

    def test_gstreamer_rtmp2sink(self):
        self.run_client(media.make("b-frames", 9), media.publish_gstreamer)

    def test_gstreamer_rtmpsink(self):
        self.run_client(media.make("b-frames", 9),
                        lambda path, url: media.publish_gstreamer(path, url, "rtmpsink"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
