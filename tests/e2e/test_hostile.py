"""What the ports may be sent by anybody: refused or ignored, and the next one is served as ever."""

import concurrent.futures
import os
import pathlib
import random
import socket
import struct
import subprocess
import tempfile
import threading
import unittest

import certificates
import hostile
import manifests
import media
import rtmp
from server import COMMAND, PATIENCE, Server, wait_until

TLS_HELLO = bytes.fromhex("16030100c5010000c10303") + bytes(range(200))


def short_clip():
    return media.make("clip-3", 3, gop=15)


FEW = 4  # descriptors that a server keeps once it has needed them


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def say(port, *pieces, wait=PATIENCE):
    """Sends bytes and an end, and returns what is answered until the peer closes or is silent."""
    answer = bytearray()
    with socket.create_connection(("127.0.0.1", port), 5) as s:
        s.settimeout(wait)
        try:
            for piece in pieces:
                s.sendall(piece)
            s.shutdown(socket.SHUT_WR)
            while piece := s.recv(65536):
                answer += piece
        except OSError:
            pass
    return bytes(answer)


class Garbage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(segment="1s", linger="1s", rtmp_attributes='handshake-timeout="60s"')
        cls.server.__enter__()
        cls.addClassCleanup(cls.server.__exit__, None, None, None)

    def tearDown(self):
        self.assertIsNone(self.server.process.poll(), "the server has ended")

    def test_random_bytes(self):
        source = random.Random(1)
        for port in (self.server.rtmp, self.server.http):
            for _ in range(100):
                say(port, source.randbytes(source.randrange(1, 5000)), wait=0.02)

    def test_http_and_tls_on_the_rtmp_port(self):
        """They are hung up on at once, not after the handshake's deadline."""
        for bytes_sent in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", TLS_HELLO):
            with socket.create_connection(("127.0.0.1", self.server.rtmp), 5) as s:
                s.sendall(bytes_sent)
                s.settimeout(30)
                try:
                    self.assertEqual(s.recv(1), b"")
                except ConnectionResetError:
                    pass

    def test_rtmp_and_tls_on_the_http_port(self):
        for bytes_sent in (b"\x03" + os.urandom(1536), TLS_HELLO):
            answer = say(self.server.http, bytes_sent)
            self.assertTrue(answer == b"" or answer.startswith(b"HTTP/1.1 400"), answer[:100])

    def test_random_bytes_behind_a_handshake(self):
        source = random.Random(2)
        for _ in range(50):
            say(self.server.rtmp, b"\x03" + bytes(1536) + bytes(1536),
                source.randbytes(source.randrange(1, 3000)), wait=0.02)

    def test_random_messages_of_a_publisher(self):
        """Past publish: random bodies of every message type."""
        source = random.Random(3)
        for kind in range(1, 23):
            client = rtmp.Publisher(self.server.rtmp, f"noise-{kind}")
            client.__enter__()
            try:
                for _ in range(20):
                    client.send(kind, 1, source.randrange(1 << 32), source.randbytes(source.randrange(200)))
            except OSError:
                pass
            client.close()

    def test_a_message_of_16_mib_that_never_comes(self):
        """Memory grows with what has come, not with what was announced."""
        before = self.resident()
        head = b"\x06" + bytes(3) + (0xFFFFFF).to_bytes(3, "big") + b"\x09" + struct.pack("<I", 1)
        clients = []
        for i in range(20):
            client = rtmp.Publisher(self.server.rtmp, f"big-{i}")
            client.__enter__()
            client.socket.sendall(head + bytes(1000))
            clients.append(client)
        self.assertLess(self.resident() - before, 60 << 20)
        for client in clients:
            client.close()

    def resident(self):
        with open(f"/proc/{self.server.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def test_requests_that_are_none(self):
        requests = [
            b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET /live/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\nabcd",
            b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
            b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n folded: c\r\n\r\n",
            b"GET  /  HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\n" + b"A: " + b"b" * 100000 + b"\r\n\r\n",
            b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
        ]
        for request in requests:
            with self.subTest(request=request[:60]):
                answer = say(self.server.http, request)
                self.assertRegex(answer[:12], rb"^HTTP/1\.1 (4|5)\d\d", answer[:200])
                self.assertEqual(answer.count(b"HTTP/1.1 "), 1, answer[:1000])

    def test_z_a_healthy_publisher_afterwards(self):
        path = short_clip()
        media.finish(media.publish_ffmpeg(path, self.server.push_url("healthy")))
        self.server.wait_for_end("healthy")
        listed = media.packets(self.server.url("/live/healthy/index.m3u8"), "v", ["-live_start_index", "0"])
        self.assertIsNone(media.difference(media.packets(path, "v"), listed))
        self.assertEqual(self.server.get("/live/healthy/index.m3u8")[0], 200)


class Table(unittest.TestCase):
    """All that hostile.py lists, in the clear and in TLS; after each group a healthy publisher is served."""

    MORE = ""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="mediagraph-test-")
        cls.addClassCleanup(folder.cleanup)
        certificate, key = certificates.make(pathlib.Path(folder.name))
        patient = " ".join(f'{what}-timeout="60s"' for what in ("handshake", "publish", "media", "input"))
        # What has been freed is free, under the address sanitizer, too.
        options = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1:thread_local_quarantine_size_kb=64"
        cls.server = Server(segment="1s", linger="0s", env={"ASAN_OPTIONS": options},
                            rtmp_attributes=f'tls-certificate="{certificate}" tls-key="{key}" {patient} {cls.MORE}')
        cls.server.__enter__()
        cls.addClassCleanup(cls.server.__exit__, None, None, None)
        cls.tags = [tag for tag in rtmp.read_flv(short_clip()) if tag[1] < 1600]

    def run_group(self, cases, scheme):
        for name, phase, attack, expected in cases:
            with self.subTest(name=name, scheme=scheme), hostile.Peer(self.server.rtmp, scheme) as peer:
                peer.reach(phase)
                self.assertEqual(peer.outcome(attack), expected, self.server.log()[-2000:])

    def check_health(self, name):
        """A publisher's pictures arrive, although it is in a hurry."""
        with rtmp.Publisher(self.server.rtmp, name) as client:
            client.send_tags(self.tags, speed=1000)
            wait_until(lambda: "#EXTINF:" in (self.server.text(f"/live/{name}/video.m3u8") or ""), "a segment")

    def memory(self):
        """Bytes; the share of pages that others have, too."""
        with open(f"/proc/{self.server.process.pid}/smaps_rollup", encoding="ascii") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith("Pss:")) << 10

    def test_table(self):
        self.check_health("before")
        wait_until(lambda: not self.server.has_open(".mp4"), "the end of a stream")
        before = descriptors(self.server)
        for scheme in ("rtmp", "rtmps"):
            for group, cases in hostile.GROUPS.items():
                self.run_group(cases, scheme)
                self.check_health(f"healthy-{group}-{scheme}")
                wait_until(lambda: descriptors(self.server) <= before + FEW, "the descriptors are back")
        self.check_memory()
        self.assertIsNone(self.server.process.poll(), "the server has ended")

    def check_memory(self):
        """The second and third time everything costs no more."""
        before = self.memory()
        for scheme in ("rtmp", "rtmps"):
            for cases in hostile.GROUPS.values():
                self.run_group(cases, scheme)
        if "SANITIZER_LIBRARY" not in os.environ:  # the thread sanitizer keeps books of its own
            wait_until(lambda: self.memory() - before < 24 << 20, "the memory is back")

    def test_messages_that_are_announced_cost_nothing(self):
        """58 chunk streams of 20 peers each say that 16 MiB come."""
        before = self.memory()
        attack = b"".join(hostile.head(rtmp.VIDEO, 0xFFFFFF, i) + bytes(100) for i in range(6, 64))
        attack = hostile.control(rtmp.SET_CHUNK_SIZE, 100) + attack
        peers = [hostile.Peer(self.server.rtmp) for _ in range(20)]
        try:
            for peer in peers:
                peer.reach(hostile.PUBLISHING)
                self.assertEqual(peer.outcome(attack + hostile.control(rtmp.SET_CHUNK_SIZE, 128, 100)), hostile.KEPT)
            self.assertLess(self.memory() - before, 160 << 20)
        finally:
            for peer in peers:
                peer.socket.close()


