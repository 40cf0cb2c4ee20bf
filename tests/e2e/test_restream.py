"""Streams that go to other servers and come from them, and what happens when those fail."""

import contextlib
import socket
import struct
import threading
import time
import unittest

import certificates
import enhanced
import manifests
import media
import peers
import rtmp
from server import Server, wait_until

NEAR = """
<mediagraph state-dir="{dir}/state">
  <http listen="127.0.0.1:{http}"/>
  <pipeline name="live" linger="{linger}">
    <ingest-rtmp id="rtmp" listen="127.0.0.1:{rtmp}" app="live"/>
    <out-rtmp id="far" from="rtmp" url="{far}" {attributes}/>
    <segment-cmaf id="cmaf" from="rtmp" segment="1s" part="500ms"/>
    <out-hls from="cmaf" window="120s"/>
  </pipeline>
</mediagraph>
"""

PULL = """
<mediagraph state-dir="{dir}/state">
  <http listen="127.0.0.1:{http}"/>
  <pipeline name="live">
    <ingest-rtmp id="origin" mode="pull" url="{origin}" retry="300ms" media-timeout="60s"/>
    <segment-cmaf id="cmaf" from="origin" segment="1s" part="500ms"/>
    <out-hls from="cmaf" window="120s"/>
    <dvr from="cmaf" dir="{dir}/recordings"/>
  </pipeline>
</mediagraph>
"""


def clip(seconds=4):
    return media.make(f"clip-{seconds}", seconds, gop=15)


def near(far, **values):
    return Server(NEAR, far=far, **{"attributes": 'retry="300ms"', **values})


def same_packets(test, source, path=None):
    for kind in "va":
        sent = [p[1:] for p in media.expected(path or clip(), kind)]
        test.assertEqual([p[1:] for p in media.packets(source, kind)], sent, kind)


def publish(server, path=None, stream="x"):
    return media.publish_ffmpeg(path or clip(), server.push_url(stream))


class Relay(unittest.TestCase):
    def test_another_mediagraph_gets_every_packet(self):
        with Server() as far, near(far.push_url("${stream}")) as server:
            media.finish(publish(server))
            server.wait_for_end("x")
            (recording,) = far.wait_for_recordings()
            same_packets(self, recording)
            far.wait_for_end("x")
            self.assertEqual(server.terminate(), 0)
            self.assertEqual(far.terminate(), 0)

    def test_a_server_that_knows_more_codecs_gets_them(self):
        clips = {"x": enhanced.make("hevc-opus", 4, enhanced.hevc(2), ["-c:a", "libopus"]),
                 "y": enhanced.make("av1-mp3", 4, enhanced.AV1, ["-c:a", "libmp3lame"]),
                 "z": enhanced.make("vp9-flac", 4, enhanced.VP9, ["-c:a", "flac", "-strict", "-2"])}
        with Server() as far, near(far.push_url("${stream}")) as server:
            for name, path in clips.items():
                with rtmp.Publisher(server.rtmp, name) as publisher:
                    publisher.send_tags(enhanced.both(path), speed=4)
            for recording in far.wait_for_recordings(len(clips)):
                path = clips[recording.parent.name]
                first = enhanced.packets(path, "v")[0][0]
                for kind in "va":
                    sent = [p[1:] for p in enhanced.packets(path, kind) if p[0] > first - 0.001]
                    self.assertEqual([p[1:] for p in media.packets(recording, kind)], sent, recording)
            self.assertEqual(server.terminate(), 0)

    def test_by_rtmps_to_a_server_that_is_vouched_for(self):
        far = Server(rtmp_attributes='tls-certificate="certificate.pem" tls-key="key.pem" protocols="rtmps"')
        certificate, _ = certificates.make(far.dir)
        url = f"rtmps://localhost:{far.rtmp}/live/${{stream}}"
        with far, near(url, attributes=f'tls-ca="{certificate}"') as server:
            media.finish(publish(server))
            (recording,) = far.wait_for_recordings()
            same_packets(self, recording)
            self.assertEqual(server.terminate(), 0)

    def test_by_rtmps_to_nobody_else(self):
        far = Server(rtmp_attributes='tls-certificate="certificate.pem" tls-key="key.pem"')
        certificates.make(far.dir)
        with far, near(f"rtmps://localhost:{far.rtmp}/live/${{stream}}") as server:
            media.finish(publish(server))
            self.assertIn("the server's certificate is not accepted: self-signed certificate", server.log())
            self.assertNotIn("live/x/rtmp: publisher", far.log())

    @unittest.skipUnless(peers.Nginx.is_there(), "nginx with its RTMP module is not there")
    def test_to_nginx_and_back(self):
        with peers.Nginx() as far, near(far.url("${stream}")) as server, \
                Server(PULL, origin=far.url("x")) as puller:
            wait_until(lambda: "waits for media" in puller.log(), "it plays")
            media.finish(publish(server))
            wait_until(lambda: "has ended the stream" in puller.log(), "the end has come through")
            self.assertEqual(puller.terminate(), 0)
            (recording,) = puller.recordings()
            same_packets(self, recording)


