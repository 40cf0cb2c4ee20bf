"""LL-HLS and LL-DASH as viewers meet them: every rule over time, all kinds of players, and everything that goes wrong."""

import concurrent.futures
import contextlib
import unittest
from urllib.parse import urlsplit

import manifests
import cmaf_model
import media
from server import Server, wait_until

XML = """
<mediagraph state-dir="{dir}/state">
  <http listen="127.0.0.1:{http}"/>
  <pipeline name="live" linger="{linger}">
    <ingest-rtmp id="rtmp" listen="127.0.0.1:{rtmp}" app="live"/>
    <segment-cmaf id="cmaf" from="rtmp" segment="{segment}" part="{part}"/>
    <out-hls from="cmaf" low-latency="yes" {hls}/>
    <out-dash from="cmaf" low-latency="yes" {dash}/>
  </pipeline>
</mediagraph>
"""

def low_latency(**values):
    return Server(XML, **{"part": "200ms", "segment": "1s", "hls": "window='10s'", "dash": "window='10s'", **values})


def is_live(server, stream="x", segments=3):
    playlist = manifests.media(server, stream)
    return playlist and len(playlist.segments) >= segments and playlist


class Rules(unittest.TestCase):
    def test_every_rule_over_time(self):
        with low_latency() as server:
            watch, findings = manifests.watch_until(server, media.make("long", 60, gop=15), 11)
            self.assertEqual(findings.lines(), [])
            seen = watch.evidence.low_latency
            self.assertGreater(len(seen.parts), 2 * 5 * 6)
            self.assertGreater(sum(fetch is not None for fetch in seen.hinted.values()), 20)
            deltas = [playlist for all_of in seen.deltas.values() for _, playlist in all_of]
            self.assertTrue(any(playlist.skipped for playlist in deltas))
            dash = watch.evidence.dash_low_latency
            self.assertGreater(len(dash.grown), 2 * 6)
            self.assertGreater(len(dash.patched), 6)

    def test_29_97_hz_with_b_frames_and_44100_hz(self):
        path = media.make("long-ntsc", 40, rate="30000/1001", sample_rate=44100, bframes=3, gop=30)
        with low_latency(segment="2s", part="500ms") as server:
            _, findings = manifests.watch_until(server, path, 3)
            self.assertEqual(findings.lines(), [])


class Waiting(unittest.TestCase):
    """Nobody hangs, and nobody gets what he has not asked for."""

    def ask_for_more(self, server, pool):
        """Requests for the segment behind the one that is under way, in both playlists."""
        wait_until(lambda: is_live(server, segments=1), "a live playlist")
        asked = []
        for track in ("video", "audio"):
            playlist = manifests.media(server, "x", track)
            end = playlist.media_sequence + len(playlist.segments)
            asked.append(pool.submit(server.get, f"/live/x/{track}.m3u8?_HLS_msn={end + 1}"))
        return asked

    def test_the_end_is_told_to_who_waits(self):
        with low_latency(linger="1s") as server, concurrent.futures.ThreadPoolExecutor(4) as pool:
            publisher = media.publish_ffmpeg(media.make("long", 60, gop=15), server.push_url("x"))
            answers = self.ask_for_more(server, pool)
            publisher.kill()
            publisher.communicate()
            for answer in answers:
                status, _, body = answer.result(30)
                self.assertEqual(status, 200)
                self.assertIn(b"#EXT-X-ENDLIST", body)

    def test_who_waits_through_a_reconnect_gets_what_comes_then(self):
        with low_latency(linger="20s", segment="2s") as server, concurrent.futures.ThreadPoolExecutor(4) as pool:
            for attempt in range(2):
                publisher = media.publish_ffmpeg(media.make("long", 60, gop=15), server.push_url("x"))
                if attempt == 0:
                    answers = self.ask_for_more(server, pool)
                    hint = manifests.media(server, "x").hints[0]["URI"]
                    part = pool.submit(server.get, f"/live/x/{hint}")
                    publisher.kill()
                    publisher.communicate()
                    wait_until(lambda: not manifests.media(server, "x").hints, "the hint is taken back")
            for answer in answers:
                status, _, body = answer.result(30)
                self.assertIn(status, (200, 503))  # 503: the machine is so slow that it took three target durations
                if status == 200:
                    self.assertGreater(len(manifests.parse_playlist(body).segments), 1)
            self.assertIn(part.result(30)[0], (200, 404))
            publisher.kill()
            publisher.communicate()

    def ask_for_what_grows(self, server, pool):
        """Requests for the open segment of video, and for the patch that will follow."""
        parsed = wait_until(lambda: self.lists_what_grows(server), "an open segment in the MPD")
        video = next(one for one in parsed.representations() if one.kind == "video")
        patch = parsed.root.find(manifests.mpd_parser.NAMESPACE + "PatchLocation").text
        return (pool.submit(server.get, urlsplit(video.media_uri(video.pieces()[-1])).path),
                pool.submit(server.get, f"/live/x/{patch}"))

    @staticmethod
    def lists_what_grows(server):
        parsed = manifests.mpd(server, "x")
        return parsed and parsed.representations()[0].is_low_latency and parsed

    def test_a_lost_publisher_ends_what_grows(self):
        with low_latency(linger="20s", segment="4s") as server, concurrent.futures.ThreadPoolExecutor(4) as pool:
            for attempt in range(2):
                publisher = media.publish_ffmpeg(media.make("long", 60, gop=15), server.push_url("x"))
                if attempt == 0:
                    segment, patch = self.ask_for_what_grows(server, pool)
                else:
                    wait_until(lambda: self.has_periods(server, 2), "a new period")
                publisher.kill()
                publisher.communicate()
            status, _, body = segment.result(30)
            self.assertEqual(status, 200)
            self.assertGreater(len(cmaf_model.parse_segment(body).chunks), 0)
            status, _, body = patch.result(30)
            self.assertEqual(status, 200)
            self.assertIn(b"/MPD/@publishTime", body)

    @staticmethod
    def has_periods(server, count):
        parsed = manifests.mpd(server, "x")
        return parsed and len(parsed.periods) >= count

    def test_a_server_that_ends_keeps_nobody(self):
        with low_latency(segment="2s") as server, concurrent.futures.ThreadPoolExecutor(4) as pool:
            publisher = media.publish_ffmpeg(media.make("long", 60, gop=15), server.push_url("x"))
            answers = self.ask_for_more(server, pool)
            self.assertEqual(server.terminate(), 0)
            for answer in answers:
                with contextlib.suppress(ConnectionError):  # told the end, or cut off: nobody is left waiting
                    self.assertIn(b"#EXT-X-ENDLIST", answer.result(10)[2])
            publisher.kill()
            publisher.communicate()


