"""tools/check-includes finds each kind of forbidden include, and nothing else."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(os.environ["MEDIAGRAPH_SOURCE"])


class House(unittest.TestCase):
    """A small tree of its own that keeps the rules; each test adds one file."""

    RIGHT = {
        "core/include/mediagraph/node.h": "#include <mediagraph/prop.h>\n#include <glib.h>\n",
        "core/include/mediagraph/prop.h": "#include <stddef.h>\n",
        "core/net/tls.c": '#include "net/tls.h"\n#include "util/ring.h"\n#include <openssl/ssl.h>\n',
        "core/net/tls.h": "#include <mediagraph/node.h>\n",
        "core/util/ring.h": "#include <glib.h>\n",
        "libs/bytes/reader.h": "#include <glib.h>\n",
        "libs/rtmp/chunk.c": '#include "chunk.h"\n#include "bytes/reader.h"\n#include <string.h>\n',
        "libs/rtmp/chunk.h": "#include <glib.h>\n",
        "plugins/dvr/node.c": '#include "parts/file.h"\n#include <mediagraph/node.h>\n#include <rtmp/chunk.h>\n'
                              "#include <unistd.h>\n",
        "plugins/dvr/parts/file.h": '#include "../node.h"\n',
        "plugins/dvr/node.h": "",
        "plugins/http/node.h": "#include <nghttp2/nghttp2.h>\n",
        "cli/main.c": '#include "command.h"\n#include "net/tls.h"\n#include <mediagraph/node.h>\n',
        "cli/command.h": "",
    }

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        for path, text in self.RIGHT.items():
            self.put(path, text)

    def tearDown(self):
        self.folder.cleanup()

    def put(self, path, text):
        file = pathlib.Path(self.folder.name) / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def check(self):
        done = subprocess.run([sys.executable, ROOT / "tools/check-includes", self.folder.name],
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    def assert_found(self, path, text, complaint):
        self.put(path, text)
        self.assertEqual(self.check(), (1, complaint + "\n"))

    def test_right_house_passes(self):
        self.assertEqual(self.check(), (0, ""))

    def test_plugin_sees_no_plugin(self):
        self.assert_found("plugins/dvr/x.c", '\n#include "http/node.h"\n',
                          'plugins/dvr/x.c:2: plugins/dvr must not include "http/node.h" of plugins/http')

    def test_plugin_does_not_climb_to_another(self):
        self.assert_found("plugins/dvr/x.c", '#include "../http/node.h"\n',
                          'plugins/dvr/x.c:1: "../http/node.h" leads out of plugins/dvr')

    def test_plugin_sees_no_private_header(self):
        self.assert_found("plugins/dvr/x.c", '#include "net/tls.h"\n',
                          'plugins/dvr/x.c:1: plugins/dvr must not include "net/tls.h" of core/net')
        self.assert_found("plugins/dvr/x.c", "#  include <util/ring.h>\n",
                          'plugins/dvr/x.c:1: plugins/dvr must not include "util/ring.h" of core/util')

    def test_library_sees_no_core(self):
        self.assert_found("libs/rtmp/x.c", "#include <mediagraph/node.h>\n",
                          'libs/rtmp/x.c:1: libs/rtmp must not include "mediagraph/node.h" of sdk')

    def test_library_knows_no_system(self):
        self.assert_found("libs/rtmp/x.c", "#include <sys/socket.h>\n",
                          "libs/rtmp/x.c:1: <sys/socket.h>: a library knows bytes, and no system")

    def test_libraries_make_no_circle(self):
        self.put("libs/bytes/x.c", '#include "rtmp/chunk.h"\n')
        status, text = self.check()
        self.assertEqual(status, 1)
        self.assertEqual(text, "libs/bytes/x.c:1: libs/bytes and libs/rtmp include each other, directly or through "
                               "others\nlibs/rtmp/chunk.c:2: libs/rtmp and libs/bytes include each other, directly or "
                               "through others\n")

    def test_core_sees_no_library(self):
        self.assert_found("core/net/x.c", '#include "bytes/reader.h"\n',
                          'core/net/x.c:1: core/net must not include "bytes/reader.h" of libs/bytes')

    def test_rooms_of_core_see_those_beneath(self):
        self.put("core/window/x.h", "")
        self.put("core/graph/x.h", "")
        self.put("core/pipeline/x.c", '#include "window/x.h"\n#include "graph/x.h"\n#include "net/tls.h"\n')
        self.assertEqual(self.check(), (0, ""))
        self.assert_found("core/util/x.c", '#include "net/tls.h"\n',
                          'core/util/x.c:1: core/util must not include "net/tls.h" of core/net')

    def test_rooms_of_one_storey_see_not_each_other(self):
        self.assert_found("core/metrics/x.c", '#include "net/tls.h"\n',
                          'core/metrics/x.c:1: core/metrics must not include "net/tls.h" of core/net')

    def test_a_room_without_a_place_is_found(self):
        self.assert_found("core/cellar/x.c", '#include "util/ring.h"\n',
                          'core/cellar/x.c:1: core/cellar must not include "util/ring.h" of core/util')

    def test_core_sees_no_plugin(self):
        self.assert_found("core/net/x.c", '#include "dvr/node.h"\n',
                          'core/net/x.c:1: core/net must not include "dvr/node.h" of plugins/dvr')

    def test_sdk_sees_nothing_private(self):
        self.assert_found("core/include/mediagraph/x.h", '#include "util/ring.h"\n',
                          'core/include/mediagraph/x.h:1: sdk must not include "util/ring.h" of core/util')

    def test_command_sees_no_library(self):
        self.assert_found("cli/x.c", '#include "bytes/reader.h"\n',
                          'cli/x.c:1: cli must not include "bytes/reader.h" of libs/bytes')

    def test_outside_libraries_have_one_home(self):
        self.assert_found("plugins/dvr/x.c", "#include <openssl/sha.h>\n",
                          "plugins/dvr/x.c:1: <openssl/sha.h> is for core/net only")
        self.put("plugins/dvr/x.c", "")
        self.assert_found("core/net/x.c", "#include <libxml/parser.h>\n",
                          "core/net/x.c:1: <libxml/parser.h> is for core/pipeline only")


if __name__ == "__main__":
    unittest.main()
