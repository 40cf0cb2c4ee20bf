#!/usr/bin/python3
"""The watch: a faultless origin has no findings, and each fault of delivery is found."""

import contextlib
import io
import tempfile
import time
import unittest

import watch
from evidence import Evidence
from fetch import Fetch
from make_origin import Origin

PATIENCE = 60  # seconds after which what was waited for is a failure


def watched(fault="", until=None, hls=True, dash=True, **options):
    """Watches an origin that has ended, or a live one UNTIL a condition about the watch is true."""
    origin = Origin(fault, ended=until is None)
    try:
        made = watch.Watch(origin.uri("index.m3u8") if hls else None,
                           origin.uri("manifest.mpd") if dash else None, **options).start()
        deadline = time.monotonic() + PATIENCE
        while not made.wait(0.1) and time.monotonic() < deadline:
            if until is not None and until(made):
                break
        return made.stop(), made
    finally:
        origin.close()


def has_found(rule, kind=""):
    """A condition: a finding of the rule about a URI of this kind."""
    return lambda made: any(found.rule == rule and kind in found.uri for found in made.findings())


def moved_on(made):
    """The window moved on, and what it listed was fetched."""
    return len(made.evidence.mpd.snapshots) >= 4 and len(made.evidence.seen) >= 18


class Faultless(unittest.TestCase):
    def test_an_ended_presentation(self):
        findings, made = watched()
        self.assertEqual(findings.lines(), [])
        self.assertTrue(made.evidence.has_ended())
        self.assertEqual(len(made.evidence.seen), 18)

    def test_a_live_presentation(self):
        findings, made = watched(until=moved_on)
        self.assertEqual(findings.lines(), [])
        self.assertFalse(made.evidence.has_ended())
        self.assertTrue(moved_on(made))

    def test_hls_alone_and_dash_alone(self):
        self.assertEqual(watched(dash=False)[0].lines(), [])
        self.assertEqual(watched(hls=False)[0].lines(), [])


class Faults(unittest.TestCase):
    def rules(self, fault, until=None, **options):
        return watched(fault, until, **options)[0].rules()

    def test_a_manifest_that_is_not_there_is_w1(self):
        self.assertEqual(self.rules("no-index.m3u8", has_found("W1"), dash=False), {"W1"})

    def test_a_segment_that_is_not_there_is_w1(self):
        self.assertEqual(self.rules("no-video-3.m4s"), {"W1"})

    def test_wrong_cache_control_is_w2(self):
        self.assertEqual(self.rules("cache"), {"W2"})

    def test_a_live_manifest_that_may_be_cached_is_w2(self):
        is_found = has_found("W2", ".mpd")
        self.assertTrue(is_found(watched("cache", is_found)[1]))

    def test_faults_of_etags_are_w3(self):
        for fault in ("no-etag", "new-etag", "no-304"):
            self.assertEqual(self.rules(fault), {"W3"}, fault)

    def test_faults_of_ranges_are_w4(self):
        for fault in ("no-range", "long-range"):
            self.assertEqual(self.rules(fault), {"W4"}, fault)

    def test_a_head_without_length_is_w5(self):
        self.assertEqual(self.rules("head-length"), {"W5"})

    def test_no_cors_is_w6(self):
        self.assertEqual(self.rules("no-cors"), {"W6"})

    def test_wrong_content_types_are_h16_and_w7(self):
        self.assertEqual(self.rules("type"), {"H16", "W7"})

    def test_a_page_in_the_place_of_a_404_is_w8(self):
        self.assertEqual(self.rules("soft-404"), {"W8"})

    def test_no_gzip_is_w9_and_a_broken_one_h16(self):
        self.assertEqual(self.rules("no-gzip"), {"W9"})
        self.assertEqual(self.rules("bad-gzip"), {"H16"})

    def test_bytes_that_change_are_h3(self):
        self.assertEqual(self.rules("mutable"), {"H3", "W3", "W4", "W5"})

    def test_a_segment_gone_with_its_playlist_entry_is_h6(self):
        # Probes that come after the removal fail as well, with rules of their own.
        self.assertIn("H6", self.rules("removed", has_found("H6"), dash=False))

    def test_a_segment_asked_for_after_its_time_proves_nothing(self):
        for started, rules in ((99, {"H6"}), (101, set())):
            evidence = Evidence(hls_uri="http://x/index.m3u8")
            evidence.kept_until["http://x/1.m4s"] = 100
            evidence.take(Fetch("removed", "http://x/1.m4s", started=started, status=404))
            self.assertEqual(evidence.findings().rules() & {"H6"}, rules)

    def test_a_wrong_clock_is_d7(self):
        self.assertEqual(self.rules("clock"), {"D7"})


class Recordings(unittest.TestCase):
    def test_a_replay_finds_what_the_watch_found(self):
        with tempfile.TemporaryDirectory() as folder:
            findings, _ = watched("no-range", record=folder)
            self.assertEqual(set(watch.judge_recording(folder)), set(findings))
            self.assertEqual(set(watch.judge_recording(folder, ignore=["W4"])), set())

    def test_the_command_prints_findings_and_fails(self):
        with tempfile.TemporaryDirectory() as folder:
            watched("no-range", record=folder)
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                status = watch.main(["--replay", folder])
            self.assertEqual(status, 1)
            self.assertRegex(out.getvalue(), r"^W4 http://127.0.0.1:\d+/live/one/\S+: a r")
            with contextlib.redirect_stdout(io.StringIO()):
                self.assertEqual(watch.main(["--replay", folder, "--ignore", "W4"]), 0)

    def test_the_command_fails_if_there_is_nothing(self):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            self.assertEqual(watch.main(["--hls", "http://127.0.0.1:9/index.m3u8", "--seconds", "0.3"]), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
