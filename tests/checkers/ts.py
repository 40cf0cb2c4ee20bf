"""MPEG transport streams: packets, counters, tables, clock and stamps (ISO/IEC 13818-1).

Stream(data) takes one apart; check(data, …) judges it. Rules:

  T1  a sync byte every 188 bytes, and a whole number of packets
  T2  counters go up by one with each payload of a PID, and only then
  T3  tables have a right CRC, and come before what they describe, and often
  T4  the clock never goes back, comes often, and is true to the bit rate where that is constant
  T5  PES packets are as long as they say; units arrive before they are decoded
  T6  a segment begins with tables, clock, and a key frame that has its delimiter and parameter sets
"""

from dataclasses import dataclass, field

PACKET = 188
CLOCK = 27_000_000
STAMPS = 1 << 33


@dataclass
class Pes:
    pid: int
    at: int  # index of the first packet
    clock: int  # the last PCR before or in it, or None
    is_random_access: bool
    data: bytearray = field(default_factory=bytearray)

    def stamp(self, at):
        b = self.data[at : at + 5]
        return (b[0] >> 1 & 7) << 30 | b[1] << 22 | (b[2] >> 1) << 15 | b[3] << 7 | b[4] >> 1

    @property
    def pts(self):
        return self.stamp(9) if self.data[7] & 0x80 else None

    @property
    def dts(self):
        return self.stamp(14) if self.data[7] & 0xC0 == 0xC0 else self.pts

    @property
    def payload(self):
        return bytes(self.data[9 + self.data[8] :])

    @property
    def announced(self):
        return int.from_bytes(self.data[4:6], "big")


@dataclass
class Packet:
    index: int
    pid: int
    is_start: bool
    counter: int
    has_payload: bool
    payload: bytes
    pcr: int = None
    is_discontinuous: bool = False
    is_random_access: bool = False


def parse_packet(index, raw):
    control = raw[3] >> 4 & 3
    packet = Packet(
        index,
        pid=(raw[1] & 31) << 8 | raw[2],
        is_start=bool(raw[1] & 0x40),
        counter=raw[3] & 15,
        has_payload=bool(control & 1),
        payload=b"",
    )
    at = 4
    if control & 2:
        length = raw[4]
        at = 5 + length
        if length > 0:
            flags = raw[5]
            packet.is_discontinuous = bool(flags & 0x80)
            packet.is_random_access = bool(flags & 0x40)
            if flags & 0x10:
                base = int.from_bytes(raw[6:10], "big") << 1 | raw[10] >> 7
                packet.pcr = base * 300 + ((raw[10] & 1) << 8 | raw[11])
    if packet.has_payload:
        packet.payload = raw[at:]
    return packet


