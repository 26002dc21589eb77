"""How requests travel: HTTP/2 where it is offered, proxies and certificates as curl takes them, retries with growing pauses."""

import os
import re
import socket
import subprocess
import threading
import time

import pytest

from resedge_test.certificate import Certificate
from resedge_test.servers import Cli
from resedge_test.wait import until
from small import says

NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1; {user}
events {{ worker_connections 64; }}
http {{
    log_format what '$server_protocol $request_method $status'; access_log {folder}/access.log what;
    client_body_temp_path {folder}/t0; proxy_temp_path {folder}/t1; fastcgi_temp_path {folder}/t2; uwsgi_temp_path {folder}/t3; scgi_temp_path {folder}/t4;
    server {{
        listen 127.0.0.1:{port} ssl http2; ssl_certificate {certificate}; ssl_certificate_key {key};
        location / {{ proxy_pass {backend}; }}
    }}
}}
"""


class Front:
    """nginx before the Data Service, as an Ingress is: TLS, and HTTP/2 for whoever wants it."""

    def __init__(self, folder, backend):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url, self.folder, self.certificate = f"https://localhost:{self.port}", folder, Certificate(folder)
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=self.port, backend=backend, certificate=self.certificate.path,
                                                        key=self.certificate.key, user="user root;" if os.getuid() == 0 else ""))
        self.child = subprocess.Popen(["nginx", "-c", folder / "nginx.conf", "-p", folder], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                      env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"})
        until(self.accepts, "nginx opens its port")

    def accepts(self):
        assert self.child.poll() is None, (self.folder / "error.log").read_text()
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def requests(self, count):
        until(lambda: len((self.folder / "access.log").read_text().splitlines()) >= count, "nginx has logged the request")
        return (self.folder / "access.log").read_text().splitlines()

    def stop(self):
        self.child.terminate()
        self.child.wait(30)


@pytest.fixture
def front(standing, tmp_path):
    front = Front(tmp_path, standing.api.url)
    yield front
    front.stop()


@pytest.fixture
def through(front, standing):
    """The command line, by way of nginx; nobody has told it of the certificate."""
    cli = Cli(front, standing.token)
    for name in ("CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"):
        cli.env.pop(name, None)
    return cli


def test_http_2_is_spoken_where_it_is_offered(front, through):
    assert through("get", "clusters", "-o", "name", "--cacert", front.certificate.path).split() == ["east-1", "east-2", "west-1"]
    assert front.requests(1) == ["HTTP/2.0 GET 200"]


def test_who_signs_with_an_unknown_key_is_refused_and_no_token_is_sent(front, through):
    says(through.run("get", "clusters"), 4, "certificate")
    assert (front.folder / "access.log").read_text() == ""


@pytest.mark.parametrize("name", ["CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_certificates_are_named_as_for_curl(front, through, name):
    through.env[name] = str(front.certificate.path)
    assert through("get", "clusters", "-o", "name")
    assert front.requests(1) == ["HTTP/2.0 GET 200"]


class Scripted:
    """Answers the requests of all connections one after the other, and notes when each came."""

    def __init__(self, *answers):
        self.answers, self.requests, self.times = list(answers), [], []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        for answer in self.answers:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                self.requests.append(connection.recv(65536).decode())
                self.times.append(time.monotonic())
                connection.sendall(answer.encode())

    def close(self):
        self.socket.close()
        self.thread.join(30)


def http(status, body, more=""):
    return f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{more}\r\n{body}"


BUSY = http("503 Busy", '{"detail": "starting", "code": "unavailable"}')
LIST = http("200 OK", '{"value": [{"id": 1, "name": "east-1"}]}')


@pytest.fixture
def scripted():
    started = []

    def start(*answers):
        started.append(Scripted(*answers))
        return started[-1], Cli(started[-1], "rse_1_secret")
    yield start
    for one in started:
        one.close()


def test_a_read_is_repeated_after_growing_pauses_until_it_is_answered(scripted):
    one, cli = scripted(BUSY, BUSY, LIST)
    assert cli("get", "clusters", "-o", "name") == "east-1\n"
    first, second = (after - before for before, after in zip(one.times, one.times[1:]))
    assert len(one.requests) == 3 and second > first > 0


def key_of(request):
    return re.search("\r\nIdempotency-Key: ([0-9a-f]{32})\r\n", request)[1]


def test_a_write_is_repeated_under_its_own_key(scripted):
    made = http("201 Created", '{"id": 1, "name": "x"}')
    one, cli = scripted(BUSY, made, made)
    cli("create", "cluster", "x")
    cli("create", "cluster", "y")
    keys = [key_of(request) for request in one.requests]
    assert keys[0] == keys[1] != keys[2]


class Forgetful:
    """Passes requests on, and the answers but for the first `lost` to POSTs: there the connection ends."""

    def __init__(self, port, lost):
        self.to, self.lost, self.keys = port, lost, []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            with client, socket.create_connection(("127.0.0.1", self.to)) as server:
                self.pass_on(client, server)

    def pass_on(self, client, server):
        while request := read_message(client):
            server.sendall(request)
            answer = read_message(server)
            if request.startswith(b"POST "):
                self.keys.append(key_of(request.decode()))
                self.lost -= 1
                if self.lost >= 0:
                    return
            client.sendall(answer)

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def read_message(connection):
    """A request or an answer, whole; empty at the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := connection.recv(65536)):
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@pytest.fixture
def forgetful(api):
    started = []

    def start(lost):
        started.append(Forgetful(api.port, lost))
        return started[-1], Cli(started[-1], api.make_token("admin", "forgetful"))
    yield start
    for one in started:
        one.close()