class OldPlayers(unittest.TestCase):
    def test_ffmpeg_and_gstreamer_play_the_same_url(self):
        """ffmpeg live, from the first segment to the end; GStreamer when it is over."""
        path = media.make("clip-5", 5, gop=15)
        with low_latency(hls="window='60s' iframes='yes'", dash="window='60s'", linger="1s") as server, concurrent.futures.ThreadPoolExecutor(2) as pool:
            publisher = media.publish_ffmpeg(path, server.push_url("x"))
            wait_until(lambda: is_live(server, segments=2), "two segments")
            url = server.url("/live/x/index.m3u8")
            live = pool.submit(media.packets, url, "v", ["-live_start_index", "0"])
            dash = pool.submit(media.packets, server.url("/live/x/manifest.mpd"), "v", ["-t", "2"])
            media.finish(publisher)
            sent = [p[1:] for p in media.expected(path, "v")]
            self.assertEqual([p[1:] for p in live.result(60)], sent)
            played = [p[1:] for p in dash.result(60)]
            first = sent.index(played[0])
            self.assertEqual(played, sent[first:first + len(played)])
            self.assertGreater(len(played), 50)
            server.wait_for_end("x")
            for name in ("index.m3u8", "manifest.mpd"):
                pictures, _ = media.decode_gstreamer(server.url(f"/live/x/{name}"), server.dir)
                self.assertEqual(pictures, 5 * 30 * 320 * 180 * 3 // 2)
            self.key_frames_are_pictures(server)

    def key_frames_are_pictures(self, server):
        """Each is one that can be decoded alone, from its byte range."""
        playlist = manifests.media(server, "x", "video-iframes")
        self.assertEqual(len(playlist.segments), 5)
        init = server.get(f"/live/x/{playlist.segments[0].map[0]}")[2]
        for segment in playlist.segments[1:3]:
            size, start = segment.byterange
            _, _, body = server.get(f"/live/x/{segment.uri}", {"Range": f"bytes={start}-{start + size - 1}"})
            self.assertEqual(len(body), size)
            file = server.dir / "key-frame.mp4"
            file.write_bytes(init + body)
            frames = media.run(["ffmpeg", "-v", "quiet", "-i", file, "-frames:v", "1", "-f", "framemd5", "-"])
            self.assertRegex(frames, r"\n0, +\d+, +\d+, +\d+, +86400, ")


if __name__ == "__main__":
    unittest.main(verbosity=2)
