"""What a poller saw of one manifest over time.

Equal texts in a row are one snapshot, which remembers the first and the last time it was seen. Times are
seconds since 1970 on the poller's clock.
"""

from dataclasses import dataclass, field


@dataclass
class Snapshot:
    time: float
    until: float
    parsed: object


@dataclass
class Series:
    uri: str
    snapshots: list = field(default_factory=list)

    def add(self, when, text, parse):
        """Appends a snapshot; `parse` is called only for a text that differs from the last one.

        Returns the parsed manifest if it is a new one, None if it is the last one again or no manifest.
        """
        last = self.snapshots[-1] if self.snapshots else None
        if last is not None and last.parsed.text == text:
            last.until = when
            return None
        parsed = parse(text)
        if parsed is not None:
            self.snapshots.append(Snapshot(when, when, parsed))
        return parsed

    def pairs(self):
        return zip(self.snapshots, self.snapshots[1:])

    @property
    def last(self):
        return self.snapshots[-1].parsed if self.snapshots else None
