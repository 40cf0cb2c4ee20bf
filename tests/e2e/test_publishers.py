"""Two publishers of one name, and one publisher who changes in mid-stream."""

import threading
import unittest

import manifests
import media
import rtmp
from server import Server, wait_until


def clip(size="320x180"):
    return media.make(f"long-{size}", 30, size=size, gop=15, bframes=0)


class Pushing:
    """A scripted publisher that sends a clip in a thread until it is closed."""

    def __init__(self, server, path, stream="x", app="live"):
        self.client = rtmp.Publisher(server.rtmp, stream, app)
        self.client.__enter__()
        self.is_over = False
        self.sent = 0
        self.thread = threading.Thread(target=self._push, args=(rtmp.read_flv(path),), daemon=True)
        self.thread.start()

    def _push(self, tags):
        try:
            self.client.send_tags(tags, while_true=self._goes_on)
        except OSError:
            pass

    def _goes_on(self):
        self.sent += 1
        return not self.is_over and not self.client.is_closed.is_set()

    def stop(self):
        self.is_over = True
        self.thread.join()
        self.client.close()


def segment_count(server, stream="x"):
    playlist = manifests.media(server, stream)
    return len(playlist.segments) if playlist else 0


class Second(unittest.TestCase):
    def test_replaces_the_first_and_the_stream_goes_on(self):
        with Server(segment="1s", linger="1s") as server:
            first = Pushing(server, clip())
            wait_until(lambda: segment_count(server) >= 2, "segments of the first")
            second = Pushing(server, clip())
            wait_until(first.client.is_closed.is_set, "the first is closed")
            self.assertTrue(any(code.startswith("NetStream.") for code in first.client.said[1:]),
                            f"the first was not told: {first.client.said}")
            count = segment_count(server)
            wait_until(lambda: segment_count(server) >= count + 2, "segments of the second")
            second.stop()
            first.stop()
            server.wait_for_end("x")
            playlist = manifests.media(server, "x")
            self.assertEqual(manifests.numbers(playlist), list(range(len(playlist.segments))))
            self.assertEqual(len(manifests.discontinuities(playlist)), 1)
            self.assertEqual(len(server.wait_for_recordings()), 1)

    def test_is_refused_with_bad_name_and_the_first_is_unharmed(self):
        with Server(segment="1s", linger="1s", pipeline='on-duplicate="reject"') as server:
            first = Pushing(server, clip())
            wait_until(lambda: segment_count(server) >= 2, "segments of the first")
            with self.assertRaises(rtmp.Refused) as refused:
                Pushing(server, clip())
            self.assertEqual(refused.exception.code, "NetStream.Publish.BadName")
            count = segment_count(server)
            wait_until(lambda: segment_count(server) >= count + 2, "more of the first")
            self.assertFalse(first.client.is_closed.is_set())
            first.stop()
            server.wait_for_end("x")
            playlist = manifests.media(server, "x")
            self.assertEqual(manifests.discontinuities(playlist), [])

    def test_and_many_more_who_fight_for_the_name(self):
        """Encoders that take a name from each other, as they do when both reconnect at once."""
        with Server(segment="1s", linger="2s") as server:
            watch = manifests.watch(server, "x", {"H18"}).start()
            last = Pushing(server, clip())
            wait_until(lambda: segment_count(server) >= 1, "segments of the first")
            for _ in range(8):
                pushing = Pushing(server, clip())
                wait_until(last.client.is_closed.is_set, "the one before is closed")
                wait_until(lambda: pushing.sent > 20, "some of it is sent")
                last.stop()
                last = pushing
            count = segment_count(server)
            wait_until(lambda: segment_count(server) >= count + 2, "segments of the last")
            last.stop()
            server.wait_for_end("x")
            self.assertEqual(watch.stop().lines(), [])
            self.assertEqual(len(manifests.discontinuities(manifests.media(server, "x"))), 8)
            self.assertEqual(len(server.wait_for_recordings()), 1)

    def test_of_another_name_is_another_stream(self):
        with Server(segment="1s", linger="1s", pipeline='on-duplicate="reject"') as server:
            pushing = [Pushing(server, clip(), stream) for stream in ("one", "two", "three")]
            for stream in ("one", "two", "three"):
                wait_until(lambda name=stream: segment_count(server, name) >= 2, f"segments of {stream}")
            for one in pushing:
                one.stop()
            for stream in ("one", "two", "three"):
                server.wait_for_end(stream)
            self.assertEqual(len(server.wait_for_recordings(3)), 3)


SHARED = """
<mediagraph state-dir="{dir}/state">
  <http listen="127.0.0.1:{http}"/>
  <pipeline name="live" linger="1s">
    <ingest-rtmp id="rtmp" listen="127.0.0.1:{rtmp}"/>
    <segment-cmaf id="cmaf" from="rtmp" segment="1s"/>
    <out-hls from="cmaf" path="/shared/${{stream}}"/>
    <dvr from="cmaf" dir="{dir}/recordings"/>
  </pipeline>
</mediagraph>
"""


