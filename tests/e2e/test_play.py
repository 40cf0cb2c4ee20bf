"""Streams that are played by RTMP: what real players get is what was published."""

import contextlib
import re
import socket
import threading
import unittest

import enhanced
import media
import rtmp
from server import COMMAND, Server, wait_until

PLAY = """
<mediagraph state-dir="{dir}/state">
  <http listen="127.0.0.1:{http}"/>
  {auth}
  <pipeline name="live" linger="{linger}">
    <ingest-rtmp id="rtmp" listen="127.0.0.1:{rtmp}" app="live" {rtmp_attributes}/>
    <segment-cmaf id="cmaf" from="rtmp" segment="1s" part="500ms"/>
    <out-hls from="cmaf"/>
  </pipeline>
</mediagraph>
"""


EDGE = """
<mediagraph state-dir="{dir}/state">
  <http listen="127.0.0.1:{http}"/>
  <pipeline name="edge">
    <ingest-rtmp id="rtmp" listen="127.0.0.1:{rtmp}" {rtmp_attributes}/>
    <segment-cmaf id="cmaf" from="rtmp" segment="1s" part="500ms"/>
    <out-hls from="cmaf"/>
  </pipeline>
  <pipeline name="studio">
    <ingest-rtmp id="origin" mode="pull" url="{origin}" retry="300ms" media-timeout="60s" play-as="{name}"/>
    <segment-cmaf id="cmaf" from="origin" segment="1s" part="500ms"/>
    <out-hls from="cmaf"/>
  </pipeline>
</mediagraph>
"""


def clip(seconds=6, **more):
    return media.make(f"play-{seconds}", seconds, gop=30, **more)


def playing(attributes='play="yes" play-linger="1s"', linger="1s", **more):
    return Server(PLAY, rtmp_attributes=attributes, linger=linger, **{"auth": "", **more})


def rtmpdump(server, copy, stream="x", **more):
    return media.play_rtmpdump(server.push_url(stream), copy, **more)


def wait_for_players(server, count):
    wait_until(lambda: server.log().count(" plays live/") >= count, f"{count} players")


def wait_for_stream(server, stream="x"):
    wait_until(lambda: f"live/{stream}: " in server.log(), "it is published")


def ended(players):
    """Waits for players that end with the stream, whatever they make of that."""
    for player in players:
        player.communicate(timeout=120)


class Stalled:
    """A player that asks, and then reads nothing."""

    def __init__(self, port, stream):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect(("127.0.0.1", port))
        self.socket.sendall(b"\x03" + 2 * bytes(1536))
        for transaction, name, *arguments in ((1, "connect", {"app": "live"}), (2, "createStream", None),
                                              (3, "play", None, stream, -1)):
            body = b"".join(map(rtmp.amf, (name, transaction, *arguments)))
            self.socket.sendall(b"\x03" + bytes(3) + len(body).to_bytes(3, "big") + b"\x14"
                                + (b"\1" if name == "play" else b"\0") + bytes(3) + body)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.socket.close()


