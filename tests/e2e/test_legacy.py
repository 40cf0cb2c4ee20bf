"""RTMP as old encoders carry it, which has to be asked for."""

import unittest

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


if __name__ == "__main__":
    unittest.main(verbosity=2)
