"""Runs the built command, with the node types of fake-listen.c and nothing else."""

import os
import pathlib
import subprocess
import tempfile
import unittest

COMMAND = os.environ["MEDIAGRAPH"]
FAKES = os.environ["MEDIAGRAPH_FAKES"]

RIGHT = """<mediagraph>
  <fake-web/>
  <pipeline name="live">
    <fake-listen id="rtmp" listen="127.0.0.1:1935"/>
    <fake-cut id="cmaf" from="rtmp"/>
    <fake-serve from="cmaf"/>
    <fake-serve id="second" from="cmaf.audio"/>
  </pipeline>
</mediagraph>
"""


class CommandTest(unittest.TestCase):
    """Each test has a folder of its own, where the command runs."""

    maxDiff = None

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="mediagraph-test-")
        self.addCleanup(self.folder.cleanup)
        self.env = {**os.environ, "MEDIAGRAPH_PLUGIN_PATH": FAKES, "LC_ALL": "C", "XDG_STATE_HOME": self.folder.name}
        self.put("right.xml", RIGHT)

    def put(self, name, text):
        (pathlib.Path(self.folder.name) / name).write_text(text, encoding="utf-8")

    def start(self, *arguments, **options):
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen([COMMAND, *arguments], cwd=self.folder.name, env=self.env, encoding="utf-8", **options)

    def call(self, *arguments):
        """(exit status, standard output, standard error)"""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def assert_says(self, arguments, status=0, out="", err=""):
        self.assertEqual(self.call(*arguments), (status, out, err))
