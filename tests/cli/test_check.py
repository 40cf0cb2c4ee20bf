"""check, graph and schema: what they say about pipeline files."""

import json
import os
import pathlib
import shutil
import subprocess
import unittest

from command import CommandTest

WRONG = """<mediagraph>
  <pipeline>
    <fake-listen listen="1935"/>
    <fake-cut form="fake-listen" segment="4">
      <video id="720p" height="72O"/>
    </fake-cut>
  </pipeline>
</mediagraph>
"""

WRONG_SAYS = """\
wrong.xml:3:26: error: fake-listen: listen: "1935" is not an address; write it like 0.0.0.0:1935 or [::]:1935
wrong.xml:4:15: error: unknown attribute 'form' on fake-cut; did you mean 'from'?
wrong.xml:4:43: error: fake-cut: segment: "4" is not a time; write it like 500ms, 4s, 10m, 2h or 7d
wrong.xml:4:5: error: fake-cut takes from nobody; add from="fake-listen"
wrong.xml:5:32: error: fake-cut: video '720p': height: "72O" is not an integer
"""


UNFIT = """<mediagraph state-dir="">
  <http listen="0.0.0.0:1935" url="localhost:80" cors="example.org"/>
  <pipeline name="live">
    <ingest-rtmp id="rtmp" tls-key="/dev/null"/>
    <ingest-rtmp id="secure" listen="[::]:1" protocols="rtmps"/>
    <segment-cmaf id="cmaf" from="rtmp secure" segment="2s" part="3s"/>
    <out-hls from="cmaf" path="live" name="a/b" dir=""/>
    <out-dash from="cmaf" path="/live/" name="../x"/>
    <dvr from="cmaf" name="/abs.mp4" dir=""/>
    <dvr id="second" from="cmaf" name="../${app}.mp4"/>
    <out-hls id="low" from="cmaf" path="/low" dir="files"/>
    <out-hls id="low2" from="cmaf" path="/low" dir="files"/>
  </pipeline>
</mediagraph>
"""

UNFIT_SAYS = """\
file.xml:1:24: error: mediagraph: state-dir: "" must not be empty
file.xml:2:36: error: http: url: "localhost:80" is no base of URLs; write it like http://localhost:8080
file.xml:2:56: error: http: cors: "example.org" is no origin; write it like https://www.example.org
file.xml:4:5: error: ingest-rtmp listens on 0.0.0.0:1935, which http (file.xml:2:17) has taken; each needs a port of its own
file.xml:4:37: error: ingest-rtmp: tls-key: it is of no use without a tls-certificate
file.xml:5:57: error: ingest-rtmp: protocols: rtmps and rtmpts need a tls-certificate
file.xml:6:67: error: segment-cmaf: part: a part is no longer than `segment`, which is 2 s
file.xml:7:32: error: out-hls: path: "live" must be '/' and names with one '/' between each two, as in "/live/studio"
file.xml:7:44: error: out-hls: name: "a/b" must be a file name, as in "index.m3u8"
file.xml:7:54: error: out-hls: dir: "" must not be empty
file.xml:8:33: error: out-dash: path: "/live/" must be '/' and names with one '/' between each two, as in "/live/studio"
file.xml:8:47: error: out-dash: name: "../x" must be a file name, as in "index.m3u8"
file.xml:9:28: error: dvr: name: "/abs.mp4" does not lead to a file beneath `dir`
file.xml:9:43: error: dvr: dir: "" must not be empty
file.xml:10:40: error: dvr: name: "../${app}.mp4" does not lead to a file beneath `dir`
file.xml:12:42: error: out-hls 'low2': out-hls 'low' (file.xml:11:5) publishes under /low already; give each a \
`path` of its own, as in "/${app}/${stream}/low"
file.xml:12:53: error: out-hls 'low2': out-hls 'low' (file.xml:11:5) writes into this folder already; give each a \
`dir` of its own
"""


KEYS = """<mediagraph>
  <auth keys-file="nowhere.keys">
    <key app="live" stream="a" hash="hmac-sha256:1" from="soon" until="2026-13-01"/>
    <key app="live" stream="b"/>
    <key app="live" stream="c" secret-file="nowhere.key" addresses="10.0.0.0/64" protocols="rtsp"/>
    <key app="live" stream="d" secret-file="some.keys" from="2026-12-02" until="2026-12-01"/>
  </auth>
  <pipeline>
    <ingest-rtmp/>
    <segment-cmaf from="ingest-rtmp"/>
    <dvr from="segment-cmaf"/>
  </pipeline>
</mediagraph>
"""

