"""Servers under measurement: started in a session of their own, read through /proc, ended by pid."""

import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Broken(Exception):
    """A measurement that cannot be made; the text says why, for whoever started it."""


@dataclass
class Reading:
    """What a process and its children have used since they began, at one time."""

    at: float  # time.monotonic()
    cpu_s: float
    user_s: float
    system_s: float


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def cpu_clock(pid):
    """The id of the CPU clock of a whole process: nanoseconds, where /proc counts in 10 ms."""
    return (~pid << 3) | 2


def tail(path, lines=15):
    with open(path, encoding="utf-8", errors="replace") as f:
        return "".join(f.readlines()[-lines:])


def begin(command, word):
    """A generator of load that has said that it is at work."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    if process.stdout.readline() != f"{word}\n":
        process.kill()
        process.wait()
        raise Broken(f"{os.path.basename(command[0])} did not come through")
    return process


def end(process):
    if process is not None and process.poll() is None:
        process.kill()
        process.wait()


class Server:
    """One server process with its children, until stop()."""

    def __init__(self, command, log, env=None):
        self._log = log
        self._name = os.path.basename(command[0])
        with open(log, "wb") as out:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                env={**os.environ, **(env or {})})

    def wait_for_port(self, port, patience_s=10):
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise Broken(f"{self._name} ended at once:\n{tail(self._log)}")
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise Broken(f"{self._name} does not listen on port {port}:\n{tail(self._log)}")

    @property
    def pid(self):
        return self._process.pid

    def pids(self):
        """The process and all below it."""
        found = [self.pid]
        for pid in found:
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as f:
                    found += [int(child) for child in f.read().split()]
        return found

    def read(self):
        if self._process.poll() is not None:
            raise Broken(f"{self._name} ended while it was measured:\n{tail(self._log)}")
        cpu = user = system = 0.0
        for pid in self.pids():
            cpu += time.clock_gettime(cpu_clock(pid))
            with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
                fields = f.read().rpartition(")")[2].split()
            user += int(fields[11]) / TICKS_PER_S
            system += int(fields[12]) / TICKS_PER_S
        return Reading(time.monotonic(), cpu, user, system)

    def memory_bytes(self):
        """Memory that is the server's alone, or its share of it (PSS)."""
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
                total += sum(int(line.split()[1]) for line in f if line.startswith("Pss:")) * 1024
        return total

    def resident_bytes(self, at_most=False):
        """Memory as `ps` shows it: now, or the most that it ever was."""
        field = "VmHWM:" if at_most else "VmRSS:"
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as f:
                total += sum(int(line.split()[1]) for line in f if line.startswith(field)) * 1024
        return total

    def stop(self):
        """SIGTERM, and SIGKILL for what is left after a while."""
        if self._process.poll() is not None:
            return
        pids = self.pids()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            for pid in reversed(pids):
                os.kill(pid, signal.SIGKILL)
            self._process.wait(10)
