"""Who is measured by bench/passthrough, and how each is made to do one kind of work.

A contestant has a name; start(work, folder) writes its configuration into the folder, which lies in
memory, and gives a Server and the port that it takes RTMP on.
"""

import os
import subprocess

from processes import Broken, Server, free_port

INGEST, SERVE, RECORD = "ingest", "hls+dash", "hls+dash+dvr"
WORKS = (INGEST, SERVE, RECORD)


class Sink:
    """Reads the same bytes and drops them."""

    name = "sink"
    works = (INGEST,)
    speaks_rtmp = False
    speaks_tls = False

    def __init__(self, build):
        self._program = f"{build}/bench/tcp-sink"

    def start(self, work, folder):
        port = free_port()
        server = Server([self._program, str(port)], f"{folder}/log")
        server.wait_for_port(port)
        return server, port


NGINX = """
load_module {module};
daemon off;
worker_processes {workers};
pid {folder}/pid;
error_log {folder}/error.log warn;
events {{ worker_connections 4096; }}
rtmp {{
  access_log off;
  server {{
    listen 127.0.0.1:{port};
    chunk_size 4096;
    application live {{
      live on;
      {work}
    }}
  }}
}}
"""

NGINX_WORK = {
    INGEST: "",
    SERVE: """hls on; hls_path {folder}/hls; hls_fragment 4s; hls_playlist_length 24s;
      dash on; dash_path {folder}/dash; dash_fragment 4s; dash_playlist_length 24s;""",
}
NGINX_WORK[RECORD] = NGINX_WORK[SERVE] + " record all; record_path {folder}/recordings;"


class Nginx:
    """nginx-rtmp as Debian has it, all its files in memory."""

    name = "nginx-rtmp"
    works = WORKS
    speaks_rtmp = True
    speaks_tls = False
    workers = "auto"
    module = "/usr/lib/nginx/modules/ngx_rtmp_module.so"

    def __init__(self, _build):
        if not os.path.exists(self.module):
            raise Broken("nginx-rtmp is missing; install libnginx-mod-rtmp")

    def start(self, work, folder):
        port = free_port()
        # The workers run as another user when the master is root.
        for name in ("hls", "dash", "recordings"):
            os.mkdir(f"{folder}/{name}")
            os.chmod(f"{folder}/{name}", 0o777)
        os.chmod(folder, 0o755)
        text = NGINX.format(module=self.module, folder=folder, port=port, workers=self.workers,
                            work=NGINX_WORK[work].format(folder=folder))
        with open(f"{folder}/nginx.conf", "w", encoding="ascii") as f:
            f.write(text)
        server = Server(["nginx", "-p", folder, "-c", f"{folder}/nginx.conf"], f"{folder}/log")
        server.wait_for_port(port)
        return server, port


PIPELINE = """<mediagraph state-dir="{folder}/state">
  {service}
  <pipeline name="bench" {pipeline}>
    <ingest-rtmp id="rtmp" listen="127.0.0.1:{port}" app="live" {attributes}/>
    {nodes}
  </pipeline>
</mediagraph>
"""

# The window is longer than a run: all media that came is kept, so that it is known how much it is.
OUTPUTS = """<segment-cmaf id="cmaf" from="rtmp" segment="4s" part="500ms"/>
    <out-hls from="cmaf" window="{window_s}s"/>
    <out-dash from="cmaf" window="{window_s}s"/>"""
NODES = {
    INGEST: "",
    SERVE: OUTPUTS,
    RECORD: OUTPUTS + """
    <dvr from="cmaf" dir="{folder}/recordings"/>""",
}


class Mediagraph:
    name = "mediagraph"
    works = WORKS
    speaks_rtmp = True
    speaks_tls = False
    attributes = ""  # of the ingest
    limits = ""  # more of them
    pipeline = ""  # the pipeline's

    def __init__(self, build, window_s=300):
        self._build = build
        self._window_s = window_s

    def start(self, work, folder):
        port = free_port()
        service = "" if work == INGEST else f'<http listen="127.0.0.1:{free_port()}"/>'
        nodes = NODES[work].format(folder=folder, window_s=self._window_s)
        with open(f"{folder}/bench.xml", "w", encoding="ascii") as f:
            f.write(PIPELINE.format(folder=folder, port=port, service=service, nodes=nodes,
                                    pipeline=self.pipeline,
                                    attributes=f"{self.attributes} {self.limits}"))
        server = Server([f"{self._build}/cli/mediagraph", "run", f"{folder}/bench.xml"],
                        f"{folder}/log",
                        {"MEDIAGRAPH_PLUGIN_PATH": f"{os.path.abspath(self._build)}/plugins"})
        server.wait_for_port(port)
        return server, port


class Rtmps(Mediagraph):
    """The same by TLS."""

    name = "mediagraph-rtmps"
    works = (INGEST,)
    speaks_tls = True
    attributes = 'protocols="rtmps" tls-certificate="{0}/certificate.pem" tls-key="{0}/key.pem"'

    def start(self, work, folder):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost",
                        "-keyout", f"{folder}/key.pem", "-out", f"{folder}/certificate.pem"],
                       check=True, stderr=subprocess.DEVNULL, timeout=30)
        self.attributes = Rtmps.attributes.format(folder)
        return super().start(work, folder)
