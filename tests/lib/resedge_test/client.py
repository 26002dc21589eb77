"""A small HTTP client: one connection a request, JSON in and out, and nothing hidden."""

import http.client
import json

from .contract import contract


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def revision(self):
        return int(self.headers["Resedge-Revision"])

    @property
    def etag(self):
        return self.headers.get("ETag")

    def __repr__(self):
        return f"<{self.status} {self.body[:500]!r}>"


class Client:
    def __init__(self, port, token=None, tls=None):
        """tls: an ssl.SSLContext, or None for plain HTTP."""
        self.port = port
        self.token = token
        self.tls = tls
        self.checked = True  # against the API's description

    def request(self, method, path, body=None, headers=None, timeout=60):
        if self.tls:
            connection = http.client.HTTPSConnection("localhost", self.port, timeout=timeout, context=self.tls)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        headers = dict(headers or {})
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        try:
            connection.request(method, path, body=body, headers=headers)
            raw = connection.getresponse()
            answer = Answer(raw.status, raw.headers, raw.read())
        finally:
            connection.close()
        if self.checked:
            self._contract().check(method, path, answer)
        return answer

    def _contract(self):
        asking = Client(self.port, tls=self.tls)
        asking.checked = False
        return contract(lambda: asking.request("GET", "/api/v1/openapi.json").json)

    def _expect(self, statuses, method, path, *args, **kwargs):
        answer = self.request(method, path, *args, **kwargs)
        assert answer.status in statuses, f"{method} {path}: {answer}"
        return answer

    def get(self, path, **kwargs):
        return self._expect((200,), "GET", path, **kwargs).json

    def post(self, path, body=None, **kwargs):
        answer = self._expect((200, 201, 202, 204), "POST", path, body, **kwargs)
        return answer.json if answer.body else None

    def patch(self, path, body, **kwargs):
        return self._expect((200,), "PATCH", path, body, **kwargs).json

    def put(self, path, body, **kwargs):
        return self._expect((200,), "PUT", path, body, **kwargs).json

    def delete(self, path, **kwargs):
        self._expect((204,), "DELETE", path, **kwargs)

    def refused(self, status, method, path, body=None, **kwargs):
        """The problem document of a request that has to be refused with this status."""
        answer = self._expect((status,), method, path, body, **kwargs)
        assert answer.headers["Content-Type"].startswith("application/problem+json"), answer.headers
        return answer.json
