"""A publisher comes back: viewers stay where they are, and numbers, dates and recordings go on."""

import threading
import time
import unittest

import manifests
import media
import rtmp
from server import Server, wait_until


def clip(seconds=5):
    return media.make(f"clip-{seconds}", seconds, gop=15)


def publish(server, path, stream="x"):
    media.finish(media.publish_ffmpeg(path, server.push_url(stream)))


def segment_count(server):
    playlist = manifests.media(server, "x")
    return len(playlist.segments) if playlist else 0


def dates(playlist):
    """[(number, date of its start)] of the segments that carry a date."""
    return [(s.msn, s.date) for s in playlist.segments if s.date is not None]


class WithinLinger(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """One session with two publishers, watched by the checkers all the time."""
        cls.path = clip()
        with Server(segment="1s", linger="8s") as server:
            cls.server = server
            watch = manifests.watch(server, "x", {"H18"}).start()  # a pause is what we make
            publish(server, cls.path)
            cls.first = manifests.media(server, "x")
            publish(server, cls.path)
            server.wait_for_end("x")
            cls.findings = watch.stop()
            cls.tracks = {t: manifests.media(server, "x", t) for t in ("video", "audio")}
            cls.mpd = manifests.mpd(server, "x")
            cls.hls_packets = {k: media.packets(server.url("/live/x/index.m3u8"), k,
                                                ["-live_start_index", "0"]) for k in "va"}
            cls.recordings = server.wait_for_recordings()
            cls.dvr_packets = {k: media.packets(cls.recordings[0], k) for k in "va"}
            cls.status = server.terminate()

    def test_the_checkers_find_nothing(self):
        self.assertEqual(self.findings.lines(), [])

    def test_the_session_went_on(self):
        self.assertFalse(self.first.endlist)
        for name, playlist in self.tracks.items():
            with self.subTest(track=name):
                count = len(playlist.segments)
                self.assertGreaterEqual(count, 8)
                self.assertEqual(manifests.numbers(playlist), list(range(count)))
                self.assertEqual(playlist.discontinuity_sequence or 0, 0)
                self.assertTrue(playlist.endlist)

    def test_there_is_one_discontinuity_in_the_same_place(self):
        places = {name: manifests.discontinuities(p) for name, p in self.tracks.items()}
        self.assertEqual(places["video"], [5])  # the clip has five segments
        self.assertEqual(places["audio"], places["video"])

    def test_dates_follow_the_clock_over_the_gap(self):
        playlist = self.tracks["video"]
        (index,) = manifests.discontinuities(playlist)
        known = dict(dates(playlist))
        self.assertIn(index, known, "the segment behind the discontinuity has no date")
        before = known[max(n for n in known if n < index)]
        self.assertGreater(known[index], before)
        # The gap in the dates is at least the gap in the media, which is none.
        listed = sum(float(s.duration) for s in playlist.segments[:index])
        self.assertGreaterEqual(float(known[index] - known[0]), listed - 0.05)

    def test_every_packet_of_both_publishers_is_listed_and_recorded(self):
        for kind in "va":
            sent = [p[1:] for p in media.expected(self.path, kind)]
            with self.subTest(kind=kind, output="DVR"):
                self.assertEqual([p[1:] for p in self.dvr_packets[kind]], sent + sent)
            with self.subTest(kind=kind, output="HLS"):
                self.assertEqual([p[1:] for p in self.hls_packets[kind]], sent + sent)

    def test_the_recording_is_one_file_with_the_gap_in_its_times(self):
        self.assertEqual(len(self.recordings), 1)
        times = sorted(p[0] for p in self.dvr_packets["v"])
        gaps = [b - a for a, b in zip(times, times[1:])]
        self.assertEqual(sum(gap > 0.05 for gap in gaps), 1)
        self.assertLess(max(gaps), 8)

    def test_the_mpd_has_a_period_for_each_publisher(self):
        self.assertEqual(self.mpd.type, "static")
        self.assertEqual(len(self.mpd.periods), 2)
        self.assertEqual(len({period.id for period in self.mpd.periods}), 2)
        for kind in ("video", "audio"):
            with self.subTest(kind=kind):
                listed = [url.rsplit("/", 1)[1] for url in manifests.listed_in_mpd(self.mpd, kind)]
                wanted = [s.uri.rsplit("/", 1)[-1] for s in self.tracks[kind].segments]
                self.assertEqual(listed, wanted)

    def test_the_server_ends_well(self):
        self.assertEqual(self.status, 0)


class Viewer(unittest.TestCase):
    """ffmpeg starts to view when the stream is no longer young, and views until it ends, over a reconnect."""

    @classmethod
    def setUpClass(cls):
        path = clip(10)
        cls.sent = {kind: 2 * [p[1:] for p in media.expected(path, kind)] for kind in "va"}
        cls.seen, cls.failures = {}, []
        with Server(segment="1s", linger="8s") as server:
            publisher = media.publish_ffmpeg(path, server.push_url("x"))
            wait_until(lambda: segment_count(server) >= 5, "some segments")
            threads = [threading.Thread(target=cls.view, args=(server, kind)) for kind in "va"]
            for thread in threads:
                thread.start()
            media.finish(publisher)
            publish(server, path)
            for thread in threads:
                thread.join()

    @classmethod
    def view(cls, server, kind):
        try:
            cls.seen[kind] = [p[1:] for p in media.packets(server.url("/live/x/index.m3u8"), kind, ["-xerror"])]
        except AssertionError as failure:
            cls.failures.append(failure)

    def test_it_ends_without_an_error(self):
        self.assertEqual(self.failures, [])

    def test_it_sees_all_from_where_it_started(self):
        for kind, seen in self.seen.items():
            with self.subTest(kind=kind):
                self.assertGreater(len(seen), len(self.sent[kind]) // 2)
                self.assertLess(len(seen), len(self.sent[kind]))
                self.assertEqual(seen, self.sent[kind][-len(seen):])


class AfterLinger(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.path = clip(4)
        with Server(segment="1s", linger="1s") as server:
            publish(server, cls.path)
            server.wait_for_end("x")
            cls.old = manifests.media(server, "x")
            tags = rtmp.read_flv(cls.path)
            with rtmp.Publisher(server.rtmp, "x") as client:
                client.send_tags(tags[:-1])
                cls.live = wait_until(lambda: cls.live_playlist(server), "a playlist that goes on")
                client.send_tags(tags[-1:])
            server.wait_for_end("x")
            cls.new = manifests.media(server, "x")
            cls.mpd = manifests.mpd(server, "x")
            cls.recordings = server.wait_for_recordings(2)
            cls.recorded = [media.packets(path, "v") for path in cls.recordings]
            cls.still_there = [server.get(f"/live/x/{s.uri}")[0] for s in cls.old.segments]

    @staticmethod
    def live_playlist(server):
        playlist = manifests.media(server, "x")
        return playlist if playlist and not playlist.endlist and playlist.segments else None

    def test_the_old_stream_has_ended(self):
        self.assertTrue(self.old.endlist)
        self.assertEqual(self.old.media_sequence, 0)

    def test_numbers_go_on(self):
        self.assertEqual(self.live.media_sequence, len(self.old.segments))
        self.assertEqual(self.new.media_sequence, len(self.old.segments))

    def test_the_discontinuity_counts(self):
        self.assertEqual(self.old.segments[-1].dsn, 0)
        self.assertEqual(self.new.segments[0].dsn, 1)

    def test_dates_go_on(self):
        end = self.old.segments[0].date + self.old.duration()
        self.assertGreaterEqual(self.new.segments[0].date, end)

    def test_segments_have_names_of_their_own(self):
        self.assertFalse({s.uri for s in self.old.segments} & {s.uri for s in self.new.segments})

    def test_what_the_old_playlist_named_can_still_be_fetched(self):
        self.assertEqual(set(self.still_there), {200})

    def test_the_recording_is_a_new_file(self):
        sent = [p[1:] for p in media.packets(self.path, "v")]
        self.assertEqual(len(self.recordings), 2)
        for packets in self.recorded:
            self.assertEqual([p[1:] for p in packets], sent)

    def test_the_mpd_is_about_the_new_stream(self):
        listed = [url.rsplit("/", 1)[1] for url in manifests.listed_in_mpd(self.mpd, "video")]
        self.assertEqual(listed, [s.uri.rsplit("/", 1)[-1] for s in self.new.segments])


class Tracks(unittest.TestCase):
    """Who comes back brings other tracks: all renditions list the same numbers, whatever is missing."""

    CLIPS = {"av": {}, "v": {"audio": None}, "a": {"video": None}}
    SEQUENCES = ["av-v-av", "av-a-av", "a-av", "v-av", "v-a"]

    @classmethod
    def setUpClass(cls):
        clips = {name: media.make(f"tracks-{name}", 3, gop=15, **tracks) for name, tracks in cls.CLIPS.items()}
        with Server(segment="1s", linger="8s") as server:
            # A pause is what we make (H18), and a variant's bandwidth grows with its audio (V1).
            watches = {s: manifests.watch(server, s, {"H18", "V1"}).start() for s in cls.SEQUENCES}
            threads = [threading.Thread(target=cls.publish_in_turn, args=(server, s, clips)) for s in watches]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            for sequence in cls.SEQUENCES:
                server.wait_for_end(sequence)
            cls.findings = {sequence: watch.stop() for sequence, watch in watches.items()}
            cls.playlists = {s: [manifests.media(server, s, t) for t in ("video", "audio")]
                             for s in cls.SEQUENCES}
            cls.mpds = {sequence: manifests.mpd(server, sequence) for sequence in cls.SEQUENCES}
            cls.status = server.terminate()

    @staticmethod
    def publish_in_turn(server, sequence, clips):
        for name in sequence.split("-"):
            media.finish(media.publish_ffmpeg(clips[name], server.push_url(sequence)))

    def test_the_checkers_find_nothing(self):
        for sequence, findings in self.findings.items():
            with self.subTest(sequence=sequence):
                self.assertEqual(findings.lines(), [])

    def test_both_playlists_have_the_same_end(self):
        for sequence, (video, audio) in self.playlists.items():
            with self.subTest(sequence=sequence):
                self.assertEqual(video.segments[-1].msn, audio.segments[-1].msn)
                self.assertTrue(video.endlist and audio.endlist)

    def test_each_publisher_has_a_period(self):
        for sequence, mpd in self.mpds.items():
            self.assertEqual(len(mpd.periods), len(sequence.split("-")), sequence)

    def test_what_is_missing_is_a_gap(self):
        for sequence, (video, audio) in self.playlists.items():
            for playlist, kind in ((video, "v"), (audio, "a")):
                listed = sum(segment.duration for segment in playlist.segments if not segment.gap)
                wanted = 3 * sum(kind in name for name in sequence.split("-"))
                self.assertAlmostEqual(float(listed), wanted, delta=0.25, msg=(sequence, kind))


class Killed(unittest.TestCase):
    LINGER = 6

    def test_a_killed_publisher_leaves_a_whole_playlist_that_ends_after_linger(self):
        with Server(segment="1s", linger=f"{self.LINGER}s") as server:
            publisher = media.publish_ffmpeg(clip(60), server.push_url("x"))
            wait_until(lambda: segment_count(server) >= 3, "segments")
            publisher.kill()
            killed = time.monotonic()
            publisher.communicate()
            (listed_after, listed), (ended_after, ended) = self.changes_until_the_end(server, killed)[-2:]
            self.assertEqual(manifests.numbers(ended), manifests.numbers(listed))
            self.assertLess(listed_after, self.LINGER - 2, "the last segment was not closed at once")
            self.assertGreater(ended_after, self.LINGER - 0.5)
            self.check_segments(server, ended)

    def changes_until_the_end(self, server, since):
        """[(seconds after SINCE, playlist)] for each other playlist that is served."""
        changes = []
        def has_ended():
            playlist = manifests.media(server, "x")
            if not changes or changes[-1][1].text != playlist.text:
                changes.append((time.monotonic() - since, playlist))
            return playlist.endlist
        wait_until(has_ended, "the end")
        return changes

    def check_segments(self, server, playlist):
        """All of it decodes, and what is listed is what was received: whole pictures at 30 Hz."""
        sent = [p[1:] for p in media.packets(clip(60), "v")]
        listed = [p[1:] for p in media.packets(server.url("/live/x/index.m3u8"), "v",
                                               ["-live_start_index", "0"])]
        self.assertEqual(listed, sent[:len(listed)])
        self.assertAlmostEqual(float(playlist.duration()), len(listed) / 30, delta=0.05)
        media.run(["ffmpeg", "-nostdin", "-v", "error", "-xerror", "-live_start_index", "0", "-i",
                   server.url("/live/x/index.m3u8"), "-f", "null", "-"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
