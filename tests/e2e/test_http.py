"""HTTPS and HTTP/2 with real clients: curl, nghttp2's, node's; certificates that change under load."""

import contextlib
import re
import shutil
import socket
import subprocess
import unittest

import carriers
import certificates
from server import Server, wait_until

XML = """
<mediagraph state-dir="{dir}/state">
  <http listen="127.0.0.1:{http}" tls-listen="127.0.0.1:{rtmp2}"
        tls-certificate="{dir}/certificate.pem" tls-key="{dir}/key.pem"/>
  <player/>
  <pipeline name="live"><ingest-rtmp listen="127.0.0.1:{rtmp}"/></pipeline>
</mediagraph>
"""

LARGE = "/player/dash.all.min.js"

NODE = """
const session = require('http2').connect(process.argv[1], {rejectUnauthorized: false})
let left = 50, bytes = 0
for (let i = 0; i < 50; i++) {
  const stream = session.request({':path': process.argv[2]})
  stream.on('data', (data) => { bytes += data.length })
  stream.on('end', () => { if (--left == 0) { console.log(bytes); session.close() } })
}
"""


class Https(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(XML)
        certificates.make(cls.server.dir)
        cls.server.__enter__()
        cls.addClassCleanup(cls.server.__exit__, None, None, None)
        cls.plain, cls.secure = cls.server.url(""), f"https://127.0.0.1:{cls.server.rtmp2}"

    def curl(self, url, *options):
        """(version, status, body) of one request."""
        done = subprocess.run(["curl", "-sk", "--max-time", "60", "-w", "%{stderr}%{http_version} %{http_code}",
                               *options, url], capture_output=True, check=True)
        version, status = done.stderr.decode().split()
        return version, int(status), done.stdout

    def test_all_versions_give_the_same(self):
        body = self.server.get(LARGE)[2]
        self.assertGreater(len(body), 100000)
        for version, base, option in (("1.1", self.plain, "--http1.1"), ("1", self.plain, "--http1.0"),
                                      ("2", self.plain, "--http2-prior-knowledge"), ("1.1", self.secure, "--http1.1"),
                                      ("2", self.secure, "--http2")):
            got = self.curl(base + LARGE, option)
            self.assertEqual(got[:2], ("1.1" if version == "1" else version, 200), option)
            self.assertEqual(got[2], body, option)

    def test_ranges_and_what_is_not_there(self):
        whole = self.server.get(LARGE)[2]
        self.assertEqual(self.curl(self.secure + LARGE, "--http2", "-r", "70000-70009"), ("2", 206, whole[70000:70010]))
        self.assertEqual(self.curl(self.secure + "/none", "--http2")[:2], ("2", 404))
        self.assertEqual(self.curl(self.secure + LARGE, "--http2", "-d", "x" * 1000)[:2], ("2", 405))

    def test_packed(self):
        version, status, body = self.curl(self.secure + "/", "--http2", "--compressed")
        self.assertEqual((version, status), ("2", 200))
        self.assertEqual(body, self.server.get("/")[2])

    @unittest.skipUnless(shutil.which("nghttp"), "nghttp is not there")
    def test_nghttp(self):
        for base in (self.plain, self.secure):
            done = subprocess.run(["nghttp", "-ns", "-m5", "-t60", base + LARGE, base + "/"], capture_output=True,
                                  text=True, check=True)
            self.assertEqual(len(re.findall(r" 200 +\d", done.stdout)), 10, done.stdout)

    def test_node_asks_for_many_at_a_time(self):
        done = subprocess.run(["node", "-e", NODE, self.secure, LARGE], capture_output=True, text=True, timeout=90,
                              check=True)
        self.assertEqual(int(done.stdout), 50 * len(self.server.get(LARGE)[2]))

    @unittest.skipUnless(shutil.which("h2load"), "h2load is not there")
    def test_certificate_changes_under_load(self):
        first = certificates.of(self.server.rtmp2)
        load = subprocess.Popen(["h2load", "-c10", "-m10", "-t1", "-D6", self.secure + "/"], stdout=subprocess.PIPE,
                                text=True)
        try:
            certificates.make(self.server.dir, "second")
            wait_until(lambda: certificates.of(self.server.rtmp2) != first, "the new certificate")
            self.assertIsNone(load.poll(), "it went on all the while")
            said = load.communicate(timeout=90)[0]
        finally:
            load.kill()
        self.assertRegex(said, r" 0 failed, 0 errored, 0 timeout")
        self.assertGreater(int(re.search(r"(\d+) succeeded", said).group(1)), 1000)

    def test_nothing_but_tls_where_tls_is(self):
        done = subprocess.run(["curl", "-s", "--max-time", "20", f"http://127.0.0.1:{self.server.rtmp2}/"],
                              capture_output=True, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stdout, b"")


class Full(unittest.TestCase):
    """More connections than may be are told so in the protocol that was agreed on, and closed."""

    XML = XML.replace("<http ", '<http max-connections="4" header-timeout="90s" ').replace("<player/>", "")

    def refused(self, server, *protocols):
        """All that who speaks one of PROTOCOLS hears until the server closes."""
        context = carriers.tls()
        context.set_alpn_protocols(protocols)
        with socket.create_connection(("127.0.0.1", server.rtmp2), 20) as plain, context.wrap_socket(plain) as s:
            self.assertEqual(s.selected_alpn_protocol(), protocols[0])
            if protocols[0] == "h2":
                s.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0)))
            else:
                s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            return b"".join(iter(lambda: s.recv(4096), b""))

    def test_every_protocol_is_told(self):
        server = Server(self.XML)
        certificates.make(server.dir)
        with server, contextlib.ExitStack() as held:
            def is_full():
                s = held.enter_context(socket.create_connection(("127.0.0.1", server.http)))
                s.sendall(b"GET / HTTP/1.1\r\n")
                return server.get("/healthz")[0] == 503
            wait_until(is_full, "there are too many")
            self.assertTrue(self.refused(server, "http/1.1").startswith(b"HTTP/1.1 503 "))
            heard = self.refused(server, "h2")
            self.assertNotIn(b"HTTP/1.1", heard)
            self.assertEqual(heard[-17:-8], bytes((0, 0, 8, 7, 0, 0, 0, 0, 0)), "a GOAWAY is the last frame")
            self.assertEqual(heard[-4:], bytes((0, 0, 0, 11)), "it says ENHANCE_YOUR_CALM")


if __name__ == "__main__":
    unittest.main(verbosity=2)
