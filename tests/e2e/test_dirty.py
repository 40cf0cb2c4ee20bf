"""Odd encoders: counters that wrap, times that jump, tracks that come late, tags that say nothing.

All publish at the same time, each its own stream, to one server.
"""

import random
import threading
import unittest

import manifests
import media
import rtmp
from server import Server

AUDIO, VIDEO, DATA = rtmp.AUDIO, rtmp.VIDEO, rtmp.DATA


def clip():
    return media.make("clip-6", 6, gop=15)


def shifted(tags, by_ms, since_ms=0):
    """The tags with BY_MS added to the stamps from SINCE_MS on."""
    return [(kind, stamp + (by_ms if stamp >= since_ms else 0), body) for kind, stamp, body in tags]


def is_media(tag, kind):
    return tag[0] == kind and not rtmp.is_header(tag)


def without(tags, kind, until_ms):
    """The tags without those of one track before UNTIL_MS; its headers come then, too."""
    held = [tag for tag in tags if tag[0] == kind and rtmp.is_header(tag)]
    early = [t for t in tags if t[1] < until_ms and t[0] != kind]
    late = [t for t in tags if t[1] >= until_ms]
    return early + [(kind, until_ms, body) for kind, _, body in held] + late


def jittered(tags):
    source = random.Random(1)
    return [(kind, max(0, stamp + source.randrange(-20, 21)) if is_media((kind, stamp, body), VIDEO) else stamp,
             body) for kind, stamp, body in tags]


def with_noise(tags):
    """Empty tags, codecs that nobody knows, and data that is no metadata, between the real ones."""
    noise = [(VIDEO, b""), (AUDIO, b""), (VIDEO, b"\x12" + bytes(50)), (AUDIO, b"\x2f" + bytes(50)),
             (VIDEO, b"\x91abcd" + bytes(20)), (VIDEO, b"\x17"), (AUDIO, b"\xaf"), (VIDEO, b"\x27\x02\x00\x00\x00"),
             (DATA, b"\x02\x00\x0bonTextData\xff\xff"), (DATA, b"\x00" * 9)]
    out = []
    for i, tag in enumerate(tags):
        out.append(tag)
        if i > 10:
            kind, body = noise[i % len(noise)]
            out.append((kind, tag[1], body))
    return out


# What is done to the clip, by the name of the stream.
STREAMS = {
    "plain": lambda tags: tags,
    "passes-2-24-ms": lambda tags: shifted(tags, (1 << 24) - 3000),
    "passes-2-31-ms": lambda tags: shifted(tags, (1 << 31) - 3000),
    "passes-2-32-ms": lambda tags: shifted(tags, (1 << 32) - 3000),
    "jumps-forward": lambda tags: shifted(tags, 60000, 3000),
    "jumps-back": lambda tags: shifted(shifted(tags, 100000), -50000, 103000),
    "steps-back": lambda tags: shifted(tags, -300, 3000),
    "jitters": jittered,
    "audio-comes-late": lambda tags: without(tags, AUDIO, 2500),
    "video-comes-late": lambda tags: without(tags, VIDEO, 3500),
    "without-metadata": lambda tags: [tag for tag in tags if tag[0] != DATA],
    "with-noise": with_noise,
}
# What the checkers watch, and the rules that are broken on purpose: the source pauses; a variant's
# bandwidth grows with its audio.
WATCHED = {
    "jumps-forward": {"H18"},
    "jumps-back": {"H18"},
    "audio-comes-late": {"H18", "V1"},
    "video-comes-late": {"H18"},
}


