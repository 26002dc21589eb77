"""TLS: the same server behind a certificate, which is read again without a connection being lost."""

import http.cookies
import json
import signal
import socket
import ssl
import subprocess
import threading

import pytest

from resedge_test import BUILD
from resedge_test.certificate import Certificate
from resedge_test.fleet import API
from resedge_test.raw import Raw
from resedge_test.wait import until

MIB = 1 << 20


@pytest.fixture
def certificate(tmp_path):
    return Certificate(tmp_path)


@pytest.fixture
def start_tls(start_api, certificate):
    return lambda *args: start_api(*certificate.args, *args, tls=certificate.trust())


@pytest.fixture
def api(start_tls):
    return start_tls()


@pytest.fixture
def raw(api):
    opened = []

    def connect(token=None):
        opened.append(Raw(api, token, api.tls))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


def served(api):
    """The certificate that a new connection gets."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", api.port), timeout=30) as plain, context.wrap_socket(plain) as connection:
        return connection.getpeercert(binary_form=True)


def fill(admin, count=6000):
    admin.post(f"{API}/apply", {"targets": [{"name": "west", "url": "file:///w", "branch": "main"}]})
    admin.post(f"{API}/apply", {"clusters": [{"name": f"c{n}", "target": "west", "description": "x" * 400} for n in range(count)]})


# ---- requests ----

def test_requests_are_answered_as_without_tls(api, admin, raw):
    admin.post(f"{API}/groups", {"name": "stores"})
    assert admin.get(f"{API}/groups/name:%2Fstores")["name"] == "stores"
    connection = raw(admin.token)
    assert connection.socket.version() in ("TLSv1.2", "TLSv1.3")
    for _ in range(3):
        connection.request("GET", "/api/v1/jobs")
        assert connection.answer()[0] == 200
    connection.request("GET", "/metrics", "Connection: close\r\n")
    status, headers, body = connection.answer()
    assert status == 200 and len(body) == int(headers["content-length"]) and connection.ended()


def test_the_cookie_of_a_session_is_for_tls_only(api):
    answer = api.client("viewer").request("POST", f"{API}/session")
    assert http.cookies.SimpleCookie(answer.headers["Set-Cookie"])["resedge_session"]["secure"]


def test_refusals_are_problems_and_end_the_connection_cleanly(raw):
    connection = raw()
    connection.request("POST", "/api/v1/apply", f"Content-Length: {50 * MIB}\r\n")
    assert connection.problem()["status"] == 401 and connection.ended()
    connection = raw()
    connection.send("GET / HTTP/1.1\r\nHost: x\r\nX: " + "y" * 17000 + "\r\n\r\n")
    assert connection.problem()["status"] == 431


def test_requests_that_come_all_at_once_and_chunks_are_answered_in_their_order(raw, admin):
    connection = raw(admin.token)
    head = f"POST /api/v1/tokens HTTP/1.1\r\nHost: x\r\n{connection.authorization}Transfer-Encoding: chunked\r\n\r\n"
    for n in range(10):
        body = json.dumps({"name": f"chunky-{n}", "role": "viewer"})
        chunks = "".join(f"1\r\n{char}\r\n" for char in body) + "0\r\n\r\n"
        connection.send(head + chunks + "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    for _ in range(10):
        assert connection.answer()[0] == 201
        assert connection.answer()[2] == b"ok\n"


def test_a_body_that_is_too_large_is_refused_while_it_comes(raw, admin):
    connection = raw(admin.token)
    connection.request("POST", "/api/v1/tokens", "Transfer-Encoding: chunked\r\n")
    connection.send(("400\r\n" + "x" * 1024 + "\r\n") * 6)
    assert connection.problem()["status"] == 413


def test_long_answers_arrive_whole_also_at_slow_readers_and_leavers_harm_nobody(raw, admin):
    fill(admin)
    whole = admin.request("GET", f"{API}/export").body
    assert len(whole) > 2 * MIB and admin.request("GET", f"{API}/export").body == whole
    slow, leaver = raw(admin.token), raw(admin.token)
    for connection in (slow, leaver):
        connection.request("GET", "/api/v1/snapshot")
        assert connection.file.readline().startswith(b"HTTP/1.1 200")
    leaver.close()
    other = raw(admin.token)
    other.request("GET", "/api/v1/jobs")
    assert other.answer()[0] == 200
    read = b""
    while b'"end":true' not in read[-200:]:
        read += slow.file.read1(MIB)
    assert read.count(b'"noun":"cluster"') == 6000
    until(lambda: "resedge_http_requests_in_flight 1\n" in admin.request("GET", "/metrics").body.decode(), "the leaver's stream ended")


# ---- time ----

def test_a_handshake_a_head_and_a_body_have_to_come_in_time(start_tls):
    api = start_tls("--header-timeout", "300ms", "--body-timeout", "300ms")
    with socket.create_connection(("127.0.0.1", api.port), timeout=30) as silent:
        assert silent.recv(1) == b""
    with socket.create_connection(("127.0.0.1", api.port), timeout=30) as half:
        half.sendall(b"\x16\x03\x01\x02\x00\x01")  # the beginning of a handshake
        assert half.recv(1) == b""
    slow = Raw(api, tls=api.tls)
    slow.send("GET /healthz HTTP/1.1\r\n")
    assert slow.problem()["status"] == 408
    slow = Raw(api, api.make_token("admin"), api.tls)
    slow.request("POST", "/api/v1/tokens", "Content-Length: 100\r\n", b"{")
    assert slow.problem()["status"] == 408


def test_strangers_in_a_crowd_are_told_so_but_not_all_of_them(start_tls):
    api = start_tls("--max-connections", "3")
    kept, silent = [], []

    def connect():
        try:
            connection = Raw(api, tls=api.tls)
            connection.request("GET", "/healthz")
            if (connection.answer() or [0])[0] == 200:
                return connection
        except OSError:
            return None
        return None
    kept = [until(connect, "there is room") for _ in range(3)]
    connection = Raw(api, tls=api.tls)
    status, headers, body = connection.answer()  # whether or not something was asked
    assert status == 503 and int(headers["retry-after"]) > 0 and headers["content-type"] == "application/problem+json"
    assert json.loads(body)["status"] == 503 and connection.ended()
    # Handshakes cost: those who don't finish theirs leave fewer for others, then none.
    for _ in range(32):
        silent.append(socket.create_connection(("127.0.0.1", api.port), timeout=30))
    with pytest.raises(OSError):
        Raw(api, tls=api.tls)
    for connection in silent:
        assert connection.recv(1) == b""
        connection.close()
    kept.pop().close()
    until(connect, "there is room again")


# ---- what is spoken ----

def test_who_speaks_plain_http_or_old_tls_gets_nothing(api):
    plain = Raw(api)
    plain.request("GET", "/healthz")
    assert b"HTTP" not in (plain.file.read(100) if not plain.ended() else b"")
    for version in ("-tls1", "-tls1_1"):
        result = subprocess.run(["openssl", "s_client", version, "-cipher", "ALL:@SECLEVEL=0", "-connect", f"127.0.0.1:{api.port}"],
                                stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert result.returncode != 0 and "protocol version" in result.stderr, result


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_spoken_and_http_1_1_is_chosen(api, version):
    context = api.tls
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2", "http/1.1"])
    connection = Raw(api, tls=context)
    assert connection.socket.selected_alpn_protocol() == "http/1.1"
    connection.request("GET", "/healthz")
    assert connection.answer()[0] == 200


# ---- certificates ----

def test_a_new_certificate_is_read_on_sighup_and_no_connection_is_lost(api, certificate, raw, admin):
    fill(admin)
    before, idle, streaming = served(api), raw(admin.token), raw(admin.token)
    idle.request("GET", "/healthz")
    assert idle.answer()[0] == 200
    streaming.request("GET", "/api/v1/snapshot")
    streaming.file.readline()
    certificate.make(common_name="renewed")
    api.child.send_signal(signal.SIGHUP)
    until(lambda: served(api) == certificate.der(), "the new one is served")
    assert served(api) != before
    read = b""
    while b'"end":true' not in read[-200:]:
        read += streaming.file.read1(MIB)
    idle.request("GET", "/healthz")
    assert idle.answer()[0] == 200 and idle.socket.getpeercert(binary_form=True) == before


def test_a_certificate_that_is_no_good_leaves_the_old_one(api, certificate):
    before = served(api)
    other = Certificate(certificate.path.parent, "other")
    for path, text in ((certificate.path, "nonsense"), (certificate.key, other.key.read_text())):
        kept = path.read_text()
        path.write_text(text)
        lines = api.log().count("the certificate stays as it was")
        api.child.send_signal(signal.SIGHUP)
        until(lambda: api.log().count("the certificate stays as it was") > lines, "it is said")
        assert served(api) == before
        path.write_text(kept)


def test_a_bad_certificate_keeps_the_server_from_starting(postgres, database, certificate):
    certificate.key.write_text("nonsense")
    for args in (certificate.args, ("--tls-cert", certificate.path)):
        result = subprocess.run([BUILD / "resedge-api", "serve", "--listen", "127.0.0.1:0", *map(str, args)], capture_output=True, text=True,
                                env={"RESEDGE_DATABASE_URL": postgres.url(database)}, timeout=60)
        assert result.returncode == 2 and "key" in result.stderr, result


def test_it_drains_over_tls_too(api, admin, raw):
    waiting = raw(admin.token)
    waiting.request("GET", "/api/v1/jobs/wait?wait=60")
    until(lambda: "resedge_http_requests_in_flight 2\n" in admin.request("GET", "/metrics").body.decode(), "it waits")
    ended = []
    thread = threading.Thread(target=lambda: ended.append(api.stop()))
    thread.start()
    assert waiting.answer()[0] == 200 and waiting.ended()
    thread.join()
    assert ended == [0]
