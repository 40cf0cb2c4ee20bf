"""Peers that take and give nothing: silent publishers, idle and slow viewers, no descriptors left."""

import os
import resource
import signal
import socket
import time
import unittest

import manifests
import media
import rtmp
from server import Server, wait_until


def clip():
    return media.make("long", 60, gop=15)


def segment_count(server):
    playlist = manifests.media(server, "x")
    return len(playlist.segments) if playlist else 0


def goes_on(server, count=2):
    """Waits until the live stream has so many segments more."""
    before = segment_count(server)
    wait_until(lambda: segment_count(server) >= before + count, "the stream goes on")


def resident(server):
    with open(f"/proc/{server.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(server):
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


class Publishing:
    """A server with a publisher of stream x."""

    def __init__(self, **values):
        self.server = Server(segment="1s", **values)

    def __enter__(self):
        self.server.__enter__()
        self.publisher = media.publish_ffmpeg(clip(), self.server.push_url("x"))
        wait_until(lambda: segment_count(self.server) >= 1, "a first segment")
        return self.server, self.publisher

    def __exit__(self, *error):
        self.publisher.kill()
        self.publisher.communicate()
        self.server.__exit__(*error)


class SilentPublisher(unittest.TestCase):
    def test_ends_after_the_input_timeout_and_linger(self):
        with Publishing(linger="1s", rtmp_attributes='input-timeout="2s"') as (server, publisher):
            publisher.send_signal(signal.SIGSTOP)
            stopped = time.monotonic()
            try:
                server.wait_for_end("x")
                self.assertGreater(time.monotonic() - stopped, 2.5)
            finally:
                publisher.send_signal(signal.SIGCONT)

    def test_that_comes_back_in_time_loses_nothing(self):
        """Four seconds arrive all at once: neither viewers nor the recording miss a picture."""
        with Publishing(linger="1s", rtmp_attributes='input-timeout="60s"') as (server, publisher):
            for _ in range(2):
                publisher.send_signal(signal.SIGSTOP)
                time.sleep(4)  # what is tested is a pause of this length
                publisher.send_signal(signal.SIGCONT)
                goes_on(server, 4)
            publisher.kill()
            server.wait_for_end("x")
            playlist = manifests.media(server, "x")
            self.assertEqual(manifests.discontinuities(playlist), [])
            (recording,) = server.wait_for_recordings()
            recorded = [p[1:] for p in media.packets(recording, "v")]
            self.assertEqual(recorded, [p[1:] for p in media.packets(clip(), "v")][:len(recorded)])
            self.assertEqual(len(recorded), round(playlist.duration() * 30))

    def test_may_be_replaced_at_once(self):
        with Publishing(linger="1s") as (server, publisher):
            publisher.send_signal(signal.SIGSTOP)
            try:
                with rtmp.Publisher(server.rtmp, "x") as client:
                    self.assertIn("NetStream.Publish.Start", client.said)
                    client.send_tags(rtmp.read_flv(media.make("clip-3", 3, gop=15)))
                wait_until(lambda: len(manifests.discontinuities(manifests.media(server, "x"))) == 1,
                           "what it sends is listed")
            finally:
                publisher.send_signal(signal.SIGCONT)


class IdleConnections(unittest.TestCase):
    HTTP, RTMP = 1000, 200

    def setUp(self):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))

    def test_cost_little_and_disturb_nobody(self):
        with Publishing(linger="1s") as (server, _):
            before = resident(server)
            addresses = [f"127.0.1.{i + 1}" for i in range(20)]  # there are limits per address
            idle = [socket.create_connection(("127.0.0.1", port), 90, (addresses[i % 20], 0))
                    for port, count in ((server.http, self.HTTP), (server.rtmp, self.RTMP))
                    for i in range(count)]
            try:
                wait_until(lambda: descriptors(server) >= 1000, "all are accepted")
                spent = cpu_seconds(server)
                for _ in range(50):
                    self.assertEqual(server.get("/live/x/video.m3u8")[0], 200)
                goes_on(server)
                self.assertLess(cpu_seconds(server) - spent, 1.5)
                self.assertLess(resident(server) - before, 1200 * 16384 + (8 << 20))
            finally:
                for connection in idle:
                    connection.close()
            wait_until(lambda: descriptors(server) < 100, "their descriptors are closed")


class SlowReaders(unittest.TestCase):
    def test_are_cut_and_disturb_nobody(self):
        """Readers who ask for much and take nothing."""
        with Publishing(linger="1s") as (server, _):
            before = resident(server)
            request = b"GET /player/dash.all.min.js HTTP/1.1\r\nHost: x\r\n\r\n" * 30
            readers = []
            for _ in range(20):
                reader = socket.socket()
                reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                reader.connect(("127.0.0.1", server.http))
                reader.sendall(request)
                readers.append(reader)
            goes_on(server)
            self.assertEqual({server.get("/healthz")[0] for _ in range(20)}, {200})
            self.assertLess(resident(server) - before, 40 << 20)
            wait_until(lambda: descriptors(server) < 30, "the slow readers are cut")
            goes_on(server)
            for reader in readers:
                reader.close()


