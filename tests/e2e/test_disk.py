"""The disk fails: recordings stop and go on, and nothing else notices. Needs to be root, to mount."""

import contextlib
import os
import shutil
import signal
import threading
import unittest

import manifests
import media
import rtmp
from server import LIVE, Server, wait_until

SIZE = 4 << 20


@contextlib.contextmanager
def small_disk(folder):
    """A file system of its own of 4 MiB at FOLDER."""
    folder.mkdir(parents=True, exist_ok=True)
    media.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "mediagraph-test", folder])
    try:
        yield
    finally:
        media.run(["umount", "--lazy", folder])


def fill(folder):
    """Takes all space that is left; returns the file to remove."""
    path = folder / "filler"
    with open(path, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1 << 14))
    return path


def clip():
    return media.make("long", 60, gop=15)


def segment_count(server, stream="x"):
    playlist = manifests.media(server, stream)
    return len(playlist.segments) if playlist else 0


def recorded_bytes(server):
    return sum(path.stat().st_size for path in server.recordings())


def grows(value, what):
    before = value()
    return wait_until(lambda: value() > before, f"{what} grows")


def check_plays(test, path):
    """Every packet of a recording decodes, and is one that was sent, in order."""
    media.run(["ffmpeg", "-nostdin", "-v", "error", "-xerror", "-i", path, "-f", "null", "-"])
    sent = [p[1:] for p in media.packets(clip(), "v")]
    recorded = [p[1:] for p in media.packets(path, "v")]
    test.assertGreater(len(recorded), 30)
    at = 0
    for packet in recorded:
        at = sent.index(packet, at) + 1
    return recorded


class FullDisk(unittest.TestCase):
    def test_live_goes_on_and_recording_resumes_when_there_is_space(self):
        with Server(segment="1s", linger="1s") as server, small_disk(server.dir / "recordings"):
            publisher = media.publish_ffmpeg(clip(), server.push_url("x"))
            wait_until(lambda: segment_count(server) >= 2 and recorded_bytes(server) > 50000, "a recording")
            filler = fill(server.dir / "recordings")
            wait_until(lambda: "recording pauses" in server.log(), "the disk is full")
            count = segment_count(server)
            wait_until(lambda: segment_count(server) >= count + 3, "live goes on")
            self.assertEqual(manifests.discontinuities(manifests.media(server, "x")), [])
            # Room for a little sound is no room.
            os.truncate(filler, filler.stat().st_size - (64 << 10))
            size, count = recorded_bytes(server), segment_count(server)
            wait_until(lambda: segment_count(server) >= count + 9, "live goes on")
            self.assertEqual(recorded_bytes(server), size)
            filler.unlink()
            wait_until(lambda: "recording works again" in server.log(), "the recording goes on")
            grows(lambda: recorded_bytes(server), "the recording")
            publisher.kill()
            publisher.communicate()
            server.wait_for_end("x")
            self.assertEqual(server.log().count("recording pauses"), 1)
            self.assertEqual(server.log().count("recording works again"), 1)
            playlist = manifests.media(server, "x")
            recordings = server.wait_for_recordings()
            recorded = [p for path in recordings for p in check_plays(self, path)]
            # Segments were lost while there was no space, and only then.
            self.assertLess(len(recorded), round(playlist.duration() * 30))
            self.assertEqual(server.terminate(), 0)

    def test_a_full_disk_at_the_start(self):
        with Server(segment="1s", linger="1s") as server, small_disk(server.dir / "recordings"):
            filler = fill(server.dir / "recordings")
            publisher = media.publish_ffmpeg(clip(), server.push_url("x"))
            wait_until(lambda: segment_count(server) >= 3, "segments")
            filler.unlink()
            wait_until(lambda: recorded_bytes(server) > 50000, "a recording")
            publisher.kill()
            publisher.communicate()
            server.wait_for_end("x")
            check_plays(self, server.wait_for_recordings()[-1])

    def test_files_of_an_output_on_a_full_disk(self):
        """`dir` of out-hls is full: viewers by HTTP notice nothing."""
        server = Server(segment="1s", linger="1s")
        server.values["hls"] = f"window='120s' dir='{server.dir}/small/x'"
        with small_disk(server.dir / "small"), server:
            publisher = media.publish_ffmpeg(clip(), server.push_url("x"))
            wait_until(lambda: segment_count(server) >= 2, "segments")
            filler = fill(server.dir / "small")
            count = segment_count(server)
            wait_until(lambda: segment_count(server) >= count + 3, "live goes on")
            playlist = manifests.media(server, "x")
            self.assertEqual(manifests.discontinuities(playlist), [])
            for segment in playlist.segments:
                self.assertEqual(server.get(f"/live/x/{segment.uri}")[0], 200)
            filler.unlink()
            files = server.dir / "small" / "x"
            wait_until(lambda: self.is_whole(files, count + 4), "files are written again")
            publisher.kill()
            publisher.communicate()

    @staticmethod
    def is_whole(folder, count):
        """Whether the playlist on disk is new, and its newest segment is there and not empty."""
        playlist = manifests.parse_playlist((folder / "video.m3u8").read_bytes())
        if playlist.segments[-1].msn < count:
            return False
        path = folder / playlist.segments[-1].uri
        return path.exists() and path.stat().st_size > 0


