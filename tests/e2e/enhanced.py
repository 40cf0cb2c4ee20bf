"""Enhanced RTMP v1 and v2: messages made of packets that ffmpeg has encoded. No encoder here speaks it."""

import json
import pathlib
import re

import media
from rtmp import AUDIO, DATA, VIDEO, amf

FOURCC = {"h264": b"avc1", "hevc": b"hvc1", "av1": b"av01", "vp9": b"vp09", "vp8": b"vp08",
          "aac": b"mp4a", "opus": b"Opus", "flac": b"fLaC", "ac3": b"ac-3", "eac3": b"ec-3", "mp3": b".mp3"}

# ffmpeg's options.
H264 = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-sc_threshold", "0"]
AV1 = ["-c:v", "libsvtav1", "-preset", "12"]
VP8 = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "300k"]
VP9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "300k"]


def hevc(bframes):
    return ["-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params",
            f"keyint=30:min-keyint=30:scenecut=0:bframes={bframes}:log-level=error"]


SEQUENCE_START, CODED_FRAMES, CODED_FRAMES_X, MODEX = 0, 1, 3, 7
MULTITRACK = {VIDEO: 6, AUDIO: 5}
ONE_TRACK = 0

# ffprobe's hexadecimal dump: a place, sixteen bytes, the same as text.
DUMP = re.compile(r"^[0-9a-f]{8}: ((?:[0-9a-f]{2,4} ?)+) ", re.MULTILINE)


def make(name, seconds, video=(), audio=(), rate="30", size="320x180"):
    """A test pattern and a tone, made once, in MP4 if that takes them. VIDEO and AUDIO are ffmpeg's options."""
    command = []
    if video:
        command += ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"]
    if audio:
        command += ["-f", "lavfi", "-i", f"sine=frequency=500:sample_rate=48000:duration={seconds}"]
    if video:
        command += ["-pix_fmt", "yuv420p", "-g", "30", *video]
    if audio:
        command += ["-ac", "2", *audio]
    return media.made(name, command, "webm" if video is VP8 else "mp4")


def as_it_lies(path):
    """Options to read all that is in it: an edit list would leave out what decoders are to swallow."""
    return ["-ignore_editlist", "1"] if path.suffix == ".mp4" else []


def packets(path, kind):
    return media.packets(path, kind, as_it_lies(path))


class Track:
    """The one video or audio track of a file, as packets: (dts in ns, pts in ns, is key, bytes)."""

    def __init__(self, path, kind, number=None):
        self.kind, self.number = kind, number
        probed = json.loads(media.run(
            ["ffprobe", "-v", "error", *as_it_lies(path), "-select_streams", "v" if kind == VIDEO else "a",
             "-show_streams", "-show_packets", "-show_data", "-of", "json", path]))
        (stream,) = probed["streams"]
        numerator, denominator = map(int, stream["time_base"].split("/"))
        self.codec = FOURCC[stream["codec_name"]]
        self.config = self._config(path, bytes_of(stream.get("extradata", "")))
        self.packets = [(int(p["dts"]) * 10**9 * numerator // denominator,
                         int(p["pts"]) * 10**9 * numerator // denominator,
                         "K" in p["flags"], bytes_of(p["data"])) for p in probed["packets"]]

    def _config(self, path, extradata):
        """What SequenceStart carries; None for codecs that have none."""
        if self.codec in (b"ac-3", b"ec-3", b".mp3"):
            return None
        if self.codec == b"vp08":  # ffmpeg puts it into no MP4; 8 bit, 4:2:0, no colours
            return bytes.fromhex("01000000 000a82020202 0000")
        if self.codec == b"vp09":  # ffmpeg does not keep it
            data = pathlib.Path(path).read_bytes()
            at = data.index(b"vpcC")
            return data[at + 8:at - 4 + int.from_bytes(data[at - 4:at], "big")]
        if self.codec == b"fLaC":
            return b"fLaC\x80" + len(extradata).to_bytes(3, "big") + extradata
        return extradata

    def sequence_start(self):
        """(type, stamp in ms, body)"""
        return self.kind, 0, self._body(SEQUENCE_START, True, self.config)

    def messages(self, nanoseconds=False):
        """[(type, stamp in ms, body)] of the packets."""
        out = []
        for dts, pts, key, data in self.packets:
            stamp, rest = divmod(dts, 10**6)
            out.append((self.kind, stamp, self._frame(round((pts - dts) / 10**6), key, data,
                                                      rest if nanoseconds else None)))
        return out

    def _frame(self, composition, key, data, nanoseconds):
        if self.codec not in (b"avc1", b"hvc1"):
            return self._body(CODED_FRAMES, key, data, nanoseconds)
        if composition == 0:
            return self._body(CODED_FRAMES_X, key, data, nanoseconds)
        return self._body(CODED_FRAMES, key, composition.to_bytes(3, "big", signed=True) + data, nanoseconds)

    def _body(self, packet_type, key, payload, nanoseconds=None):
        """A tag: a modifier and the track's number, if there are any, then the codec and its bytes."""
        first = 0x90 if self.kind == AUDIO else 0x80 | (1 if key else 2) << 4
        if self.number is None:
            types, behind = [packet_type], self.codec + payload
        else:
            types = [MULTITRACK[self.kind], ONE_TRACK << 4 | packet_type]
            behind = self.codec + bytes([self.number]) + payload
        if nanoseconds is not None:
            types = [MODEX, 2, *nanoseconds.to_bytes(3, "big"), *types]
        return bytes([first | types[0], *types[1:]]) + behind


def bytes_of(dump):
    return bytes.fromhex("".join(match.group(1) for match in DUMP.finditer(dump)))


def interleave(*tracks, nanoseconds=False, metadata=None):
    """All messages of TRACKS as encoders send them: metadata, configurations, and packets by time."""
    says = {VIDEO: "videocodecid", AUDIO: "audiocodecid"}
    about = {says[track.kind]: int.from_bytes(track.codec, "big") for track in tracks} | (metadata or {})
    configs = [track.sequence_start() for track in tracks if track.config is not None]
    packets_by_time = [message for track in tracks for message in track.messages(nanoseconds)]
    packets_by_time.sort(key=lambda message: (message[1], message[0] == AUDIO))
    return [(DATA, 0, amf("@setDataFrame") + amf("onMetaData") + amf(about)), *configs, *packets_by_time]


def both(path, nanoseconds=False):
    return interleave(Track(path, VIDEO), Track(path, AUDIO), nanoseconds=nanoseconds)