class SameUrl(unittest.TestCase):
    """Two apps whose streams would be served under one URL."""

    def test_the_first_keeps_it_and_the_second_gets_it_afterwards(self):
        def shows(size):
            return f"RESOLUTION={size}" in (server.text("/shared/x/index.m3u8") or "")

        def count():
            playlist = manifests.media(server, "x", app="shared")
            return playlist.segments[-1].msn if playlist else -1

        def records(app):
            return any(path.stat().st_size > 10000 for path in (server.dir / "recordings" / app).rglob("*.mp4"))

        with Server(SHARED) as server:
            first = Pushing(server, clip(), app="one")
            wait_until(lambda: shows("320x180"), "the first")
            second = Pushing(server, clip("640x360"), app="two")
            wait_until(lambda: records("two"), "a recording of the second")
            before = count()
            wait_until(lambda: count() >= before + 2, "more of the first")
            self.assertTrue(shows("320x180"))
            self.assertEqual(manifests.discontinuities(manifests.media(server, "x", app="shared")), [])
            first.stop()
            wait_until(lambda: shows("640x360"), "the second")
            second.stop()


class Changed(unittest.TestCase):
    """Four seconds of one picture size, four of another: in one connection, or in two."""

    def setUp(self):
        self.parts = [media.make("small", 4, gop=15), media.make("large", 4, size="640x360", gop=15)]

    def joined(self):
        tags = rtmp.read_flv(self.parts[0])
        shift = max(stamp for _, stamp, _ in tags) + 33
        return tags + [(kind, stamp + shift, body) for kind, stamp, body in rtmp.read_flv(self.parts[1])]

    def check(self, server):
        server.wait_for_end("x")
        video, audio = (manifests.media(server, "x", track) for track in ("video", "audio"))
        changes = manifests.discontinuities(video)
        self.assertEqual(len(changes), 1)
        self.assertEqual(manifests.discontinuities(audio), changes)
        maps = [segment.map[0] for segment in video.segments]
        self.assertEqual(len(set(maps)), 2)
        self.assertEqual(maps, sorted(maps, key=maps.index), "the init segments take turns")
        self.assertNotEqual(maps[changes[0] - 1], maps[changes[0]])
        self.assertEqual(len(manifests.mpd(server, "x").periods), 2)
        self.check_recordings(server)
        self.check_sizes(server, video, changes[0])

    def check_recordings(self, server):
        recordings = server.wait_for_recordings(2)
        self.assertEqual(len(recordings), 2)
        for part, recording in zip(self.parts, recordings):
            sent, recorded = ([p[1:] for p in media.packets(f, "v")] for f in (part, recording))
            self.assertEqual(recorded, sent)

    def check_sizes(self, server, video, change):
        for segments, size in ((video.segments[:change], "320,180"), (video.segments[change:], "640,360")):
            data = b"".join(server.get(f"/live/x/{name}")[2]
                            for name in [segments[0].map[0], *(s.uri for s in segments)])
            path = server.dir / "part.mp4"
            path.write_bytes(data)
            shown = media.run(["ffprobe", "-v", "error", "-select_streams", "v", "-count_frames",
                               "-show_entries", "stream=width,height,nb_read_frames", "-of",
                               "csv=p=0", path])
            self.assertEqual(shown.strip(), f"{size},120")

    def test_in_one_connection(self):
        with Server(segment="1s", linger="1s") as server:
            with rtmp.Publisher(server.rtmp, "x") as client:
                client.send_tags(self.joined())
            self.check(server)

    def test_at_a_reconnect(self):
        with Server(segment="1s", linger="8s") as server:
            for part in self.parts:
                media.finish(media.publish_ffmpeg(part, server.push_url("x")))
            self.check(server)

    def test_repeated_headers_change_nothing(self):
        tags = rtmp.read_flv(media.make("small", 4, gop=15))
        headers = [tag for tag in tags if rtmp.is_header(tag)]
        again = [(kind, 2000, body) for kind, _, body in headers]
        middle = next(i for i, tag in enumerate(tags) if tag[1] >= 2000)
        with Server(segment="1s", linger="1s") as server:
            with rtmp.Publisher(server.rtmp, "x") as client:
                client.send_tags(tags[:middle] + again + tags[middle:])
            server.wait_for_end("x")
            video = manifests.media(server, "x")
            self.assertEqual(manifests.discontinuities(video), [])
            self.assertEqual(len({segment.map[0] for segment in video.segments}), 1)
            self.assertEqual(len(server.wait_for_recordings()), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
