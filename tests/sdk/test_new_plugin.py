"""Installs mediagraph into a folder, writes a new plugin, builds it against what was installed, runs it."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

BUILD = os.environ["MEDIAGRAPH_BUILD"]
PREFIX = os.environ["MEDIAGRAPH_PREFIX"]
LIBDIR = os.environ["MEDIAGRAPH_LIBDIR"]


class NewPlugin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="mediagraph-test-")
        cls.work = pathlib.Path(cls.folder.name)
        cls.root = cls.work / "root"
        libdir = cls.root / PREFIX.lstrip("/") / LIBDIR
        cls.command = cls.root / PREFIX.lstrip("/") / "bin/mediagraph"
        cls.plugins = libdir / "mediagraph-1"
        cls.env = {key: value for key, value in os.environ.items() if not key.startswith(("MESON", "NINJA", "DESTDIR"))}
        cls.env.update(LD_LIBRARY_PATH=str(libdir), PKG_CONFIG_PATH=str(libdir / "pkgconfig"),
                       MEDIAGRAPH_PLUGIN_PATH=f"{cls.plugins}:{cls.work / 'my-node/build'}")
        cls.env.pop("MEDIAGRAPH", None)
        cls.run_in(".", "meson", "install", "-C", BUILD, "--destdir", cls.root, "--no-rebuild", "--quiet")
        for package in (libdir / "pkgconfig").glob("mediagraph*.pc"):  # it lies below a folder of ours
            package.write_text(package.read_text().replace(f"prefix={PREFIX}\n", f"prefix={cls.root}{PREFIX}\n"))
        cls.run_in(".", cls.command, "new-plugin", "my-node")
        cls.run_in("my-node", "meson", "setup", "build", "-Dwerror=true")
        cls.run_in("my-node", "ninja", "-C", "build")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def run_in(cls, folder, *command, status=0):
        done = subprocess.run(command, cwd=cls.work / folder, env=cls.env, capture_output=True, text=True, check=False,
                              timeout=300)
        if done.returncode != status:
            raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def test_plugin_is_found_and_described(self):
        page = self.run_in(".", self.command, "inspect", "my-node")
        self.assertTrue(page.startswith("my-node: passes everything on and counts it\n"), page)
        self.assertIn("  plugin  my-node 0.1, LGPL-2.1-or-later\n", page)
        self.assertIn("  drop-every  (integer, 0 to 1000, default 0)\n", page)

    def test_its_pipeline_is_right(self):
        # The others it uses are here only if this build has them.
        if not (self.plugins / "ingest-rtmp.so").exists():
            self.skipTest("this build has no ingest-rtmp")
        said = self.run_in("my-node", self.command, "check", "pipeline.xml")
        self.assertEqual(said, "pipeline.xml: ok: 1 pipeline, 4 nodes, 0 services\n")

    def test_its_own_test_passes(self):
        self.run_in("my-node", "meson", "test", "-C", "build")

    def test_it_exports_one_symbol(self):
        text = self.run_in("my-node", "nm", "-D", "--defined-only", "build/my-node.so")
        self.assertEqual([line.split()[-1] for line in text.splitlines()], ["mg_plugin"])

    def test_folder_that_exists_is_left_alone(self):
        before = (self.work / "my-node/node.c").read_text()
        self.run_in(".", self.command, "new-plugin", "my-node", status=1)
        self.assertEqual((self.work / "my-node/node.c").read_text(), before)


if __name__ == "__main__":
    if shutil.which("meson") is None:
        raise SystemExit("meson is not in PATH")
    unittest.main()