@unittest.skipUnless(peers.NodeMedia.is_there(), "Node-Media-Server is not there")
class NodeMedia(unittest.TestCase):
    """It tells players nothing of a stream's end, so what is pulled ends by falling silent."""

    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.far = stack.enter_context(peers.NodeMedia())
        self.puller = stack.enter_context(Server(PULL.replace("retry=", 'input-timeout="2s" retry='),
                                                 origin=self.far.url("x")))
        wait_until(lambda: "waits for media" in self.puller.log(), "it plays")

    def pulled(self):
        """The recording, once the stream is over."""
        wait_until(lambda: "the stream has no media any more" in self.puller.log(), "it is over")
        self.assertEqual(self.puller.terminate(), 0)
        (recording,) = self.puller.recordings()
        return recording

    def test_to_it_and_back(self):
        with near(self.far.url("${stream}")) as server:
            media.finish(publish(server))
            same_packets(self, self.pulled())
            self.assertEqual(server.terminate(), 0)

    def test_enhanced_from_it(self):
        path = enhanced.make("hevc-opus", 4, enhanced.hevc(2), ["-c:a", "libopus"])
        with rtmp.Publisher(self.far.port, "x") as publisher:
            publisher.send_tags(enhanced.both(path), speed=2)
            recording = self.pulled()
        first = enhanced.packets(path, "v")[0][0]
        for kind in "va":
            sent = [p[1:] for p in enhanced.packets(path, kind) if p[0] > first - 0.001]
            self.assertEqual([p[1:] for p in media.packets(recording, kind)], sent, kind)


class Silence(unittest.TestCase):
    def test_a_stream_that_falls_silent_is_called_again(self):
        with FarSide("status", "NetStream.Play.Start", "", plays=2 * [clip()]) as far, \
                Server(PULL.replace("retry=", 'input-timeout="1s" retry='),
                       origin=f"rtmp://127.0.0.1:{far.port}/live/x") as puller:
            wait_until(lambda: puller.log().count("the stream has no media any more") == 2, "it is missed twice")
            self.assertEqual(puller.terminate(), 0)
            self.assertEqual(puller.log().count("plays from"), 2)
            (recording,) = puller.recordings()
            sent = [p[1:] for p in media.expected(clip(), "v")]
            self.assertEqual([p[1:] for p in media.packets(recording, "v")], sent + sent)


@unittest.skipUnless(peers.Nginx.is_there(), "nginx with its RTMP module is not there")
class Pull(unittest.TestCase):
    def test_the_session_goes_on_when_the_stream_comes_back(self):
        with peers.Nginx() as far, Server(PULL, origin=far.url("x")) as puller:
            for count in (1, 2):
                wait_until(lambda n=count: puller.log().count("waits for media") >= n, "it plays")
                media.finish(media.publish_ffmpeg(clip(), far.url("x")))
                wait_until(lambda n=count: puller.log().count("plays from") == n, "it has played")
                far.kill()
                far.start()
            self.assertEqual(puller.log().count("warning live/live/origin: cannot play"), 2)
            self.assertEqual(puller.terminate(), 0)
            (recording,) = puller.recordings()
            got = [p[1:] for p in media.packets(recording, "v")]
            sent = [p[1:] for p in media.expected(clip(), "v")]
            self.assertEqual(got, sent + sent)
            times = sorted(p[0] for p in media.packets(recording, "v"))
            self.assertEqual(sum(b - a > 0.2 for a, b in zip(times, times[1:])), 1)


