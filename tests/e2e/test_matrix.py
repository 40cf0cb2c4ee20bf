"""Who can publish and play in which way RTMP is carried: every client with every scheme that it speaks.

The packets that come out of HLS, or into a player's file, are those that went in. CI tries the cells that
are QUICK; `./dev matrix` all of them.
"""

import contextlib
import os
import threading
import unittest

import certificates
import media
import rtmp
from server import Server, wait_until

SCHEMES = ("rtmp", "rtmps", "rtmpt", "rtmpts", "rtmpe", "rtmpte")

# Client and scheme (None: any), and why the two do not go together.
SPEAKS_NOT = {
    ("ffmpeg", "rtmpe"): "Debian builds it without RTMPE",
    ("ffmpeg", "rtmpte"): "Debian builds it without RTMPE",
    ("rtmp2", "rtmpt"): "it knows RTMP and RTMPS",
    ("rtmp2", "rtmpts"): "it knows RTMP and RTMPS",
    ("rtmp2", "rtmpe"): "it knows RTMP and RTMPS",
    ("rtmp2", "rtmpte"): "it knows RTMP and RTMPS",
    ("librtmp", "rtmps"): "its TLS fails, with OpenSSL's own server, too",
    ("librtmp", "rtmpts"): "it crashes",
    ("rtmpdump", "rtmps"): "its TLS fails, with OpenSSL's own server, too",
    ("rtmpdump", "rtmpts"): "it crashes",
}

PUBLISHERS = ("ffmpeg", "rtmp2", "librtmp", "script")
PLAYERS = ("ffmpeg", "rtmp2", "librtmp", "rtmpdump", "script")  # rtmpdump is librtmp; it only plays

QUICK = {
    "publish": {("ffmpeg", "rtmp"), ("ffmpeg", "rtmps"), ("ffmpeg", "rtmpt"), ("ffmpeg", "rtmpts"),
                ("rtmp2", "rtmp"), ("rtmp2", "rtmps"), ("librtmp", "rtmp"), ("librtmp", "rtmpe"),
                ("librtmp", "rtmpt"), ("librtmp", "rtmpte")},
    "play": {("rtmp2", "rtmps"), ("rtmpdump", "rtmpe"), ("rtmpdump", "rtmpt"), ("rtmpdump", "rtmpte"),
             ("ffmpeg", "rtmpts"), ("script", "rtmpts")},
}

IS_WHOLE = os.environ.get("MEDIAGRAPH_MATRIX") == "whole"
AT_ONCE = 10  # as many as do not wait for each other on two cores

ATTRIBUTES = (f'protocols="{" ".join(SCHEMES)}" tls-certificate="certificate.pem" tls-key="key.pem" '
              'play="yes" play-linger="1s"')


def cells(role, clients):
    """[(client, scheme)] in groups that may run at once."""
    all_cells = [(client, scheme) for scheme in SCHEMES for client in clients if (client, scheme) not in SPEAKS_NOT]
    chosen = [cell for cell in all_cells if IS_WHOLE or cell in QUICK[role]]
    return [chosen[i:i + AT_ONCE] for i in range(0, len(chosen), AT_ONCE)]


def frames(tags, of):
    """The bodies of packets of this type, AVC's or AAC's: neither headers nor the sequence's end."""
    return [body for kind, body in tags if kind == of and body[1] == 1]


class Matrix(unittest.TestCase):
    def setUp(self):
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.server = Server(rtmp_attributes=ATTRIBUTES, segment="1s", linger="1s")
        certificates.make(self.server.dir)
        stack.enter_context(self.server)

    def url(self, scheme, stream):
        return f"{scheme}://127.0.0.1:{self.server.rtmp}/live/{stream}"

    def copy(self, client, scheme):
        return self.server.dir / f"{client}-{scheme}.flv"


