"""Every file in pipelines/ is right, and does what its comment says."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import certificates
import manifests
import media
import peers
import rtmp
from server import COMMAND, Server, wait_until

FOLDER = manifests.SOURCE / "pipelines"
FILES = sorted(path.name for path in FOLDER.glob("*.xml"))


def clip():
    return media.make("clip-4", 4, gop=15)


def on_free_ports(name):
    """The file's text, with this test's ports and folders in place of its own."""
    text = (FOLDER / name).read_text(encoding="utf-8").replace("{", "{{").replace("}", "}}")
    text = re.sub(r'(<http\b[^>]*tls-listen=")[^"]*"', r'\g<1>127.0.0.1:{rtmp2}"', text)
    text = re.sub(r'(<http\b[^>]* listen=")[^"]*"', r'\g<1>127.0.0.1:{http}"', text)
    for port in ("{rtmp}", "{rtmp2}"):
        text = re.sub(r'(<ingest-rtmp\b[^>]*listen=")[^"{]*"', rf'\g<1>127.0.0.1:{port}"', text, count=1)
    return re.sub(r'\blinger="[^"]*"', 'linger="1s"', text)


class Pipelines(unittest.TestCase):
    """A test of each file is named after it; `test_each_has_a_test` sees that there is one."""

    def run_file(self, name, stream="x", app="live", prepare=None):
        """Publishes a clip to the file's pipeline until it has ended; the server ends with the test. PREPARE is
        called with the server before it starts, and returns the stream's name."""
        server = Server(on_free_ports(name))
        stream = prepare(server) if prepare else stream
        server.is_ready = lambda ready=server.is_ready: self.listens(server, name, app, ready)
        server.__enter__()
        self.addCleanup(server.__exit__, None, None, None)
        media.finish(media.publish_ffmpeg(clip(), server.push_url(stream, app)))
        return server

    @staticmethod
    def listens(server, name, app, ready):
        """Files without http are ready when they take a publisher."""
        if "<http" in (FOLDER / name).read_text(encoding="utf-8"):
            return ready()
        try:
            with rtmp.Publisher(server.rtmp, "ready-or-not", app) as client:
                return "NetStream.Publish.Start" in client.said
        except (OSError, rtmp.Refused):
            return False

    def packets_are_all_there(self, source, extra=()):
        for kind in "va":
            sent = [p[1:] for p in media.expected(clip(), kind)]
            self.assertEqual([p[1:] for p in media.packets(source, kind, extra)], sent)

    def test_each_is_right(self):
        """Those that name a certificate or keys have them by the time they run."""
        self.assertIn("live.xml", FILES)
        with tempfile.TemporaryDirectory() as folder:
            texts = "".join((FOLDER / name).read_text(encoding="utf-8") for name in FILES)
            for name in FILES:
                shutil.copy(FOLDER / name, folder)
            for name in re.findall(r'"(\w+\.(?:keys|pem))"', texts):
                pathlib.Path(folder, name).touch(0o600)
            done = subprocess.run([COMMAND, "check", *FILES], cwd=folder,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_each_has_a_test(self):
        for name in FILES:
            self.assertTrue(hasattr(self, "test_" + name.removesuffix(".xml").replace("-", "_")), name)

    def test_live(self):
        server = self.run_file("live.xml")
        server.wait_for_end("x")
        self.packets_are_all_there(server.url("/live/x/index.m3u8"), ["-live_start_index", "0"])
        self.packets_are_all_there(server.url("/live/x/manifest.mpd"))
        (recording,) = server.wait_for_recordings()
        self.packets_are_all_there(recording)
        self.assertIn("mediagraph", server.text("/"))

    def test_low_latency(self):
        server = self.run_file("low-latency.xml")
        server.wait_for_end("x")
        self.packets_are_all_there(server.url("/live/x/index.m3u8"), ["-live_start_index", "0"])
        self.packets_are_all_there(server.url("/live/x/manifest.mpd"))
        self.assertAlmostEqual(float(manifests.media(server, "x").part_target), 0.5, delta=0.05)

    def test_https(self):
        server = Server(on_free_ports("https.xml"))
        certificates.make(server.dir)
        server.__enter__()
        self.addCleanup(server.__exit__, None, None, None)
        media.finish(media.publish_ffmpeg(clip(), server.push_url("x")))
        server.wait_for_end("x")
        url = f"https://127.0.0.1:{server.rtmp2}/live/x/"
        self.packets_are_all_there(url + "index.m3u8", ["-live_start_index", "0"])
        self.packets_are_all_there(url + "manifest.mpd")
        self.assertIn(f"serving https://127.0.0.1:{server.rtmp2}", server.log())
        self.assertIn(f"serving http://127.0.0.1:{server.http}", server.log())

    def test_rtmps(self):
        server = Server(on_free_ports("rtmps.xml"))
        certificates.make(server.dir)
        server.__enter__()
        self.addCleanup(server.__exit__, None, None, None)
        media.finish(media.publish_ffmpeg(clip(), server.push_url("x").replace("rtmp:", "rtmps:")))
        server.wait_for_end("x")
        self.packets_are_all_there(server.url("/live/x/index.m3u8"), ["-live_start_index", "0"])

    @unittest.skipUnless(peers.Nginx.is_there(), "nginx with its RTMP module is not there")
    def test_restream(self):
        with peers.Nginx() as origin:
            text = on_free_ports("restream.xml").replace("origin.example", f"127.0.0.1:{origin.port}")
            with Server(text) as server:
                media.finish(media.publish_ffmpeg(clip(), server.push_url("studio")))
                wait_until(lambda: manifests.media(server, "studio", app="studio"), "it has come back")

    def test_event(self):
        server = self.run_file("event.xml")
        server.wait_for_end("x")
        playlist = manifests.media(server, "x")
        self.assertEqual(playlist.playlist_type, "EVENT")
        self.assertEqual(server.terminate(), 0)  # and all files are written
        self.packets_are_all_there(server.dir / "events" / "x" / "hls" / "index.m3u8")
        self.packets_are_all_there(server.dir / "events" / "x" / "dash" / "manifest.mpd")

    def test_failover(self):
        """Of the main encoder all is there, and then the last key frame for as long as the session lingers."""
        server = self.run_file("failover.xml")
        server.wait_for_end("x")
        sent = [p[1:] for p in media.expected(clip(), "v")]
        seen = media.packets(server.url("/live/x/manifest.mpd"), "v")
        self.assertEqual([p[1:] for p in seen[:len(sent)]], sent)
        self.assertEqual({p[2] for p in seen[len(sent):]}, {seen[105][2]})  # of a GOP of 15
        self.assertIn(len(seen) - len(sent), range(4, 8))

    def test_record_only(self):
        server = self.run_file("record-only.xml", app="record")
        (recording,) = server.wait_for_recordings()  # what was sent last may not have been read yet
        self.assertEqual(server.terminate(), 0)
        self.assertEqual(recording.parent, server.dir / "recordings" / "x")
        self.packets_are_all_there(recording)

    def test_keys(self):
        def add_key(server):
            shutil.copy(FOLDER / "keys.xml", server.dir)
            out = media.run([COMMAND, "key", "add", server.dir / "keys.xml", "live/studio"])
            return out.split()[out.split().index("once:") + 1]
        server = self.run_file("keys.xml", prepare=add_key)
        server.wait_for_end("studio")
        self.packets_are_all_there(server.url("/live/studio/manifest.mpd"))
        guest = rtmp.Publisher(server.rtmp, "studio")
        self.addCleanup(guest.close)
        with self.assertRaises(rtmp.Refused):
            guest.__enter__()

    def test_two_apps(self):
        server = self.run_file("two-apps.xml", "x", "studio")
        server.wait_for_end("x", app="studio")
        self.assertIsNotNone(server.text("/studio/x/manifest.mpd"))
        self.assertEqual(len(server.wait_for_recordings()), 1)
        media.finish(media.publish_ffmpeg(clip(), f"rtmp://127.0.0.1:{server.rtmp2}/guests/x"))
        server.wait_for_end("x", app="guests")
        self.assertIsNone(server.text("/guests/x/manifest.mpd"))
        self.assertEqual(len(server.wait_for_recordings()), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
