"""What carries RTMP to a server: TCP, TLS, requests of HTTP, RC4; and these one in the other.

All look like a socket to who talks through them. `connect("rtmpts", port)` gives one; for the schemes that
are ENCRYPTED `encrypt()` shakes hands.
"""

import hashlib
import hmac
import http.client
import os
import socket
import ssl
import threading
import time

BLOCK = 1536
MOST_POSTED = 64 << 10
ENCRYPTED = ("rtmpe", "rtmpte")
PRIME = int("ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd"
            "ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
            "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff", 16)  # RFC 2409 6.2
PLAYER_KEY = b"Genuine Adobe Flash Player 001"
SERVER_KEY = b"Genuine Adobe Flash Media Server 001"
SUFFIX = bytes.fromhex("f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae")


def tls():
    """A context that takes any certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def connect(scheme, port, timeout=90, source="127.0.0.1"):
    """What takes RTMP, or RTMPE's handshake, to PORT of this machine in the way of a URL's SCHEME."""
    if scheme in ("rtmpt", "rtmpts", "rtmpte"):
        return Tunnel(port, scheme == "rtmpts", timeout)
    carrier = socket.create_connection(("127.0.0.1", port), timeout, (source, 0))
    carrier.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return tls().wrap_socket(carrier) if scheme == "rtmps" else carrier


def exactly(carrier, count):
    """So many bytes; EOFError when there are no more."""
    data = bytearray()
    while len(data) < count:
        piece = carrier.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)


class Tunnel:
    """RTMPT: what is sent is posted at once; who waits for more asks twenty times a second."""

    def __init__(self, port, secure, timeout):
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self.connection = kind("127.0.0.1", port, timeout=timeout, **({"context": tls()} if secure else {}))
        self.lock, self.inbox, self.number, self.is_closed = threading.Lock(), bytearray(), 0, False
        self.id = self._post("/open/1").decode().strip()

    def _post(self, path, body=b"\0"):
        self.connection.request("POST", path, body, {"Content-Type": "application/x-fcs"})
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.status != 200:
            raise ConnectionResetError(f"{path}: {answer.status}")
        return data

    def _exchange(self, verb, body=b"\0"):
        with self.lock:
            if self.is_closed:
                raise ConnectionResetError("closed")
            try:
                self.inbox += self._post(f"/{verb}/{self.id}/{self.number}", body)[1:]
            except http.client.HTTPException as error:
                raise ConnectionResetError(repr(error)) from error
            self.number += 1

    def sendall(self, data):
        for at in range(0, len(data), MOST_POSTED):
            self._exchange("send", data[at:at + MOST_POSTED])

    def recv(self, count):
        while True:
            with self.lock:
                data = bytes(self.inbox[:count])
                del self.inbox[:count]
            if data:
                return data
            try:
                self._exchange("idle")
            except OSError:
                return b""
            if not self.inbox:
                time.sleep(0.05)

    def settimeout(self, seconds):
        self.connection.timeout = seconds

    def shutdown(self, _how=None):
        try:
            self._exchange("close")
        except OSError:
            pass
        with self.lock:
            self.is_closed = True

    def close(self):
        """Says so, too: else the server waits for the next request."""
        self.shutdown()
        self.connection.close()


def rc4(key):
    """The stream of bytes, less those that RTMPE passes over."""
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) & 255
        state[i], state[j] = state[j], state[i]
    i = j = made = 0
    while True:
        i = (i + 1) & 255
        a = state[i]
        j = (j + a) & 255
        b = state[i] = state[j]
        state[j] = a
        made += 1
        if made > BLOCK:
            yield state[(a + b) & 255]


class Encrypted:
    """A carrier behind RTMPE's handshake."""

    def __init__(self, carrier, key_in, key_out):
        self.carrier, self.stream_in, self.stream_out = carrier, rc4(key_in), rc4(key_out)

    def sendall(self, data):
        self.carrier.sendall(bytes(a ^ b for a, b in zip(data, self.stream_out)))

    def recv(self, count):
        return bytes(a ^ b for a, b in zip(self.carrier.recv(count), self.stream_in))

    def __getattr__(self, name):
        return getattr(self.carrier, name)


def digest(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def digest_at(block):
    """Scheme 0's place."""
    return sum(block[772:776]) % 728 + 776


def key_at(block):
    return sum(block[768:772]) % 632 + 8


def first_block(own):
    """C1 with the public key OWN and a digest."""
    block = bytearray(bytes(4) + b"\x80\0\x03\x02" + os.urandom(BLOCK - 8))
    block[key_at(block):key_at(block) + 128] = own
    at = digest_at(block)
    block[at:at + 32] = digest(PLAYER_KEY, bytes(block[:at] + block[at + 32:]))
    return bytes(block)


def encrypt(carrier, kind=6):
    """Shakes hands in RTMPE of KIND 6, 8 or 9; returns what is to be talked through. What the server signs is
    looked at, but for a signature that is hidden, in 8 and 9."""
    secret = int.from_bytes(os.urandom(32), "big")
    c1 = first_block(pow(2, secret, PRIME).to_bytes(128, "big"))
    carrier.sendall(bytes([kind]) + c1)
    answer = exactly(carrier, 1 + 2 * BLOCK)
    s1, s2 = answer[1:1 + BLOCK], answer[1 + BLOCK:]
    at = digest_at(s1)
    assert answer[0] == kind and s1[at:at + 32] == digest(SERVER_KEY, s1[:at] + s1[at + 32:]), "S1"
    if kind == 6:
        signed_with = digest(SERVER_KEY + SUFFIX, c1[digest_at(c1):][:32])
        assert s2[-32:] == digest(signed_with, s2[:-32]), "S2"
    own, peer = c1[key_at(c1):][:128], s1[key_at(s1):][:128]
    shared = pow(int.from_bytes(peer, "big"), secret, PRIME).to_bytes(128, "big")
    carrier.sendall(bytes(BLOCK))
    return Encrypted(carrier, digest(shared, own)[:16], digest(shared, peer)[:16])
