"""An nginx with its RTMP module, as the other server of a test."""

import contextlib
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

from server import free_ports, wait_until

CONFIG = """
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
daemon off;
master_process off;
worker_processes 1;
pid {dir}/pid;
error_log stderr warn;
events {{ worker_connections 64; }}
rtmp {{ access_log off; server {{ listen 127.0.0.1:{port}; application live {{ live on; }} }} }}
"""


def is_there():
    """Whether this machine has it."""
    return bool(shutil.which("nginx")) and pathlib.Path("/usr/lib/nginx/modules/ngx_rtmp_module.so").exists()


class Nginx:
    """`with Nginx() as n:` takes streams at, and plays them from, n.url(NAME)."""

    def __init__(self):
        (self.port,) = free_ports(1)
        self.process = None
        self.dir = tempfile.TemporaryDirectory(prefix="mediagraph-nginx-")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *unused):
        self.kill()
        self.dir.cleanup()

    def url(self, stream):
        return f"rtmp://127.0.0.1:{self.port}/live/{stream}"

    def start(self):
        config = pathlib.Path(self.dir.name) / "nginx.conf"
        config.write_text(CONFIG.format(dir=self.dir.name, port=self.port), encoding="utf-8")
        self.process = subprocess.Popen(["nginx", "-p", self.dir.name, "-c", config],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._listens, "nginx listens")

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
