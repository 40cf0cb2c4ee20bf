"""Enhanced RTMP comes out of HLS, DASH and the recording: every codec, every packet, its time."""

import json
import re
import threading
import unittest

import enhanced
import manifests
import media
from enhanced import Track
from rtmp import AUDIO, VIDEO, Publisher, amf
from server import Server

import boxes  # from the checkers

SECONDS = 6

CLIPS = {  # name: video, audio, the names that ffprobe has for them
    "hevc-opus": (enhanced.hevc(2), ["-c:a", "libopus"], "hevc", "opus"),
    "av1-mp3": (enhanced.AV1, ["-c:a", "libmp3lame"], "av1", "mp3"),
    "vp8-opus": (enhanced.VP8, ["-c:a", "libopus"], "vp8", "opus"),
    "vp9-flac": (enhanced.VP9, ["-c:a", "flac", "-strict", "-2"], "vp9", "flac"),
    "avc-ac3": (enhanced.H264, ["-c:a", "ac3"], "h264", "ac3"),
    "avc-eac3": (enhanced.H264, ["-c:a", "eac3"], "h264", "eac3"),
}


# Main 10, level 3.1, 320x180; the parameter sets are no real ones.
VVCC = bytes.fromhex("ff00155f010233c000014000b40000028f00010004007901029000010003008103")

LIGHT = {"colorConfig": {"bitDepth": 10, "colorPrimaries": 9, "transferCharacteristics": 16, "matrixCoefficients": 9},
         "hdrCll": {"maxFall": 400, "maxCLL": 1000}}


