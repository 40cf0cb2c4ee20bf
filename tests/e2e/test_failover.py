"""A publisher is lost, and viewers see one stream: of a backup, and of a slate."""

import signal
import time
import unittest
from urllib.parse import urljoin, urlsplit

import manifests
import media
from server import PATIENCE, Server, wait_until

TWO = """
<mediagraph state-dir="{dir}/state">
  <http listen="127.0.0.1:{http}"/>
  <pipeline name="live" linger="1s">
    <ingest-rtmp id="main" listen="127.0.0.1:{rtmp}" app="live"/>
    <ingest-rtmp id="backup" listen="127.0.0.1:{rtmp2}" app="backup" as="live/${{stream}}"/>
    <failover id="either" from="main backup" timeout="900ms" return-after="2s"/>
    <segment-cmaf id="cmaf" from="either" segment="1s"/>
    <out-hls from="cmaf" window="120s"/>
    <out-dash from="cmaf" window="120s"/>
    <dvr from="cmaf" dir="{dir}/recordings"/>
  </pipeline>
</mediagraph>
"""

ONE = """
<mediagraph state-dir="{dir}/state">
  <http listen="127.0.0.1:{http}"/>
  <pipeline name="live" linger="5s">
    <ingest-rtmp id="rtmp" listen="127.0.0.1:{rtmp}" app="live"/>
    <failover from="rtmp" on-loss="slate" slate="{slate}"/>
    <segment-cmaf id="cmaf" from="failover" segment="1s"/>
    <out-hls from="cmaf" window="120s"/>
    <out-dash from="cmaf" window="120s"/>
  </pipeline>
</mediagraph>
"""


CALLED = """
<mediagraph state-dir="{dir}/state">
  <http listen="127.0.0.1:{http}"/>
  <pipeline name="live" linger="1s">
    <ingest-rtmp id="main" listen="127.0.0.1:{rtmp}" app="live"/>
    <ingest-rtmp id="backup" mode="pull" url="{far}/${{stream}}" retry="300ms"/>
    <failover id="either" from="main backup"/>
    <segment-cmaf id="cmaf" from="either" segment="1s"/>
    <out-hls from="cmaf" window="120s"/>
    <dvr from="cmaf" dir="{dir}/recordings"/>
  </pipeline>
</mediagraph>
"""


def clip(tone, seconds=30):
    """Two clips of other sound and picture that have the same parameters."""
    source = ["-f", "lavfi", "-i", f"testsrc2=size=320x180:rate=30:duration={seconds},hue=h={tone}",
              "-f", "lavfi", "-i", f"sine=frequency={tone}:sample_rate=48000:duration={seconds}"]
    return media.made(f"clip-tone-{tone}", [*source, "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p",
                                            "-g", "30", "-keyint_min", "30", "-sc_threshold", "0", "-bf", "2",
                                            "-c:a", "aac", "-b:a", "96k", "-ac", "2"], "flv")


def slate():
    """As FFmpeg writes fragments if it is told no more: of another size than the clips."""
    return media.made("slate", ["-f", "lavfi", "-i", "smptebars=size=192x108:rate=25:duration=2",
                                "-f", "lavfi", "-i", "sine=frequency=200:sample_rate=44100:duration=2",
                                "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "25",
                                "-c:a", "aac", "-b:a", "64k", "-movflags", "+frag_keyframe+empty_moov"], "mp4")


def digests(path, kind="v"):
    return [packet[2] for packet in media.packets(path, kind)]


def segment_count(server):
    playlist = manifests.media(server, "x")
    return len(playlist.segments) if playlist else 0


def end(publisher):
    publisher.kill()
    publisher.communicate(timeout=PATIENCE)


def decode(source, extra=()):
    """Nothing in it is an error to a decoder."""
    media.run(["ffmpeg", "-nostdin", "-v", "error", "-xerror", *extra, "-i", source, "-f", "null", "-"])


def decode_stretch(server, playlist, begin, end):
    """The segments of these indices, which have one header: FFmpeg does not follow a playlist to another one."""
    path = server.dir / "stretch.mp4"
    header = urljoin(playlist.uri, playlist.segments[begin].map[0])
    with open(path, "wb") as file:
        for url in [header, *manifests.segment_urls(playlist)[begin:end]]:
            status, _, body = server.get(urlsplit(url).path)
            if status != 200:
                raise AssertionError(f"{url}: {status}")
            file.write(body)
    decode(path)


