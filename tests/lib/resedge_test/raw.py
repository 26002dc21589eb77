"""HTTP by hand, on one connection."""

import json
import socket


class Raw:
    """A connection on which a test writes bytes as it likes."""

    def __init__(self, api, token=None, tls=None):
        """tls: an ssl.SSLContext."""
        self.socket = socket.create_connection(("127.0.0.1", api.port), timeout=30)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self.file = self.socket.makefile("rb")
        self.authorization = f"Authorization: Bearer {token}\r\n" if token else ""

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else text.encode())

    def request(self, method, path, headers="", body=b""):
        self.send(f"{method} {path} HTTP/1.1\r\nHost: x\r\n{self.authorization}{headers}\r\n".encode() + body)

    def answer_without_body(self):
        """Of HEAD."""
        return self.answer(with_body=False)

    def answer(self, with_body=True):
        """Status, headers and body of the next answer; None when the connection ended instead."""
        line = self.file.readline()
        if not line:
            return None
        status, headers = int(line.split()[1]), {}
        while (line := self.file.readline().strip()):
            name, value = line.decode().split(": ", 1)
            headers[name.lower()] = value
        return status, headers, self.file.read(int(headers.get("content-length", 0)) if with_body else 0)

    def problem(self):
        status, headers, body = self.answer()
        assert headers["content-type"] == "application/problem+json", headers
        assert headers["connection"] == "close" and headers["x-request-id"]
        problem = json.loads(body)
        assert problem["status"] == status and problem["requestId"] == headers["x-request-id"]
        return problem

    def ended(self):
        try:
            return self.file.read(1) == b""
        except ConnectionResetError:
            return True

    def close(self):
        self.file.close()
        self.socket.close()
