"""Media that does not come at the speed of the clock: all at once after a stall, or as fast as it can be sent."""

import threading
import time
import unittest

import manifests
import media
import rtmp
from server import Server

STALL = 10  # seconds
EARLY = {"H10", "D2"}


def clip():
    return media.make("clip-20", 20, gop=15)


def stalls(client, tags):
    """Sends what was encoded during a stall when it is over, all at once."""
    begin, end = 4000, 4000 + STALL * 1000
    client.send_tags([tag for tag in tags if tag[1] < begin])
    time.sleep(STALL)
    client.send_tags([tag for tag in tags if begin <= tag[1] < end], longest_wait=0)
    client.send_tags([tag for tag in tags if end <= tag[1]])


def hurries(client, tags):
    """Four times as fast as it is played."""
    client.send_tags(tags, speed=4)


def at_once(client, tags):
    client.send_tags(tags, longest_wait=0)


# The way of sending, by the name of the stream, and the rules that are broken on purpose: an encoder that
# stalls lets the playlist stand, and the media of one that hurries has dates in the future (HLS), and is
# listed before it is available (DASH).
STREAMS = {
    "stalls": (stalls, {"H18"}),
    "hurries": (hurries, EARLY),
    "at-once": (at_once, EARLY),
}


class Bursts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.path = clip()
        tags = rtmp.read_flv(cls.path)
        with Server(segment="1s", linger="1s", rtmp_attributes='input-timeout="60s"') as server:
            watches = {s: manifests.watch(server, s, rules).start() for s, (_, rules) in STREAMS.items()}
            threads = [threading.Thread(target=cls.publish, args=(server, s, send, tags))
                       for s, (send, _) in STREAMS.items()]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            for stream in STREAMS:
                server.wait_for_end(stream)
            cls.findings = {stream: watch.stop() for stream, watch in watches.items()}
            cls.playlists = {s: [manifests.media(server, s, t) for t in ("video", "audio")] for s in STREAMS}
            cls.packets = {stream: cls.read(server, stream) for stream in STREAMS}
            cls.status = server.terminate()

    @staticmethod
    def publish(server, stream, send, tags):
        with rtmp.Publisher(server.rtmp, stream) as client:
            send(client, tags)

    @staticmethod
    def read(server, stream):
        """The packets by (output, kind)."""
        (recording,) = [path for path in server.wait_for_recordings(3) if path.parent.name == stream]
        sources = {
            "HLS": (server.url(f"/live/{stream}/index.m3u8"), ["-live_start_index", "0"]),
            "DASH": (server.url(f"/live/{stream}/manifest.mpd"), []),
            "DVR": (recording, []),
        }
        return {(output, kind): media.packets(source, kind, extra)
                for output, (source, extra) in sources.items() for kind in "va"}

    def test_all_of_it_is_listed_and_recorded_at_its_time(self):
        sent = {kind: media.expected(self.path, kind) for kind in "va"}
        for stream, packets in self.packets.items():
            for (output, kind), received in packets.items():
                with self.subTest(stream=stream, output=output, kind=kind):
                    self.assertIsNone(media.difference(sent[kind], received))

    def test_there_is_no_discontinuity(self):
        for stream, playlists in self.playlists.items():
            with self.subTest(stream=stream):
                self.assertEqual([manifests.discontinuities(playlist) for playlist in playlists], [[], []])

    def test_the_checkers_find_nothing(self):
        for stream, findings in self.findings.items():
            with self.subTest(stream=stream):
                self.assertEqual(findings.lines(), [])

    def test_the_server_ends_well(self):
        self.assertEqual(self.status, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