class Dirty(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.path = clip()
        tags = rtmp.read_flv(cls.path)
        with Server(segment="1s", linger="1s") as server:
            cls.watches = {s: manifests.watch(server, s, rules).start() for s, rules in WATCHED.items()}
            cls.publish_all(server, tags)
            cls.playlists, cls.mpds, cls.sent, cls.listed = {}, {}, {}, {}
            for stream in STREAMS:
                server.wait_for_end(stream)
                cls.playlists[stream] = {t: manifests.media(server, stream, t) for t in ("video", "audio")}
                cls.mpds[stream] = manifests.mpd(server, stream)
                cls.listed[stream] = {k: media.packets(server.url(f"/live/{stream}/{t}.m3u8"), k,
                                                       ["-live_start_index", "0"])
                                      for k, t in (("v", "video"), ("a", "audio"))}
            cls.findings = {stream: watch.stop() for stream, watch in cls.watches.items()}
            cls.status = server.terminate()
        cls.sent = {kind: [p[1:] for p in media.expected(cls.path, kind)] for kind in "va"}

    @classmethod
    def publish_all(cls, server, tags):
        """All clips at once; a tag's turn is its place in the clean clip."""
        threads = [threading.Thread(target=cls.publish, args=(server, stream, change(tags)))
                   for stream, change in STREAMS.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    @staticmethod
    def publish(server, stream, tags):
        with rtmp.Publisher(server.rtmp, stream) as client:
            client.send_tags(tags, longest_wait=0.1)

    def listed_digests(self, stream, kind):
        return [p[1:] for p in self.listed[stream][kind]]

    def assert_whole(self, stream, kinds="va"):
        for kind in kinds:
            self.assertEqual(self.listed_digests(stream, kind), self.sent[kind], (stream, kind))

    def assert_discontinuities(self, stream, count):
        for track, playlist in self.playlists[stream].items():
            self.assertEqual(len(manifests.discontinuities(playlist)), count, (stream, track))
        self.assertEqual(len(self.mpds[stream].periods), count + 1, stream)

    def test_no_segment_is_longer_than_it_may_be(self):
        for stream, tracks in self.playlists.items():
            for playlist in tracks.values():
                for segment in playlist.segments:
                    self.assertGreater(segment.duration, 0, stream)
                    self.assertLess(segment.duration, 1.5, stream)

    def test_all_of_it_is_listed_without_a_discontinuity(self):
        for stream in ("plain", "passes-2-24-ms", "passes-2-31-ms", "passes-2-32-ms", "jitters",
                       "without-metadata", "with-noise", "steps-back"):
            with self.subTest(stream=stream):
                self.assert_whole(stream)
                self.assert_discontinuities(stream, 0)

    def test_times_are_kept_over_wraps(self):
        before = media.packets(self.path, "v")
        for stream in ("plain", "passes-2-24-ms", "passes-2-31-ms", "passes-2-32-ms", "with-noise"):
            with self.subTest(stream=stream):
                self.assertIsNone(media.difference(before, self.listed[stream]["v"]))

    def test_a_jump_is_a_discontinuity_and_loses_no_picture(self):
        for stream in ("jumps-forward", "jumps-back"):
            with self.subTest(stream=stream):
                self.assert_discontinuities(stream, 1)
                self.assert_whole(stream, "v")
                for playlist in self.playlists[stream].values():
                    self.assertAlmostEqual(float(playlist.duration()), 6, delta=0.2)

    def test_a_late_track_begins_with_a_discontinuity(self):
        for stream, late in (("audio-comes-late", "a"), ("video-comes-late", "v")):
            with self.subTest(stream=stream):
                digests = self.listed_digests(stream, late)
                self.assertGreater(len(digests), 0)
                self.assertEqual(digests, self.sent[late][-len(digests):])
                self.assertEqual(len(self.mpds[stream].periods), 2)

    def test_the_checkers_find_nothing(self):
        for stream, findings in self.findings.items():
            with self.subTest(stream=stream):
                self.assertEqual(findings.lines(), [])

    def test_the_server_ends_well(self):
        self.assertEqual(self.status, 0)


class HeAac(unittest.TestCase):
    """AAC-LC under a configuration that says HE-AAC, as no free encoder makes it: explicit SBR signalling."""

    CONFIG = bytes.fromhex("2b8a0800")  # object type 5, 22050 Hz, mono, extended to 44100 Hz, core type 2

    def test_is_declared_and_timed_as_such(self):
        path = media.make("he-aac", 5, gop=15, sample_rate=22050, channels=1)
        tags = [(kind, stamp, body[:2] + self.CONFIG if kind == AUDIO and rtmp.is_header((kind, stamp, body)) else body)
                for kind, stamp, body in rtmp.read_flv(path)]
        with Server(segment="1s", linger="1s") as server:
            watch = manifests.watch(server, "x", {"H18"}).start()
            with rtmp.Publisher(server.rtmp, "x") as client:
                client.send_tags(tags)
            server.wait_for_end("x")
            self.assertEqual(watch.stop().lines(), [])
            self.assertIn('mp4a.40.5"', server.text("/live/x/index.m3u8"))
            self.assertIn('audioSamplingRate="44100"', server.text("/live/x/manifest.mpd"))
            for source in (server.url("/live/x/index.m3u8"), server.wait_for_recordings()[0]):
                listed = media.packets(source, "a", ["-live_start_index", "0"] if "http" in str(source) else [])
                self.assertIsNone(media.difference(media.expected(path, "a"), listed))


if __name__ == "__main__":
    unittest.main(verbosity=2)
