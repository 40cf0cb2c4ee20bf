"""What all commands share: help, version, mistakes on the command line."""

import pathlib
import unittest

from command import CommandTest

COMMANDS = ["run", "check", "inspect", "graph", "schema", "key", "new-plugin"]


class Command(CommandTest):
    def test_version(self):
        status, out, err = self.call("--version")
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, r"^mediagraph \d+\.\d+\.\d+\n$")

    def test_help_names_all_commands(self):
        status, out, err = self.call("--help")
        self.assertEqual((status, err), (0, ""))
        self.assertTrue(out.startswith("Usage: mediagraph COMMAND [ARGUMENT…]\n"))
        for command in COMMANDS:
            self.assertRegex(out, rf"(?m)^  {command} +\w")

    def test_nothing_is_a_mistake(self):
        status, out, err = self.call()
        self.assertEqual((status, out), (2, ""))
        self.assertTrue(err.startswith("Usage: mediagraph COMMAND"))

    def test_each_command_has_help(self):
        for command in COMMANDS:
            with self.subTest(command=command):
                status, out, err = self.call(command, "--help")
                self.assertEqual((status, err), (0, ""))
                self.assertTrue(out.startswith(f"Usage:\n  mediagraph {command} [OPTION…]"), out)

    def test_unknown_command(self):
        self.assert_says(["chek"], 2, err="mediagraph: there is no command 'chek'; did you mean 'check'? "
                                          "(mediagraph --help says more)\n")

    def test_unknown_option(self):
        self.assert_says(["check", "--fast", "x"], 2,
                         err="mediagraph check: Unknown option --fast (mediagraph check --help says more)\n")

    def test_number_of_arguments(self):
        self.assert_says(["check"], 2, err="mediagraph check: FILE… is missing (mediagraph check --help says more)\n")
        self.assert_says(["run"], 2, err="mediagraph run: FILE is missing (mediagraph run --help says more)\n")
        self.assert_says(["graph", "a", "b"], 2, err="mediagraph graph: there are too many arguments "
                                                     "(mediagraph graph --help says more)\n")
        self.assert_says(["schema", "x"], 2, err="mediagraph schema: it takes no arguments "
                                                 "(mediagraph schema --help says more)\n")

    def test_new_plugin_has_a_name_of_its_own(self):
        self.assert_says(["new-plugin", "fake-listen"], 1,
                         err="mediagraph new-plugin: there is a node type 'fake-listen' already (mediagraph inspect "
                             "fake-listen shows it); choose another name\n")
        self.assertFalse((pathlib.Path(self.folder.name) / "fake-listen").exists())

    def test_new_plugin_says_what_a_name_is(self):
        for name in ("My-Node", "9lives", "my_node", "a.b", "-"):
            self.assert_says(["new-plugin", name], 2,
                             err=f"mediagraph new-plugin: '{name}' cannot be a node type: names begin with a lower-case "
                                 "letter, and have lower-case letters, digits and '-' (mediagraph new-plugin --help "
                                 "says more)\n")
        self.assert_says(["new-plugin", "pipeline"], 2,
                         err="mediagraph new-plugin: <pipeline> is an element of the pipeline file itself; choose "
                             "another name (mediagraph new-plugin --help says more)\n")

    def test_new_plugin_leaves_a_folder_alone(self):
        status, _, err = self.call("new-plugin", "my-node")
        self.assertEqual((status, err), (0, ""))
        self.assert_says(["new-plugin", "my-node"], 1, err="mediagraph new-plugin: the folder my-node cannot be made: "
                                                           "File exists\n")

    def test_two_dashes_end_options(self):
        self.assert_says(["check", "--", "--quiet"], 1,
                         err="--quiet: error: it cannot be read: No such file or directory\n")


if __name__ == "__main__":
    unittest.main()
