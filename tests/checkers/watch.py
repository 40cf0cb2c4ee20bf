#!/usr/bin/python3
"""Watches a live origin, and prints every finding of all checkers as `RULE uri: sentence`.

    watch.py --hls http://127.0.0.1:8080/live/studio/index.m3u8 \\
             --dash http://127.0.0.1:8080/live/studio/manifest.mpd --seconds 30

polls both manifests until the time is over or the presentation has ended, fetches every init segment and
segment once, and some again (HEAD, ranges, If-None-Match, after their removal). --record DIR keeps all
answers; --replay DIR judges them again without a network. The exit status is 1 if anything was found.

As a module: Watch(hls=…, dash=…).start(), wait(seconds), stop(), which returns the Findings.
"""

import argparse
import heapq
import itertools
import sys
import threading
import time
from urllib.parse import urljoin

import dash
import transport
from evidence import Evidence
from fetch import Client, Recorder, replay

PROBE_EVERY = 5  # of so many segments, one is probed
PROBE_DELAY = 2.0  # seconds after its first fetch
HINT_PAUSE = 0.02  # seconds between two looks for a new hint
MAX_LATE_REMOVED = 10  # removed segments that are still tried when the watch stops
CLOCK_METHODS = {
    "urn:mpeg:dash:utc:http-xsdate:2014": "GET",
    "urn:mpeg:dash:utc:http-iso:2014": "GET",
    "urn:mpeg:dash:utc:http-head:2014": "HEAD",
}


class Watch:
    """A poller thread per manifest and a thread that fetches files, all feeding one Evidence."""

    def __init__(self, hls=None, dash=None, every=0.25, grace=0.0, record=None, ignore=()):
        self.evidence = Evidence(hls, dash, ignore=tuple(ignore))
        self._every = every
        self._grace = grace  # seconds in which a manifest that was never there may be missing
        self._recorder = Recorder(record) if record else None
        self._lock = threading.Lock()  # over evidence, recorder and failure
        self._failure = None
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._jobs = _Jobs()
        self._noticed = set()  # manifests that were read once
        self._followed = set()  # media playlists of low latency
        self._threads = []

    def start(self):
        self._started = time.time()
        loops = [self._fetch_files]
        loops += [self._poll_hls] if self.evidence.hls_uri else []
        loops += [self._poll_dash] if self.evidence.dash_uri else []
        for loop in loops:
            self._run(loop)
        return self

    def _run(self, loop, *arguments):
        thread = threading.Thread(target=self._guard, args=(loop, *arguments), daemon=True)
        self._threads.append(thread)
        thread.start()

    def wait(self, seconds):
        """Waits until the presentation has ended (True) or the time is over (False)."""
        return self._ended.wait(seconds)

    def stop(self):
        """Ends polling, fetches what is still owed, and returns the findings."""
        self._stopping.set()
        for thread in self._threads:  # those that poll may still start some that follow
            if thread is not self._threads[0]:
                thread.join()
        self._jobs.close()
        self._threads[0].join()
        if self._recorder:
            self._recorder.close()
        if self._failure:
            raise self._failure
        return self.findings()

    def findings(self):
        with self._lock:
            return self.evidence.findings()

    def _guard(self, loop, *arguments):
        client = Client()
        try:
            loop(client, *arguments)
        except Exception as failure:  # kept for stop(), so that a fault of a checker is not silent
            self._failure = failure
            self._stopping.set()
            self._ended.set()
        finally:
            client.close()

    def _take(self, fetch):
        with self._lock:
            if self._recorder:
                self._recorder.write(fetch)
            return self.evidence.take(fetch)

    def _poll(self, client, purpose, uri):
        """Fetches a manifest and schedules what follows from it."""
        fetch = client.fetch(purpose, uri)
        is_early = uri not in self._noticed and time.time() < self._started + self._grace
        if fetch.status != 200 and is_early:
            return
        self._schedule(self._take(fetch))
        if uri not in self._noticed and self.evidence.knows(uri):
            self._noticed.add(uri)
            self._probe_manifest(purpose, uri)

    def _schedule(self, wants):
        for want in wants:
            if want.purpose != "media":
                self._jobs.add(want.due, want.purpose, want.uri)

    def _probe_manifest(self, purpose, uri):
        self._jobs.add(0, "manifest-head", uri, "HEAD")
        if purpose != "mpd":
            self._jobs.add(0, "gzip", uri, headers={"Accept-Encoding": "gzip"})
        else:
            for scheme, value in dash.clock_sources(self.evidence.mpd.last):
                if scheme in CLOCK_METHODS and value.split():
                    self._jobs.add(0, "clock", urljoin(uri, value.split()[0]), CLOCK_METHODS[scheme])
        if purpose != "media":
            self._jobs.add(0, "missing", urljoin(uri, "no-such-file-of-the-checker.m4s"))

    def _poll_hls(self, client):
        while not self._stopping.is_set():
            self._poll(client, "multivariant", self.evidence.hls_uri)
            for uri in list(self.evidence.presentation.media):
                self._poll(client, "media", uri)
                self._follow(uri)
            self._pause()

    def _follow(self, uri):
        """Starts those who wait for each part of a playlist of low latency."""
        with self._lock:
            playlist = self.evidence.presentation.media[uri].last
            if uri in self._followed or playlist is None or playlist.part_target is None:
                return
            probes = self.evidence.low_latency.probes(uri)
        self._followed.add(uri)
        for purpose, probe in probes:
            self._jobs.add(0, purpose, probe)
        self._run(self._wait_for_parts, "reload", uri)
        self._run(self._wait_for_parts, "delta", uri)
        self._run(self._wait_for_hints, uri)

    def _wait_for_parts(self, client, purpose, uri):
        while not self._stopping.is_set():
            with self._lock:
                query = self.evidence.low_latency.next_query(purpose, uri)
            if query is None:
                self._stopping.wait(self._every)
                continue
            fetch = client.fetch(purpose, f"{uri}?{query}")
            self._schedule(self._take(fetch))
            if fetch.status != 200:
                self._stopping.wait(self._every)

    def _wait_for_hints(self, client, uri):
        while not self._stopping.is_set():
            with self._lock:
                hint = self.evidence.low_latency.next_hint(uri)
            if hint is None:
                self._stopping.wait(HINT_PAUSE)
            else:
                self._take(client.fetch("hint", hint))

    def _poll_dash(self, client):
        grown = set()
        self._run(self._wait_for_patches)
        while not self._stopping.is_set():
            self._poll(client, "mpd", self.evidence.dash_uri)
            with self._lock:
                growing = [uri for uri, _ in self.evidence.dash_low_latency.growing() if uri not in grown]
            for uri in growing:
                grown.add(uri)
                self._run(self._fetch_growing, uri)
            self._pause()

    def _fetch_growing(self, client, uri):
        self._take(client.fetch("growing", uri))

    def _wait_for_patches(self, client):
        while not self._stopping.is_set():
            with self._lock:
                uri = self.evidence.dash_low_latency.next_patch()
            if uri is None or not self._take(client.fetch("patch", uri)):
                self._stopping.wait(self._every)

    def _pause(self):
        with self._lock:
            if self.evidence.has_ended():
                self._ended.set()
        self._stopping.wait(self._every)

    def _fetch_files(self, client):
        segments = itertools.count()
        for purpose, uri, method, headers in self._jobs:
            fetch = client.fetch(purpose, uri, method, headers)
            self._take(fetch)
            is_sampled = purpose == "init" or (purpose == "segment" and next(segments) % PROBE_EVERY == 0)
            if is_sampled and uri in self.evidence.seen:
                due = time.time() + PROBE_DELAY
                for probe, probe_method, probe_headers in transport.probes(self.evidence.seen[uri]):
                    self._jobs.add(due, probe, uri, probe_method, probe_headers)


