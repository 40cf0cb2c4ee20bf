"""run: how it starts, what it logs, how it ends."""

import fcntl
import json
import os
import signal
import subprocess
import termios
import unittest

from command import CommandTest

BROKEN = """<mediagraph>
  <pipeline>
    <fake-listen is-broken="yes"/>
    <fake-cut from="fake-listen"/>
  </pipeline>
</mediagraph>
"""


class Run(CommandTest):
    def begin(self, *options, **more):
        """Starts right.xml; returns the process and its lines up to the one that says where to publish."""
        process = self.start("run", *options, "right.xml", **more)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        lines = []
        for line in process.stderr:
            lines.append(line)
            if "fake://" in line:
                return process, lines
        raise AssertionError("".join(lines))

    def end(self, process, number=signal.SIGTERM):
        process.send_signal(number)
        return process.communicate(timeout=30)[1], process.returncode

    def test_tells_where_to_publish_and_ends_properly(self):
        process, lines = self.begin()
        self.assertRegex(lines[-1],
                         r"^\d\d:\d\d:\d\d\.\d{3} info \S*rtmp: publish to fake://127\.0\.0\.1:1935/<app>/<stream>\n$")
        rest, status = self.end(process)
        self.assertEqual(status, 0)
        self.assertIn("info finishing; a second signal ends at once\n", rest)
        self.assertRegex(rest.splitlines()[-1], r"^\d\d:\d\d:\d\d\.\d{3} info finished$")

    def test_interrupt_ends_it_too(self):
        process, _ = self.begin()
        self.assertEqual(self.end(process, signal.SIGINT)[1], 0)

    def test_hang_up_is_ignored_and_logged(self):
        process, _ = self.begin()
        process.send_signal(signal.SIGHUP)
        self.assertIn(" warning SIGHUP is ignored: there is no reload; ", process.stderr.readline())
        self.assertEqual(self.end(process)[1], 0)

    def test_hang_up_of_its_terminal_ends_it(self):
        terminal, its_side = os.openpty()
        process, _ = self.begin(stdin=its_side, start_new_session=True,
                                preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(its_side)
        os.close(terminal)
        self.assertEqual(process.wait(timeout=30), 0)

    def test_json_lines(self):
        process, lines = self.begin("--log-format=json")
        rest, status = self.end(process)
        self.assertEqual(status, 0)
        for line in [*lines, *rest.splitlines()]:
            self.assertLessEqual({"time", "level", "message"}, set(json.loads(line)))
        told = json.loads(lines[-1])
        self.assertTrue(told["node"].endswith("rtmp"), told)
        self.assertEqual(told["message"], "publish to fake://127.0.0.1:1935/<app>/<stream>")

    def test_reader_of_the_log_may_go_away(self):
        process, _ = self.begin("--log-level=debug")
        process.stderr.close()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=30), 0)

    def test_file_with_errors_does_not_run(self):
        self.put("wrong.xml", "<mediagraph/>")
        self.assert_says(["run", "wrong.xml"], 1, err="wrong.xml:1:1: error: there is no <pipeline>\n")

    def test_errors_of_the_file_are_json_lines_too(self):
        self.put("wrong.xml", "<mediagraph>\n  <fake-wab/>\n  <pipeline/>\n</mediagraph>")
        status, out, err = self.call("run", "--log-format=json", "wrong.xml")
        self.assertEqual((status, out), (1, ""))
        first, *others = [json.loads(line) for line in err.splitlines()]
        self.assertRegex(first.pop("time"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(first, {"level": "error", "file": "wrong.xml", "line": 2, "column": 3,
                                 "message": "unknown element 'fake-wab'; did you mean 'fake-web'?"})
        self.assertEqual([(other["line"], other["level"]) for other in others], [(3, "error")])
        _, _, err = self.call("run", "--log-format=json", "nowhere.xml")
        self.assertEqual(set(json.loads(err)), {"time", "level", "file", "message"})

    def test_listener_that_cannot_open_ends_it(self):
        self.put("broken.xml", BROKEN)
        status, out, err = self.call("run", "--log-level=error", "broken.xml")
        self.assertEqual((status, out), (1, ""))
        errors = [line.split(" ", 1)[1] for line in err.splitlines() if " error " in line]
        self.assertEqual(errors, ["error broken.xml:3:5: fake-listen: 0.0.0.0:1935 is in use"])

    def test_words_of_options(self):
        self.assert_says(["run", "--log-level=loud", "right.xml"], 2,
                         err="mediagraph run: --log-level is error, warning, info or debug, not 'loud' "
                             "(mediagraph run --help says more)\n")
        self.assert_says(["run", "--log-format=xml", "right.xml"], 2,
                         err="mediagraph run: --log-format is text or json, not 'xml' "
                             "(mediagraph run --help says more)\n")

    def test_nothing_is_written_below_the_level(self):
        with open(os.devnull, "rb") as nothing:
            process = self.start("run", "--log-level=error", "right.xml", stdin=nothing, stderr=subprocess.PIPE)
        # It is ready to be ended once its handlers are there: SIGTERM before would show in the status.
        status_file = f"/proc/{process.pid}/status"
        while True:
            self.assertIsNone(process.poll(), "it ended by itself")
            with open(status_file, encoding="ascii") as file:
                caught = next(int(line.split()[1], 16) for line in file if line.startswith("SigCgt"))
            if caught >> (signal.SIGTERM - 1) & 1:
                break
        self.assertEqual(self.end(process), ("", 0))


if __name__ == "__main__":
    unittest.main()
