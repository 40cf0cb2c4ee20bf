"""Real players in a real browser play a live stream for a while: no error, no stall, no gap."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import unittest

import enhanced
import manifests
import media
from rtmp import Publisher
from server import Server, wait_until

PLAYERS = manifests.SOURCE / "tests" / "players"
SECONDS = 20
TRIES = 3
MOST_PAUSE = 1.0  # seconds that the page may stand still, which looks at itself every 250 ms


class Collector(threading.Thread):
    """Keeps every playlist of a stream that is ever served, each in a file."""

    def __init__(self, server, stream):
        super().__init__(daemon=True)
        self.server, self.stream = server, stream
        self.folder = server.dir / "playlists"
        self.folder.mkdir()
        self.seen = set()
        self.is_over = threading.Event()

    def run(self):
        while not self.is_over.wait(0.2):
            for name in ("index", "video", "audio"):
                text = self.server.text(f"/live/{self.stream}/{name}.m3u8")
                if text and text not in self.seen:
                    self.seen.add(text)
                    (self.folder / f"{len(self.seen)}-{name}.m3u8").write_text(text, encoding="utf-8")

    def stop(self):
        self.is_over.set()
        self.join()
        return sorted(self.folder.iterdir())


def node(script, *arguments, seconds=240):
    """Runs one of the scripts in tests/players; returns its exit status and what it printed."""
    done = subprocess.run(["timeout", "-k", "5", str(seconds), "node", PLAYERS / script, *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def try_to_play(player, url, seconds, options=()):
    """What the player's page makes of it: see verdict.mjs."""
    status, out, errors = node("play.mjs", "--player", player, "--seconds", str(seconds), "--startup", "60",
                               "--url", url, "--chromium", os.environ.get("CHROMIUM", "/usr/bin/chromium"),
                               *options)
    assert status in (0, 1), errors
    return json.loads(out)


def play(test, player, url, seconds, size, options=()):
    """Plays smoothly, unless the machine kept the page itself from running: then it tries again."""
    for _ in range(TRIES):
        verdict = try_to_play(player, url, seconds, options)
        if verdict["ok"] or verdict["longest_pause_s"] < MOST_PAUSE:
            break
    test.assertTrue(verdict["ok"], json.dumps(verdict, indent=1)[:3000])
    test.assertGreater(verdict["played_s"], seconds * 0.9)
    test.assertGreater(verdict["frames"], seconds * 30 * 0.5)
    test.assertEqual(verdict["size"], size)
    return verdict