KEYS_SAYS = """\
keys.xml:2:20: warning: auth: keys-file: nowhere.keys cannot be read: No such file or directory
keys.xml:3:38: error: auth: key: hash: it is none: `mediagraph key add` makes one
keys.xml:3:59: error: auth: key: from: "soon" is no time: write 2026-12-01 or 2026-12-01T18:30:00Z
keys.xml:3:72: error: auth: key: until: "2026-13-01" is no time: write 2026-12-01 or 2026-12-01T18:30:00Z
keys.xml:4:5: error: auth: key: hash: a key needs either this or secret-file
keys.xml:5:45: warning: auth: key: secret-file: nowhere.key cannot be read: No such file or directory
keys.xml:5:69: error: auth: key: addresses: "10.0.0.0/64" are no networks: write 192.0.2.0/24,2001:db8::/32, with \
zeros behind the prefix
keys.xml:5:93: error: auth: key: protocols: "rtsp" are unknown: there are rtmp, rtmps, rtmpe, rtmpt, rtmpts, rtmpte, srt, http and https
keys.xml:6:81: error: auth: key: until: "2026-12-01" is not after `from`
"""


def by_place(text):
    return sorted(text.splitlines(), key=lambda line: [int(n) for n in line.split(":")[1:3]])


class Check(CommandTest):
    def test_right_file(self):
        self.assert_says(["check", "right.xml"], 0, "right.xml: ok: 1 pipeline, 4 nodes, 1 service\n")
        self.assert_says(["check", "-q", "right.xml"], 0)

    def test_all_errors_in_order(self):
        self.put("wrong.xml", WRONG)
        status, out, err = self.call("check", "wrong.xml")
        self.assertEqual((status, out), (1, ""))
        self.assertEqual(err.splitlines(), by_place(WRONG_SAYS))

    def test_every_file_is_checked(self):
        self.assert_says(["check", "nowhere.xml", "right.xml"], 1,
                         "right.xml: ok: 1 pipeline, 4 nodes, 1 service\n",
                         "nowhere.xml: error: it cannot be read: No such file or directory\n")

    def test_pipe_can_be_checked(self):
        self.assert_says(["check", "/dev/null"], 1, err="/dev/null:1:1: error: there is no element\n")

    def test_plugin_that_cannot_be_loaded_is_told_when_it_is_used(self):
        broken = pathlib.Path(self.folder.name) / "broken.so"
        broken.write_bytes(b"nonsense")
        self.env["MEDIAGRAPH_PLUGIN_PATH"] += f":{self.folder.name}"
        self.assert_says(["check", "-q", "right.xml"], 0)
        self.put("uses.xml", "<mediagraph><broken/><pipeline><broken/></pipeline></mediagraph>")
        status, _, err = self.call("check", "uses.xml")
        self.assertEqual(status, 1)
        first = err.splitlines()[0]
        self.assertTrue(first.startswith("uses.xml:1:13: error: broken cannot be loaded: "), first)
        self.assertIn("broken.so", first)


class BuiltIn(CommandTest):
    """What no node could open with is found in the file already."""

    def setUp(self):
        super().setUp()
        self.env["MEDIAGRAPH_PLUGIN_PATH"] = os.environ["MEDIAGRAPH_PLUGINS"]
        self.put("file.xml", UNFIT)

    def test_check_says_it(self):
        status, out, err = self.call("check", "file.xml")
        self.assertEqual((status, out), (1, ""))
        self.assertEqual(err, UNFIT_SAYS)

    def test_keys_are_checked_at_their_places(self):
        self.put("keys.xml", KEYS)
        self.put("some.keys", "")
        (pathlib.Path(self.folder.name) / "some.keys").chmod(0o600)
        self.assert_says(["check", "keys.xml"], 1, err=KEYS_SAYS)

    def test_keys_that_others_can_read_are_all_refused(self):
        self.put("file.xml", """<mediagraph><auth keys-file="a.keys">
          <key app="live" stream="x" secret-file="b.key"/></auth><pipeline><ingest-rtmp/>
          <segment-cmaf from="ingest-rtmp"/><dvr from="segment-cmaf"/></pipeline></mediagraph>""")
        for name in ("a.keys", "b.key"):
            self.put(name, "12345678901234567890")
            (pathlib.Path(self.folder.name) / name).chmod(0o644)
        wrong = "others can read or change it; run `chmod 640` on it, or 600"
        self.assert_says(["check", "file.xml"], 1,
                         err=f"file.xml:1:30: error: auth: keys-file: a.keys: {wrong}\n"
                             f"file.xml:2:51: error: auth: key: secret-file: b.key: {wrong}\n")

    def test_files_may_come_later(self):
        self.put("file.xml", """<mediagraph><pipeline>
          <ingest-rtmp id="in" tls-certificate="here.pem"
                       tls-key="nowhere.pem"/>
          <segment-cmaf from="in"/><dvr from="segment-cmaf"/></pipeline></mediagraph>""")
        self.put("here.pem", "")
        self.assert_says(["check", "-q", "file.xml"], 0, err="file.xml:3:33: warning: ingest-rtmp: tls-key: nowhere.pem "
                                                             "cannot be read: No such file or directory\n")

    def test_files_are_looked_for_beside_the_file_that_names_them(self):
        for folder in ("conf", "conf/more"):
            (pathlib.Path(self.folder.name) / folder).mkdir()
        self.put("conf/file.xml", """<mediagraph><pipeline>
          <include file="more/in.xml"/>
          <segment-cmaf from="in"/><dvr from="segment-cmaf"/></pipeline></mediagraph>""")
        self.put("conf/more/in.xml", '<pipeline><ingest-rtmp id="in" tls-certificate="here.pem" '
                                    'tls-key="/nowhere.pem"/></pipeline>')
        self.put("conf/more/here.pem", "")
        self.assert_says(["check", "-q", "conf/file.xml"], 0,
                         err="conf/more/in.xml:1:68: warning: ingest-rtmp: tls-key: /nowhere.pem "
                             "cannot be read: No such file or directory\n")

    def test_run_says_it_and_does_not_start(self):
        status, out, err = self.call("run", "file.xml")
        self.assertEqual((status, out), (1, ""))
        self.assertEqual(err, UNFIT_SAYS)


