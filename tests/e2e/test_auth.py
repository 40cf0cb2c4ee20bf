"""Keys, their rules, and webhooks: who gets in, who is sent away, and that no key is ever seen."""

import re
import subprocess
import time
import unittest

import media
import rtmp
from server import COMMAND, Server, wait_until
from webhook import SECRET, Webhook

XML = """
<mediagraph state-dir="{dir}/state">
  <http listen="127.0.0.1:{http}"/>
  <player/>
  <auth {auth}>{children}</auth>
  <pipeline name="live" linger="1s" {pipeline}>
    <ingest-rtmp id="rtmp" listen="127.0.0.1:{rtmp}" app="live" media-timeout="5m" {rtmp_attributes}/>
    <segment-cmaf id="cmaf" from="rtmp" segment="1s" part="500ms"/>
    <out-hls from="cmaf" window="120s"/>
    <out-dash from="cmaf" window="120s"/>
    <dvr from="cmaf" dir="{dir}/recordings"/>
  </pipeline>
</mediagraph>
"""
BAD_NAME, DENIED = "NetStream.Publish.BadName", "NetStream.Publish.Denied"
KEY = re.compile(r"[a-z2-9]{8}-[a-z2-9]{26}")
KEYS_FILE = 'keys-file="studio.keys"'


def clip(seconds=3):
    return media.make(f"auth-{seconds}", seconds, gop=15, bframes=0)


class AuthTest(unittest.TestCase):
    def serve(self, auth=KEYS_FILE, keys=("stage",), options=(), **values):
        """(a running server, the keys of these streams)"""
        server = Server(XML, auth=auth, **{"children": "", "pipeline": "", **values})
        (server.dir / "hook.secret").write_text(SECRET)
        (server.dir / "hook.secret").chmod(0o600)
        self.addCleanup(server.__exit__, None, None, None)
        made = [self.add_key(server, stream, *options) for stream in keys]
        server.start()
        return server, made

    @staticmethod
    def key(server, *arguments):
        return media.run(["env", "-C", server.dir, COMMAND, "key", *arguments])

    def add_key(self, server, stream, *options):
        return KEY.search(self.key(server, "add", "studio.keys", f"live/{stream}", *options)).group()

    def publish(self, server, stream, **options):
        """A publisher that has been let in."""
        publisher = rtmp.Publisher(server.rtmp, stream, **options)
        self.addCleanup(publisher.close)
        return publisher.__enter__()

    def refused(self, server, stream, **options):
        """(code, description, seconds) of a publisher that is not."""
        start = time.monotonic()
        with self.assertRaises(rtmp.Refused) as refused:
            self.publish(server, stream, **options)
        return refused.exception.code, refused.exception.description, time.monotonic() - start

    @staticmethod
    def is_served(server, stream):
        return server.text(f"/live/{stream}/index.m3u8") is not None


