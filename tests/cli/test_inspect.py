"""inspect: the list, the page, and JSON."""

import json
import pathlib
import unittest

from command import CommandTest

LIST = """\
fake-cut     filter    cuts nothing
fake-listen  listener  accepts nobody
fake-serve   sink      serves nothing
fake-web     service   serves nobody
"""

PAGE = """\
fake-cut: cuts nothing

  role    filter
  takes   video and audio, as packets of H.264 and AAC
  gives   video and audio, as chunks of H.264 and AAC
  runs    on the pool of workers, one call at a time
  plugin  fake-listen 2.1, MIT

Attributes
  segment  (time, 500ms to 60s, default 4s)
      duration of a segment
  window  (integer, at least 1, default 5)
      how many segments are kept
  mode  (word, default good)
      how it is done
        fast          as quick as can be
        good          as well as can be

Child elements
  <video>  (0 to 8)
    one picture size
    id  (name)
        name of the output
    height  (integer, 144 to 4320, required)
        lines of the picture

Attributes of the engine
"""


class Inspect(CommandTest):
    def test_list(self):
        self.assert_says(["inspect"], 0, LIST)

    def test_plugin_that_cannot_be_loaded_is_in_the_list(self):
        (pathlib.Path(self.folder.name) / "a.so").write_bytes(b"nonsense")
        self.env["MEDIAGRAPH_PLUGIN_PATH"] += f":{self.folder.name}"
        status, out, _ = self.call("inspect")
        self.assertEqual(status, 0)
        self.assertRegex(out.splitlines()[0], r"^a +\(a cannot be loaded: .*a\.so: ")
        self.assertEqual(out.splitlines()[1:], LIST.splitlines())

    def test_nothing_there(self):
        self.env["MEDIAGRAPH_PLUGIN_PATH"] = ""
        status, out, err = self.call("inspect")
        if out:
            self.skipTest("plugins are installed on this machine")
        self.assertEqual(status, 1)
        self.assertRegex(err, "^There is no plugin in /.* or in the folders of MEDIAGRAPH_PLUGIN_PATH.\n$")

    def test_page(self):
        status, out, err = self.call("inspect", "fake-cut")
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(out[:len(PAGE)], PAGE)
        for attribute in ("id", "from", "on-error", "queue", "queue-bytes"):
            self.assertRegex(out[len(PAGE):], rf"(?m)^  {attribute}  \(")

    def test_engine_attributes_fit_the_role(self):
        for name, attributes in {"fake-web": ["id"], "fake-listen": ["id", "as"]}.items():
            _, out, _ = self.call("inspect", name, "--json")
            self.assertEqual([a["name"] for a in json.loads(out)["engine-attributes"]], attributes)

    def test_service_and_needs(self):
        self.assertIn("  needs   <fake-web> at the top of the file\n", self.call("inspect", "fake-serve")[1])
        self.assertNotIn("takes", self.call("inspect", "fake-web")[1].split("Attributes of")[0])

    def test_secret_default_is_not_shown(self):
        for arguments in (["inspect", "fake-listen"], ["inspect", "fake-listen", "--json"], ["schema"]):
            self.assertNotIn("hidden", self.call(*arguments)[1])

    def test_unknown(self):
        self.assert_says(["inspect", "fake-cuts"], 1,
                         err="mediagraph inspect: unknown element 'fake-cuts'; did you mean 'fake-cut'? "
                             "(mediagraph inspect lists all)\n")
        self.assert_says(["inspect", "nonode"], 1,
                         err="mediagraph inspect: unknown element 'nonode' (mediagraph inspect lists all)\n")
        self.assert_says(["inspect", "pipelin"], 1,
                         err="mediagraph inspect: unknown element 'pipelin'; did you mean 'pipeline'? "
                             "(mediagraph inspect lists all)\n")

    def test_elements_of_the_file_itself(self):
        status, out, err = self.call("inspect", "pipeline")
        self.assertEqual((status, err), (0, ""))
        self.assertTrue(out.startswith("pipeline: nodes in the order that media flows\n\nAttributes\n  name  ("), out)
        self.assertIn("  linger  (time, 0s to 24h, default 10s)\n"
                      "      how long a session waits for its publisher to come back\n", out)
        for name, attributes in {"mediagraph": ["state-dir"], "include": ["file"], "defaults": [],
                                 "pipeline": ["name", "linger", "on-duplicate", "max-sessions"]}.items():
            told = json.loads(self.call("inspect", "--json", name)[1])
            self.assertEqual((told["name"], [a["name"] for a in told["attributes"]]), (name, attributes))

    def test_json(self):
        status, out, _ = self.call("inspect", "--json")
        types = {node["name"]: node for node in json.loads(out)}
        self.assertEqual(status, 0)
        self.assertEqual(list(types), ["fake-cut", "fake-listen", "fake-serve", "fake-web"])
        cut = types["fake-cut"]
        self.assertEqual(cut["takes"], {"media": ["video", "audio"], "forms": ["packet"], "codecs": ["avc1", "mp4a"]})
        self.assertEqual(cut["attributes"][0],
                         {"name": "segment", "type": "time", "default": "4s", "lowest": "500ms", "highest": "60s",
                          "required": False, "secret": False, "variables": False, "help": "duration of a segment"})
        self.assertEqual(cut["children"][0]["attributes"][1]["required"], True)
        self.assertEqual(types["fake-serve"]["needs"], ["fake-web"])
        self.assertEqual(types["fake-listen"]["plugin"],
                         {"name": "fake-listen", "version": "2.1", "licence": "MIT"})


if __name__ == "__main__":
    unittest.main()
