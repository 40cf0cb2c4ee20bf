"""What the command says and does when it cannot start: every fault with its place, and an exit code."""

import os
import pathlib
import socket
import subprocess
import tempfile
import time
import unittest

import media
import rtmp
from server import COMMAND, Server, free_ports, wait_until

TOP = '<mediagraph state-dir="state">\n  <http listen="127.0.0.1:{http}"/>\n'
PIPELINE = """  <pipeline name="live">
    <ingest-rtmp id="rtmp" listen="127.0.0.1:{rtmp}"/>
    <segment-cmaf id="cmaf" from="rtmp"/>
    <out-hls from="cmaf"/>
  </pipeline>
</mediagraph>
"""
FAULTY = [
    # (what, the file, lines that must be said)
    ("attribute", TOP + PIPELINE.replace('from="rtmp"/>', 'from="rtmp" segmnt="4s"/>'),
     ["bad.xml:5:41: error: unknown attribute 'segmnt' on segment-cmaf; did you mean 'segment'?"]),
    ("element", TOP + PIPELINE.replace("out-hls", "out-hsl"),
     ["bad.xml:6:5: error: unknown element 'out-hsl'; did you mean 'out-hls'?"]),
    ("value", TOP + PIPELINE.replace('from="rtmp"/>', 'from="rtmp" segment="4"/>'),
     ["bad.xml:5:50: error: segment-cmaf: segment: \"4\" is not a time"]),
    ("producer", TOP + PIPELINE.replace('from="cmaf"', 'from="cmff"'),
     ["bad.xml:6:20: error: there is no node 'cmff' in this pipeline; did you mean 'cmaf'?"]),
    ("service", '<mediagraph state-dir="state">\n' + PIPELINE,
     ["bad.xml:5:5: error: out-hls needs <http>; add it to the top of the file, inside <mediagraph>"]),
    ("two faults", TOP.replace("listen=", "lisen=") + PIPELINE.replace("out-hls", "out-hsl"),
     ["bad.xml:2:9: error: unknown attribute 'lisen' on http; did you mean 'listen'?",
      "bad.xml:6:5: error: unknown element 'out-hsl'; did you mean 'out-hls'?"]),
    ("kinds", TOP + PIPELINE.replace('<out-hls from="cmaf"', '<out-hls from="rtmp"'),
     ["bad.xml:6:20: error: out-hls takes chunks, but ingest-rtmp 'rtmp' (bad.xml:4:5) gives packets"]),
    ("not XML", "<mediagraph>\n  <http>\n</mediagraph>\n", ["bad.xml:3:"]),
    ("empty", "", ["bad.xml:1:1: error:"]),
    ("a DTD", '<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<mediagraph>&x;</mediagraph>\n',
     ["bad.xml:1:"]),
]


def mediagraph(*arguments, folder=None, seconds=120):
    return subprocess.run(["timeout", "-k", "5", str(seconds), COMMAND, *arguments], cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)


class Refused(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="mediagraph-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        http, rtmp = free_ports(2)
        self.ports = {"http": http, "rtmp": rtmp}

    def write(self, text):
        for name, port in self.ports.items():
            text = text.replace("{" + name + "}", str(port))
        (self.folder / "bad.xml").write_text(text)

    def test_check_and_run_tell_the_same_faults(self):
        for what, text, wanted in FAULTY:
            for command in ("check", "run"):
                with self.subTest(fault=what, command=command):
                    self.write(text)
                    done = mediagraph(command, "bad.xml", folder=self.folder)
                    self.assertEqual(done.returncode, 1, done.stderr)
                    for line in wanted:
                        self.assertIn(line, done.stderr)
                    self.assertNotIn("root:", done.stderr + done.stdout)

    def test_a_right_file_is_checked_without_running_it(self):
        self.write(TOP + PIPELINE)
        done = mediagraph("check", "bad.xml", folder=self.folder)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(os.listdir(self.folder), ["bad.xml"])

    def test_a_file_that_is_not_there(self):
        done = mediagraph("run", "none.xml", folder=self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("none.xml", done.stderr)

    def test_a_port_that_is_taken(self):
        for name in ("http", "rtmp"):
            with self.subTest(port=name), socket.create_server(("127.0.0.1", self.ports[name])):
                self.write(TOP + PIPELINE)
                done = mediagraph("run", "bad.xml", folder=self.folder)
                self.assertEqual(done.returncode, 1)
                self.assertIn(str(self.ports[name]), done.stderr)
                self.assertIn("another program listens there", done.stderr)

    def test_wrong_command_lines(self):
        for arguments in ([], ["rum"], ["run"], ["run", "a", "b"], ["check"], ["run", "--nonsense", "x"]):
            with self.subTest(arguments=arguments):
                self.assertEqual(mediagraph(*arguments, folder=self.folder).returncode, 2)


class Ready(unittest.TestCase):
    def test_it_says_where_to_publish_and_what_to_open(self):
        with Server() as server:
            self.assertEqual(server.get("/healthz")[0], 200)
            self.assertIn(f"127.0.0.1:{server.http}/", server.log())
            self.assertIn(f"rtmp://127.0.0.1:{server.rtmp}/live", server.log())
            self.assertEqual(server.terminate(), 0)

    def test_a_log_that_cannot_be_written_stops_nothing(self):
        """Standard error is a full disk, or a pipe that nobody reads."""
        unread, log = os.pipe()
        os.close(unread)
        for name, output in (("full", os.open("/dev/full", os.O_WRONLY)), ("pipe", log)):
            with self.subTest(log=name), Server() as server:
                server.kill()
                server.process = subprocess.Popen([COMMAND, "run", "--log-level=debug", server.dir / "test.xml"],
                                                  stdout=output, stderr=output, env=server.env,
                                                  cwd=server.dir)
                wait_until(server.is_ready, "it is ready")
                with rtmp.Publisher(server.rtmp, "x") as client:
                    client.send_tags(rtmp.read_flv(media.make("clip-3", 3, gop=15)), longest_wait=0)
                    self.assertIsNotNone(server.wait_for_playlist("x"))
                self.assertEqual(server.terminate(), 0)
            os.close(output)

    def test_journals_of_streams_long_gone_are_removed(self):
        server = Server()
        journals = server.dir / "state" / "live" / "live"
        for name, days in (("old", 9), ("weekly", 7)):
            path = journals / name / "cmaf.journal"
            path.parent.mkdir(parents=True)
            path.touch()
            os.utime(path, (time.time() - days * 86400,) * 2)
        with server:
            wait_until(lambda: not (journals / "old").exists(), "it is removed")
            self.assertTrue((journals / "weekly" / "cmaf.journal").exists())

    def test_an_empty_server_ends_at_once(self):
        with Server() as server:
            self.assertEqual(server.terminate(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
