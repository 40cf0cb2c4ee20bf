"""RTMP as old encoders carry it, which has to be asked for."""

import contextlib
import http.client
import socket
import socketserver
import subprocess
import threading
import unittest

import carriers
import media
import rtmp
from server import Server, wait_until
from test_publish import Outputs


# What a packet of sound may be away from its stamp: segment-cmaf takes 30 ms for jitter, and moves the first behind
# a cut by a frame, if there is a hole. Publishers that are not paced, or late on a busy machine, make use of it.
SOUND = 0.052


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
                self.check(server, f"e{kind}", copies[kind], audio_tolerance=SOUND)
                self.check(server, f"script{kind}", path, audio_tolerance=SOUND)
                sent, got = media.packets(copies[kind], "v"), media.packets(played[kind], "v")
                self.assertGreater(len(got), 30)
                self.assertEqual([p[1:] for p in got], [p[1:] for p in sent][-len(got):])

    def test_it_has_to_be_asked_for(self):
        with Server() as server:
            publisher = media.publish_gstreamer(media.make("clip-3", 3, gop=15), push_url(server, "rtmpe", "x"),
                                                server.dir / "copy.flv", "rtmpsink")
            with self.assertRaises(AssertionError):
                media.finish(publisher)
            self.assertIn("RTMPE is not among the protocols that are taken here", server.log())


class Rtmpt(Outputs):
    def test_a_browser_is_told_nothing(self):
        with Server() as server:
            connection = http.client.HTTPConnection("127.0.0.1", server.rtmp, timeout=10)
            connection.request("GET", "/")
            with self.assertRaises((http.client.RemoteDisconnected, ConnectionResetError)):
                connection.getresponse()
            self.assertIn("RTMPT is not among the protocols that are taken here", server.log())


if __name__ == "__main__":
    unittest.main(verbosity=2)