class FarSide:
    """A server that lets everybody connect, answers publish or play by one status, and keeps what it hears. One
    that stalls reads nothing after that. PLAYS are files: the first caller gets the first one, and so on."""

    def __init__(self, level, code, description, stalls=False, plays=()):
        self.answer, self.plays = (level, code, description), list(plays)
        self.stalls, self.heard, self.open = stalls, bytearray(), []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.port = self.listening.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *unused):
        for one in [self.listening, *self.open]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                self.open.append(self.listening.accept()[0])
                threading.Thread(target=self._serve, args=[self.open[-1]], daemon=True).start()

    def _serve(self, peer):
        level, code, description = self.answer
        with contextlib.suppress(OSError):
            self._hear(peer, 1 + 1536)
            peer.sendall(b"\x03" + 2 * bytes(1536))
            self._hear(peer, 1536 + 1)
            peer.sendall(command("_result", 1, {}, {"code": "NetConnection.Connect.Success"})
                         + command("_result", 4, None, 1)
                         + command("onStatus", 0, None,
                                   {"level": level, "code": code, "description": description}))
            if self.plays:
                self._play(peer, self.plays.pop(0))
            while not self.stalls and self._hear(peer, 1):
                continue

    @staticmethod
    def _play(peer, path):
        player = object.__new__(rtmp.Publisher)  # what it sends, without what it does before
        player.socket = peer
        player.set_chunk_size()
        player.send_tags(rtmp.read_flv(path), speed=4)

    def _hear(self, peer, least):
        """Reads until LEAST more bytes have come; whether they did."""
        while least > 0:
            piece = peer.recv(4096)
            if not piece:
                return False
            self.heard += piece
            least -= len(piece)
        return True


class Throttle:
    """Passes on, to PORT of this host, no more than RATE bytes in a second; and what comes back as it comes."""

    def __init__(self, port, rate):
        self.target, self.rate, self.open = port, rate, []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.port = self.listening.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *unused):
        for one in [self.listening, *self.open]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near_end = self.listening.accept()[0]
                far_end = socket.create_connection(("127.0.0.1", self.target))
                self.open += [near_end, far_end]
                threading.Thread(target=self._pass, args=[near_end, far_end, self.rate], daemon=True).start()
                threading.Thread(target=self._pass, args=[far_end, near_end, 0], daemon=True).start()

    @staticmethod
    def _pass(source, sink, rate):
        with contextlib.suppress(OSError):
            while piece := source.recv(2048):
                sink.sendall(piece)
                if rate > 0:
                    time.sleep(len(piece) / rate)
            sink.shutdown(socket.SHUT_WR)


def command(*values):
    """A command message in one chunk of a stream of its own."""
    body = b"".join(map(rtmp.amf, values))
    chunks = b"\xc3".join(body[at:at + 128] for at in range(0, len(body), 128))
    return b"\x03" + bytes(3) + struct.pack(">I", len(body))[1:] + b"\x14" + bytes(4) + chunks