MODES = """<mediagraph>
  <pipeline name="live">
    <ingest-rtmp id="a" mode="pull" url="http://a/live/s3cret" listen="127.0.0.1:1"/>
    <out-rtmp from="a" url="rtmp://a/s3cret"/>
    <out-rtmp id="b" from="a"/>
  </pipeline>
  <pipeline name="other">
    <ingest-rtmp id="c" mode="call" app="x"/>
    <out-rtmp from="c" url="rtmp://a/live/${stream}"/>
  </pipeline>
</mediagraph>
"""

MODES_SAYS = """\
file.xml:3:42: error: ingest-rtmp: url: it does not begin with rtmp:// or rtmps://
file.xml:3:64: error: unknown attribute 'listen' on ingest-rtmp
file.xml:4:29: error: out-rtmp: url: it must name an app and a stream, as in rtmp://HOST/APP/STREAM
file.xml:5:5: error: out-rtmp: attribute 'url' is missing (where to publish: rtmp[s]://HOST[:PORT]/APP/STREAM)
file.xml:8:31: error: ingest-rtmp: mode: "call" is not listen or pull
"""


class Modes(CommandTest):
    """An attribute says what else an element may have; what may be a secret is not repeated."""

    def setUp(self):
        super().setUp()
        self.env["MEDIAGRAPH_PLUGIN_PATH"] = os.environ["MEDIAGRAPH_PLUGINS"]
        self.put("file.xml", MODES)

    def test_check_says_it(self):
        status, out, err = self.call("check", "file.xml")
        self.assertEqual((status, out), (1, ""))
        self.assertEqual(err, MODES_SAYS)
        self.assertNotIn("s3cret", err)

    def test_inspect_tells_both(self):
        status, out, _ = self.call("inspect", "--json", "ingest-rtmp")
        self.assertEqual(status, 0)
        told = json.loads(out)
        self.assertEqual(told["role"], "listener")
        (pull,) = told["variants"]
        self.assertEqual((pull["mode"], pull["role"]), ("pull", "source"))
        self.assertIn("url", [a["name"] for a in pull["attributes"]])
        self.assertIn('With mode="pull"', self.call("inspect", "ingest-rtmp")[1])


class Graph(CommandTest):
    def test_tree(self):
        self.assert_says(["graph", "right.xml"], 0, """\
services
  fake-web
pipeline live (a session for each published stream)
  rtmp (fake-listen)
  └─ cmaf (fake-cut)
     ├─ fake-serve
     └─ audio → second (fake-serve)
""")

    def test_node_with_two_producers_is_drawn_once(self):
        self.put("two.xml", "<mediagraph><fake-web/><pipeline><fake-listen id='a'/><fake-listen id='b'/>"
                            "<fake-cut from='a b'/><fake-serve from='fake-cut'/></pipeline></mediagraph>")
        self.assert_says(["graph", "two.xml"], 0, """\
services
  fake-web
pipeline pipeline (a session for each published stream)
  a (fake-listen)
  └─ fake-cut
     └─ fake-serve
  b (fake-listen)
  └─ fake-cut (above)
""")

    def test_dot(self):
        self.assert_says(["graph", "--format=dot", "right.xml"], 0, """\
digraph mediagraph {
  rankdir=LR;
  node [shape=box];
  "fake-web" [style=dashed];
  subgraph "cluster_live" {
    label="live";
    "live/rtmp" [label="rtmp\\nfake-listen"];
    "live/cmaf" [label="cmaf\\nfake-cut"];
    "live/fake-serve" [label="fake-serve"];
    "live/second" [label="second\\nfake-serve"];
    "live/rtmp" -> "live/cmaf";
    "live/cmaf" -> "live/fake-serve";
    "live/cmaf" -> "live/second" [label="audio"];
  }
}
""")

    def test_wrong_format(self):
        self.assert_says(["graph", "--format=svg", "right.xml"], 2,
                         err="mediagraph graph: --format is tree or dot, not 'svg' "
                             "(mediagraph graph --help says more)\n")