class Churn(unittest.TestCase):
    """Publishers that come and go by the hundred leave nothing behind."""

    def threads(self, server):
        return len(os.listdir(f"/proc/{server.process.pid}/task"))

    def come_and_go(self, server, streams):
        tags = [tag for tag in rtmp.read_flv(media.make("clip-3", 3, gop=15)) if tag[1] < 400]
        for stream in streams:
            with rtmp.Publisher(server.rtmp, stream) as client:
                client.send_tags(tags, longest_wait=0)

    def test_sessions_and_their_memory_go_away(self):
        with Server(linger="0s", hls="keep-after-end='0s'", dash="keep-after-end='0s'") as server:
            self.come_and_go(server, [f"warm-{i}" for i in range(40)])
            wait_until(lambda: server.text("/streams.json").count("path") == 0, "all have ended")
            before = resident(server), descriptors(server), self.threads(server)
            self.come_and_go(server, [f"s-{i}" for i in range(300)])
            wait_until(lambda: server.text("/streams.json").count("path") == 0, "all have ended")
            wait_until(lambda: self.threads(server) <= before[2], "their threads have ended")
            wait_until(lambda: descriptors(server) <= before[1], "their descriptors are closed")
            self.assertLess(resident(server) - before[0], 12 << 20)
            self.assertEqual(server.terminate(), 0)

    def test_one_name_again_and_again(self):
        """Each takes over, or comes while the one before is ending: nobody is refused."""
        with Server(linger="0s") as server:
            self.come_and_go(server, ["x"] * 100)
            self.assertEqual(server.terminate(), 0)
            self.assertGreaterEqual(len(server.recordings()), 1)


class Endurance(unittest.TestCase):
    """Many minutes of media at sixty times their speed: memory does not grow with time."""

    SPEED, MINUTES = 60, 18

    def endless(self):
        """The clip again and again, stamps going on, until so many minutes are over."""
        tags = rtmp.read_flv(clip())
        headers, rest = [t for t in tags if rtmp.is_header(t)], [t for t in tags if t[0] != rtmp.DATA]
        yield from headers
        for minute in range(self.MINUTES):
            for kind, stamp, body in rest:
                if minute == 0 or not rtmp.is_header((kind, stamp, body)):
                    yield kind, stamp + minute * 60000, body

    def test_of_memory(self):
        sizes = []
        with Server(segment="2s", linger="0s", hls="window='6s'", dash="window='6s'") as server:
            began = time.monotonic()
            with rtmp.Publisher(server.rtmp, "x") as client:
                for kind, stamp, body in self.endless():
                    time.sleep(max(0.0, began + stamp / 1000 / self.SPEED - time.monotonic()))
                    client.send(kind, 1, stamp, body)
                    if kind == rtmp.VIDEO and stamp // 60000 > len(sizes):
                        sizes.append(resident(server))
            self.assertEqual(len(sizes), self.MINUTES - 1)
            self.assertLess(max(sizes[10:]) - max(sizes[4:10]), 4 << 20, sizes)
            self.assertLess(sizes[-1], 100 << 20, sizes)


class End(unittest.TestCase):
    def test_is_in_time_whoever_hangs_on(self):
        """A publisher, a stopped one, slow and idle viewers, and half a handshake: still five seconds."""
        with Publishing(linger="10s") as (server, _):
            stopped = media.publish_ffmpeg(clip(), server.push_url("stopped"))
            wait_until(lambda: server.text("/live/stopped/video.m3u8"), "a second stream")
            stopped.send_signal(signal.SIGSTOP)
            others = [socket.create_connection(("127.0.0.1", port)) for port in (server.http, server.rtmp) * 20]
            for other in others[::2]:
                other.sendall(b"GET /player/dash.all.min.js HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
            for other in others[1::4]:
                other.sendall(b"\x03" + bytes(700))
            try:
                self.assertEqual(server.terminate(), 0)
            finally:
                stopped.kill()
                stopped.communicate()
            for other in others:
                other.close()


class NoDescriptors(unittest.TestCase):
    def test_no_spinning_and_live_goes_on(self):
        with Publishing(linger="1s") as (server, _):
            pid = server.process.pid
            limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            highest = max(int(fd) for fd in os.listdir(f"/proc/{pid}/fd"))
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (highest + 3, limits[1]))
            crowd = [socket.create_connection(("127.0.0.1", port), 90)
                     for port in (server.http, server.rtmp) for _ in range(30)]
            log_bytes, spent = len(server.log()), cpu_seconds(server)
            time.sleep(3)  # the time over which CPU use is measured
            self.assertLess(cpu_seconds(server) - spent, 1.0, "it spins")
            self.assertLess(len(server.log()) - log_bytes, 200000, "it floods its log")
            for connection in crowd:
                connection.close()
            resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
            wait_until(lambda: self.is_served(server), "it answers again")
            goes_on(server)
            playlist = manifests.media(server, "x")
            self.assertEqual(manifests.numbers(playlist), list(range(len(playlist.segments))))
            self.assertEqual(manifests.discontinuities(playlist), [])

    @staticmethod
    def is_served(server):
        try:
            return server.get("/healthz")[0] == 200
        except OSError:
            return False


if __name__ == "__main__":
    unittest.main(verbosity=2)
