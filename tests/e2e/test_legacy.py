"""RTMP as old encoders carry it, which has to be asked for."""

import http.client
import unittest

import certificates
import media
from server import Server
from test_publish import Outputs


def push_url(server, scheme, stream):
    return server.push_url(stream).replace("rtmp://", f"{scheme}://")


class Rtmpe(Outputs):
    def test_librtmp_publishes(self):
        path = media.make("b-frames", 6)
        with Server(rtmp_attributes='protocols="rtmp rtmpe"', segment="1s") as server:
            copies = [server.dir / f"{i}.flv" for i in range(3)]  # keys differ each time
            publishers = [media.publish_gstreamer(path, push_url(server, "rtmpe", f"e{i}"), copy, "rtmpsink")
                          for i, copy in enumerate(copies)]
            for publisher in publishers:
                media.finish(publisher)
            for i, copy in enumerate(copies):
                self.check(server, f"e{i}", copy, audio_tolerance=0.03)

    def test_it_has_to_be_asked_for(self):
        with Server() as server:
            publisher = media.publish_gstreamer(media.make("clip-3", 3, gop=15), push_url(server, "rtmpe", "x"),
                                                server.dir / "copy.flv", "rtmpsink")
            with self.assertRaises(AssertionError):
                media.finish(publisher)
            self.assertIn("RTMPE is not among the protocols that are taken here", server.log())


class Rtmpt(Outputs):
    def test_real_encoders(self):
        """FFmpeg's and librtmp's, with and without what encrypts; all at once."""
        path = media.make("b-frames", 6)
        server = Server(rtmp_attributes='protocols="rtmpt rtmpts rtmpte" tls-certificate="certificate.pem" '
                                        'tls-key="key.pem"', segment="1s", linger="5s")
        certificates.make(server.dir)
        with server:
            copies = {scheme: server.dir / f"{scheme}.flv" for scheme in ("rtmpt", "rtmpte")}
            publishers = [media.publish_ffmpeg(path, push_url(server, scheme, f"ffmpeg-{scheme}"))
                          for scheme in ("rtmpt", "rtmpts")]
            publishers += [media.publish_gstreamer(path, push_url(server, scheme, f"gst-{scheme}"), copy, "rtmpsink")
                           for scheme, copy in copies.items()]
            for publisher in publishers:
                media.finish(publisher)
            for scheme in ("rtmpt", "rtmpts"):
                self.check_all_but_the_end(server, f"ffmpeg-{scheme}", path)
            for scheme, copy in copies.items():
                self.check(server, f"gst-{scheme}", copy, audio_tolerance=0.03)
            self.assertEqual(server.terminate(), 0)

    def check_all_but_the_end(self, server, stream, path):
        """FFmpeg throws away what it has not posted when it closes a tunnel: its last ten writes."""
        server.wait_for_end(stream)
        for kind in "va":
            before = media.expected(path, kind)
            after = media.packets(server.url(f"/live/{stream}/index.m3u8"), kind, ["-live_start_index", "0"])
            self.assertLessEqual(len(before) - 20, len(after))
            self.assertIsNone(media.difference(before[:len(after)], after))

    def test_a_browser_is_told_nothing(self):
        with Server() as server:
            connection = http.client.HTTPConnection("127.0.0.1", server.rtmp, timeout=10)
            connection.request("GET", "/")
            with self.assertRaises((http.client.RemoteDisconnected, ConnectionResetError)):
                connection.getresponse()
            self.assertIn("RTMPT is not among the protocols that are taken here", server.log())


if __name__ == "__main__":
    unittest.main(verbosity=2)