def crc32(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc


def section_of(packet):
    body = packet.payload[1 + packet.payload[0] :]
    return body[: 3 + (int.from_bytes(body[1:3], "big") & 0xFFF)]


class Stream:
    """All packets, the tables as they were last, and the PES packets of each PID."""

    def __init__(self, data):
        self.packets = [parse_packet(i // PACKET, data[i : i + PACKET]) for i in range(0, len(data) - PACKET + 1, PACKET)]
        self.map_pid = None
        self.clock_pid = None
        self.types = {}  # PID -> stream_type
        self.versions = []
        self.tables = []  # (index, 'PAT' or 'PMT', section)
        self.pes = []
        self._open = {}
        clock = None
        for packet in self.packets:
            if packet.pcr is not None and (self.clock_pid in (None, packet.pid)):
                clock = packet.pcr
            if packet.has_payload:
                self._take(packet, clock)

    def _take(self, packet, clock):
        if packet.pid == 0 and packet.is_start:
            section = section_of(packet)
            self.tables.append((packet.index, "PAT", section))
            self.map_pid = int.from_bytes(section[10:12], "big") & 0x1FFF
        elif packet.pid == self.map_pid and packet.is_start:
            section = section_of(packet)
            self.tables.append((packet.index, "PMT", section))
            self._take_map(section)
        elif packet.pid in self.types:
            self._take_pes(packet, clock)

    def _take_map(self, section):
        self.versions.append(section[5] >> 1 & 31)
        self.clock_pid = int.from_bytes(section[8:10], "big") & 0x1FFF
        at = 12 + (int.from_bytes(section[10:12], "big") & 0xFFF)
        self.types = {}
        while at < len(section) - 4:
            pid = int.from_bytes(section[at + 1 : at + 3], "big") & 0x1FFF
            self.types[pid] = section[at]
            at += 5 + (int.from_bytes(section[at + 3 : at + 5], "big") & 0xFFF)

    def _take_pes(self, packet, clock):
        if packet.is_start:
            pes = Pes(packet.pid, packet.index, clock, packet.is_random_access)
            self._open[packet.pid] = pes
            if self.types[packet.pid] != 0x86:  # sections
                self.pes.append(pes)
        if packet.pid in self._open:
            self._open[packet.pid].data += packet.payload


def check_packets(data, uri, findings):
    if len(data) % PACKET:
        findings.add("T1", uri, f"{len(data)} bytes are no whole number of packets")
    for at in range(0, len(data), PACKET):
        if data[at] != 0x47:
            findings.add("T1", uri, f"no sync byte at {at}")
            return False
    return True


def check_counters(stream, uri, findings, last):
    """LAST holds the counters of what came before, and then those of the end."""
    for packet in stream.packets:
        if packet.pid == 0x1FFF:
            continue
        if packet.pid in last:
            expected = (last[packet.pid] + packet.has_payload) & 15
            if packet.counter != expected:
                findings.add("T2", uri, f"packet {packet.index}, PID {packet.pid}: counter {packet.counter} instead of {expected}")
        last[packet.pid] = packet.counter


def check_tables(stream, uri, findings, most_between):
    for index, name, section in stream.tables:
        if crc32(section):
            findings.add("T3", uri, f"{name} in packet {index}: wrong CRC")
    if not stream.tables or stream.tables[0][1] != "PAT" or "PMT" not in [t[1] for t in stream.tables]:
        findings.add("T3", uri, "no PAT and PMT")
        return
    clock, last = None, {}
    for packet in stream.packets:
        if packet.pcr is not None:
            clock = packet.pcr
        name = {0: "PAT", stream.map_pid: "PMT"}.get(packet.pid)
        if name is None or clock is None:
            continue
        if most_between and name in last and clock - last[name] > most_between * CLOCK:
            findings.add("T3", uri, f"{(clock - last[name]) / CLOCK:.3f} s between two {name}")
        last[name] = clock


def check_clock(stream, uri, findings, most_between, bitrate):
    last = None
    for packet in stream.packets:
        if packet.pcr is None:
            continue
        if packet.pid != stream.clock_pid:
            findings.add("T4", uri, f"packet {packet.index}: a clock on PID {packet.pid}")
        if last is not None and not packet.is_discontinuous:
            step = packet.pcr - last.pcr
            if step < 0:
                step += STAMPS * 300
            if step > STAMPS * 150:
                findings.add("T4", uri, f"packet {packet.index}: the clock goes back")
            elif step > most_between * CLOCK:
                findings.add("T4", uri, f"packet {packet.index}: {step / CLOCK * 1000:.1f} ms between two clocks")
            if bitrate:
                expected = (packet.index - last.index) * PACKET * 8 * CLOCK / bitrate
                if abs(step - expected) > 2:
                    findings.add("T4", uri, f"packet {packet.index}: the clock is {step - expected:.0f} ticks off the bit rate")
        last = packet
    if last is None:
        findings.add("T4", uri, "no clock")


def check_pes(stream, uri, findings):
    for pes in stream.pes:
        where = f"PID {pes.pid}, packet {pes.at}"
        if bytes(pes.data[:3]) != b"\0\0\1":
            findings.add("T5", uri, f"{where}: no start code")
            continue
        if pes.announced and pes.announced != len(pes.data) - 6:
            findings.add("T5", uri, f"{where}: {len(pes.data) - 6} bytes, not the {pes.announced} announced")
        if pes.dts is not None and pes.clock is not None:
            ahead = (pes.dts - pes.clock // 300) % STAMPS
            if ahead > STAMPS // 2:
                findings.add("T5", uri, f"{where}: arrives after it is decoded")


def nal_types(payload, is_hevc):
    types = []
    for unit in payload.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")[1:]:
        types.append(unit[0] >> 1 & 63 if is_hevc else unit[0] & 31)
    return types


def check_segment(stream, uri, findings):
    first = stream.packets[:3]
    if [p.pid for p in first[:2]] != [0, stream.map_pid]:
        findings.add("T6", uri, "does not begin with PAT and PMT")
    if len(first) < 3 or first[2].pcr is None:
        findings.add("T6", uri, "no clock behind the tables")
    for pes in stream.pes:
        stream_type = stream.types.get(pes.pid)
        if stream_type not in (0x1B, 0x24):
            continue
        types = nal_types(pes.payload, stream_type == 0x24)
        wanted = {0x1B: [9, 7, 8], 0x24: [35, 32, 33, 34]}[stream_type]
        if types[: len(wanted)] != wanted or not pes.is_random_access:
            findings.add("T6", uri, f"the first picture begins with units {types[:5]}")
        break


def check(data, uri, findings, *, most_clock=0.1, most_tables=None, bitrate=None, is_segment=False, counters=None):
    """Judges a stream, or with IS_SEGMENT one of those that follow each other with the same COUNTERS (a dict)."""
    if not check_packets(data, uri, findings):
        return None
    stream = Stream(data)
    check_counters(stream, uri, findings, counters if counters is not None else {})
    check_tables(stream, uri, findings, most_tables)
    check_clock(stream, uri, findings, most_clock, bitrate)
    check_pes(stream, uri, findings)
    if is_segment:
        check_segment(stream, uri, findings)
    return stream
