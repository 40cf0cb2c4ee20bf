"""The wall clock is set by an hour while a stream runs: nothing that is published jumps."""

import os
import unittest
from datetime import datetime
from email.utils import parsedate_to_datetime

import manifests
import media
from server import Server, wait_until

LIBRARY = os.environ["STEPPED_CLOCK_LIBRARY"]
HOUR = 3600


def segment_count(server):
    playlist = manifests.media(server, "x")
    return len(playlist.segments) if playlist else 0


class SteppedClock(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        server = Server(segment="1s", linger="1s")
        server.env.update(LD_PRELOAD=LIBRARY, STEPPED_CLOCK=str(server.dir / "step"))
        with server:
            publisher = media.publish_ffmpeg(media.make("long", 60, gop=15), server.push_url("x"))
            cls.mpds, cls.dates, cls.clocks = [], [], []
            for step in (0, HOUR, -HOUR):
                cls.set_clock(server, step)
                count = segment_count(server)
                wait_until(lambda least=count + 3: segment_count(server) >= least, "segments")
                cls.mpds.append(manifests.mpd(server, "x"))
                cls.dates.append(parsedate_to_datetime(server.get("/healthz")[1]["Date"]))
                cls.clocks.append(datetime.fromisoformat(server.text("/time").rstrip("Z")))
            cls.is_publishing = publisher.poll() is None
            publisher.kill()
            publisher.communicate()
            server.wait_for_end("x")
            cls.playlist = manifests.media(server, "x")
            cls.mpds.append(manifests.mpd(server, "x"))
            cls.recordings = server.wait_for_recordings()
            cls.status = server.terminate()

    @staticmethod
    def set_clock(server, step):
        (server.dir / "step.new").write_text(str(step))
        (server.dir / "step.new").rename(server.dir / "step")

    def test_the_clock_was_really_set(self):
        first, later, earlier = self.dates
        self.assertGreater((later - first).total_seconds(), HOUR - 60)
        self.assertLess((earlier - first).total_seconds(), -HOUR / 2)

    def test_the_clock_of_players_was_not(self):
        self.assertEqual(self.clocks, sorted(self.clocks))
        self.assertLess((self.clocks[-1] - self.clocks[0]).total_seconds(), HOUR / 2)

    def test_dates_follow_the_durations(self):
        segments = self.playlist.segments
        self.assertGreaterEqual(len(segments), 9)
        self.assertEqual(manifests.discontinuities(self.playlist), [])
        for before, after in zip(segments, segments[1:]):
            self.assertAlmostEqual(float(after.date - before.date), float(before.duration), delta=0.01)

    def test_the_mpd_goes_on(self):
        self.assertEqual({mpd.start for mpd in self.mpds}, {self.mpds[0].start})
        self.assertEqual([len(mpd.periods) for mpd in self.mpds], [1, 1, 1, 1])
        times = [mpd.publish_time for mpd in self.mpds]
        self.assertEqual(times, sorted(times))
        self.assertEqual(len(set(times)), len(times))

    def test_the_publisher_stays(self):
        self.assertTrue(self.is_publishing)
        self.assertEqual(len(self.recordings), 1)
        self.assertEqual(self.status, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
