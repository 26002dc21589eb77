"""Certificates for tests: made on the spot, signed by themselves, for localhost."""

import ssl
import subprocess


class Certificate:
    def __init__(self, folder, name="server", days=30):
        self.path, self.key = folder / f"{name}.crt", folder / f"{name}.key"
        self.make(days)

    def make(self, days=30, common_name="localhost"):
        """Makes it anew, under the same paths."""
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", str(days),
                        "-subj", f"/CN={common_name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", self.key, "-out", self.path], check=True, capture_output=True)

    @property
    def args(self):
        return "--tls-cert", self.path, "--tls-key", self.key

    def trust(self):
        """For clients that trust the certificate as it is now."""
        return ssl.create_default_context(cafile=str(self.path))

    def der(self):
        return ssl.PEM_cert_to_DER_cert(self.path.read_text())
