"""A plugin exports mg_plugin and nothing else; the engine exports names that begin with mg_."""

import os
import pathlib
import subprocess
import unittest

BUILD = pathlib.Path(os.environ["MEDIAGRAPH_BUILD"])
# What the linker and sanitizers add by themselves.
LINKER = {"_init", "_fini", "_edata", "_end", "__bss_start"}


def exported(path):
    text = subprocess.check_output(["nm", "--dynamic", "--defined-only", "--format=posix", path], text=True)
    names = {line.split()[0].split("@")[0] for line in text.splitlines()}
    return {name for name in names if name not in LINKER and not name.startswith(("__asan", "__odr_asan", "__ubsan"))}


class Symbols(unittest.TestCase):
    def test_plugins_export_one_symbol(self):
        plugins = sorted((BUILD / "plugins").glob("*.so"))
        self.assertGreater(len(plugins), 0)
        for plugin in plugins:
            with self.subTest(plugin=plugin.name):
                self.assertEqual(exported(plugin), {"mg_plugin"})

    def test_engine_exports_its_own_names(self):
        for library in ("core/libmediagraph.so", "core/harness/libmediagraph-harness.so"):
            with self.subTest(library=library):
                names = exported(BUILD / library)
                self.assertIn("mg_push", names)
                self.assertEqual({name for name in names if not name.startswith("mg_")}, set())


if __name__ == "__main__":
    unittest.main()