class Carried(Table):
    """The same in requests of HTTP and in RC4, as far as it depends on who carries it; many at once."""

    MORE = 'protocols="rtmp rtmpt rtmpe"'
    AT_ONCE = 16  # a tunnel goes on for a second, so that what was said at last can be fetched
    MOST_BYTES = {"rtmpt": 8 << 20, "rtmpe": 200 << 10}  # the script's RC4 is slow
    UNLIKE = {"pings whose answers are not read"}  # a request brings them

    def test_table(self):
        self.check_health("before")
        before = descriptors(self.server)
        with concurrent.futures.ThreadPoolExecutor(self.AT_ONCE) as pool:
            for scheme, most in self.MOST_BYTES.items():
                for group, cases in hostile.GROUPS.items():
                    chosen = [case for case in cases
                              if case[1] != hostile.RAW and len(case[2]) <= most and case[0] not in self.UNLIKE]
                    outcomes = pool.map(lambda case, how=scheme: self.outcome(how, *case[1:3]), chosen)
                    for (name, _, _, expected), outcome in zip(chosen, outcomes):
                        with self.subTest(name=name, scheme=scheme):
                            self.assertEqual(outcome, expected)
                    self.check_health(f"healthy-{group}-{scheme}")
        wait_until(lambda: descriptors(self.server) <= before + FEW, "the descriptors are back")
        self.assertIsNone(self.server.process.poll(), "the server has ended")

    def outcome(self, scheme, phase, attack):
        with hostile.Peer(self.server.rtmp, scheme) as peer:
            peer.reach(phase)
            return peer.outcome(attack)

    def test_handshakes_in_rc4(self):
        self.run_group(hostile.ENCRYPTED, "rtmp")
        with rtmp.Publisher(self.server.rtmp, "healthy-rc4", scheme="rtmpe") as client:
            self.assertIn("NetStream.Publish.Start", client.said)

    def test_requests_of_tunnels(self):
        for name, request in hostile.POSTS.items():
            with self.subTest(name=name):
                answer = say(self.server.rtmp, request)
                self.assertTrue(answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer[:100])
        with rtmp.Publisher(self.server.rtmp, "healthy-rtmpt", scheme="rtmpt") as client:
            self.assertIn("NetStream.Publish.Start", client.said)

    test_messages_that_are_announced_cost_nothing = None


