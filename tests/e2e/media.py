"""Test media, publishers, and what comes out compared with what went in."""

import hashlib
import os
import pathlib
import shlex
import subprocess
import tempfile

CACHE = pathlib.Path(os.environ.get("MEDIAGRAPH_TEST_MEDIA")
                     or pathlib.Path(tempfile.gettempdir()) / "mediagraph-test-media")

SLEW = 0.00051  # seconds per second

FFMPEG = ["ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-y"]


def run(command, seconds=300):
    """Runs a client that must not hang, and returns what it prints."""
    done = subprocess.run(["timeout", "-k", "5", str(seconds), *map(str, command)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}\nended with {done.returncode}:\n"
                             f"{done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout.decode(errors="replace")


def make(name, seconds, video="libx264", audio="aac", rate="30", size="320x180", gop=30, bframes=2,
         sample_rate=48000, channels=2):
    """An FLV of a test pattern and a tone, made once. VIDEO or AUDIO of None leaves the track out."""
    command = []
    if video:
        command += ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"]
    if audio:
        command += ["-f", "lavfi", "-i", f"sine=frequency=500:sample_rate={sample_rate}:duration={seconds}"]
    if video:
        command += ["-c:v", video, "-preset", "veryfast", "-pix_fmt", "yuv420p", "-bf", str(bframes),
                    "-g", str(gop), "-keyint_min", str(gop), "-sc_threshold", "0"]
    if audio:
        command += ["-c:a", audio, "-b:a", "96k", "-ac", str(channels)]
    return made(name, command, "flv")


def made(name, arguments, form):
    """The file that ffmpeg makes by ARGUMENTS, made once."""
    digest = hashlib.sha1(" ".join([*FFMPEG, *arguments]).encode()).hexdigest()[:8]
    path = CACHE / f"{name}-{digest}.{form}"
    if path.exists():
        return path
    CACHE.mkdir(parents=True, exist_ok=True)
    unfinished = CACHE / f"{name}-{os.getpid()}.{form}"
    run([*FFMPEG, *arguments, "-f", form, unfinished])
    unfinished.rename(path)
    return path


def publish_ffmpeg(path, url, extra=()):
    """A running ffmpeg that pushes PATH at its own speed, without re-encoding."""
    return subprocess.Popen([*FFMPEG, "-re", *extra, "-i", path, "-c", "copy", "-f", "flv",
                             "-flvflags", "no_duration_filesize", url],
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def publish_gstreamer(path, url, copy, sink="rtmp2sink"):
    """The same by GStreamer; rtmpsink is librtmp. COPY becomes an FLV of what its muxer made: the stamps
    of B-frames are its own."""
    location = f'"{url} live=1"' if sink == "rtmpsink" else url
    launch = (f"filesrc location={path} ! flvdemux name=d "
              f"flvmux name=m streamable=true ! tee name=t "
              f"t. ! queue ! {sink} location={location} t. ! queue ! filesink location={copy} "
              f"d.video ! queue ! h264parse ! identity sync=true ! m.video "
              f"d.audio ! queue ! aacparse ! identity sync=true ! m.audio")
    return subprocess.Popen(["gst-launch-1.0", "-q", *shlex.split(launch)],
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def start(command):
    """A client that plays, and ends with the stream."""
    return subprocess.Popen(["timeout", "-k", "5", "120", *map(str, command)], stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def play_rtmpdump(url, copy, extra=("--live",)):
    """It plays URL into the file COPY, as the next two do."""
    return start(["rtmpdump", "-q", *extra, "-r", url, "-o", copy])


def play_ffmpeg(url, copy):
    return start([*FFMPEG, "-i", url, "-c", "copy", "-copyts", copy])


def play_gstreamer(url, copy, source="rtmp2src"):
    """rtmpsrc is librtmp."""
    location = f"{url} live=1" if source == "rtmpsrc" else url
    return start(["gst-launch-1.0", "-q", *source.split(), f"location={location}", "!", "filesink",
                  f"location={copy}"])


def finish(process, seconds=180):
    """Waits for a publisher that ends by itself."""
    try:
        _, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    if process.returncode != 0:
        raise AssertionError(f"the publisher ended with {process.returncode}: {errors.decode()[-1000:]}")


def packets(source, kind, extra=()):
    """[(pts in seconds, duration-independent size, md5)] of the coded packets of 'v' or 'a'."""
    text = run([*FFMPEG, *extra, "-i", source, "-map", f"0:{kind}:0", "-c", "copy", "-copyts",
                "-f", "framemd5", "-"])
    timebase, rows = 1.0, []
    for line in text.splitlines():
        if line.startswith("#tb 0:"):
            numerator, denominator = line.split(":")[1].split("/")
            timebase = int(numerator) / int(denominator)
        elif line and not line.startswith("#"):
            _, _, pts, _, size, digest = [f.strip() for f in line.split(",")[:6]]
            rows.append((int(pts) * timebase, int(size), digest))
    return rows


def has(source, kind):
    """Whether there is a track of 'v' or 'a'."""
    return bool(run(["ffprobe", "-v", "error", "-select_streams", kind, "-show_entries", "stream=index",
                     "-of", "csv=p=0", source]).strip())


def decode_gstreamer(url, folder):
    """How many bytes of pictures (I420) and of sound (two channels of 16 bits) GStreamer decodes."""
    raw = [folder / "pictures.raw", folder / "sound.raw"]
    run(["gst-launch-1.0", "-q", "playbin3", f"uri={url}",
         f"video-sink=videoconvert ! video/x-raw,format=I420 ! filesink location={raw[0]}",
         f"audio-sink=audioconvert ! audio/x-raw,format=S16LE,channels=2 ! filesink location={raw[1]}"])
    return [path.stat().st_size for path in raw]


def expected(path, kind):
    """What of PATH is to come out: all, but for sound before the first picture."""
    first = packets(path, "v")[0][0] if kind == "a" and has(path, "v") else 0
    return [packet for packet in packets(path, kind) if packet[0] > first - 0.001]


def tail_difference(copy, path):
    """None when COPY is what is at the end of PATH, from a key frame on; else a sentence."""
    for kind in "va":
        sent, got = packets(path, kind), packets(copy, kind)
        if len(got) <= 10:
            return f"{copy} {kind}: {len(got)} packets"
        said = difference(sent[-len(got):], got)
        if said:
            return f"{copy} {kind}: {said}"
    flags = run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=flags", "-of",
                 "csv=p=0", copy])
    return None if flags.startswith("K") else f"{copy} begins with no key frame"


def difference(before, after, tolerance=0.0011):
    """None when AFTER has the packets of BEFORE, at the same distances; else a sentence. Media that comes
    earlier or later than the clock would have it is moved towards it, as slowly as SLEW."""
    if len(before) != len(after):
        return f"{len(before)} packets went in, {len(after)} came out"
    shift = after[0][0] - before[0][0] if before else 0
    for i, (a, b) in enumerate(zip(before, after)):
        if a[1:] != b[1:]:
            return f"packet {i}: {a} became {b}"
        if abs(b[0] - a[0] - shift) > tolerance + SLEW * (a[0] - before[0][0]):
            return f"packet {i}: at {a[0]:.4f} s, came out at {b[0] - shift:.4f} s"
    return None