class Playing(unittest.TestCase):
    def is_tail(self, copy, path):
        self.assertIsNone(media.tail_difference(copy, path))

    def test_real_players_get_what_is_published(self):
        with playing() as server:
            publisher = media.publish_ffmpeg(clip(15), server.push_url("x"))
            wait_for_stream(server)
            copies = [server.dir / f"{name}.flv" for name in ("dump", "late", "ffmpeg", "rtmpsrc", "rtmp2src")]
            players = [rtmpdump(server, copies[0]), rtmpdump(server, copies[1], extra=()),
                       media.play_ffmpeg(server.push_url("x"), copies[2]),
                       media.play_gstreamer(server.push_url("x"), copies[3], "rtmpsrc"),
                       media.play_gstreamer(server.push_url("x"), copies[4])]
            wait_for_players(server, 5)
            media.finish(publisher)
            ended(players)
            for copy in copies:
                self.is_tail(copy, clip(15))
            self.assertEqual(server.terminate(), 0)

    def test_several_tracks(self):
        """A player that takes them gets every packet of a second sound, as it was sent; another one the first."""
        tracks = [enhanced.Track(enhanced.make(f"play-opus-{i}", 3, audio=["-c:a", "libopus", "-b:a", rate]),
                                 rtmp.AUDIO, i) for i, rate in enumerate(("64k", "96k"))]
        knows = {"audioFourCcInfoMap": {"Opus": 1}}
        with playing() as server, contextlib.closing(rtmp.Player(server.rtmp, "x")) as all_of_it, \
                contextlib.closing(rtmp.Player(server.rtmp, "x")) as the_first:
            with rtmp.Publisher(server.rtmp, "x") as publisher:
                publisher.send_tags(enhanced.interleave(*tracks)[:80])
                wait_until(lambda: "/rtmp: publisher" in server.log(), "it is published")
                all_of_it.play(capsEx=2, **knows)
                the_first.play(**knows)
                publisher.send_tags(enhanced.interleave(*tracks)[80:])
            second = [body for _, _, body in tracks[1].messages()[-50:]]
            wait_until(lambda: second[-1] in [body for _, body in all_of_it.media], "the last packet")
            numbered = [body for kind, body in all_of_it.media if kind == rtmp.AUDIO and body[0] & 15 == 5]
            self.assertEqual(numbered[0][:7], b"\x95\x00Opus\x01")
            self.assertEqual(numbered[-50:], second)
            first = [body for kind, body in the_first.media if kind == rtmp.AUDIO]
            self.assertGreater(len(first), 50)
            self.assertEqual({body[0] & 15 for body in first[1:]}, {1})

    def test_the_publisher_comes_back(self):
        """Players go on, with times that go on."""
        with playing('play="yes" play-linger="60s"', linger="60s") as server:
            publisher = media.publish_ffmpeg(clip(), server.push_url("x"))
            wait_for_stream(server)
            copy = server.dir / "copy.flv"
            player = rtmpdump(server, copy)
            wait_for_players(server, 1)
            media.finish(publisher)
            media.finish(media.publish_ffmpeg(clip(), server.push_url("x")))
            wait_until(lambda: server.log().count(" left: ") == 2, "both publishers have left")
            self.assertEqual(server.terminate(), 0)
            ended([player])
            for kind in "va":
                sent = [p[1:] for p in media.expected(clip(), kind)]
                got = media.packets(copy, kind)
                self.assertEqual([p[1:] for p in got][-len(sent):], sent)
                self.assertGreater(len(got), len(sent) + 10)
            times = sorted(p[0] for p in media.packets(copy, "v"))
            self.assertGreater(times[-1] - times[0], 6)

    def test_what_is_pulled(self):
        """By the name that it is to have here, from what listens."""
        with playing() as origin, Server(EDGE, rtmp_attributes='play="yes" play-linger="1s"', name="live/studio",
                                         origin=origin.push_url("x")) as edge:
            publisher = media.publish_ffmpeg(clip(), origin.push_url("x"))
            wait_until(lambda: "plays from" in edge.log(), "it is pulled")
            copy = edge.dir / "copy.flv"
            player = rtmpdump(edge, copy, "studio")
            wait_for_players(edge, 1)
            media.finish(publisher)
            ended([player])
            self.is_tail(copy, clip())
            self.assertEqual(edge.terminate(), 0)

    def test_fifty_players(self):
        with playing() as server:
            publisher = media.publish_ffmpeg(clip(15), server.push_url("x"))
            wait_for_stream(server)
            copies = [server.dir / f"{i}.flv" for i in range(50)]
            players = [rtmpdump(server, copy) for copy in copies]
            wait_for_players(server, 50)
            media.finish(publisher)
            ended(players)
            self.is_tail(copies[0], clip(15))
            longest = [tag for tag in rtmp.read_flv(copies[0]) if tag[0] in (rtmp.AUDIO, rtmp.VIDEO)
                       and not rtmp.is_header(tag)]
            for copy in copies[1:]:
                got = [tag for tag in rtmp.read_flv(copy) if tag[0] in (rtmp.AUDIO, rtmp.VIDEO)
                       and not rtmp.is_header(tag)]
                n = min(len(got), len(longest))
                self.assertGreater(n, 100)
                self.assertEqual(got[-n:], longest[-n:])
            self.assertEqual(server.terminate(), 0)

    def test_one_that_reads_nothing_is_alone_with_it(self):
        path = media.made("play-noise", ["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30:duration=14",
                                         "-f", "lavfi", "-i", "sine=sample_rate=48000:duration=14",
                                         "-vf", "noise=alls=60:allf=t", "-c:v", "libx264", "-preset", "ultrafast",
                                         "-b:v", "12M", "-g", "30", "-pix_fmt", "yuv420p", "-c:a", "aac"], "flv")
        with playing() as server:
            publisher = media.publish_ffmpeg(path, server.push_url("x"))
            wait_for_stream(server)
            with Stalled(server.rtmp, "x"):
                wait_for_players(server, 1)
                copy = server.dir / "copy.flv"
                player = rtmpdump(server, copy)
                media.finish(publisher)
                ended([player])
                self.is_tail(copy, path)
            wait_until(lambda: "was too slow: it missed" in server.log(), "it is said")
            self.assertEqual(server.terminate(), 0)