class Schema(CommandTest):
    def setUp(self):
        super().setUp()
        status, out, _ = self.call("schema")
        self.assertEqual(status, 0)
        self.put("schema.xsd", out)

    def validate(self, text):
        self.put("file.xml", text)
        done = subprocess.run(["xmllint", "--noout", "--schema", "schema.xsd", "file.xml"], cwd=self.folder.name,
                              capture_output=True, text=True, check=False)
        return done.returncode == 0, done.stderr

    def test_right_file_is_valid(self):
        self.assertIsNotNone(shutil.which("xmllint"))
        text = (pathlib.Path(self.folder.name) / "right.xml").read_text(encoding="utf-8")
        self.assertEqual(self.validate(text), (True, "file.xml validates\n"))

    def test_all_that_is_allowed_is_valid(self):
        valid, err = self.validate("""
          <mediagraph state-dir="x" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
                      xsi:noNamespaceSchemaLocation="schema.xsd">
            <include file="a.xml"/> <defaults><fake-cut segment="2.5s" queue="1s"/></defaults>
            <pipeline name="a" linger="1m" on-duplicate="reject" max-sessions="3">
              <include file="b.xml"/> <defaults/>
              <fake-listen id="x" listen="[::]:80" is-broken="yes"/>
              <fake-cut from="x.video" mode="fast" on-error="restart" queue-bytes="1MiB" window="7">
                <video height="144"/> <include file="c.xml"/> <video height="4320" id="y"/>
              </fake-cut>
            </pipeline>
          </mediagraph>""")
        self.assertTrue(valid, err)

    def test_mistakes_are_invalid(self):
        for mistake in ["<fake-cut segmnt='4s'/>", "<fake-cut segment='4'/>", "<fake-cut mode='bad'/>",
                        "<fake-cut window='0'/>", "<fake-cut><video height='143'/></fake-cut>", "<fake-cutt/>",
                        "<fake-web/>", "<fake-listen from='x'/>", "<fake-cut id='.x'/>"]:
            with self.subTest(mistake=mistake):
                valid, _ = self.validate(f"<mediagraph><pipeline>{mistake}</pipeline></mediagraph>")
                self.assertFalse(valid)


class Pipelines(CommandTest):
    """The files of pipelines/, with the plugins of this build."""

    def setUp(self):
        super().setUp()
        source = pathlib.Path(os.environ["MEDIAGRAPH_SOURCE"])
        self.env["MEDIAGRAPH_PLUGIN_PATH"] = os.environ["MEDIAGRAPH_PLUGINS"]
        self.put("schema.xsd", self.call("schema")[1])
        for name in ("certificate.pem", "key.pem", "publishers.keys"):
            self.put(name, "")
            (pathlib.Path(self.folder.name) / name).chmod(0o600)
        self.files = [pathlib.Path(shutil.copy(file, self.folder.name))
                      for file in sorted(source.glob("pipelines/*.xml"))]
        self.assertGreater(len(self.files), 0)
        built = {node["name"] for node in json.loads(self.call("inspect", "--json")[1])}
        self.left_out = {folder.name for folder in (source / "plugins").iterdir() if folder.is_dir()} - built

    def each_file(self, check):
        for file in self.files:
            with self.subTest(file=file.name):
                missing = [name for name in self.left_out if f"<{name}" in file.read_text(encoding="utf-8")]
                if missing:
                    self.skipTest(f"this build has no {', '.join(missing)}")
                check(file)

    def test_each_is_right(self):
        self.each_file(lambda file: self.assert_says(["check", "-q", file]))

    def test_each_is_valid_by_the_schema(self):
        self.each_file(lambda file: subprocess.run(["xmllint", "--noout", "--schema", "schema.xsd", file],
                                                   cwd=self.folder.name, check=True, capture_output=True))


if __name__ == "__main__":
    unittest.main()