def publish(server, streams):
    """Publishes all of STREAMS, {name: tags}, at once."""
    failures = []

    def one(name, tags):
        try:
            with Publisher(server.rtmp, name) as publisher:
                publisher.send_tags(tags)
        except Exception as error:  # pylint: disable=broad-except
            failures.append(f"{name}: {error!r}")

    threads = [threading.Thread(target=one, args=item) for item in streams.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures


def outputs(server, stream):
    """{name: (source, ffmpeg's options)}"""
    (recording,) = [file for file in server.wait_for_recordings() if file.parent.name == stream]
    return {"HLS": (server.url(f"/live/{stream}/index.m3u8"), ["-live_start_index", "0"]),
            "DASH": (server.url(f"/live/{stream}/manifest.mpd"), []),
            "DVR": (recording, [])}


def codec_of(source, kind):
    probed = json.loads(media.run(["ffprobe", "-v", "error", "-select_streams", f"{kind}:0",
                                   "-show_entries", "stream=codec_name", "-of", "json", source]))
    return probed["streams"][0]["codec_name"]


def decoded(source, extra=()):
    """The MD5 of each picture."""
    return [line.split(",")[5] for line in media.run([*media.FFMPEG, *extra, "-i", source, "-map", "0:v:0",
                                                      "-fps_mode", "passthrough", "-f", "framemd5", "-"]).splitlines()
            if not line.startswith("#")]


class Enhanced(unittest.TestCase):
    def check(self, before, source, extra=(), kind="v"):
        after = media.packets(source, kind, extra)
        self.assertGreater(len(after), 50)
        self.assertIsNone(media.difference(before, after))

    def test_every_codec(self):
        clips = {name: enhanced.make(name, SECONDS, video, audio)
                 for name, (video, audio, _, _) in CLIPS.items()}
        with Server(linger="5s") as server:
            publish(server, {name: enhanced.both(path) for name, path in clips.items()})
            for name, path in clips.items():
                server.wait_for_end(name)
                for output, (source, extra) in outputs(server, name).items():
                    for kind, codec in zip("va", CLIPS[name][2:]):
                        with self.subTest(stream=name, output=output, kind=kind):
                            self.assertEqual(codec_of(source, kind), codec)
                            self.check(self.expected(path, kind), source, extra, kind)
                            if codec == "vp8":
                                self.assertEqual(decoded(source, extra), decoded(path))
            self.assertEqual(server.terminate(), 0)

    @staticmethod
    def expected(path, kind):
        """All, but for sound before the first picture."""
        first = enhanced.packets(path, "v")[0][0] if kind == "a" else 0
        return [packet for packet in enhanced.packets(path, kind) if packet[0] > first - 0.001]

    def test_vvc(self):
        """No package here encodes or decodes it: pictures are units of the right kinds, and are carried."""
        units = [bytes([0, 0x39 if i % 25 == 0 else 0x01, 0x80]) + i.to_bytes(40, "big") for i in range(100)]
        pictures = [len(unit).to_bytes(4, "big") + unit for unit in units]
        tags = [(VIDEO, 0, b"\x90vvc1" + VVCC)]
        tags += [(VIDEO, 40 * i, (b"\x93" if i % 25 == 0 else b"\xa3") + b"vvc1" + picture)
                 for i, picture in enumerate(pictures)]
        with Server() as server:
            with Publisher(server.rtmp, "x") as publisher:
                publisher.send_tags(tags, speed=4)
            server.wait_for_end("x")
            self.assertIn('CODECS="vvc1.1.L51.CYA"', server.text("/live/x/index.m3u8"))
            self.assertIn("RESOLUTION=320x180", server.text("/live/x/index.m3u8"))
            playlist = manifests.media(server, "x")
            init = server.get(f"/live/x/{playlist.segments[0].map[0]}")[2]
            self.assertIn(b"vvcC" + bytes(4) + VVCC, init)
            data = b"".join(server.get(f"/live/x/{segment.uri}")[2] for segment in playlist.segments)
            self.assertEqual(b"".join(bytes(box.body) for box in boxes.split(data) if box.kind == "mdat"),
                             b"".join(pictures))
            self.assertEqual(server.terminate(), 0)

    def test_nanoseconds(self):
        """Frames come out 1001/30000 s apart, not 33 or 34 ms."""
        path = enhanced.make("exact", SECONDS, enhanced.hevc(0), rate="30000/1001")
        streams = {"fine": enhanced.interleave(Track(path, VIDEO), nanoseconds=True),
                   "coarse": enhanced.interleave(Track(path, VIDEO))}
        with Server(linger="5s") as server:
            publish(server, streams)
            errors = {name: self.worst_step(server, name) for name in streams}
            self.assertLess(errors["fine"], 0.00008)
            self.assertGreater(errors["coarse"], 0.0003)

    @staticmethod
    def worst_step(server, stream):
        server.wait_for_end(stream)
        source, extra = outputs(server, stream)["HLS"]
        times = [packet[0] for packet in media.packets(source, "v", extra)]
        return max(abs(b - a - 1001 / 30000) for a, b in zip(times, times[1:]))

    def test_several_audio_tracks(self):
        """Two languages in two codecs beside one video; a third track cannot be carried."""
        video = Track(enhanced.make("silent", SECONDS, enhanced.H264), VIDEO)
        first = enhanced.make("aac", SECONDS, audio=["-c:a", "aac"])
        second = enhanced.make("opus", SECONDS, audio=["-c:a", "libopus"])
        tracks = [Track(first, AUDIO, 0), Track(second, AUDIO, 1)]
        unknown = (AUDIO, 0, bytes([0x95, 0x01]) + b"spex" + b"\x02" + bytes(20))
        languages = {"audioTrackIdInfoMap": {"0": {"language": "de"}, "1": {"language": "fr"}}}
        tags = enhanced.interleave(video, *tracks, metadata=languages) + [unknown]
        left_and_centre = bytes([0x95, 0x04]) + b"Opus" + b"\x01" + bytes([1, 2, 0, 0, 0, 5])
        tags.insert(1, (AUDIO, 0, left_and_centre))
        with Server(linger="5s") as server:
            publish(server, {"x": tags})
            server.wait_for_end("x")
            self.assertIn("audio2 is dropped: codec spex cannot be carried", server.log())
            master = server.text("/live/x/index.m3u8")
            self.assertIn('LANGUAGE="de"', master)
            self.assertIn('LANGUAGE="fr"', master)
            self.assertIn('cicp:OutputChannelPosition" value="0 2"', server.text("/live/x/manifest.mpd"))
            for name, path in (("audio", first), ("audio1", second)):
                with self.subTest(track=name):
                    self.check(enhanced.packets(path, "a"), server.url(f"/live/x/{name}.m3u8"),
                               ["-live_start_index", "0"], "a")

    def test_several_videos_and_light(self):
        """Two sizes of one picture are two qualities; what the encoder says of light reaches players."""
        sizes = {"video": enhanced.make("big", SECONDS, enhanced.H264, size="640x360"),
                 "video1": enhanced.make("small", SECONDS, enhanced.H264)}
        ladder = [Track(path, VIDEO, number) for number, path in enumerate(sizes.values())]
        sound = Track(enhanced.make("aac", SECONDS, audio=["-c:a", "aac"]), AUDIO)
        bright = enhanced.interleave(Track(enhanced.make("bright", SECONDS, enhanced.hevc(2)), VIDEO))
        bright.insert(2, (VIDEO, 0, b"\x94hvc1" + amf("colorInfo") + amf(LIGHT)))
        with Server(linger="5s") as server:
            publish(server, {"ladder": enhanced.interleave(*ladder, sound), "bright": bright})
            server.wait_for_end("ladder")
            server.wait_for_end("bright")
            master = server.text("/live/ladder/index.m3u8")
            self.assertEqual(re.findall("RESOLUTION=([0-9x]+)", master), ["640x360", "320x180"])
            for name, path in sizes.items():
                with self.subTest(track=name):
                    self.check(enhanced.packets(path, "v"), server.url(f"/live/ladder/{name}.m3u8"),
                               ["-live_start_index", "0"])
            self.assertIn("VIDEO-RANGE=PQ", server.text("/live/bright/index.m3u8"))
            side = media.run(["ffprobe", "-v", "error", "-show_entries", "stream_side_data", "-of", "default=nk=0",
                              server.url("/live/bright/index.m3u8")])
            self.assertIn("max_content=1000", side)

    def test_server_says_what_it_can_and_asks_to_reconnect(self):
        path = enhanced.make("aac", SECONDS, audio=["-c:a", "aac"])
        with Server() as server:
            publisher = Publisher(server.rtmp, "x")
            self.addCleanup(publisher.close)
            publisher.handshake()
            says = publisher.connect(capsEx=1)[1]
            self.assertEqual(says["capsEx"], 15)
            self.assertEqual(says["videoFourCcInfoMap"]["av01"], 4)
            self.assertEqual(says["audioFourCcInfoMap"]["Opus"], 4)
            self.assertIn("hvc1", says["fourCcList"])
            publisher.publish()
            publisher.send_tags(enhanced.interleave(Track(path, AUDIO))[:20])
            server.terminate()
            publisher.expect("onStatus", "NetConnection.Connect.ReconnectRequest")
            publisher.expect("onStatus", "NetStream.Unpublish.Success")

    def test_commands_and_metadata_in_amf3(self):
        """objectEncoding 3: messages of types 17 and 15, an AMF3 object where AMF0 has one."""
        connect = (b"\x00" + amf("connect") + amf(1) + b"\x11\x0a\x0b\x01" + b"\x07app\x06\x09live"
                   + b"\x1dobjectEncoding\x04\x03" + b"\x01")
        metadata = b"\x00" + amf("onMetaData") + b"\x11\x0a\x0b\x01" + b"\x1baudiodatarate\x04\x60" + b"\x01"
        path = enhanced.make("aac", SECONDS, audio=["-c:a", "aac"])
        with Server() as server:
            publisher = Publisher(server.rtmp, "x")
            self.addCleanup(publisher.close)
            publisher.handshake()
            publisher.set_chunk_size()
            publisher.send(17, 0, 0, connect)
            self.assertEqual(publisher.expect("_result")[2]["objectEncoding"], 3)
            publisher.publish()
            publisher.send(15, 1, 0, metadata)
            publisher.send_tags(enhanced.interleave(Track(path, AUDIO)))
            publisher.close()
            server.wait_for_end("x", "audio")
            self.check(enhanced.packets(path, "a"), server.url("/live/x/index.m3u8"),
                       ["-live_start_index", "0"], "a")


if __name__ == "__main__":
    unittest.main(verbosity=2)