class Players(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(segment="2s", hls="", dash="")
        cls.server.__enter__()
        cls.addClassCleanup(lambda: cls.server.__exit__(*sys.exc_info()))
        path = media.make("long-players", 300, size="640x360", gop=30)
        cls.publisher = media.publish_ffmpeg(path, cls.server.push_url("x"))
        cls.addClassCleanup(cls.end_publisher)
        wait_until(lambda: cls.is_live(cls.server), "a few segments")

    @classmethod
    def end_publisher(cls):
        cls.publisher.kill()
        cls.publisher.communicate()

    @staticmethod
    def is_live(server):
        playlist = manifests.media(server, "x")
        return playlist and len(playlist.segments) >= 4

    def play(self, player, manifest):
        play(self, player, self.server.url(f"/live/x/{manifest}"), SECONDS, [640, 360])

    def play_on_the_page(self, kind):
        play(self, "page", self.server.url(f"/#/live/x:{kind}"), SECONDS, [640, 360])

    def test_hls_js(self):
        self.play("hlsjs", "index.m3u8")

    def test_dash_js(self):
        self.play("dash", "manifest.mpd")

    def test_shaka_by_hls(self):
        self.play("shaka", "index.m3u8")

    def test_shaka_by_dash(self):
        self.play("shaka", "manifest.mpd")

    def test_the_page_by_hls(self):
        self.play_on_the_page("hls")

    def test_the_page_by_dash(self):
        self.play_on_the_page("dash")

    def test_the_page_lists_the_stream_and_plays_it_by_a_click(self):
        status, out, errors = node("site.mjs", "--startup", "60", "--url", self.server.url("/"), "--stream", "live/x",
                                   "--chromium", os.environ.get("CHROMIUM", "/usr/bin/chromium"))
        self.assertEqual(status, 0, out + errors)


class LowLatency(unittest.TestCase):
    """Parts of 500 ms: those who know them stay about three behind, the others play as ever."""

    XML = """
<mediagraph state-dir="{dir}/state">
  <http listen="127.0.0.1:{http}"/>
  <pipeline name="live">
    <ingest-rtmp id="rtmp" listen="127.0.0.1:{rtmp}" app="live"/>
    <segment-cmaf id="cmaf" from="rtmp" segment="2s" part="500ms"/>
    <out-hls from="cmaf" low-latency="yes"/>
    <out-dash from="cmaf" low-latency="yes"/>
  </pipeline>
</mediagraph>
"""

    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.XML)
        cls.server.__enter__()
        cls.addClassCleanup(lambda: cls.server.__exit__(*sys.exc_info()))
        cls.publisher = media.publish_ffmpeg(media.make("long-quick", 120, size="640x360", gop=30, bframes=0),
                                             cls.server.push_url("x"))
        cls.addClassCleanup(cls.end_publisher)
        wait_until(lambda: Players.is_live(cls.server), "a few segments")

    @classmethod
    def end_publisher(cls):
        cls.publisher.kill()
        cls.publisher.communicate()

    def play(self, player, most, options=("--low-latency",), manifest="index.m3u8", seconds=7):
        url = self.server.url(f"/live/x/{manifest}")
        verdict = play(self, player, url, seconds, [640, 360], options)
        self.assertLess(verdict["latencies_s"][1], most, verdict["latencies_s"])
        return verdict

    def test_hls_js(self):
        self.play("hlsjs", 2.5)

    def test_shaka(self):
        """It fetches hinted parts. It takes each for as long as PART-TARGET, and drops what follows one that is a
        millisecond shorter until the next key frame: that is not counted here, but every answer is."""
        verdict = try_to_play("shaka", self.server.url("/live/x/index.m3u8"), 7, ("--low-latency",))
        self.assertEqual([error for error in verdict["errors"] if error["source"] != "shaka"], [])
        self.assertGreater(verdict["played_s"], 4)

    def test_hls_js_without_low_latency(self):
        self.play("hlsjs", 9, ())

    def test_hls_parser_accepts_every_playlist(self):
        collector = Collector(self.server, "x")
        collector.start()
        wait_until(lambda: len(collector.seen) > 12, "more than a segment of parts")
        status, out, errors = node("hls-parser.mjs", *collector.stop())
        self.assertIn(status, (0, 1), errors)
        # Of the age of parts it counts segments, the one of the hint as well; the checkers' L4 counts seconds.
        self.assertEqual([line for line in out.splitlines() if "three target durations" not in line], [])

    def test_dash_js_holds_the_target(self):
        """Which the MPD says: three parts and half a second."""
        verdict = self.play("dash", 2.3, manifest="manifest.mpd", seconds=12)
        self.assertGreater(verdict["latencies_s"][0], 1.7, verdict["latencies_s"])

    def test_shaka_by_dash(self):
        """It begins at the suggested delay, and counts the target from there."""
        self.play("shaka", 6, manifest="manifest.mpd", seconds=8)


class Codecs(unittest.TestCase):
    """What Enhanced RTMP brings, as far as Chromium decodes it."""

    CLIPS = {"av1-opus": (enhanced.AV1, ["-c:a", "libopus"]),
             "vp9-flac": (enhanced.VP9, ["-c:a", "flac", "-strict", "-2"])}

    def test_av1_vp9_opus_and_flac(self):
        with Server(segment="2s", hls="", dash="") as server:
            for name, (video, audio) in self.CLIPS.items():
                tags = enhanced.both(enhanced.make(f"long-{name}", 60, video, audio))
                with self.subTest(stream=name), publishing(server, name, tags):
                    wait_until(lambda: has_segments(server, name), "a few segments")
                    play(self, "hlsjs", server.url(f"/live/{name}/index.m3u8"), 8, [320, 180])


def has_segments(server, stream):
    playlist = manifests.media(server, stream)
    return playlist and len(playlist.segments) >= 3


@contextlib.contextmanager
def publishing(server, name, tags):
    """Publishes TAGS from a thread, as long as it is entered."""
    is_over = threading.Event()

    def run():
        with Publisher(server.rtmp, name) as publisher:
            publisher.send_tags(tags, while_true=lambda: not is_over.is_set())

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


class Parser(unittest.TestCase):
    def test_hls_parser_accepts_every_playlist(self):
        """From the first to the last, over a discontinuity and a moving window."""
        with Server(segment="1s", linger="8s", hls="window='6s'") as server:
            collector = Collector(server, "x")
            collector.start()
            for _ in range(2):
                media.finish(media.publish_ffmpeg(media.make("clip-8", 8, gop=15), server.push_url("x")))
            server.wait_for_end("x")
            files = collector.stop()
            self.assertTrue(any("#EXT-X-DISCONTINUITY\n" in file.read_text() for file in files))
            self.assertFalse(all("-SEQUENCE:0\n" in file.read_text() for file in files if "video" in file.name))
            status, out, errors = node("hls-parser.mjs", *files)
            self.assertEqual((status, out), (0, ""), errors)


if __name__ == "__main__":
    unittest.main(verbosity=2)