@pytest.mark.parametrize("words,path", [
    (("create", "group", "x"), "/api/v1/groups/name:%2Fx"), (("token", "create", "made", "--role", "viewer"), None),
    (("pause", "edge", "--reason", "inventory"), None), (("apply", "-f", "-"), "/api/v1/groups/name:%2Fx")])
def test_what_is_written_while_answers_are_lost_is_done_once(fleet, forgetful, admin, words, path):
    one, cli = forgetful(2)
    before = admin.request("GET", "/api/v1/clusters").revision
    result = cli.run(*words, stdin="groups: [{name: x}]" if words[0] == "apply" else None)
    assert result.returncode == 0, result.stderr
    assert len(one.keys) >= 3 and len(set(one.keys[-3:])) == 1
    if path:
        assert admin.get(path) and admin.request("GET", "/api/v1/clusters").revision == before + 1
    if words[0] == "token":
        assert result.stdout.strip().startswith("rse_") and [token["name"] for token in admin.get("/api/v1/tokens")["value"]].count("made") == 1


def test_a_change_of_an_object_is_not_repeated(scripted):
    one, cli = scripted(LIST, BUSY, LIST)
    says(cli.run("tag", "cluster", "east-1", "new"), 4, "starting")
    assert len(one.requests) == 2, one.requests
    one.answers.clear()
    socket.create_connection(one.socket.getsockname()).close()  # nobody else will come


def test_a_proxy_is_asked_as_the_environment_says(scripted):
    proxy, cli = scripted(LIST)
    direct = cli.env["RESEDGE_URL"]
    cli.env.update(http_proxy=direct, RESEDGE_URL="http://edge.example:8080")
    cli.env.pop("no_proxy", None), cli.env.pop("NO_PROXY", None)
    assert cli("get", "clusters", "-o", "name") == "east-1\n"
    assert proxy.requests[0].startswith("GET http://edge.example:8080/api/v1/clusters")


def test_a_proxy_is_left_alone_where_the_environment_says_so(scripted):
    one, cli = scripted(LIST)
    cli.env.update(http_proxy="http://127.0.0.1:1", no_proxy="127.0.0.1")
    assert cli("get", "clusters", "-o", "name") == "east-1\n"
    assert one.requests[0].startswith("GET /api/v1/clusters")
