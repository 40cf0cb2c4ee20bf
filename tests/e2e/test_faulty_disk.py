"""The disk fails, is slow, or takes writes in pieces, by a library that is loaded before libc."""

import os
import unittest

import manifests
import media
from server import Server, wait_until
from test_disk import check_plays, clip, grows, recorded_bytes, segment_count

LIBRARY = os.environ["FAULTY_DISK_LIBRARY"]


def server_on_faulty_disk(**values):
    """Its recordings are on the disk that fails; set_fault() says how."""
    server = Server(segment="1s", linger="1s", **values)
    server.env.update(LD_PRELOAD=LIBRARY, FAULTY_DISK=str(server.dir / "recordings"))
    return server


def set_fault(server, fault):
    """One of faulty-disk.c's, or None."""
    path = server.dir / "recordings.fault"
    if fault is None:
        path.unlink()
    else:
        path.with_suffix(".new").write_text(fault)
        path.with_suffix(".new").rename(path)


class FaultyDisk(unittest.TestCase):
    def run_with(self, fault, seconds_live=3):
        """A recording that has begun, then the fault until live has gone on for so long, then none."""
        server = server_on_faulty_disk()
        self.enterContext(server)
        publisher = media.publish_ffmpeg(clip(), server.push_url("x"))
        self.addCleanup(publisher.communicate)
        self.addCleanup(publisher.kill)
        wait_until(lambda: segment_count(server) >= 2 and recorded_bytes(server) > 50000, "a recording")
        set_fault(server, fault)
        count = segment_count(server)
        wait_until(lambda: segment_count(server) >= count + seconds_live, "live goes on")
        self.assertEqual(manifests.discontinuities(manifests.media(server, "x")), [])
        return server, publisher

    def finish(self, server, publisher):
        """(pictures listed, pictures recorded) when all has ended well."""
        publisher.kill()
        server.wait_for_end("x")
        listed = round(manifests.media(server, "x").duration() * 30)
        self.assertEqual(server.terminate(), 0)
        return listed, sum(len(check_plays(self, path)) for path in server.recordings())

    def test_errors_pause_the_recording_and_leave_it_whole(self):
        server, publisher = self.run_with("eio")
        wait_until(lambda: "recording pauses" in server.log(), "the disk fails")
        set_fault(server, None)
        grows(lambda: recorded_bytes(server), "the recording")
        listed, recorded = self.finish(server, publisher)
        self.assertLess(recorded, listed)

    def test_short_and_interrupted_writes_change_nothing(self):
        listed, recorded = self.finish(*self.run_with("short"))
        self.assertEqual(recorded, listed)

    def test_a_slow_disk_loses_its_own_recording_only(self):
        server, publisher = self.run_with("slow", 8)
        set_fault(server, None)
        grows(lambda: recorded_bytes(server), "the recording")
        listed, recorded = self.finish(server, publisher)
        self.assertLess(recorded, listed)

    def test_a_slow_disk_does_not_hold_up_the_end(self):
        server, publisher = self.run_with("slow", 2)
        self.assertIn(server.terminate(), (0, 1))
        publisher.kill()
        (recording,) = server.recordings()
        check_plays(self, recording)


if __name__ == "__main__":
    unittest.main(verbosity=2)
