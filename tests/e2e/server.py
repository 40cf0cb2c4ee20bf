"""A mediagraph server of a test's own: free ports, a folder that goes away, a log to show."""

import atexit
import contextlib
import http.client
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

COMMAND = os.environ.get("MEDIAGRAPH", "build/dev/cli/mediagraph")

LIVE = """
<mediagraph state-dir="{dir}/state">
  <http listen="127.0.0.1:{http}"/>
  <player/>
  <pipeline name="live" linger="{linger}" {pipeline}>
    <ingest-rtmp id="rtmp" listen="127.0.0.1:{rtmp}" app="live" {rtmp_attributes}/>
    <segment-cmaf id="cmaf" from="rtmp" segment="{segment}" part="500ms"/>
    <out-hls from="cmaf" {hls}/>
    <out-dash from="cmaf" {dash}/>
    <dvr from="cmaf" dir="{dir}/recordings" {dvr}/>
  </pipeline>
</mediagraph>
"""

DEFAULTS = {"linger": "1s", "pipeline": "", "segment": "2s", "rtmp_attributes": "", "hls": "window='120s'",
            "dash": "window='120s'", "dvr": ""}


def free_ports(n):
    """Ports that nobody listens on now, from below those that the system gives to connections."""
    ports = []
    while len(ports) < n:
        port = random.SystemRandom().randrange(10000, 32000)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        if port not in ports:
            ports.append(port)
    return ports


PATIENCE = 90  # seconds after which what was waited for is a failure, on the slowest of machines


def wait_until(condition, what):
    """Polls CONDITION until it gives something true, which is returned."""
    deadline = time.monotonic() + PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {PATIENCE} s")
        time.sleep(0.05)


# A test that is ended from outside leaves neither a server nor a folder.
signal.signal(signal.SIGTERM, signal.default_int_handler)


class Server:
    """`with Server() as s:` runs the usual pipeline, or XML with {http}, {rtmp}, {rtmp2}, {dir} replaced."""

    def __init__(self, xml=LIVE, command_prefix=(), env=None, folder=None, **values):
        self.owns_folder = folder is None
        self.dir = pathlib.Path(folder or tempfile.mkdtemp(prefix="mediagraph-test-"))
        self.http, self.rtmp, self.rtmp2 = free_ports(3)
        self.xml, self.values = xml, {**DEFAULTS, **values}
        self.prefix = list(command_prefix)
        self.env = {**os.environ, "XDG_STATE_HOME": str(self.dir / "state"), **(env or {})}
        if "SANITIZER_LIBRARY" in os.environ:
            self.env.setdefault("LD_PRELOAD", os.environ["SANITIZER_LIBRARY"])
        self.process = None
        atexit.register(self.clean)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, error, trace):
        self.kill()
        if kind is not None:
            print(self.log())
        self.clean()

    def clean(self):
        """Leaves nothing behind."""
        atexit.unregister(self.clean)
        self.kill()
        if self.owns_folder:
            shutil.rmtree(self.dir, ignore_errors=True)

    def start(self):
        config = self.dir / "test.xml"
        config.write_text(self.xml.format(http=self.http, rtmp=self.rtmp, rtmp2=self.rtmp2,
                                          dir=self.dir, **self.values))
        with open(self.dir / "log", "ab") as log:
            self.process = subprocess.Popen([*self.prefix, COMMAND, "run", "--log-level=debug", config],
                                            stdout=log, stderr=log, env=self.env, cwd=self.dir)
        try:
            wait_until(self.is_ready, "the server is ready")
        except AssertionError:
            print(self.log())
            raise

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with {self.process.returncode}")
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False

    def get(self, path, headers=None, method="GET"):
        """(status, headers, body) of one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=PATIENCE)
        try:
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def text(self, path):
        """The body, or None when it is not to be had."""
        status, _, body = self.get(path)
        return body.decode() if status == 200 else None

    def url(self, path):
        return f"http://127.0.0.1:{self.http}{path}"

    def push_url(self, stream, app="live"):
        return f"rtmp://127.0.0.1:{self.rtmp}/{app}/{stream}"

    def wait_for_playlist(self, stream):
        """The multivariant playlist, once it is there."""
        return wait_until(lambda: self.text(f"/live/{stream}/index.m3u8"), "a playlist")

    def wait_for_end(self, stream, track="video", app="live"):
        """The media playlist, once it has its end."""
        def ended():
            text = self.text(f"/{app}/{stream}/{track}.m3u8")
            return text if text and "#EXT-X-ENDLIST" in text else None
        return wait_until(ended, "the end of the playlist")

    def wait_for_recordings(self, count=1):
        """The files, once there are so many and the server has closed them all."""
        def finished():
            files = self.recordings()
            return files if len(files) >= count and not self.has_open(".mp4") else None
        return wait_until(finished, f"{count} finished recordings")

    def has_open(self, suffix):
        for fd in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                if os.readlink(fd).endswith(suffix):
                    return True
        return False

    def recordings(self):
        """The files, in the order of their last writes."""
        return sorted((self.dir / "recordings").rglob("*.mp4"), key=lambda path: path.stat().st_mtime_ns)

    def log(self):
        path = self.dir / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def terminate(self):
        """SIGTERM; returns the exit status: 0 when all was finished within the five seconds there are for it."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