class Backup(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """Both publish; the main one stops, and dies; another one takes its place; all end."""
        cls.main, cls.spare = clip(500), clip(900)
        main, spare = set(digests(cls.main)), set(digests(cls.spare))
        cls.sent = {"main": main - spare, "spare": spare - main}  # what is nearly nothing may be the same
        with Server(TWO) as server:
            # The wait for the switch is what we make; behind it frames go by fast; and one encoder may send
            # more than the other.
            watch = manifests.watch(server, "x", {"H18", "V1", "V3"}).start()
            main = media.publish_ffmpeg(cls.main, server.push_url("x"))
            wait_until(lambda: segment_count(server) >= 1, "the main encoder")
            backup = media.publish_ffmpeg(cls.spare, f"rtmp://127.0.0.1:{server.rtmp2}/backup/x")
            cls.run_scene(server, main)
            end(backup)
            server.wait_for_end("x")
            cls.findings = watch.stop()
            cls.playlists = {track: manifests.media(server, "x", track) for track in ("video", "audio")}
            decode(server.url("/live/x/index.m3u8"), ["-live_start_index", "0"])
            (cls.recording,) = server.wait_for_recordings()
            cls.packets = {kind: media.packets(cls.recording, kind) for kind in "va"}
            decode(cls.recording)
            cls.status = server.terminate()

    @classmethod
    def run_scene(cls, server, main):
        cls.wait_for_more(server)
        main.send_signal(signal.SIGSTOP)
        stopped = time.monotonic()
        cls.wait_for_switch(server, 1)
        cls.gone_for = time.monotonic() - stopped
        end(main)
        again = media.publish_ffmpeg(cls.main, server.push_url("x"))
        cls.wait_for_switch(server, 2)
        cls.wait_for_more(server)
        end(again)

    @staticmethod
    def wait_for_more(server):
        count = segment_count(server)
        wait_until(lambda: segment_count(server) >= count + 3, "more segments")

    @staticmethod
    def wait_for_switch(server, number):
        wait_until(lambda: len(manifests.discontinuities(manifests.media(server, "x"))) >= number,
                   f"switch {number}")

    def runs(self):
        """[(who sent them, how many)] of the pictures recorded, one for each stretch from one encoder."""
        found = []
        for _, _, digest in self.packets["v"]:
            who = next((name for name, sent in self.sent.items() if digest in sent), None)
            if who and found and found[-1][0] == who:
                found[-1] = (who, found[-1][1] + 1)
            elif who:
                found.append((who, 1))
        return found

    def test_the_checkers_find_nothing(self):
        self.assertEqual(self.findings.lines(), [])

    def test_each_has_its_turn(self):
        runs = self.runs()
        # When the second main encoder has been killed, the backup is there to take over.
        self.assertEqual([who for who, _ in runs][:3], ["main", "spare", "main"])
        for who, count in runs[:3]:
            with self.subTest(who=who):
                self.assertGreater(count, 60)

    def test_it_is_one_stream(self):
        for name, playlist in self.playlists.items():
            with self.subTest(track=name):
                self.assertEqual(manifests.numbers(playlist), list(range(len(playlist.segments))))
                self.assertEqual(len({segment.map[0] for segment in playlist.segments}), 1)
                self.assertTrue(playlist.endlist)

    def test_the_switch_is_seen_soon(self):
        """A playlist that grows by a second at a time shows the switch when its segment is whole."""
        self.assertLess(self.gone_for, 5)

    def test_times_grow_without_a_hole(self):
        for kind, packets in self.packets.items():
            times = [packet[0] for packet in packets]
            steps = [b - a for a, b in zip(sorted(times), sorted(times)[1:])]
            with self.subTest(kind=kind):
                self.assertGreater(min(steps), 0)
                # A picture may stand until the switch; sound is there from where it stopped.
                self.assertLess(max(steps), 2 if kind == "v" else 0.3)

    def test_picture_and_sound_end_together(self):
        self.assertAlmostEqual(self.packets["v"][-1][0], self.packets["a"][-1][0], delta=0.3)

    def test_the_server_ends_well(self):
        self.assertEqual(self.status, 0)


class Called(unittest.TestCase):
    def test_a_backup_is_called(self):
        """The main encoder dies; another server has the stream, until it ends there."""
        main, spare = clip(500), clip(900)
        with Server(rtmp_attributes='play="yes" play-linger="0s"') as far:
            backup = media.publish_ffmpeg(spare, far.push_url("x"))
            wait_until(lambda: "live/x: " in far.log(), "the other server has it")
            with Server(CALLED, far=far.push_url("")[:-1]) as server:
                publisher = media.publish_ffmpeg(main, server.push_url("x"))
                wait_until(lambda: " plays live/x" in far.log() and segment_count(server) >= 1, "both inputs")
                end(publisher)
                wait_until(lambda: manifests.discontinuities(manifests.media(server, "x")), "the switch")
                count = segment_count(server)
                wait_until(lambda: segment_count(server) >= count + 2, "more segments")
                end(backup)
                server.wait_for_end("x")
                self.assertEqual(len(manifests.discontinuities(manifests.media(server, "x"))), 1)
                (recording,) = server.wait_for_recordings()
                got, of_main, of_spare = (digests(path) for path in (recording, main, spare))
                self.assertIn(got[0], of_main)
                self.assertIn(got[-1], of_spare)
                self.assertGreater(len(set(got) & set(of_spare) - set(of_main)), 60)
                decode(recording)
                self.assertEqual(server.terminate(), 0)


class Slate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """One publishes, dies, and does not come back."""
        cls.path = clip(500)
        with Server(ONE, slate=slate()) as server:
            watch = manifests.watch(server, "x", {"V1", "V3"}).start()  # the slate is smaller and slower
            publisher = media.publish_ffmpeg(cls.path, server.push_url("x"))
            wait_until(lambda: segment_count(server) >= 3, "segments")
            end(publisher)
            server.wait_for_end("x")
            cls.findings = watch.stop()
            cls.playlist = manifests.media(server, "x")
            cls.sound = manifests.media(server, "x", "audio")
            (begin,) = manifests.discontinuities(cls.playlist)
            for playlist in (cls.playlist, cls.sound):
                decode_stretch(server, playlist, 0, begin)
                decode_stretch(server, playlist, begin, None)
            cls.status = server.terminate()

    def test_the_checkers_find_nothing(self):
        self.assertEqual(self.findings.lines(), [])

    def test_the_slate_is_shown_until_linger_is_over(self):
        (begin,) = manifests.discontinuities(self.playlist)
        shown = sum(float(segment.duration) for segment in self.playlist.segments[begin:])
        self.assertAlmostEqual(shown, 5, delta=0.7)
        self.assertEqual(len({segment.map[0] for segment in self.playlist.segments}), 2)
        self.assertEqual(manifests.discontinuities(self.sound), [begin])
        self.assertAlmostEqual(float(self.playlist.duration()), float(self.sound.duration()), delta=0.3)

    def test_the_server_ends_well(self):
        self.assertEqual(self.status, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
