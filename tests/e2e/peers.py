"""Other RTMP servers of a test: nginx with its RTMP module, and Node-Media-Server."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

from server import free_ports, wait_until

NGINX = """
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
daemon off;
master_process off;
worker_processes 1;
pid {dir}/pid;
error_log stderr warn;
events {{ worker_connections 64; }}
rtmp {{ access_log off; server {{ listen 127.0.0.1:{port}; application live {{ live on; }} }} }}
"""

PACKAGES = pathlib.Path(__file__).parents[1] / "peers"


class Peer:
    """`with Nginx() as n:` takes streams at, and plays them from, n.url(NAME)."""

    def __init__(self):
        (self.port,) = free_ports(1)
        self.process = None
        self.dir = tempfile.TemporaryDirectory(prefix="mediagraph-peer-")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *unused):
        self.kill()
        self.dir.cleanup()

    def command(self):
        """What to run; it may put files into `dir`."""
        raise NotImplementedError

    def url(self, stream):
        return f"rtmp://127.0.0.1:{self.port}/live/{stream}"

    def start(self):
        self.process = subprocess.Popen(self.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        cwd=self.dir.name, env={**os.environ, "NODE_PATH": PACKAGES / "node_modules"})
        wait_until(self._listens, f"{type(self).__name__} listens")

    def _listens(self):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 5).close()
            return True
        return False

    def kill(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None


class Nginx(Peer):
    @staticmethod
    def is_there():
        """Whether this machine has it."""
        return bool(shutil.which("nginx")) and pathlib.Path("/usr/lib/nginx/modules/ngx_rtmp_module.so").exists()

    def command(self):
        config = pathlib.Path(self.dir.name) / "nginx.conf"
        config.write_text(NGINX.format(dir=self.dir.name, port=self.port), encoding="utf-8")
        return ["nginx", "-p", self.dir.name, "-c", config]


class NodeMedia(Peer):
    """Node-Media-Server, which forwards Enhanced RTMP, but does not say so, nor that a stream has ended."""

    @staticmethod
    def is_there():
        return bool(shutil.which("node")) and (PACKAGES / "node_modules" / "node-media-server").exists()

    def command(self):
        config = json.dumps({"bind": "127.0.0.1", "rtmp": {"port": self.port}})
        return ["node", "-e", f"new (require('node-media-server'))({config}).run()"]
