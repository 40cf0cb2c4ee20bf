"""The server ends, kindly or not: what was published stays true, and numbers go on after it."""

import pathlib
import signal
import subprocess
import unittest

import manifests
import media
from server import PATIENCE, Server, wait_until


def clip():
    return media.make("long", 60, gop=15)


def live(server, count=1):
    """The playlist once it is live and lists so many segments."""
    def listed():
        playlist = manifests.media(server, "x")
        is_live = playlist and not playlist.endlist and len(playlist.segments) >= count
        return playlist if is_live else None
    return wait_until(listed, f"{count} live segments")


def file_playlist(folder, track="video"):
    path = folder / f"{track}.m3u8"
    return manifests.parse_playlist(path.read_bytes(), str(path))


def wait_for_files(folder, playlist):
    """Outputs write their files later than they serve them."""
    wait_until(lambda: (folder / "video.m3u8").exists()
               and file_playlist(folder).segments[-1].msn >= playlist.segments[-1].msn, "the same in files")


def wait_for_recorded(server, frames):
    """The newest recording has so many pictures; it is written later than playlists are served."""
    wait_until(lambda: decoded_frames(server.recordings()[-1]) >= frames, f"{frames} recorded pictures")


def decoded_frames(path):
    """How many pictures of a file decode without an error."""
    return int(media.run(["ffprobe", "-v", "error", "-select_streams", "v", "-count_frames",
                          "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", path]))


def end(publisher):
    publisher.kill()
    publisher.communicate()


WITH_FILES = {"segment": "1s", "linger": "5s", "hls": "window='120s' dir='{files}'",
              "dash": "window='120s' dir='{files}-dash'"}


def server_with_files(**values):
    """A server that writes its playlists and segments into server.files, its MPD into server.dash_files."""
    server = Server(**{**WITH_FILES, **values})
    files = server.dir / "files" / "live" / "x"
    for output in ("hls", "dash"):
        server.values[output] = server.values[output].format(files=files)
    server.files = files
    server.dash_files = files.with_name("x-dash")
    return server


class Killed(unittest.TestCase):
    """SIGKILL while somebody publishes, then a restart on the same state folder."""

    @classmethod
    def setUpClass(cls):
        with server_with_files() as server:
            publisher = media.publish_ffmpeg(clip(), server.push_url("x"))
            cls.before = live(server, 4)
            cls.mpd_before = manifests.mpd(server, "x")
            wait_for_files(server.files, cls.before)
            wait_for_recorded(server, round(cls.before.duration() * 30))
            server.kill()
            end(publisher)
            cls.files_then = file_playlist(server.files)
            cls.segments_then = [(server.files / s.uri).read_bytes() for s in cls.files_then.segments]
            cls.init_then = (server.files / cls.files_then.segments[0].map[0]).read_bytes()
            (recording,) = server.recordings()
            cls.frames = decoded_frames(recording)
            cls.recorded = media.packets(recording, "v")
            server.start()
            publisher = media.publish_ffmpeg(clip(), server.push_url("x"))
            cls.after = live(server, 2)
            cls.mpd_after = manifests.mpd(server, "x")
            cls.status = server.terminate()
            end(publisher)
            cls.leftovers = [p for p in server.files.parent.rglob("*") if "tmp" in p.name]
            cls.recordings = server.recordings()

    def test_numbers_go_on(self):
        self.assertEqual(self.before.media_sequence, 0)
        self.assertGreater(self.after.media_sequence, self.before.segments[-1].msn)
        # One was being made when the server was killed, and more may have been listed since.
        self.assertLessEqual(self.after.media_sequence, self.files_then.segments[-1].msn + 5)

    def test_the_discontinuity_counts(self):
        self.assertEqual(self.before.segments[-1].dsn, 0)
        self.assertEqual(self.after.segments[0].dsn, 1)

    def test_dates_go_on(self):
        end_before = self.before.segments[0].date + self.before.duration()
        self.assertGreaterEqual(self.after.segments[0].date, end_before)

    def test_the_mpd_keeps_its_start(self):
        self.assertEqual(self.mpd_after.start, self.mpd_before.start)
        self.assertGreater(self.mpd_after.periods[0].start, self.mpd_before.periods[0].start)
        self.assertNotEqual(self.mpd_after.periods[0].id, self.mpd_before.periods[0].id)

    def test_every_listed_segment_is_whole(self):
        self.assertGreaterEqual(len(self.segments_then), 4)
        frames = 0
        for segment, data in zip(self.files_then.segments, self.segments_then):
            text = subprocess.run(["ffprobe", "-v", "error", "-count_packets", "-show_entries",
                                   "stream=nb_read_packets", "-of", "csv=p=0", "-"], check=True,
                                  input=self.init_then + data, stdout=subprocess.PIPE).stdout
            self.assertEqual(int(text), round(segment.duration * 30), segment.uri)
            frames += int(text)
        sent = [p[1:] for p in media.packets(clip(), "v")]
        self.assertGreaterEqual(len(sent), frames)

    def test_the_recording_plays_to_its_last_fragment(self):
        sent = [p[1:] for p in media.packets(clip(), "v")]
        listed = round(self.before.duration() * 30)
        self.assertGreaterEqual(self.frames, listed)
        self.assertEqual([p[1:] for p in self.recorded], sent[:len(self.recorded)])

    def test_the_next_recording_is_a_new_file(self):
        self.assertEqual(len(self.recordings), 2)

    def test_nothing_unfinished_is_left(self):
        self.assertEqual(self.leftovers, [])

    def test_it_ends_well(self):
        self.assertEqual(self.status, 0)


