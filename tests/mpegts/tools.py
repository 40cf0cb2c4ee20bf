"""The commands ts-mux and ts-demux, and FFmpeg's view of the same bytes."""

import os
import pathlib
import subprocess
import sys
from dataclasses import dataclass, field

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "checkers"))

SAMPLES = pathlib.Path(os.environ["SAMPLES"])


def run(command, data=None, *, ok=(0,)):
    done = subprocess.run([str(part) for part in command], input=data, capture_output=True, timeout=60)
    if done.returncode not in ok:
        raise AssertionError(f"{command[0]} ended with {done.returncode}: {done.stderr.decode()[-800:]}")
    return done


def mux(*arguments):
    """The bytes, and how many PES packets were late."""
    done = run([os.environ["TS_MUX"], *arguments])
    return done.stdout, int(done.stderr.split()[-1])


def ffmpeg_mux(*arguments):
    return run(["ffmpeg", "-nostdin", "-v", "error", *arguments, "-f", "mpegts", "-"]).stdout


def decoded(path):
    """The checksum of every decoded frame of the first stream, without its stamps."""
    done = run(["ffmpeg", "-nostdin", "-v", "error", "-i", path, "-map", "0:0", "-f", "framemd5", "-"])
    return [line.split(",")[-1].strip() for line in done.stdout.decode().splitlines() if not line.startswith("#")]


@dataclass
class Unit:
    pts: int
    dts: int
    flags: str
    size: int
    md5: str


@dataclass
class Demuxed:
    programmes: list = field(default_factory=list)  # of {PID: (type, codec, language)}
    configs: list = field(default_factory=list)  # of (PID, codec, bytes)
    units: dict = field(default_factory=dict)  # PID -> [Unit]
    clocks: list = field(default_factory=list)
    counts: dict = field(default_factory=dict)

    def stamps(self, pid):
        return [(unit.pts, unit.dts) for unit in self.units.get(pid, [])]

    def sums(self, pid):
        return [unit.md5 for unit in self.units.get(pid, [])]


COUNTS = ["packets", "garbage", "gaps", "broken", "scrambled", "damaged", "refused"]


def demux(data, *arguments):
    result = Demuxed()
    for line in run([os.environ["TS_DEMUX"], *arguments], data).stdout.decode().splitlines():
        kind, *words = line.split(" ")
        if kind == "programme":
            tracks = [word.split(":") for word in words]
            result.programmes.append({int(pid): (int(kind), codec, language) for pid, kind, codec, language in tracks})
        elif kind == "track":
            result.configs.append((int(words[0]), words[1], bytes.fromhex(words[2])))
        elif kind == "unit":
            pid, pts, dts, flags, size, md5 = words
            result.units.setdefault(int(pid), []).append(Unit(int(pts), int(dts), flags, int(size), md5))
        elif kind == "clock":
            result.clocks.append(int(words[0]))
        else:
            result.counts = dict(zip(COUNTS, map(int, words)))
    return result


def probed(path):
    """{PID: [(pts, dts)]} as FFmpeg reads them, without what it marks corrupt."""
    entries = "stream=index,id:packet=stream_index,pts,dts,flags"
    done = run(["ffprobe", "-v", "quiet", "-show_entries", entries, "-of", "compact=nk=0", path], ok=(0, 1))
    pids, packets = {}, {}
    rows = [dict(word.split("=", 1) for word in line.split("|")[1:] if "=" in word) | {"": line.split("|")[0]} for line in done.stdout.decode().splitlines()]
    for row in rows:
        if row[""] == "stream":
            pids[row["index"]] = int(row["id"], 16)
    for row in rows:
        if row[""] == "packet" and row["pts"] != "N/A" and "C" not in row["flags"]:
            packets.setdefault(pids.get(row["stream_index"]), []).append((int(row["pts"]), int(row["dts"])))
    return packets