class Refusals(unittest.TestCase):
    def refusal(self, server, stream="x", **more):
        with contextlib.closing(rtmp.Player(server.rtmp, stream)) as player:
            with self.assertRaises(rtmp.Refused) as caught:
                player.play(**more)
            return caught.exception

    def test_what_may_not_be_played(self):
        with playing('play="yes" play-linger="1s" max-players="1"') as server:
            self.assertEqual(self.refusal(server).code, "NetStream.Play.StreamNotFound")
            publisher = media.publish_ffmpeg(clip(15), server.push_url("x"))
            wait_for_stream(server)
            with contextlib.closing(rtmp.Player(server.rtmp, "x")) as player:
                player.play()
                self.assertEqual(self.refusal(server).code, "NetStream.Play.Failed")
            media.finish(publisher)
            self.assertEqual(server.terminate(), 0)

    def test_it_has_to_be_asked_for(self):
        with playing("") as server:
            publisher = media.publish_ffmpeg(clip(), server.push_url("x"))
            wait_for_stream(server)
            refusal = self.refusal(server)
            self.assertEqual(refusal.code, "NetStream.Play.StreamNotFound")
            self.assertIn("does not play", refusal.description)
            media.finish(publisher)

    def test_keys_are_for_publishers(self):
        server = playing(auth='<auth keys-file="studio.keys"/>')
        made = media.run(["env", "-C", server.dir, COMMAND, "key", "add", "studio.keys", "live/x"])
        key = re.search(r"[a-z2-9]{8}-[a-z2-9]{26}", made).group()
        with server:
            publisher = media.publish_ffmpeg(clip(), server.push_url(key))
            wait_for_stream(server)
            self.assertEqual(self.refusal(server, key).code, "NetStream.Play.StreamNotFound")
            with contextlib.closing(rtmp.Player(server.rtmp, "x")) as player:
                player.play()
            wait_for_players(server, 1)
            media.finish(publisher)
            self.assertEqual(server.terminate(), 0)
            self.assertNotIn(key, server.log())
            self.assertRegex(server.log(), rf"player \S+ of live/{key[:8]}… is refused")
            self.assertRegex(server.log(), r"player \S+ leaves live/x; it was sent [1-9]\d* bytes")

    def test_codecs_that_a_player_does_not_know(self):
        path = enhanced.make("play-opus", 4, audio=["-c:a", "libopus"])
        tags = enhanced.interleave(enhanced.Track(path, rtmp.AUDIO))
        is_over = threading.Event()

        def publish(server):
            with rtmp.Publisher(server.rtmp, "x") as publisher:
                for tag in tags * 1000:
                    if is_over.wait(0.02):
                        break
                    publisher.send(tag[0], 1, tag[1], tag[2])

        with playing() as server:
            publishing = threading.Thread(target=publish, args=[server])
            publishing.start()
            try:
                wait_for_stream(server)
                self.assertIn("Enhanced RTMP", self.refusal(server).description)
                with contextlib.closing(rtmp.Player(server.rtmp, "x")) as player:
                    player.play(videoFourCcInfoMap={}, audioFourCcInfoMap={"Opus": 1})
            finally:
                is_over.set()
                publishing.join()
            self.assertEqual(server.terminate(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
