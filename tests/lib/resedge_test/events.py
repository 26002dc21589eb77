"""A client of /api/v1/events: reads server-sent events one by one."""

import http.client
import json


class Events:
    def __init__(self, client, query="", last_id=None, timeout=30):
        self.connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=timeout)
        headers = {"Authorization": f"Bearer {client.token}", "Accept": "text/event-stream"}
        if last_id:
            headers["Last-Event-ID"] = last_id
        self.connection.request("GET", f"/api/v1/events{query}", headers=headers)
        self.answer = self.connection.getresponse()
        self.status = self.answer.status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def next(self, kind=None):
        """The next event (of a kind): (type, id, data). None at the end of the stream."""
        while True:
            event = self._one()
            if event is None or (event[0] and kind in (None, event[0])):
                return event

    def _one(self):
        kind, number, data = None, None, []
        while (line := self.answer.readline()) not in (b"\n", b""):
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "event":
                kind = value
            elif name == "id":
                number = value
            elif name == "data":
                data.append(value)
        if line == b"":
            return None
        return kind, number, json.loads("\n".join(data)) if data else None