class Publish(Matrix):
    def test_all(self):
        path = media.make("b-frames", 6)
        for group in cells("publish", PUBLISHERS):
            finishers = [self.begin(path, *cell) for cell in group]
            for finish in finishers:
                finish()
            for cell in group:
                with self.subTest(cell=cell):
                    self.check(path, *cell)
        self.assertEqual(self.server.terminate(), 0)

    def begin(self, path, client, scheme):
        """Returns a function that waits for the end."""
        url, copy = self.url(scheme, f"{client}-{scheme}"), self.copy(client, scheme)
        if client == "script":
            thread = threading.Thread(target=self.script, args=(path, scheme))
            thread.start()
            return thread.join
        if client == "ffmpeg":
            publisher = media.publish_ffmpeg(path, url)
        elif client == "rtmp2":
            publisher = media.publish_gstreamer(path, url, copy, "rtmp2sink tls-validation-flags=0")
        else:
            publisher = media.publish_gstreamer(path, url, copy, "rtmpsink")
        return lambda: media.finish(publisher)

    def script(self, path, scheme):
        tags = [tag for tag in rtmp.read_flv(path) if tag[0] in (rtmp.AUDIO, rtmp.VIDEO)]
        with rtmp.Publisher(self.server.rtmp, f"script-{scheme}", scheme=scheme) as publisher:
            publisher.send_tags(tags, speed=2)

    def check(self, path, client, scheme):
        """GStreamer's muxer has stamps of its own; FFmpeg's tunnels lose the last writes, ten or so."""
        stream = f"{client}-{scheme}"
        self.server.wait_for_end(stream)
        sent = self.copy(client, scheme) if client in ("rtmp2", "librtmp") else path
        lost = 20 if client == "ffmpeg" and scheme in ("rtmpt", "rtmpts") else 0
        for kind in "va":
            before = media.expected(sent, kind)
            after = media.packets(self.server.url(f"/live/{stream}/index.m3u8"), kind, ["-live_start_index", "0"])
            self.assertLessEqual(len(before) - lost, len(after))
            tolerance = 0.03 if kind == "a" and sent != path else 0.0011
            self.assertIsNone(media.difference(before[:len(after)] if lost else before, after, tolerance))


class Play(Matrix):
    def test_all(self):
        path = media.make("play-15", 15, gop=30)
        for number, group in enumerate(cells("play", PLAYERS)):
            stream = f"x{number}"
            publisher = media.publish_ffmpeg(path, self.url("rtmp", stream))
            wait_until(lambda: f"live/{stream}: " in self.server.log(), "it is published")
            finishers = [self.begin(stream, *cell) for cell in group]
            wait_until(lambda: self.server.log().count(f" plays live/{stream}") == len(group), "all play")
            media.finish(publisher)
            played = [finish() for finish in finishers]
            for cell, got in zip(group, played):
                with self.subTest(cell=cell):
                    self.check(path, got, *cell)
        self.assertEqual(self.server.terminate(), 0)

    def begin(self, stream, client, scheme):
        """Returns a function that waits for the end; it gives what a script got."""
        url, copy = self.url(scheme, stream), self.copy(client, scheme)
        if client == "script":
            return self.script(stream, scheme)
        if client == "ffmpeg":
            player = media.play_ffmpeg(url, copy)
        elif client == "rtmpdump":
            player = media.play_rtmpdump(url, copy)
        else:
            player = media.play_gstreamer(url, copy, "rtmpsrc" if client == "librtmp"
                                          else "rtmp2src tls-validation-flags=0")
        return lambda: player.communicate(timeout=120) and None

    def script(self, stream, scheme):
        player = rtmp.Player(self.server.rtmp, stream, scheme=scheme)
        self.addCleanup(player.close)
        player.play()

        def finish():
            player.expect("onStatus", "NetStream.Play.UnpublishNotify")
            return player.media
        return finish

    def check(self, path, got, client, scheme):
        if client != "script":
            self.assertIsNone(media.tail_difference(self.copy(client, scheme), path))
            return
        sent = [(kind, body) for kind, _, body in rtmp.read_flv(path)]
        for kind in (rtmp.AUDIO, rtmp.VIDEO):
            bodies = frames(got, kind)
            self.assertGreater(len(bodies), 50)
            self.assertEqual(bodies, frames(sent, kind)[-len(bodies):])


if __name__ == "__main__":
    unittest.main(verbosity=2)