class Limits(unittest.TestCase):
    LIMITS = 'max-message="128KiB" max-unfinished="300KiB" max-chunk-streams="9"'

    def test_limits_of_a_connection(self):
        """Just within, and just beyond: what is set counts, and the log names it."""
        def unfinished(count):
            return hostile.control(rtmp.SET_CHUNK_SIZE, 0x18000) + b"".join(
                hostile.head(rtmp.VIDEO, 0x20000, i) + bytes(0x18000) for i in range(6, 6 + count)) + hostile.control(
                    rtmp.SET_CHUNK_SIZE, 128)

        def streams(count):
            return b"".join(hostile.message(rtmp.ACK, bytes(4), chunk_stream=i) for i in range(6, 6 + count))

        cases = [(hostile.video(bytes(128 << 10)), hostile.video(bytes((128 << 10) + 1)), "at most 131072 are taken"),
                 (unfinished(2), unfinished(3), "more than 307200 bytes in unfinished messages"),
                 (streams(7), streams(8), "more than 9 chunk streams")]
        with Server(linger="0s", rtmp_attributes=self.LIMITS) as server:
            for within, beyond, said in cases:
                for attack, expected in ((within, hostile.KEPT), (beyond, hostile.CLOSED)):
                    with self.subTest(said=said, expected=expected), hostile.Peer(server.rtmp) as peer:
                        peer.reach(hostile.PUBLISHING)
                        self.assertEqual(peer.outcome(attack), expected)
                wait_until(lambda text=said: text in server.log(), said)

    def test_limits_that_do_not_fit(self):
        with tempfile.TemporaryDirectory(prefix="mediagraph-test-") as folder:
            file = pathlib.Path(folder, "test.xml")
            for limits, is_fine in (('max-unfinished="4MiB"', False),
                                    ('max-message="4MiB" max-unfinished="4MiB"', True)):
                file.write_text(f'<mediagraph><pipeline name="x"><ingest-rtmp {limits}/></pipeline></mediagraph>')
                done = subprocess.run([COMMAND, "check", file], capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode == 0, is_fine, done.stderr)
                self.assertEqual("as large as max-message" in done.stderr, not is_fine)


