"""ISO BMFF boxes (ISO/IEC 14496-12): a bounded reader of big-endian fields, and boxes within boxes."""

from dataclasses import dataclass


class BoxFault(ValueError):
    """Bytes that are no boxes, or a box too short for its fields."""


class Fields:
    """Reads the fields of a box in order; reading past the end is a BoxFault."""

    def __init__(self, data):
        self._data = data
        self._at = 0

    def left(self):
        return len(self._data) - self._at

    def take(self, count):
        if count > self.left():
            raise BoxFault(f"{count} bytes wanted, {self.left()} left")
        piece = bytes(self._data[self._at:self._at + count])
        self._at += count
        return piece

    def unsigned(self, size):
        return int.from_bytes(self.take(size), "big")

    def signed(self, size):
        return int.from_bytes(self.take(size), "big", signed=True)

    def full_box(self):
        """The version and flags of a full box."""
        return self.unsigned(1), self.unsigned(3)

    def rest(self):
        return self.take(self.left())


@dataclass
class Box:
    kind: str
    start: int  # of the header, in the file
    header: int
    size: int
    body: memoryview

    def fields(self):
        return Fields(self.body)

    def children(self, skip=0):
        """The boxes in this box, behind `skip` bytes of its own fields."""
        return split(self.body[skip:], self.start + self.header + skip)

    def child(self, kind, skip=0):
        return find(self.children(skip), kind)


def split(data, offset=0):
    """The boxes that fill these bytes exactly. `offset` is where the bytes lie in the file."""
    view = memoryview(data)
    boxes = []
    at = 0
    while at < len(view):
        box = _read_box(view[at:], offset + at)
        boxes.append(box)
        at += box.size
    return boxes


def _read_box(view, offset):
    fields = Fields(view)
    size = fields.unsigned(4)
    kind = fields.take(4).decode("latin-1")
    header = 8
    if size == 1:
        size = fields.unsigned(8)
        header = 16
    if size < header or size > len(view):
        raise BoxFault(f"box '{kind}' at {offset} claims {size} bytes of {len(view)}")
    return Box(kind, offset, header, size, view[header:size])


def find(boxes, kind):
    return next((box for box in boxes if box.kind == kind), None)


def need(boxes, kind):
    box = find(boxes, kind)
    if box is None:
        raise BoxFault(f"there is no box '{kind}'")
    return box
