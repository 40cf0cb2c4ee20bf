"""Every SDK header compiles alone, in C and in C++, with nothing but GLib beside it."""

import os
import pathlib
import shlex
import subprocess
import unittest

HEADERS = pathlib.Path(os.environ["MEDIAGRAPH_SOURCE"]) / "core/include"
GLIB = shlex.split(subprocess.check_output(["pkg-config", "--cflags", "glib-2.0"], text=True))
COMPILERS = {
    "c": [os.environ.get("CC", "cc"), "-x", "c", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow"],
    "c++": [os.environ.get("CXX", "c++"), "-x", "c++", "-std=c++17", "-Wall", "-Wextra", "-Wshadow"],
}


def compile_text(language, text):
    # GLib's own headers are system headers here: only ours are judged.
    glib = [flag.replace("-I", "-isystem", 1) for flag in GLIB]
    command = [*COMPILERS[language], "-Werror", "-fsyntax-only", f"-I{HEADERS}", *glib, "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


class Headers(unittest.TestCase):
    def test_each_compiles_alone(self):
        headers = sorted(HEADERS.glob("mediagraph/*.h"))
        self.assertGreater(len(headers), 10)
        for header in headers:
            for language in COMPILERS:
                with self.subTest(header=header.name, language=language):
                    done = compile_text(language, f"#include <mediagraph/{header.name}>\n" * 2)
                    self.assertEqual(done.returncode, 0, done.stderr)

    def test_mistake_would_be_seen(self):
        for language in COMPILERS:
            done = compile_text(language, "#include <mediagraph/node.h>\nMgUnheardOf *x;\n")
            self.assertNotEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