class HangingDisk(unittest.TestCase):
    """A file that blocks whoever opens it stands for a disk that does not answer."""

    def hang(self):
        server = Server(segment="1s", linger="1s")
        files = server.dir / "files"
        files.mkdir()
        os.mkfifo(files / ".video.m3u8.0.tmp")  # of the first writer
        server.values["hls"] = f"window='120s' dir='{files}'"
        return server

    def publish(self, server):
        publisher = media.publish_ffmpeg(clip(), server.push_url("x"))
        self.addCleanup(publisher.communicate)
        self.addCleanup(publisher.kill)
        wait_until(lambda: segment_count(server) >= 2, "segments")

    def test_the_server_ends_in_time(self):
        with self.hang() as server:
            self.publish(server)
            self.assertEqual(server.terminate(), 1)
            self.assertIn("not everything could be finished", server.log())

    def test_a_second_signal_ends_it_at_once(self):
        with self.hang() as server:
            self.publish(server)
            server.process.send_signal(signal.SIGTERM)
            wait_until(lambda: "finishing" in server.log(), "the first signal")
            self.assertEqual(server.terminate(), 1)
            self.assertNotIn("not everything could be finished", server.log())


class ReadOnlyDisk(unittest.TestCase):
    def test_recording_begins_when_it_can_be_written(self):
        with Server(segment="1s", linger="1s") as server, small_disk(server.dir / "recordings"):
            media.run(["mount", "-o", "remount,ro", server.dir / "recordings"])
            publisher = media.publish_ffmpeg(clip(), server.push_url("x"))
            wait_until(lambda: segment_count(server) >= 3, "segments")
            self.assertEqual(server.recordings(), [])
            media.run(["mount", "-o", "remount,rw", server.dir / "recordings"])
            wait_until(lambda: recorded_bytes(server) > 50000, "a recording")
            publisher.kill()
            publisher.communicate()
            server.wait_for_end("x")
            self.assertEqual(manifests.discontinuities(manifests.media(server, "x")), [])
            check_plays(self, server.wait_for_recordings()[-1])


class StopSession(unittest.TestCase):
    """on-error="stop-session": without a recording there is no stream. A file is in the way of one folder."""

    def server(self):
        server = Server(LIVE.replace("/recordings", "/recordings/${{stream}}"), segment="1s", linger="1s",
                        dvr='on-error="stop-session"')
        (server.dir / "recordings").mkdir()
        (server.dir / "recordings" / "x").write_text("in the way")
        return server

    def publish(self, server, stream):
        """A publisher who has consent, and sends for as long as it may."""
        client = rtmp.Publisher(server.rtmp, stream)
        self.addCleanup(client.close)
        client.__enter__()
        thread = threading.Thread(target=self.send, args=(client,), daemon=True)
        thread.start()
        return client

    @staticmethod
    def send(client):
        with contextlib.suppress(OSError):
            client.send_tags(rtmp.read_flv(clip()), while_true=lambda: not client.is_closed.is_set())

    def test_ends_the_one_and_leaves_the_others(self):
        with self.server() as server:
            other = self.publish(server, "y")
            wait_until(lambda: segment_count(server, "y") >= 1, "a first segment of another stream")
            client = self.publish(server, "x")
            wait_until(client.is_closed.is_set, "the publisher is disconnected")
            self.assertIn("NetStream.Unpublish.Success", client.said)
            self.assertIn("cannot record into", server.log())
            count = segment_count(server, "y")
            wait_until(lambda: segment_count(server, "y") >= count + 2, "the other goes on")
            self.assertFalse(other.is_closed.is_set())
            (server.dir / "recordings" / "x").unlink()
            self.publish(server, "x")
            wait_until(lambda: segment_count(server, "x") >= 1, "with a folder it is published")
            self.assertEqual({path.parent.name for path in server.recordings()}, {"x", "y"})
            self.assertEqual(manifests.discontinuities(manifests.media(server, "y")), [])
            self.assertEqual(server.terminate(), 0)


class NoStateFolder(unittest.TestCase):
    def test_streams_run_without_one(self):
        """The state folder is a file: nothing can be kept, and a stream runs all the same."""
        with Server(segment="1s", linger="1s") as server:
            server.kill()
            shutil.rmtree(server.dir / "state", ignore_errors=True)
            (server.dir / "state").write_text("in the way")
            server.start()
            publisher = media.publish_ffmpeg(clip(), server.push_url("x"))
            wait_until(lambda: segment_count(server) >= 2, "segments")
            publisher.kill()
            publisher.communicate()
            self.assertTrue((server.dir / "state").is_file())


if __name__ == "__main__":
    unittest.main(verbosity=2)
