"""What the demuxer reads: beside what went in, and beside what FFmpeg reads, on whole and on damaged streams."""

import pathlib
import random
import tempfile
import unittest

from tools import SAMPLES, demux, ffmpeg_mux, mux, probed, run

import ts

VIDEO, SOUND = 0x100, 0x101
PICTURE = ["-f", "lavfi", "-i", "testsrc2=s=160x96:r=25"]
TONE = ["-f", "lavfi", "-i", "sine=440:r=48000"]


def sample_packets(name):
    """(MD5, size) of each packet in a file."""
    done = run(["ffprobe", "-v", "error", "-show_data_hash", "md5", "-show_entries", "packet=size,data_hash", "-of", "csv=p=0", SAMPLES / name])
    rows = [line.strip(",").split(",") for line in done.stdout.decode().splitlines()]
    return [(digest.removeprefix("MD5:"), int(size)) for size, digest in rows]


def packets_of(data):
    return [data[at : at + 188] for at in range(0, len(data), 188)]


class TestDemux(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stream = ffmpeg_mux(*PICTURE, *TONE, "-t", "3", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "25", "-c:a", "aac")
        cls.whole = demux(cls.stream)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "a.ts"

    def probe(self, data):
        self.path.write_bytes(data)
        return probed(self.path)

    def test_gives_back_what_was_muxed(self):
        for name, codec in [("h264", "avc1"), ("hevc", "hvc1"), ("aac", "mp4a"), ("ac3", "ac-3"), ("eac3", "ec-3"), ("mp3", ".mp3"), ("mp3-low", ".mp3"), ("opus", "Opus"), ("opus-51", "Opus")]:
            for options in [[], ["together=3"]]:
                with self.subTest(name=name, options=options):
                    data, _ = mux(*options, "offset=900000", f"{name}.mp4")
                    result = demux(data)
                    units = result.units[VIDEO]
                    self.assertEqual([(unit.md5, unit.size) for unit in units], sample_packets(f"{name}.mp4"))
                    self.assertEqual([(pid, found) for pid, found, _ in result.configs], [(VIDEO, codec)])
                    self.assertEqual(result.programmes, [{VIDEO: (result.programmes[0][VIDEO][0], codec, "")}])
                    self.assertEqual(result.counts["damaged"] + result.counts["gaps"] + result.counts["garbage"], 0)
                    self.assertTrue(units[0].flags.startswith("-k"))
                    self.assertEqual(units[0].dts, 900000)

    def test_sound_in_one_pes_packet_gets_stamps_of_its_own(self):
        one, _ = mux("offset=900000", "aac.mp4")
        some, _ = mux("together=8", "offset=900000", "aac.mp4")
        for apart, together in zip(demux(one).stamps(VIDEO), demux(some).stamps(VIDEO), strict=True):
            self.assertLessEqual(abs(apart[0] - together[0]), 1)

    def test_reads_what_ffmpeg_writes(self):
        for arguments in [
            ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"],
            ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=0", "-c:a", "ac3"],
            ["-vn", "-c:a", "mp2"],
            ["-vn", "-c:a", "libmp3lame"],
            ["-vn", "-c:a", "eac3"],
            ["-vn", "-c:a", "aac", "-mpegts_flags", "latm"],
            ["-vn", "-c:a", "libopus"],
            ["-vn", "-c:a", "ac3", "-mpegts_flags", "system_b"],
            ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "ac3", "-mpegts_m2ts_mode", "1"],
            ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-muxrate", "2M"],
            ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-output_ts_offset", "95440"],
        ]:
            with self.subTest(arguments=arguments):
                data = ffmpeg_mux(*PICTURE, *TONE, "-t", "1", *arguments)
                wanted, result = self.probe(data), demux(data)
                self.assertEqual(set(result.units), set(wanted))
                for pid, stamps in wanted.items():
                    found = [(pts % (1 << 33), dts % (1 << 33)) for pts, dts in result.stamps(pid)]
                    self.assertEqual(len(found), len(stamps))
                    self.assertGreater(len(found), 20)
                    for mine, theirs in zip(found, stamps):
                        for a, b in zip(mine, theirs):
                            self.assertLessEqual(min((a - b) % (1 << 33), (b - a) % (1 << 33)), 1)
                self.assertEqual(result.counts["damaged"] + result.counts["gaps"] + result.counts["refused"], 0)

    def test_languages_and_private_tracks(self):
        data = ffmpeg_mux(*TONE, *TONE, "-t", "0.3", "-map", "0", "-map", "1", "-c:a", "ac3", "-metadata:s:a:0", "language=deu", "-metadata:s:a:1", "language=fra")
        self.assertEqual([track[1:] for track in demux(data).programmes[0].values()], [("ac-3", "deu"), ("ac-3", "fra")])

    def test_latm_is_what_adts_is(self):
        tone = [*TONE, "-t", "0.5", "-c:a", "aac", "-bitexact"]
        plain, latm = demux(ffmpeg_mux(*tone)), demux(ffmpeg_mux(*tone, "-mpegts_flags", "latm"))
        self.assertEqual(plain.sums(VIDEO), latm.sums(VIDEO))
        self.assertEqual(plain.configs, latm.configs)

    def test_any_cut(self):
        for piece in [1, 7, 188, 189, 1316]:
            result = demux(self.stream[:200000], f"piece={piece}")
            self.assertEqual(result, demux(self.stream[:200000]))

    def test_strides(self):
        packets = packets_of(self.stream)
        with_time = b"".join((i * 4703).to_bytes(4, "big") + packet for i, packet in enumerate(packets))
        with_check = b"".join(packet + b"\x47" * 16 for packet in packets)
        for data in (with_time, with_check):
            self.assertEqual(demux(data, "piece=1000").units, self.whole.units)

    def test_garbage_between_packets(self):
        generator = random.Random(1)
        data, hurt = b"", 0
        for i, packet in enumerate(packets_of(self.stream)):
            if i % 50 == 20:
                data += generator.randbytes(generator.randrange(1, 400)).replace(b"\x47", b"\x46")
                hurt += 1
            data += packet
        result = demux(data)
        self.assertGreater(hurt, 10)
        self.assertEqual(result.units, self.whole.units)
        self.assertGreater(result.counts["garbage"], hurt)

    def test_packets_that_come_twice(self):
        data = b"".join(packet * (2 if i % 3 == 0 else 1) for i, packet in enumerate(packets_of(self.stream)))
        self.assertEqual(demux(data).units, self.whole.units)

    def test_lost_packets_cost_what_they_hit(self):
        whole = ts.Stream(self.stream)
        members = {}  # PID -> the indices of its packets
        for packet in whole.packets:
            if packet.has_payload:
                members.setdefault(packet.pid, []).append(packet.index)
        second = [pes.at for pes in whole.pes if pes.pid == VIDEO][1]  # the first has the configuration
        for seed in range(6):
            generator = random.Random(seed)
            lost = {i for i in range(second + 1, len(whole.packets)) if generator.random() < 0.02}
            result = demux(b"".join(p for i, p in enumerate(packets_of(self.stream)) if i not in lost))
            for pid in (VIDEO, SOUND):
                sums, got = set(self.whole.sums(pid)), result.sums(pid)
                self.assertLessEqual(set(got), sums, "a damaged unit came through")
                starts = [pes.at for pes in whole.pes if pes.pid == pid] + [len(whole.packets)]
                intact = 0
                for start, end in zip(starts, starts[1:]):
                    own = [i for i in members[pid] if start <= i <= end]
                    intact += not lost.intersection(own)
                if pid == VIDEO:
                    self.assertGreaterEqual(len(got), intact)
                self.assertGreater(len(got), len(sums) // 3)
                for unit in result.units[pid]:
                    self.assertIn((unit.pts, unit.dts), self.whole.stamps(pid))
            self.assertGreater(result.counts["gaps"], 0)
            flagged = [unit for unit in result.units[VIDEO] if "l" in unit.flags]
            self.assertGreater(len(flagged), 0)

    def test_ffmpeg_sees_what_is_left_too(self):
        generator = random.Random(5)
        data = b"".join(p for i, p in enumerate(packets_of(self.stream)) if i < 20 or generator.random() > 0.01)
        theirs, mine = self.probe(data), demux(data)
        for pid in (VIDEO, SOUND):
            self.assertGreater(len(mine.stamps(pid)), 20)
            self.assertLessEqual(set(mine.stamps(pid)), set(theirs[pid]))

    def test_flipped_bytes(self):
        flips = 8
        for seed in range(10):
            generator = random.Random(seed)
            data = bytearray(self.stream)
            for _ in range(flips):
                data[generator.randrange(2000, len(data))] ^= 1 << generator.randrange(8)
            result, lost = demux(bytes(data)), 0
            for pid in (VIDEO, SOUND):
                lost += len(set(self.whole.sums(pid)) - set(result.sums(pid)))
            self.assertLessEqual(lost, 3 * flips)

    def test_cut_off(self):
        for size in [0, 1, 187, 188, 600, 5000, 40000, 99999]:
            result, theirs = demux(self.stream[:size]), self.probe(self.stream[:size]) if size > 10000 else None
            for pid, units in result.units.items():
                self.assertEqual([u.md5 for u in units[:-1]], self.whole.sums(pid)[: len(units) - 1])
                if theirs:
                    self.assertIn(len(theirs[pid]) - len(units), (0, 1))
                    self.assertEqual(result.stamps(pid), theirs[pid][: len(units)])

    def test_programmes(self):
        data = ffmpeg_mux(*TONE, *TONE, "-t", "0.5", "-map", "0", "-map", "1", "-c:a", "mp2", "-program", "program_num=7:st=0", "-program", "program_num=9:st=1")
        self.assertEqual([list(demux(data, f"programme={n}").units) for n in (0, 7, 9, 8)], [[VIDEO], [VIDEO], [SOUND], []])

    def test_wrap_of_stamps(self):
        data, _ = mux(f"offset={(1 << 33) - 20000}", "h264.mp4", "aac.mp4")
        dts = [dts for _, dts in demux(data).stamps(VIDEO)]
        self.assertEqual({(b - a) % (1 << 33) for a, b in zip(dts, dts[1:])}, {3600})
        self.assertLess(min(dts), 100000)


if __name__ == "__main__":
    unittest.main()