class Slow(unittest.TestCase):
    def test_no_phase_can_be_drawn_out(self):
        times = " ".join(f'{what}-timeout="1s"' for what in ("handshake", "publish", "media", "input"))
        with tempfile.TemporaryDirectory(prefix="mediagraph-test-") as folder:
            certificate, key = certificates.make(pathlib.Path(folder))
            attributes = f'tls-certificate="{certificate}" tls-key="{key}" {times}'
            with Server(linger="0s", rtmp_attributes=attributes) as server:
                before = descriptors(server)
                self.assertEqual(self.outlasted(server), [])
                wait_until(lambda: descriptors(server) <= before + FEW, "the descriptors are back")
                with rtmp.Publisher(server.rtmp, "healthy") as client:
                    self.assertIn("NetStream.Publish.Start", client.said)

    def outlasted(self, server):
        """The names of what the server did not put an end to."""
        names = []

        def draw_out(name, phase, first, then):
            with hostile.Peer(server.rtmp) as peer:
                peer.reach(phase)
                if not peer.is_ended(first, then, 0.1, PATIENCE):
                    names.append(name)

        threads = [threading.Thread(target=draw_out, args=(name, *case)) for name, case in hostile.SLOW.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return names


class Names(unittest.TestCase):
    BAD = ["../x", "..", ".hidden", "a/b", "a b", "ä", "名前", "a" * 129, "a\tb", "%2e%2e", "a%2fb", "x\n", "a\\b",
           "con:", "*", "<script>", "$(id)", "${app}"]
    GOOD = ["x", "A.b_c-9", "a" * 128, "key?token=1/2&x=..%2f"]

    def test_only_names_of_the_grammar_are_published(self):
        with Server(linger="0s") as server:
            for name in self.BAD:
                with self.subTest(name=name), self.assertRaises(rtmp.Refused) as refused:
                    rtmp.Publisher(server.rtmp, name).__enter__()
                self.assertEqual(refused.exception.code, "NetStream.Publish.BadName", name)
            for name in self.GOOD:
                with self.subTest(name=name), rtmp.Publisher(server.rtmp, name) as client:
                    self.assertIn("NetStream.Publish.Start", client.said)
            for app in ("other", "../live", "live/../.."):
                with self.subTest(app=app), self.assertRaises(rtmp.Refused) as refused:
                    rtmp.Publisher(server.rtmp, "x", app).__enter__()
            outside = [p for p in server.dir.rglob("*") if p.suffix == ".mp4"]
            self.assertEqual(outside, [])

    def test_a_query_is_no_part_of_the_name(self):
        with Server(segment="1s", linger="1s") as server:
            with rtmp.Publisher(server.rtmp, "x?token=../../y") as client:
                client.send_tags(rtmp.read_flv(short_clip()))
            server.wait_for_end("x")
            self.assertGreaterEqual(len(manifests.media(server, "x").segments), 2)
            wait_until(lambda: len(server.recordings()) == 1, "a recording")


if __name__ == "__main__":
    unittest.main(verbosity=2)
