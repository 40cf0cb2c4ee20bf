"""RTMP as old encoders carry it, which has to be asked for."""

import contextlib
import http.client
import socket
import socketserver
import subprocess
import threading
import unittest

import carriers
import certificates
import media
import rtmp
from server import Server, wait_until
from test_publish import Outputs


def push_url(server, scheme, stream):
    return server.push_url(stream).replace("rtmp://", f"{scheme}://")


class Retyped(socketserver.ThreadingTCPServer):
    """A door to PORT behind which handshakes are of another type. librtmp says 6, and goes on by what it is
    answered: 8 and 9 it knows, and looks at what the server signs."""

    allow_reuse_address, daemon_threads, block_on_close = True, True, False

    def __init__(self, port, kind):
        super().__init__(("127.0.0.1", 0), None)
        self.behind, self.kind = port, kind
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):
        with socket.create_connection(("127.0.0.1", self.behind), 30) as server:
            server.settimeout(None)
            carriers.exactly(request, 1)
            server.sendall(bytes([self.kind]))
            back = threading.Thread(target=self.pass_on, args=(server, request), daemon=True)
            back.start()
            self.pass_on(request, server)
            back.join()

    @staticmethod
    def pass_on(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def __exit__(self, *unused):
        self.shutdown()
        self.server_close()


class Rtmpe(Outputs):
    def test_types_8_and_9(self):
        """librtmp publishes and plays, and a script publishes."""
        path = media.make("b-frames", 6)
        tags = [tag for tag in rtmp.read_flv(path) if tag[0] in (rtmp.AUDIO, rtmp.VIDEO)]
        attributes = 'protocols="rtmp rtmpe" play="yes" play-linger="1s"'
        with contextlib.ExitStack() as stack:
            server = stack.enter_context(Server(rtmp_attributes=attributes, segment="1s"))
            doors = {kind: stack.enter_context(Retyped(server.rtmp, kind)) for kind in (8, 9)}
            urls = {kind: f"rtmpe://127.0.0.1:{door.server_address[1]}/live/e{kind}" for kind, door in doors.items()}
            copies = {kind: server.dir / f"{kind}.flv" for kind in urls}
            publishers = [media.publish_gstreamer(path, url, copies[kind], "rtmpsink") for kind, url in urls.items()]
            wait_until(lambda: all(f"live/e{kind}: " in server.log() for kind in urls), "both publish")
            played = {kind: server.dir / f"{kind}-played.flv" for kind in urls}
            players = [subprocess.Popen(["timeout", "-k", "5", "60", "rtmpdump", "-q", "--live", "-r", url, "-o",
                                         played[kind]]) for kind, url in urls.items()]
            for kind in urls:
                with rtmp.Publisher(server.rtmp, f"script{kind}", scheme="rtmpe", kind=kind) as client:
                    client.send_tags(tags, speed=20)
            for publisher in publishers:
                media.finish(publisher)
            for player in players:
                player.wait()
            for kind in urls:
                self.check(server, f"e{kind}", copies[kind], audio_tolerance=0.03)
                self.check(server, f"script{kind}", path)
                sent, got = media.packets(copies[kind], "v"), media.packets(played[kind], "v")
                self.assertGreater(len(got), 30)
                self.assertEqual([p[1:] for p in got], [p[1:] for p in sent][-len(got):])

    def test_librtmp_publishes(self):
        path = media.make("b-frames", 6)
        with Server(rtmp_attributes='protocols="rtmp rtmpe"', segment="1s") as server:
            copies = [server.dir / f"{i}.flv" for i in range(3)]  # keys differ each time
            publishers = [media.publish_gstreamer(path, push_url(server, "rtmpe", f"e{i}"), copy, "rtmpsink")
                          for i, copy in enumerate(copies)]
            for publisher in publishers:
                media.finish(publisher)
            for i, copy in enumerate(copies):
                self.check(server, f"e{i}", copy, audio_tolerance=0.03)

    def test_it_has_to_be_asked_for(self):
        with Server() as server:
            publisher = media.publish_gstreamer(media.make("clip-3", 3, gop=15), push_url(server, "rtmpe", "x"),
                                                server.dir / "copy.flv", "rtmpsink")
            with self.assertRaises(AssertionError):
                media.finish(publisher)
            self.assertIn("RTMPE is not among the protocols that are taken here", server.log())


class Rtmpt(Outputs):
    def test_real_encoders(self):
        """FFmpeg's and librtmp's, with and without what encrypts; all at once."""
        path = media.make("b-frames", 6)
        server = Server(rtmp_attributes='protocols="rtmpt rtmpts rtmpte" tls-certificate="certificate.pem" '
                                        'tls-key="key.pem"', segment="1s", linger="5s")
        certificates.make(server.dir)
        with server:
            copies = {scheme: server.dir / f"{scheme}.flv" for scheme in ("rtmpt", "rtmpte")}
            publishers = [media.publish_ffmpeg(path, push_url(server, scheme, f"ffmpeg-{scheme}"))
                          for scheme in ("rtmpt", "rtmpts")]
            publishers += [media.publish_gstreamer(path, push_url(server, scheme, f"gst-{scheme}"), copy, "rtmpsink")
                           for scheme, copy in copies.items()]
            for publisher in publishers:
                media.finish(publisher)
            for scheme in ("rtmpt", "rtmpts"):
                self.check_all_but_the_end(server, f"ffmpeg-{scheme}", path)
            for scheme, copy in copies.items():
                self.check(server, f"gst-{scheme}", copy, audio_tolerance=0.03)
            self.assertEqual(server.terminate(), 0)

    def check_all_but_the_end(self, server, stream, path):
        """FFmpeg throws away what it has not posted when it closes a tunnel: its last ten writes."""
        server.wait_for_end(stream)
        for kind in "va":
            before = media.expected(path, kind)
            after = media.packets(server.url(f"/live/{stream}/index.m3u8"), kind, ["-live_start_index", "0"])
            self.assertLessEqual(len(before) - 20, len(after))
            self.assertIsNone(media.difference(before[:len(after)], after))

    def test_a_browser_is_told_nothing(self):
        with Server() as server:
            connection = http.client.HTTPConnection("127.0.0.1", server.rtmp, timeout=10)
            connection.request("GET", "/")
            with self.assertRaises((http.client.RemoteDisconnected, ConnectionResetError)):
                connection.getresponse()
            self.assertIn("RTMPT is not among the protocols that are taken here", server.log())


if __name__ == "__main__":
    unittest.main(verbosity=2)