class ManyKills(unittest.TestCase):
    def test_numbers_never_go_back(self):
        with Server(segment="1s", linger="5s") as server:
            last = -1
            for _ in range(4):
                publisher = media.publish_ffmpeg(clip(), server.push_url("x"))
                playlist = live(server)
                self.assertGreater(playlist.media_sequence, last)
                last = playlist.segments[-1].msn
                wait_for_recorded(server, 30)
                server.kill()
                end(publisher)
                server.start()
            for recording in server.recordings():
                self.assertGreaterEqual(decoded_frames(recording), 30)


class Terminated(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with server_with_files() as server:
            publisher = media.publish_ffmpeg(clip(), server.push_url("x"))
            live(server, 3)
            cls.status = server.terminate()
            end(publisher)
            cls.playlists = {t: file_playlist(server.files, t) for t in ("video", "audio")}
            cls.mpd = manifests.parse_mpd((server.dash_files / "manifest.mpd").read_bytes())
            cls.missing = [s.uri for p in cls.playlists.values() for s in p.segments
                           if not (server.files / s.uri).exists()]
            cls.names = sorted(p.name for p in server.files.iterdir())
            (recording,) = server.recordings()
            cls.recorded = media.packets(recording, "v")
            cls.frames = decoded_frames(recording)

    def test_it_ends_well_and_soon(self):
        self.assertEqual(self.status, 0)

    def test_the_playlists_have_their_end(self):
        for track, playlist in self.playlists.items():
            with self.subTest(track=track):
                self.assertTrue(playlist.endlist)
                self.assertGreaterEqual(len(playlist.segments), 3)
        self.assertEqual(self.missing, [])

    def test_the_mpd_is_static_and_lists_the_same(self):
        self.assertEqual(self.mpd.type, "static")
        self.assertIsNotNone(self.mpd.duration)
        listed = [pathlib.Path(url).name for url in manifests.listed_in_mpd(self.mpd, "video")]
        self.assertEqual(listed, [pathlib.Path(s.uri).name for s in self.playlists["video"].segments])

    def test_the_multivariant_playlist_is_there(self):
        self.assertIn("index.m3u8", self.names)

    def test_everything_received_is_recorded_and_listed(self):
        sent = [p[1:] for p in media.packets(clip(), "v")]
        self.assertEqual([p[1:] for p in self.recorded], sent[:len(self.recorded)])
        self.assertEqual(self.frames, len(self.recorded))
        self.assertEqual(round(self.playlists["video"].duration() * 30), self.frames)


class TerminatedTwice(unittest.TestCase):
    def test_the_second_signal_ends_it_at_once(self):
        with Server(segment="1s") as server:
            publisher = media.publish_ffmpeg(clip(), server.push_url("x"))
            live(server)
            server.process.send_signal(signal.SIGTERM)
            server.process.send_signal(signal.SIGTERM)
            self.assertIn(server.process.wait(PATIENCE), (0, 1))
            self.assertNotIn("not everything could be finished", server.log())
            end(publisher)

    def test_sigint_is_as_good(self):
        with Server() as server:
            server.process.send_signal(signal.SIGINT)
            self.assertEqual(server.process.wait(PATIENCE), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
