"""RTMPS: real encoders over TLS, on the port that takes RTMP, too; certificates that change; hostile peers."""

import os
import pathlib
import random
import socket
import ssl
import struct
import tempfile
import time
import unittest

import certificates
import media
import rtmp
from server import Server, wait_until
from test_publish import Outputs


class Rtmps(Outputs):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="mediagraph-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.certificate, self.key = certificates.make(self.folder)

    def serve(self, more=""):
        attributes = f'tls-certificate="{self.certificate}" tls-key="{self.key}" {more}'
        server = Server(rtmp_attributes=attributes, segment="1s")
        server.__enter__()
        self.addCleanup(server.__exit__, None, None, None)
        return server


def secure(server, stream):
    return server.push_url(stream).replace("rtmp://", "rtmps://")


class Encoders(Rtmps):
    def test_certificate_changes_while_somebody_publishes(self):
        path = media.make("clip-8", 8)
        server = self.serve()
        first = certificates.of(server.rtmp)
        publisher = media.publish_ffmpeg(path, secure(server, "x"))
        server.wait_for_playlist("x")
        certificates.make(self.folder, "second")
        second = wait_until(lambda: self.another(server, first), "the new certificate")
        self.key.write_text("nonsense", encoding="ascii")
        wait_until(lambda: "the old certificate stays in use: no private key" in server.log(), "a complaint")
        self.assertEqual(certificates.of(server.rtmp), second)
        self.assertIsNone(publisher.poll(), "it published all the while")
        media.finish(publisher)
        self.check(server, "x", path)

    @staticmethod
    def another(server, certificate):
        now = certificates.of(server.rtmp)
        return now if now != certificate else None


class Choice(Rtmps):
    """What `protocols` says, and nothing else."""

    def assert_hung_up_on(self, s):
        s.settimeout(5)
        try:
            self.assertEqual(s.recv(1), b"")
        except ConnectionResetError:
            pass

    def test_nothing_in_the_clear(self):
        server = self.serve('protocols="rtmps"')
        with socket.create_connection(("127.0.0.1", server.rtmp), 5) as s:
            s.sendall(b"\x03")
            self.assert_hung_up_on(s)
        self.assertIn("RTMP is not among the protocols that are taken here", server.log())
        with certificates.connect(server.rtmp) as s:
            s.sendall(b"\x03" + bytes(1536))
            self.assertEqual(s.recv(1), b"\x03")

    def test_no_tls(self):
        server = self.serve('protocols="rtmp"')
        with certificates.connect(server.rtmp) as s:
            s.sendall(b"\x03")
            self.assert_hung_up_on(s)
        self.assertIn("RTMPS is not among the protocols that are taken here", server.log())
        with rtmp.Publisher(server.rtmp, "x") as client:
            self.assertIn("NetStream.Publish.Start", client.said)

    def test_a_pair_that_does_not_match(self):
        other = self.folder / "other"
        other.mkdir()
        certificates.make(other)
        self.key = other / "key.pem"
        server = Server(rtmp_attributes=f'tls-certificate="{self.certificate}" tls-key="{self.key}"')
        config = server.dir / "test.xml"
        self.addCleanup(server.__exit__, None, None, None)
        server.is_ready = lambda: "is not that of" in server.log()
        server.start()
        self.assertIn(str(config.name), server.log())
        self.assertIn(f"the private key in {self.key} is not that of {self.certificate}", server.log())


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(rtmp_attributes='tls-certificate="certificate.pem" tls-key="key.pem" '
                                            'handshake-timeout="2s"', segment="1s")
        certificates.make(cls.server.dir)
        cls.server.__enter__()
        cls.addClassCleanup(cls.server.__exit__, None, None, None)

    def tearDown(self):
        self.assertIsNone(self.server.process.poll(), "the server has ended")

    def test_z_a_healthy_publisher_afterwards(self):
        path = media.make("clip-3", 3, gop=15)
        media.finish(media.publish_ffmpeg(path, secure(self.server, "healthy")))
        self.server.wait_for_end("healthy")
        listed = media.packets(self.server.url("/live/healthy/index.m3u8"), "v", ["-live_start_index", "0"])
        self.assertIsNone(media.difference(media.packets(path, "v"), listed))

    def raw(self):
        return socket.create_connection(("127.0.0.1", self.server.rtmp), 5)

    @staticmethod
    def hello():
        """The first flight of a client."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = context.wrap_bio(incoming, outgoing)
        try:
            client.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return outgoing.read()

    def assert_closes_in_time(self, s, begun):
        s.settimeout(10)
        try:
            while s.recv(65536):
                pass
        except ConnectionResetError:
            pass
        self.assertLess(time.monotonic() - begun, 10)

    def test_stalls(self):
        """Before the first byte, within the hello, behind it, and behind TLS: one deadline for all of it."""
        hello = self.hello()
        for part in (b"", hello[:1], hello[:100], hello):
            with self.subTest(bytes=len(part)), self.raw() as s:
                begun = time.monotonic()
                s.sendall(part)
                self.assert_closes_in_time(s, begun)
        with self.subTest(bytes="handshake"), certificates.connect(self.server.rtmp) as s:
            self.assert_closes_in_time(s, time.monotonic())

    def test_bytes_that_trickle_do_not_move_the_deadline(self):
        with self.raw() as s:
            begun = time.monotonic()
            try:
                for byte in self.hello():
                    s.sendall(bytes([byte]))
                    time.sleep(0.05)
                    if time.monotonic() - begun > 10:
                        break
            except OSError:
                pass
            self.assertLess(time.monotonic() - begun, 10)

    def test_garbage(self):
        source, hello = random.Random(5), self.hello()
        for _ in range(100):
            broken = bytearray(hello)
            for _ in range(source.randrange(1, 20)):
                broken[source.randrange(1, len(broken))] = source.randrange(256)
            for junk in (bytes(broken), b"\x16" + source.randbytes(source.randrange(3000))):
                with self.raw() as s:
                    s.sendall(junk)

    def test_floods_of_records(self):
        """Empty ones of a handshake; behind a hello alerts, and ones that announce more than they may be."""
        for record in (b"\x16\x03\x01\x00\x00", b"\x15\x03\x03\x00\x02\x01\x00", b"\x17\x03\x03\xff\xff"):
            with self.subTest(record=record), self.raw() as s:
                begun = time.monotonic()
                try:
                    s.sendall(b"" if record[0] == 0x16 else self.hello())
                    for _ in range(2000):
                        s.sendall(record * 50)
                except OSError:
                    pass
                self.assert_closes_in_time(s, begun)

    def test_half_closed_and_cut_off(self):
        hello = self.hello()
        for _ in range(20):
            with self.raw() as s:
                s.sendall(hello)
                s.shutdown(socket.SHUT_WR)
                self.assert_closes_in_time(s, time.monotonic())
            with certificates.connect(self.server.rtmp) as s:
                s.sendall(b"\x03" + os.urandom(700))
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def test_http_in_tls(self):
        with certificates.connect(self.server.rtmp) as s:
            s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            s.settimeout(5)
            self.assertEqual(s.recv(1), b"")


if __name__ == "__main__":
    unittest.main(verbosity=2)
