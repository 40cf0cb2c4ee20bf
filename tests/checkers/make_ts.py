"""A valid transport stream for the tests: a segment of three pictures and two frames of sound."""

import ts

VIDEO, SOUND, MAP = 0x100, 0x101, 0x1000


def section(table, extension, body):
    head = bytes([table]) + (0xB000 | len(body) + 9).to_bytes(2, "big")
    data = head + extension.to_bytes(2, "big") + b"\xc1\0\0" + body
    return data + ts.crc32(data).to_bytes(4, "big")


def clock_field(pcr, flags=0x10):
    base = pcr // 300
    return bytes([flags]) + (base >> 1).to_bytes(4, "big") + bytes([(base & 1) << 7 | 0x7E | pcr % 300 >> 8, pcr % 300 & 255])


def stamp(prefix, value):
    return bytes([prefix << 4 | value >> 29 & 14 | 1]) + ((value >> 14 & 0xFFFE) | 1).to_bytes(2, "big") + ((value << 1 & 0xFFFE) | 1).to_bytes(2, "big")


def pes(stream_id, dts, payload):
    head = b"\0\0\1" + bytes([stream_id]) + (len(payload) + 8).to_bytes(2, "big") + b"\x84\x80\x05" + stamp(2, dts)
    return head + payload


class Maker:
    def __init__(self):
        self.out = bytearray()
        self.counters = {}

    def packet(self, pid, payload, *, is_start=False, field=None):
        counter = self.counters.get(pid, 0)
        self.counters[pid] = (counter + 1) & 15
        room = 184
        adaptation = b""
        if field is not None or len(payload) < room:
            body = field or b""
            fill = room - len(payload) - 1 - len(body)
            if fill > 0 and not body:
                body, fill = b"\0", fill - 1
            adaptation = bytes([len(body) + fill]) + body + b"\xff" * fill
        control = (0x30 if adaptation else 0x10) | counter
        head = bytes([0x47, (0x40 if is_start else 0) | pid >> 8, pid & 255, control])
        self.out += head + adaptation + payload

    def tables(self):
        pat = section(0, 1, b"\0\1" + (0xE000 | MAP).to_bytes(2, "big"))
        streams = b"\x1b" + (0xE000 | VIDEO).to_bytes(2, "big") + b"\xf0\0" + b"\x0f" + (0xE000 | SOUND).to_bytes(2, "big") + b"\xf0\0"
        pmt = section(2, 1, (0xE000 | VIDEO).to_bytes(2, "big") + b"\xf0\0" + streams)
        for pid, table in ((0, pat), (MAP, pmt)):
            self.packet(pid, (b"\0" + table).ljust(184, b"\xff"), is_start=True)

    def unit(self, pid, data, pcr=None, flags=0x10):
        field = clock_field(pcr, flags) if pcr is not None else None
        is_start = True
        while data:
            room = 184 - (8 if field else 0)
            self.packet(pid, data[:room], is_start=is_start, field=field)
            data, field, is_start = data[room:], None, False


def segment(*, step=3600, units=b"\0\0\0\1\x09\xf0\0\0\0\1\x67\x42\0\0\0\1\x68\xce\0\0\0\1\x65"):
    """Pictures STEP apart, the first made of UNITS."""
    maker = Maker()
    maker.tables()
    for i in range(3):
        dts = 90000 + i * step
        picture = (units if i == 0 else b"\0\0\0\1\x09\xf0\0\0\0\1\x41") + b"\x88" * 300
        maker.unit(VIDEO, pes(0xE0, dts, picture), (dts - 9000) * 300, 0x50 if i == 0 else 0x10)
        if i < 2:
            maker.unit(SOUND, pes(0xC0, dts, b"\xff\xf1" + b"\x21" * 90))
    return maker.out
