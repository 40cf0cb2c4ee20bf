"""What the muxer writes: judged by the checker, and decoded by FFmpeg beside what went in."""

import pathlib
import tempfile
import unittest

from tools import SAMPLES, decoded, mux, probed

import ts
from findings import Findings


class TestMux(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "a.ts"

    def judge(self, data, **rules):
        findings = Findings()
        stream = ts.check(data, "a.ts", findings, **rules)
        self.assertFalse(findings, findings.lines())
        return stream

    def test_decodes_to_what_went_in(self):
        for name in ["h264", "hevc", "aac", "ac3", "eac3", "mp3", "mp3-low", "opus"]:
            sample = SAMPLES / f"{name}.mp4"
            wanted = decoded(sample)
            self.assertGreater(len(wanted), 5)
            for options in [[], ["pieces=7", "together=4"]]:
                with self.subTest(name=name, options=options):
                    data, late = mux(*options, "offset=900000", str(sample))
                    self.path.write_bytes(data)
                    self.judge(data, most_clock=0.1, most_tables=0.15)
                    self.assertEqual(late, 0)
                    if name in ("aac", "mp3", "mp3-low", "opus"):  # what is primed, or trimmed, only files can say
                        self.assertLess(len(set(wanted) - set(decoded(self.path))), 4)
                    else:
                        self.assertEqual(decoded(self.path), wanted)

    def test_stamps_are_kept(self):
        data, _ = mux("offset=900000", str(SAMPLES / "h264.mp4"), str(SAMPLES / "aac.mp4"))
        self.path.write_bytes(data)
        (source,) = probed(SAMPLES / "h264.mp4").values()
        first = source[0][1]
        wanted = [(round((pts - first) * 90000 / 12800) + 900000, round((dts - first) * 90000 / 12800) + 900000) for pts, dts in source]
        self.assertEqual(probed(self.path)[0x100], wanted)

    def test_segments(self):
        data, _ = mux("segment=400", "repeat=4", "offset=900000", str(SAMPLES / "h264.mp4"), str(SAMPLES / "aac.mp4"))
        starts = [i for i in range(0, len(data), 188) if data[i + 1] & 31 == 0 and data[i + 2] == 0] + [len(data)]
        self.assertGreaterEqual(len(starts), 5)
        counters, findings = {}, Findings()
        for begin, end in zip(starts, starts[1:]):
            ts.check(data[begin:end], f"{begin}", findings, is_segment=True, counters=counters)
        self.assertFalse(findings, findings.lines())

    def test_constant_bit_rate(self):
        rate = 2_000_000
        data, late = mux(f"bitrate={rate}", "repeat=10", "offset=900000", str(SAMPLES / "h264.mp4"), str(SAMPLES / "aac.mp4"))
        stream = self.judge(data, most_clock=0.04, most_tables=0.14, bitrate=rate)
        self.assertEqual(late, 0)
        self.assertAlmostEqual(len(data) * 8 / rate, 5.2, delta=0.1)  # the sound is a bit longer
        self.assertIn(0x1FFF, {packet.pid for packet in stream.packets})
        self.path.write_bytes(data)
        self.assertEqual(decoded(self.path), decoded(SAMPLES / "h264.mp4") * 10)

    def test_late_when_the_bit_rate_is_too_low(self):
        _, late = mux("bitrate=100000", "repeat=4", "offset=900000", str(SAMPLES / "h264.mp4"))
        self.assertGreater(late, 10)

    def test_stamps_wrap(self):
        data, _ = mux(f"offset={(1 << 33) - 20000}", "repeat=2", str(SAMPLES / "h264.mp4"), str(SAMPLES / "aac.mp4"))
        stream = self.judge(data, most_clock=0.1, most_tables=0.15)
        dts = [pes.dts for pes in stream.pes if stream.types[pes.pid] == 0x1B]
        self.assertTrue(dts[0] > 1 << 32 and dts[-1] < 1 << 20)
        self.assertEqual({(b - a) % (1 << 33) for a, b in zip(dts, dts[1:])}, {3600})

    def test_sound_alone_has_the_clock(self):
        data, _ = mux("repeat=6", "offset=900000", str(SAMPLES / "aac.mp4"))
        self.judge(data, most_clock=0.045, most_tables=0.15)


if __name__ == "__main__":
    unittest.main()
