"""Streams that are played by RTMP: what real players get is what was published."""

import collections
import contextlib
import re
import socket
import subprocess
import unittest

import media
import rtmp
from server import Server, wait_until

PLAY = """
<mediagraph state-dir="{dir}/state">
  <http listen="127.0.0.1:{http}"/>
  <pipeline name="live" linger="{linger}">
    <ingest-rtmp id="rtmp" listen="127.0.0.1:{rtmp}" app="live" {rtmp_attributes}/>
    <segment-cmaf id="cmaf" from="rtmp" segment="1s" part="500ms"/>
    <out-hls from="cmaf"/>
  </pipeline>
</mediagraph>
"""


def clip(seconds=6, **more):
    return media.make(f"play-{seconds}", seconds, gop=30, **more)


def playing(attributes='play="yes" play-linger="1s"', linger="1s", **more):
    return Server(PLAY, rtmp_attributes=attributes, linger=linger, **more)


def start(command):
    return subprocess.Popen(["timeout", "-k", "5", "120", *map(str, command)], stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def rtmpdump(server, copy, stream="x", extra=("--live",)):
    return start(["rtmpdump", "-q", *extra, "-r", server.push_url(stream), "-o", copy])


def ffmpeg(server, copy, stream="x"):
    return start([*media.FFMPEG, "-i", server.push_url(stream), "-c", "copy", "-copyts", copy])


def gstreamer(server, copy, source, stream="x"):
    location = f"{server.push_url(stream)} live=1" if source == "rtmpsrc" else server.push_url(stream)
    return start(["gst-launch-1.0", "-q", source, f"location={location}", "!", "filesink", f"location={copy}"])


def wait_for_players(server, count):
    wait_until(lambda: server.log().count(" plays live/") >= count, f"{count} players")


def wait_for_stream(server, stream="x"):
    wait_until(lambda: f"live/{stream}: " in server.log(), "it is published")


def ended(players):
    """Waits for players that end with the stream, whatever they make of that."""
    for player in players:
        player.communicate(timeout=120)


class Playing(unittest.TestCase):
    def is_tail(self, copy, path):
        """Whether COPY is what is at the end of PATH, from a key frame on."""
        for kind in "va":
            sent, got = media.packets(path, kind), media.packets(copy, kind)
            self.assertGreater(len(got), 10, copy)
            self.assertEqual([p[1:] for p in got], [p[1:] for p in sent][-len(got):], f"{copy} {kind}")
            self.assertIsNone(media.difference(sent[-len(got):], got), f"{copy} {kind}")
        flags = media.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=flags",
                           "-of", "csv=p=0", copy]).splitlines()
        self.assertTrue(flags[0].startswith("K"))

    def test_real_players_get_what_is_published(self):
        with playing() as server:
            publisher = media.publish_ffmpeg(clip(8), server.push_url("x"))
            wait_for_stream(server)
            copies = [server.dir / f"{name}.flv" for name in ("dump", "late", "ffmpeg", "rtmpsrc", "rtmp2src")]
            players = [rtmpdump(server, copies[0]), rtmpdump(server, copies[1], extra=()),
                       ffmpeg(server, copies[2]), gstreamer(server, copies[3], "rtmpsrc"),
                       gstreamer(server, copies[4], "rtmp2src")]
            wait_for_players(server, 5)
            media.finish(publisher)
            ended(players)
            for copy in copies:
                self.is_tail(copy, clip(8))
            self.assertEqual(server.terminate(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