class Keys(AuthTest):
    def test_a_key_is_never_seen(self):
        """By names, by queries, right and wrong: in no file, no log, no page, no path."""
        server, (key,) = self.serve()
        media.finish(media.publish_ffmpeg(clip(), server.push_url(key)))
        server.wait_for_end("stage")
        media.finish(media.publish_ffmpeg(clip(), server.push_url(f"stage?key={key}")))
        server.wait_for_end("stage")
        wrong = key[:-1] + ("a" if key[-1] != "a" else "b")
        for url in (server.push_url(wrong), server.push_url("stage"), server.push_url(f"x/y/{key}"),
                    server.push_url(f"{key}%2f"), server.push_url("stage", key), server.push_url(f"other?key={key}")):
            process = media.publish_ffmpeg(clip(), url)
            _, errors = process.communicate(timeout=60)
            self.assertNotEqual(process.returncode, 0, url)
        subprocess.run(["timeout", "-k", "5", "20", "rtmpdump", "-q", "-r", server.push_url(key), "-o", "/dev/null"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        pages = [server.text(page) for page in ("/", "/live/stage/index.m3u8", "/live/stage/video.m3u8",
                                                "/live/stage/manifest.mpd", "/streams.json")]
        self.assertEqual(server.terminate(), 0)
        for secret in (key[9:], wrong[9:]):
            self.assertNotIn(secret, "".join(page or "" for page in pages))
            for path in server.dir.rglob("*"):
                self.assertNotIn(secret, str(path))
                if path.is_file():
                    self.assertNotIn(secret.encode(), path.read_bytes(), path)
        self.assertIn("publisher 127.0.0.1", server.log())
        self.assertEqual({path.parent.name for path in server.recordings()}, {"stage"})

    def test_a_wrong_key_is_told_so_later_and_later(self):
        server, (key,) = self.serve()
        code, why, first = self.refused(server, "stage")
        self.assertEqual((code, why), (BAD_NAME, "The stream key is wrong."))
        self.refused(server, f"{key}x")
        *_, third = self.refused(server, f"stage?key={key}x")
        self.assertGreaterEqual(first, 0.25)
        self.assertGreaterEqual(third, 1)
        self.publish(server, key)

    def test_a_revoked_key_ends_its_publisher_at_once(self):
        server, (key, other) = self.serve(keys=("stage", "other"))
        publisher, unharmed = self.publish(server, key), self.publish(server, other)
        self.key(server, "revoke", "studio.keys", key[:8])
        start = time.monotonic()
        wait_until(publisher.is_closed.is_set, "it is closed")
        self.assertLess(time.monotonic() - start, 5)
        self.assertIn("NetStream.Unpublish.Success", publisher.said)
        self.assertEqual(self.refused(server, key)[0], BAD_NAME)
        self.assertFalse(unharmed.is_closed.is_set())
        self.assertIn("The key has been revoked.", server.log())

    def test_a_key_has_its_time(self):
        server, _ = self.serve()
        early = self.add_key(server, "early", "--from", "+1h")
        late = self.add_key(server, "late", "--until", "+8s")
        publisher = wait_until(lambda: self.try_publish(server, late), "the new keys are known")
        self.assertEqual(self.refused(server, early)[:2], (DENIED, "The key is not valid yet."))
        wait_until(publisher.is_closed.is_set, "its time is over")
        self.assertEqual(self.refused(server, late)[:2], (DENIED, "The key has expired."))

    def try_publish(self, server, stream):
        try:
            return self.publish(server, stream)
        except rtmp.Refused:
            return None

    def test_a_key_has_its_places(self):
        server = Server(XML, auth='database="studio.db"', children="")
        self.addCleanup(server.__exit__, None, None, None)
        out = self.key(server, "add", "studio.db", "live/stage", "--addresses=127.0.0.2")
        key = KEY.search(out).group()
        server.start()
        self.assertEqual(self.refused(server, key)[:2], (DENIED, "The key may not be used from this address."))
        self.publish(server, key, source="127.0.0.2")
        self.key(server, "add", "studio.db", "live/secure", "--protocols=rtmps")

    def test_a_protocol_covers_no_other(self):
        server, (key,) = self.serve(options=["--protocols=rtmp"], rtmp_attributes='protocols="rtmp rtmpt"')
        process = media.publish_ffmpeg(clip(), server.push_url(key).replace("rtmp://", "rtmpt://"))
        process.communicate(timeout=60)
        self.assertNotEqual(process.returncode, 0)
        self.assertIn("The key may not be used by this protocol.", server.log())
        self.publish(server, key)

    def test_a_key_has_one_publisher(self):
        server, (key,) = self.serve(options=["--on-duplicate=reject"])
        first = self.publish(server, key)
        refusal = (DENIED, "Somebody publishes with this key already.")
        self.assertEqual(self.refused(server, key)[:2], refusal)
        first.close()
        wait_until(lambda: self.try_publish(server, key), "the key is free")

    def test_a_second_publisher_of_a_key(self):
        server, (key,) = self.serve(pipeline='on-duplicate="reject"')
        first = self.publish(server, key)
        self.assertEqual(self.refused(server, key)[0], BAD_NAME)
        self.assertFalse(first.is_closed.is_set())


class Logins(AuthTest):
    """FFmpeg with a user and a password, as RTMP's old logins have it."""

    def check(self, kind):
        server, (key,) = self.serve(options=["--login"], children=f'<login app="live" type="{kind}"/>')
        login = server.push_url("stage").replace("rtmp://", f"rtmp://stage:{key}@")
        for url in (login.replace(key, key + "x"), server.push_url("stage"), server.push_url(key),
                    login.replace("/live/stage", "/live/other")):
            process = media.publish_ffmpeg(clip(), url)
            process.communicate(timeout=60)
            self.assertNotEqual(process.returncode, 0, url)
        self.assertFalse(self.is_served(server, "stage"))
        media.finish(media.publish_ffmpeg(clip(), login))
        server.wait_for_end("stage")
        self.assertIn("its login is wrong", server.log())
        self.assertNotIn(key[9:], server.log())

    def test_adobe(self):
        self.check("adobe")

    def test_llnw(self):
        self.check("llnw")


class Webhooks(AuthTest):
    HOOK = 'webhook="{0}" webhook-secret-file="hook.secret" {1}'

    def hook(self):
        hook = Webhook()
        hook.__enter__()
        self.addCleanup(hook.__exit__)
        self.addCleanup(lambda: self.assertEqual(hook.bad_signatures, 0))
        return hook

    def serve_with(self, hook, more="", keys=(), **values):
        return self.serve(self.HOOK.format(hook.url, more), keys, **values)

    def test_may_rename_and_hears_of_the_end(self):
        hook = self.hook()
        hook.answer = lambda event: (200, {"allow": True, "stream": "stage"})
        server, _ = self.serve_with(hook)
        media.finish(media.publish_ffmpeg(clip(), server.push_url("sekrit?a=b")))
        self.assertTrue(self.is_served(server, "stage"))
        self.assertFalse(self.is_served(server, "sekrit"))
        (publish,), (close,) = hook.wait_for("publish"), hook.wait_for("close")
        self.assertEqual((publish["app"], publish["stream"], publish["query"], publish["address"], publish["protocol"]),
                         ("live", "sekrit", "a=b", "127.0.0.1", "rtmp"))
        self.assertEqual((close["id"], close["stream"]), (publish["id"], "stage"))
        self.assertGreater(close["bytes"], 10000)
        self.assertGreaterEqual(close["duration_ms"], 2500)
        self.assertNotIn("sekrit", server.log())

    def test_comes_behind_the_keys_and_does_not_see_them(self):
        hook = self.hook()
        server, (key,) = self.serve_with(hook, KEYS_FILE, ["stage"])
        self.assertEqual(self.refused(server, "stage")[0], BAD_NAME)
        self.assertEqual(hook.events, [])
        publisher = self.publish(server, f"stage?key={key}&a=b")
        publisher.close()
        hook.wait_for("close")
        self.assertEqual((hook.events[0]["stream"], hook.events[0]["key"], hook.events[0]["query"]),
                         ("stage", key[:8], "a=b"))
        self.assertNotIn(key[9:], str(hook.events))

    def test_may_say_no_and_why(self):
        hook = self.hook()
        hook.answer = lambda event: (200, {"allow": False, "reason": "The tournament is over."})
        server, _ = self.serve_with(hook)
        self.assertEqual(self.refused(server, "x")[:2], (BAD_NAME, "The tournament is over."))
        hook.answer = lambda event: (403, b"")
        self.assertEqual(self.refused(server, "x")[:2], (BAD_NAME, "The stream key is not accepted."))
        self.assertEqual(hook.named("close"), [])

    def test_that_fails_lets_nobody_in(self):
        """Slow, broken, gone, much too long, or elsewhere: others publish on, and nobody comes in."""
        hook = self.hook()
        server, _ = self.serve_with(hook, 'webhook-timeout="500ms"')
        running = self.publish(server, "running")
        answers = {"slow": lambda event: time.sleep(30) or (200, {}), "status": lambda event: (500, {"allow": True}),
                   "redirect": lambda event: (302, b""), "large": lambda event: (200, b" " * (1 << 20)),
                   "nonsense": lambda event: (200, b"yes")}
        for name, answer in answers.items():
            with self.subTest(name=name):
                hook.answer = answer
                code, _, seconds = self.refused(server, "x")
                self.assertEqual(code, DENIED)
                self.assertLess(seconds, 20)
        self.assertEqual(len(hook.named("publish")), 1 + len(answers))
        hook.__exit__()
        self.assertEqual(self.refused(server, "x")[0], DENIED)
        self.assertFalse(running.is_closed.is_set())

    def test_that_fails_may_be_done_without(self):
        hook = self.hook()
        hook.answer = lambda event: (500, b"")
        server, (key,) = self.serve_with(hook, KEYS_FILE + ' webhook-on-error="allow"', ["stage"])
        self.publish(server, key)
        self.assertEqual(self.refused(server, "x")[0], BAD_NAME)

    def test_may_end_a_publisher_later(self):
        hook = self.hook()
        hook.answer = lambda event: (200, {"allow": event["event"] != "update" or event["duration_ms"] < 1500,
                                           "reason": "Enough."})
        server, _ = self.serve_with(hook, 'update-interval="1s"')
        publisher = self.publish(server, "x")
        wait_until(publisher.is_closed.is_set, "it is sent away")
        (close,) = hook.wait_for("close")
        self.assertEqual(close["reason"], "Enough.")
        self.assertGreaterEqual(len(hook.named("update")), 2)

    def test_may_limit_time_and_bits(self):
        hook = self.hook()
        limits = {"short": {"lifetime": 1}, "thin": {"bitrate": 10000}, "fine": {"bitrate": 100000000}}
        hook.answer = lambda event: (200, limits[event["stream"]])
        server, _ = self.serve_with(hook, 'update-interval="0s"')
        pushes = {name: media.publish_ffmpeg(clip(12), server.push_url(name)) for name in limits}
        closes = {close["stream"]: close for close in hook.wait_for("close", 3)}
        for process in pushes.values():
            process.communicate(timeout=60)
        self.assertEqual(closes["short"]["reason"], "Its time is over.")
        self.assertLess(closes["short"]["duration_ms"], 8000)
        self.assertEqual(closes["thin"]["reason"], "It sends more bits than it may.")
        self.assertGreaterEqual(closes["fine"]["duration_ms"], 11000)

    def test_hears_how_much_a_player_got(self):
        hook = self.hook()
        hook.answer = lambda event: (200, {"bitrate": 100000} if event["event"] == "play" else {})
        server, _ = self.serve_with(hook, rtmp_attributes='play="yes"')
        publisher = media.publish_ffmpeg(clip(), server.push_url("x"))
        wait_until(lambda: self.is_served(server, "x"), "it is there")
        player = media.play_ffmpeg(server.push_url("x"), server.dir / "copy.flv")
        (play,) = hook.wait_for("play")
        media.finish(publisher)
        player.communicate(timeout=60)
        (close,) = [event for event in hook.wait_for("close", 2) if event["id"] == play["id"]]
        self.assertGreater(close["bytes"], 10000)
        self.assertNotIn("more bits", close["reason"])

    def test_hears_of_the_ends_that_a_shutdown_makes(self):
        hook = self.hook()
        server, _ = self.serve_with(hook)
        self.publish(server, "x")
        self.publish(server, "y")
        self.assertEqual(server.terminate(), 0)
        self.assertEqual({event["stream"] for event in hook.named("close")}, {"x", "y"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
