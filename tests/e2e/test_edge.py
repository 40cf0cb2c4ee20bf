"""Caches in front: what many viewers wait for costs one request, and they get it soon."""

import asyncio
import resource
import statistics
import unittest

import edge
import manifests
import media
from server import PATIENCE, Server, wait_until

XML = """
<mediagraph state-dir="{dir}/state">
  <http listen="127.0.0.1:{http}"/>
  <pipeline name="live" linger="1s">
    <ingest-rtmp id="rtmp" listen="127.0.0.1:{rtmp}" app="live"/>
    <segment-cmaf id="cmaf" from="rtmp" segment="4s" part="1s"/>
    <out-hls from="cmaf" low-latency="yes"/>
  </pipeline>
</mediagraph>
"""

VIEWERS, SPREAD = 500, 0.5  # seconds over which they come


async def get(port, path, after=0.0):
    """(status, body, when the first byte came)."""
    await asyncio.sleep(after)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    first = await reader.read(1)
    at = asyncio.get_running_loop().time()
    head, _, body = (first + await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    if b"\r\ntransfer-encoding: chunked" in head.lower():
        body = unchunked(body)
    return int(head.split()[1]), body, at


def unchunked(body):
    out = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        out, body = out + body[:int(size, 16)], body[int(size, 16) + 2:]
    return out


@unittest.skipUnless(edge.Nginx.is_there() and edge.Varnish.is_there(), "nginx and Varnish are not there")
class Waiting(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
        cls.server = Server(XML)
        cls.server.__enter__()
        cls.addClassCleanup(cls.server.__exit__, None, None, None)
        publisher = media.publish_ffmpeg(media.make("long-240", 240, gop=15), cls.server.push_url("x"))
        cls.addClassCleanup(publisher.communicate)
        cls.addClassCleanup(publisher.kill)
        wait_until(lambda: cls.playlist() and cls.playlist().hints, "a hint")

    @classmethod
    def playlist(cls):
        return manifests.media(cls.server, "x")

    def next_part(self):
        """The path of a part that has just been hinted: nearly a second remains."""
        before = self.playlist().hints[0]["URI"]
        hints = wait_until(lambda: [h for h in self.playlist().hints if h["URI"] != before], "the next hint")
        return "/live/x/" + hints[0]["URI"]

    def next_reload(self):
        """The path of the playlist as it will be in two or three parts."""
        playlist = self.playlist()
        return f"/live/x/video.m3u8?_HLS_msn={playlist.media_sequence + len(playlist.segments) + 1}&_HLS_part=0"

    async def all_ask(self, kind, make_path):
        """What all viewers get, how much later than the edge each of them, and how often the server was asked."""
        relay = edge.Relay(self.server.http)
        async with await relay.start():
            with kind(relay.port) as cache:
                path = make_path()
                answers = await asyncio.wait_for(
                    asyncio.gather(*(get(cache.port, path, i * SPREAD / VIEWERS) for i in range(VIEWERS))), PATIENCE)
        late = sorted(at - relay.answered[path] for _, _, at in answers)
        return answers, late, relay.paths.count(path)

    def check(self, kind, make_path, what):
        answers, late, n_requests = asyncio.run(self.all_ask(kind, make_path))
        print(f"{kind.__name__}, {what}: half within {statistics.median(late) * 1000:.0f} ms, "
              f"all within {late[-1] * 1000:.0f} ms")
        self.assertEqual(n_requests, 1)
        self.assertEqual({status for status, _, _ in answers}, {200})
        bodies = {body for _, body, _ in answers}
        self.assertEqual(len(bodies), 1)
        return bodies.pop()

    def test_part(self):
        for kind in (edge.Nginx, edge.Varnish):
            with self.subTest(kind.__name__):
                self.assertGreater(len(self.check(kind, self.next_part, "a part")), 1000)

    def test_playlist(self):
        for kind in (edge.Nginx, edge.Varnish):
            with self.subTest(kind.__name__):
                self.assertIn(b"#EXT-X-PART", self.check(kind, self.next_reload, "a playlist"))

    def test_what_was_not_there_is_found_later(self):
        """An error is not kept."""
        for kind in (edge.Nginx, edge.Varnish):
            with self.subTest(kind.__name__), kind(self.server.http) as cache:
                stream = kind.__name__
                status = lambda: asyncio.run(get(cache.port, f"/live/{stream}/index.m3u8"))[0]
                self.assertEqual(status(), 404)
                publisher = media.publish_ffmpeg(media.make("long-240", 240, gop=15), self.server.push_url(stream))
                try:
                    wait_until(lambda: status() == 200, "it is there")
                finally:
                    publisher.kill()
                    publisher.communicate()


if __name__ == "__main__":
    unittest.main(verbosity=2)
