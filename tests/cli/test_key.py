"""mediagraph key: makes, lists and revokes."""

import os
import pathlib
import re
import unittest

from command import CommandTest

FILE = """<mediagraph>
  <auth keys-file="studio.keys"/>
  <pipeline name="live">
    <ingest-rtmp listen="192.0.2.1:1936" app="live"/>
    <segment-cmaf from="ingest-rtmp"/>
    <dvr from="segment-cmaf" dir="live"/>
  </pipeline>
  <pipeline name="guests">
    <ingest-rtmp listen="0.0.0.0:1935" app="guests"/>
    <segment-cmaf from="ingest-rtmp"/>
    <dvr from="segment-cmaf" dir="guests"/>
  </pipeline>
</mediagraph>
"""
KEY = r"[a-z2-9]{8}-[a-z2-9]{26}"


class Key(CommandTest):
    def setUp(self):
        super().setUp()
        self.env["MEDIAGRAPH_PLUGIN_PATH"] = os.environ["MEDIAGRAPH_PLUGINS"]
        self.put("right.xml", FILE)

    def add(self, *arguments):
        """(the key, what was printed)"""
        status, out, err = self.call("key", "add", *arguments)
        self.assertEqual((status, err), (0, ""))
        return re.search(KEY, out).group(), out

    def text(self, name):
        return (pathlib.Path(self.folder.name) / name).read_text(encoding="utf-8")

    def test_add_shows_the_key_and_where_to_put_it(self):
        key, out = self.add("right.xml", "live/studio")
        self.assertEqual(out, f"The key of live/studio, which is shown this once:\n\n  {key}\n\n"
                              f"OBS:     Server rtmp://192.0.2.1:1936/live\n         Stream Key {key}\n"
                              f"Others:  rtmp://192.0.2.1:1936/live/{key}\n\n"
                              f"To take it back: mediagraph key revoke studio.keys {key[:8]}\n")
        self.assertIn(f"id={key[:8]} app=live stream=studio hash=", self.text("studio.keys"))
        self.assertNotIn(key[9:], self.text("studio.keys"))

    def test_host_of_a_listener_everywhere_can_be_told(self):
        key, out = self.add("right.xml", "guests/x", "--host=live.example.org")
        self.assertIn(f"Others:  rtmp://live.example.org/guests/{key}\n", out)

    def test_without_a_pipeline_file_ports_are_the_usual_ones(self):
        key, out = self.add("some.keys", "live/x", "--host=live.example.org")
        self.assertEqual(out.count("://"), 2)
        self.assertIn(f"Others:  rtmp://live.example.org/live/{key}\n", out)

    def test_the_url_is_in_tls_where_there_is_tls(self):
        for attributes, protocols, scheme in (
                ('protocols="rtmps"', "", "rtmps://192.0.2.1:1935"),
                ("", "", "rtmps://192.0.2.1:1935"),
                ('protocols="rtmp rtmpt"', "", "rtmp://192.0.2.1"),
                ("", "rtmp", "rtmp://192.0.2.1"),
                ('protocols="rtmpe rtmpts"', "rtmps,rtmpts", "rtmpts://192.0.2.1:1935")):
            with self.subTest(attributes=attributes, protocols=protocols):
                self.put("tls.xml", FILE.replace(":1935", ":1937")
                         .replace('1:1936"', f'1:1935" tls-certificate="/dev/null" {attributes}'))
                key, out = self.add("tls.xml", "live/x", *([f"--protocols={protocols}"] if protocols else []))
                self.assertIn(f"Others:  {scheme}/live/{key}\n", out)

    def test_the_url_of_a_key_for_tls_only(self):
        key, out = self.add("some.keys", "live/x", "--protocols=rtmps", "--host=h.example")
        self.assertIn(f"Others:  rtmps://h.example:1935/live/{key}\n", out)

    def test_a_protocol_that_nothing_listens_for_is_said(self):
        status, out, err = self.call("key", "add", "right.xml", "live/x", "--protocols=rtmps")
        self.assertEqual((status, err), (0, "mediagraph key: warning: nothing that is known here listens for rtmps\n"))
        self.assertNotIn("://", out)

    def test_an_app_that_nothing_takes_is_refused(self):
        self.assert_says(["key", "add", "right.xml", "life/x"], 1,
                         err="mediagraph key: nothing in the file takes streams of the app 'life'; "
                             "it takes live, guests\n")
        self.assertEqual(os.listdir(self.folder.name), ["right.xml"])

    def test_the_keys_file_is_beside_the_pipeline_file(self):
        os.mkdir(os.path.join(self.folder.name, "conf"))
        self.put("conf/live.xml", FILE)
        key, out = self.add("conf/live.xml", "live/x")
        self.assertIn(f"mediagraph key revoke conf/studio.keys {key[:8]}\n", out)
        self.assertIn(f"id={key[:8]} ", self.text("conf/studio.keys"))
        self.assert_says(["check", "--quiet", "conf/live.xml"])

    def test_list_and_revoke(self):
        for name in ("studio.keys", "studio.db"):
            with self.subTest(name=name):
                one, _ = self.add(name, "live/one", "--until=2030-01-01", "--note=the first")
                two, _ = self.add(name, "live/two")
                self.assert_says(["key", "list", name],
                                 out=f"{one[:8]}  live/one  until=2030-01-01T00:00:00Z  note=the first\n"
                                     f"{two[:8]}  live/two\n")
                self.assert_says(["key", "revoke", name, two[:8]], out=f"{two[:8]} is revoked.\n")
                self.assert_says(["key", "revoke", name, "live/one"], out=f"{one[:8]} is revoked.\n")
                self.assert_says(["key", "list", name])
                self.assert_says(["key", "revoke", name, "live/one"], 1,
                                 err="mediagraph key: there is no key of that stream\n")

    def test_mistakes(self):
        hint = "(mediagraph key --help says more)\n"
        self.assert_says(["key"], 2, err=f"mediagraph key: say what to do: add, list or revoke {hint}")
        self.assert_says(["key", "add", "x", "live"], 2, err="mediagraph key add: 'live' is not written APP/STREAM "
                                                             "(mediagraph key add --help says more)\n")
        self.assert_says(["key", "add", "x"], 2, err="mediagraph key add: it takes FILE APP/STREAM "
                                                     "(mediagraph key add --help says more)\n")
        self.assert_says(["key", "ad", "x", "y"], 2,
                         err=f"mediagraph key: there is no 'key ad'; there are add, list and revoke {hint}")
        self.assert_says(["key", "list"], 2, err="mediagraph key list: FILE is missing "
                                                 "(mediagraph key list --help says more)\n")
        self.assert_says(["key", "list", "x", "--note=y"], 2, err="mediagraph key list: Unknown option --note=y "
                                                                  "(mediagraph key list --help says more)\n")
        self.assert_says(["key", "list", "x"], 1, err="mediagraph key: x: No such file or directory\n")
        self.put("none.xml", FILE.replace('<auth keys-file="studio.keys"/>', ""))
        self.assert_says(["key", "list", "none.xml"], 1,
                         err="mediagraph key: the file has no <auth> with a keys-file or a database\n")
        self.assertEqual(sorted(os.listdir(self.folder.name)), ["none.xml", "right.xml"])

    def test_help_shows_the_options_of_one_verb(self):
        options = {"add": ["from", "until", "addresses", "protocols", "on-duplicate", "note", "login", "host", "help"],
                   "list": ["help"], "revoke": ["help"]}
        for verb, expected in options.items():
            with self.subTest(verb=verb):
                status, out, err = self.call("key", verb, "--help")
                self.assertEqual((status, err), (0, ""))
                self.assertTrue(out.startswith(f"Usage:\n  mediagraph key {verb} [OPTION…] FILE"), out)
                self.assertEqual(re.findall(r"(?m)^  .*--([a-z-]+)", out), expected)

    def test_without_the_plugin(self):
        self.env["MEDIAGRAPH_PLUGIN_PATH"] = "/nowhere"
        status, out, err = self.call("key", "list", "x")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("no plugin that is found here keeps keys", err)


if __name__ == "__main__":
    unittest.main()