class _Jobs:
    """Requests to make, by the time they are due. Once closed, all that is left is due at once."""

    def __init__(self):
        self._heap = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._is_closed = False
        self._late_removed = 0

    def add(self, due, purpose, uri, method="GET", headers=None):
        with self._changed:
            heapq.heappush(self._heap, (due, next(self._order), (purpose, uri, method, headers or {})))
            self._changed.notify()

    def close(self):
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def __iter__(self):
        return self

    def __next__(self):
        with self._changed:
            while True:
                wait = self._heap[0][0] - time.time() if self._heap else None
                if self._heap and (wait <= 0 or self._is_closed):
                    job = heapq.heappop(self._heap)[2]
                    if wait > 0 and job[0] == "removed" and not self._may_try_removed():
                        continue
                    return job
                if self._is_closed:
                    raise StopIteration
                self._changed.wait(wait)

    def _may_try_removed(self):
        self._late_removed += 1
        return self._late_removed <= MAX_LATE_REMOVED


def judge_recording(folder, hls=None, dash=None, ignore=()):
    """The findings about a recorded watch. The manifests' URIs are those of the recording if not given."""
    fetches = list(replay(folder))
    first = {fetch.purpose: fetch.uri for fetch in reversed(fetches)}
    evidence = Evidence(hls or first.get("multivariant"), dash or first.get("mpd"), ignore=tuple(ignore))
    for fetch in fetches:
        evidence.take(fetch)
    return evidence.findings()


def _arguments(arguments):
    parser = argparse.ArgumentParser(description="Watches a live HLS and DASH origin for broken rules.")
    parser.add_argument("--hls", metavar="URL", help="the multivariant playlist")
    parser.add_argument("--dash", metavar="URL", help="the MPD")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long to watch (30)")
    parser.add_argument("--every-ms", type=int, default=250, help="the time between polls (250)")
    parser.add_argument("--grace", type=float, default=0.0, metavar="SECONDS",
                        help="how long the manifests may be missing at first (0)")
    parser.add_argument("--ignore", default="", metavar="RULES", help="rule ids, separated by commas")
    parser.add_argument("--most", type=int, default=8, metavar="N", help="findings printed of a rule (8)")
    parser.add_argument("--record", metavar="DIR", help="keep all answers in this folder")
    parser.add_argument("--replay", metavar="DIR", help="judge the answers kept in this folder")
    options = parser.parse_args(arguments)
    if not (options.hls or options.dash or options.replay):
        parser.error("give --hls, --dash or --replay")
    return options


def main(arguments=None):
    options = _arguments(arguments)
    ignore = [rule for rule in options.ignore.split(",") if rule]
    if options.replay:
        findings = judge_recording(options.replay, options.hls, options.dash, ignore)
    else:
        watch = Watch(options.hls, options.dash, options.every_ms / 1000, options.grace, options.record,
                      ignore)
        watch.start()
        watch.wait(options.seconds)
        findings = watch.stop()
        seen = watch.evidence
        print(f"# {len(seen.seen)} files, {len(seen.presentation.media)} media playlists, "
              f"{len(seen.mpd.snapshots)} MPDs", file=sys.stderr)
        if not seen.seen:
            findings.add("W1", options.hls or options.dash, "nothing could be fetched")
    for line in findings.lines(options.most):
        print(line)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
