"""Certificates that a test makes for itself, and TLS clients that trust anybody."""

import carriers
import media


def make(folder, name="localhost"):
    """Writes FOLDER/certificate.pem and FOLDER/key.pem, each as a whole, in place of what was there."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    media.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
               "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{key}.new", "-out", f"{certificate}.new"])
    for path in (certificate, key):
        path.with_name(f"{path.name}.new").rename(path)
    return certificate, key


def connect(port):
    """A socket in TLS, past the handshake."""
    return carriers.connect("rtmps", port, 10)


def of(port):
    """The certificate that a new connection gets, as bytes."""
    with connect(port) as s:
        return s.getpeercert(binary_form=True)
