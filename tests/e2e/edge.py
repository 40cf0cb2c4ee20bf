"""The caches of docs/edge, as they are there but for addresses and folders, and a relay that counts."""

import asyncio
import contextlib
import pathlib
import shutil
import socket
import subprocess
import tempfile

import manifests
from server import free_ports, wait_until

FOLDER = manifests.SOURCE / "docs" / "edge"


class Relay:
    """Passes connections on to a port, and notes each request's path, and when the answer to it began."""

    def __init__(self, target):
        self.target, self.paths, self.answered = target, [], {}

    async def start(self):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _serve(self, reader, writer):
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target)
        asked = []

        def note_requests(data):
            for line in data.split(b"\r\n"):
                if line.startswith(b"GET "):
                    self.paths.append(line.split()[1].decode())
                    asked.append(self.paths[-1])

        def note_answers(_):
            if asked:
                self.answered.setdefault(asked[-1], asyncio.get_running_loop().time())

        try:
            await asyncio.gather(self._pass_on(reader, there_writer, note_requests),
                                 self._pass_on(there_reader, writer, note_answers))
        except (OSError, asyncio.CancelledError):
            pass  # the edge has gone, or the test is over
        finally:
            writer.close()
            there_writer.close()

    @staticmethod
    async def _pass_on(reader, writer, note):
        while data := await reader.read(65536):
            note(data)
            writer.write(data)
            await writer.drain()
        writer.close()


class Edge:
    """`with Nginx(PORT) as edge:` caches what is served at PORT, at edge.port."""

    command = None

    def __init__(self, origin):
        (self.port,) = free_ports(1)
        self.origin, self.process = origin, None
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="mediagraph-edge-"))

    @classmethod
    def is_there(cls):
        return bool(shutil.which(cls.command) or shutil.which(f"/usr/sbin/{cls.command}"))

    def __enter__(self):
        arguments = self.arguments()
        with open(self.dir / "log", "wb") as log:
            self.process = subprocess.Popen(arguments, stdout=log, stderr=log)
        wait_until(self._listens, "the edge listens")
        return self

    def __exit__(self, kind, *unused):
        self.process.terminate()
        self.process.wait()
        if kind is not None:
            print((self.dir / "log").read_text(errors="replace"))
        shutil.rmtree(self.dir, ignore_errors=True)

    def _listens(self):
        assert self.process.poll() is None, (self.dir / "log").read_text(errors="replace")
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 5).close()
            return True
        return False


class Nginx(Edge):
    command = "nginx"

    def arguments(self):
        self.dir.chmod(0o755)  # nginx's workers are another user
        text = (FOLDER / "nginx.conf").read_text(encoding="utf-8")
        for old, new in (("listen 80;", f"listen 127.0.0.1:{self.port};"),
                         ("127.0.0.1:8080", f"127.0.0.1:{self.origin}"),
                         ("/var/cache/nginx/live", f"{self.dir}/cache")):
            assert old in text
            text = text.replace(old, new)
        paths = "".join(f"{kind}_temp_path {self.dir}/{kind};\n"
                        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        text = text.replace("http {", f"http {{\naccess_log off;\n{paths}")
        config = self.dir / "nginx.conf"
        config.write_text(f"daemon off;\npid {self.dir}/pid;\nerror_log stderr warn;\n{text}", encoding="utf-8")
        return ["/usr/sbin/nginx", "-p", self.dir, "-c", config]


class Varnish(Edge):
    command = "varnishd"

    def arguments(self):
        text = (FOLDER / "varnish.vcl").read_text(encoding="utf-8")
        assert '"8080"' in text
        config = self.dir / "varnish.vcl"
        config.write_text(text.replace('"8080"', f'"{self.origin}"'), encoding="utf-8")
        return ["/usr/sbin/varnishd", "-F", "-n", self.dir / "work", "-j", "none", "-s", "malloc,64m",
                "-a", f"127.0.0.1:{self.port}", "-f", config]
