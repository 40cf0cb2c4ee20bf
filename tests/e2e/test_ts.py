"""HLS of transport streams: the same pictures and sound as in the fMP4 beside it, for players that know no fMP4."""

import re
import subprocess
import unittest

import media
from manifests import Findings  # which also finds the checkers
from server import Server

import ts  # noqa: E402

XML = """
<mediagraph state-dir="{dir}/state">
  <http listen="127.0.0.1:{http}"/>
  <pipeline name="live" linger="1s">
    <ingest-rtmp id="rtmp" listen="127.0.0.1:{rtmp}" app="live"/>
    <segment-cmaf id="cmaf" from="rtmp" segment="2s" part="500ms"/>
    <out-hls id="new" from="cmaf" window="60s"/>
    <out-hls id="old" from="cmaf" window="60s" container="ts" path="/old/${{app}}/${{stream}}"/>
  </pipeline>
</mediagraph>
"""


def decoded(source, kind):
    """The md5 of each of the pictures, or frames of sound, that SOURCE has when it is decoded."""
    text = media.run([*media.FFMPEG, "-i", source, "-map", f"0:{kind}:0", "-copyts", "-f", "framemd5", "-"])
    return [line.split(",")[-1].strip() for line in text.splitlines() if line and not line.startswith("#")]


class TransportStreams(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        server = cls.server = Server(XML)
        server.__enter__()
        cls.addClassCleanup(server.__exit__, None, None, None)
        cls.clip = media.make("ts", 6, gop=30)
        media.finish(media.publish_ffmpeg(cls.clip, server.push_url("x")))
        server.wait_for_end("x")
        cls.old = server.url("/old/live/x/")
        cls.playlist = server.text("/old/live/x/video.m3u8")
        cls.names = re.findall(r"^[^#\n].*$", cls.playlist, re.M)

    def segment(self, name):
        status, headers, body = self.server.get("/old/live/x/" + name)
        self.assertEqual((status, headers["Content-Type"]), (200, "video/mp2t"))
        return body

    def test_the_playlist_names_no_header(self):
        self.assertGreaterEqual(len(self.names), 3)
        self.assertTrue(all(re.fullmatch(r"video-\d+\.ts", name) for name in self.names), self.names)
        self.assertNotIn("EXT-X-MAP", self.playlist)

    def test_a_variant_has_picture_and_sound(self):
        text = self.server.text("/old/live/x/index.m3u8")
        self.assertRegex(text, r'CODECS="avc1\.[0-9A-F]{6},mp4a\.40\.2"')
        self.assertNotIn("EXT-X-MEDIA", text)
        bandwidth = int(re.search(r"[:,]BANDWIDTH=(\d+)", text)[1])
        durations = [float(d) for d in re.findall(r"#EXTINF:([0-9.]+)", self.playlist)]
        peak = max(len(self.segment(name)) * 8 / duration
                   for name, duration in zip(self.names, durations) if duration > 1)
        self.assertGreaterEqual(bandwidth, peak)

    def test_each_segment_can_be_decoded_alone(self):
        for name in self.names:
            body = self.segment(name)
            findings = Findings()
            ts.check(body, name, findings, is_segment=True)
            self.assertEqual(findings.lines(), [])
            done = subprocess.run([*media.FFMPEG, "-i", "-", "-f", "null", "-"], input=body, capture_output=True,
                                  check=True)
            self.assertEqual(done.stderr, b"", name)

    def test_players_see_and_hear_the_same(self):
        for kind in "va":
            new = decoded(self.server.url("/live/x/index.m3u8"), kind)
            old = decoded(self.old + "index.m3u8", kind)
            self.assertGreater(len(new), 150)
            self.assertEqual(old, new, kind)

    def test_sound_alone(self):
        names = re.findall(r"^audio-\d+\.ts$", self.server.text("/old/live/x/audio.m3u8"), re.M)
        self.assertEqual(len(names), len(self.names))
        self.assertEqual(self.segment(names[0])[0], 0x47)

    def test_nothing_is_there_twice(self):
        self.assertEqual(self.server.get("/old/live/x/" + self.names[0].replace(".ts", ".m4s"))[0], 404)


if __name__ == "__main__":
    unittest.main(verbosity=2)
