"""What the checkers report: the rule that was broken, where, and a sentence.

The rule ids are listed in README.md beside this file. A Findings collection keeps each finding once,
in the order in which they were made, so that a fault seen in every reload of a playlist is one line.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    rule: str
    uri: str
    text: str

    def __str__(self):
        return f"{self.rule} {self.uri}: {self.text}"


class Findings:
    def __init__(self, ignore=()):
        self._ignored = frozenset(ignore)
        self._found = {}

    def add(self, rule, uri, text):
        if rule not in self._ignored:
            self._found.setdefault(Finding(rule, uri, text))

    def extend(self, other):
        for finding in other:
            self.add(finding.rule, finding.uri, finding.text)

    def rules(self):
        return {finding.rule for finding in self._found}

    def lines(self, most=8):
        """The findings as text; of each rule the first few, and a count of the rest."""
        seen = {}
        lines = []
        for finding in self._found:
            seen[finding.rule] = seen.get(finding.rule, 0) + 1
            if seen[finding.rule] <= most:
                lines.append(str(finding))
        rest = [(rule, count - most) for rule, count in seen.items() if count > most]
        return lines + [f"{rule} and {count} more findings by this rule" for rule, count in rest]

    def __iter__(self):
        return iter(list(self._found))

    def __len__(self):
        return len(self._found)