class Failures(unittest.TestCase):
    """The far side fails, and comes back; local viewers notice nothing."""

    def local_output_is_whole(self, server, path):
        server.wait_for_end("x")
        for kind in "va":
            sent = [p[1:] for p in media.expected(path, kind)]
            got = media.packets(server.url("/live/x/index.m3u8"), kind, ["-live_start_index", "0"])
            self.assertEqual([p[1:] for p in got], sent)

    def test_it_is_down_at_the_start(self):
        far = Server()
        with near(far.push_url("${stream}")) as server:
            publisher = publish(server, clip(10))
            wait_until(lambda: "cannot publish" in server.log(), "it says so")
            with far:
                media.finish(publisher)
                (recording,) = far.wait_for_recordings()
                self.assertEqual(keys_first(recording), True)
                got, sent = media.packets(recording, "v"), media.expected(clip(10), "v")
                self.assertEqual([p[1:] for p in got], [p[1:] for p in sent][-len(got):])
                self.assertGreater(len(got), 0)
            self.local_output_is_whole(server, clip(10))
            self.assertEqual(server.log().count("warning live/x/far: cannot publish"), 1)

    def test_it_is_killed_and_comes_back(self):
        far = Server(linger="60s")
        with far, near(far.push_url("${stream}")) as server:
            publisher = publish(server, clip(10))
            wait_until(lambda: manifests.media(far, "x"), "the far side has it")
            far.kill()
            wait_until(lambda: "cannot publish" in server.log(), "it says so")
            far.start()
            media.finish(publisher)
            self.local_output_is_whole(server, clip(10))
            wait_until(lambda: server.log().count("publishes to") == 2, "it goes on")
            self.assertEqual(server.terminate(), 0)

    def test_it_refuses_and_nobody_sees_the_key(self):
        with FarSide("error", "NetStream.Publish.BadName", "stream key s3cret is bad") as far:
            server = near(f"rtmp://127.0.0.1:{far.port}/live")
            key = server.dir / "key"
            key.touch(0o600)
            key.write_text("s3cret\n", encoding="ascii")
            server.values["attributes"] = f'key-file="{key}" retry="300ms"'
            with server:
                media.finish(publish(server))
                self.local_output_is_whole(server, clip())
                self.assertGreaterEqual(far.heard.count(b"s3cret"), 2)  # it came again
                self.assertEqual(server.terminate(), 0)
                self.assertIn("the server refuses the stream's name or key", server.log())
                self.assertNotIn("s3cret", server.log())
                self.assertEqual(server.log().count("warning live/x/far"), 1)

    def test_it_is_slow_and_loses_whole_groups_of_pictures(self):
        path = media.make("large-6", 6, gop=15, size="1280x720")
        with Server() as far, Throttle(far.rtmp, path.stat().st_size // 6 // 3) as line, \
                near(f"rtmp://127.0.0.1:{line.port}/live/${{stream}}",
                     attributes='queue="500ms" stall-timeout="60s"') as server:
            media.finish(publish(server, path))
            self.local_output_is_whole(server, path)
            (recording,) = far.wait_for_recordings()
            sent = [p[1:] for p in media.expected(path, "v")]
            got = [p[1:] for p in media.packets(recording, "v")]
            self.assertLess(len(got), len(sent))
            self.assertGreater(len(got), 15)
            places = [sent.index(packet) for packet in got]
            self.assertEqual(places, sorted(set(places)))
            self.assertTrue(any(b > a + 1 and b % 15 == 0 for a, b in zip(places, places[1:])))
            self.assertEqual(pictures(recording) - pictures(path), set())  # none lacks what it was made from
            self.assertEqual(server.log().count("publishes to"), 1)

    def test_it_takes_nothing_any_more(self):
        with FarSide("status", "NetStream.Publish.Start", "", stalls=True) as far, \
                near(f"rtmp://127.0.0.1:{far.port}/live/x",
                     attributes='retry="300ms" stall-timeout="500ms" queue="500ms"') as server:
            path = media.make("large-6", 6, gop=15, size="1280x720")
            media.finish(publish(server, path))
            self.local_output_is_whole(server, path)
            self.assertIn("the server takes nothing any more", server.log())
            self.assertEqual(server.terminate(), 0)


def pictures(path):
    """What the decoded pictures look like: a set of checksums."""
    text = media.run([*media.FFMPEG, "-i", path, "-map", "0:v:0", "-vsync", "passthrough", "-f", "framemd5", "-"])
    return {line.rsplit(",", 1)[1] for line in text.splitlines() if not line.startswith("#")}


def keys_first(path):
    """Whether the first packet of video is a key frame."""
    text = media.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=flags",
                      "-of", "csv=p=0", path])
    return text.splitlines()[0].startswith("K")


if __name__ == "__main__":
    unittest.main(verbosity=2)
