"""The checker of transport streams: each rule finds the fault that was put into a valid one."""

import unittest

import make_ts
import ts
from findings import Findings


def rules_of(data, **options):
    findings = Findings()
    ts.check(bytes(data), "a.ts", findings, **({"is_segment": True} | options))
    return findings.rules()


class TestStream(unittest.TestCase):
    def setUp(self):
        self.data = make_ts.segment()

    def packet_at(self, n):
        return n * ts.PACKET

    def test_valid(self):
        findings = Findings()
        stream = ts.check(bytes(self.data), "a.ts", findings, is_segment=True, most_tables=0.1)
        self.assertEqual(findings.lines(), [])
        self.assertEqual([pes.dts for pes in stream.pes if pes.pid == make_ts.VIDEO], [90000, 93600, 97200])
        self.assertEqual(stream.types, {make_ts.VIDEO: 0x1B, make_ts.SOUND: 0x0F})

    def test_crc_is_the_standard_one(self):
        self.assertEqual(ts.crc32(b"123456789"), 0x0376E6E7)

    def test_sync(self):
        self.data[self.packet_at(3)] = 0x46
        self.assertEqual(rules_of(self.data), {"T1"})

    def test_half_a_packet(self):
        self.assertIn("T1", rules_of(self.data + b"\x47"))

    def test_counter(self):
        del self.data[self.packet_at(3) : self.packet_at(4)]
        self.assertIn("T2", rules_of(self.data))

    def test_counter_between_segments(self):
        counters = {}
        self.assertEqual(rules_of(self.data, counters=counters), set())
        self.assertEqual(rules_of(self.data, counters=counters), {"T2"})

    def test_table_crc(self):
        self.data[self.packet_at(1) + 18] ^= 1
        self.assertIn("T3", rules_of(self.data))

    def test_no_tables(self):
        self.assertIn("T3", rules_of(self.data[self.packet_at(2) :], is_segment=False))

    def test_tables_are_rare(self):
        maker = make_ts.Maker()
        for i in range(2):
            maker.tables()
            maker.unit(make_ts.VIDEO, make_ts.pes(0xE0, 90000 * (i + 1), b"x"), 27_000_000 * i)
            maker.unit(make_ts.VIDEO, make_ts.pes(0xE0, 90000 * (i + 1), b"x"), 27_000_000 * i + 27_000)
        maker.tables()
        self.assertIn("T3", rules_of(maker.out, is_segment=False, most_clock=2, most_tables=0.5))

    def test_clock_is_rare(self):
        self.assertEqual(rules_of(make_ts.segment(step=18000)), {"T4"})

    def test_clock_goes_back(self):
        self.assertIn("T4", rules_of(make_ts.segment(step=-1800)))

    def test_clock_and_bit_rate(self):
        self.assertEqual(rules_of(self.data, bitrate=10_000_000), {"T4"})

    def test_length(self):
        at = self.data.index(b"\0\0\1\xc0")
        self.data[at + 5] += 1
        self.assertEqual(rules_of(self.data), {"T5"})

    def test_late(self):
        maker = make_ts.Maker()
        maker.tables()
        maker.unit(make_ts.SOUND, make_ts.pes(0xC0, 90000, b"x"))
        maker.unit(make_ts.VIDEO, make_ts.pes(0xE0, 180000, b"x"), 27_000_000 + 300)
        maker.unit(make_ts.SOUND, make_ts.pes(0xC0, 90000, b"x"))
        self.assertEqual(rules_of(maker.out, is_segment=False), {"T5"})

    def test_segment_without_tables(self):
        self.assertIn("T6", rules_of(self.data[self.packet_at(2) :]))

    def test_segment_without_parameter_sets(self):
        self.assertEqual(rules_of(make_ts.segment(units=b"\0\0\0\1\x09\xf0\0\0\0\1\x65")), {"T6"})


if __name__ == "__main__":
    unittest.main()
