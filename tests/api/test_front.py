"""What the server lets in: heads, tokens, bodies, in time and in size, before anything of it is kept."""

import json
import resource
import socket
import time

import pytest

from resedge_test.raw import Raw
from resedge_test.wait import until

MIB = 1 << 20


@pytest.fixture
def raw(api):
    opened = []

    def connect(token=None):
        opened.append(Raw(api, token))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


@pytest.fixture
def token(api):
    return api.make_token("admin")


# ---- tokens ----

@pytest.mark.parametrize("header", [
    "", "Authorization: Bearer rse_1_0000000000000000000000000000000000000000000000ff\r\n", "Authorization: Bearer nonsense\r\n",
    "Authorization: Basic dXNlcjpwYXNz\r\n", "Authorization: Bearer\r\n", "Authorization: Bearer rse_1_" + "a" * 5000 + "\r\n",
])
def test_without_a_good_token_there_is_a_challenge(raw, header):
    connection = raw()
    connection.request("GET", "/api/v1/jobs", header)
    status, headers, body = connection.answer()
    assert status == 401 and headers["www-authenticate"] == "Bearer"
    assert json.loads(body)["code"] == "unauthenticated"
    assert connection.ended()


def test_what_is_no_request_has_nothing_of_the_one_before(api, raw, token):
    connection = raw(token)
    connection.request("HEAD", "/api/v1/jobs", "X-Request-Id: the-one-before\r\n")
    status, headers, _ = connection.answer_without_body()
    assert (status, headers["x-request-id"]) == (200, "the-one-before")
    connection.send("GET / HTTP/1.1\r\nX: " + "y" * 17000)
    assert connection.problem()["requestId"] != "the-one-before"
    line = until(lambda: [json.loads(line) for line in api.log().splitlines() if '"status":431' in line], "it is logged")[0]
    assert (line["route"], line["path"], line["ms"]) == ("none", "", 0)


def test_a_strangers_body_is_not_waited_for(raw):
    connection = raw()
    connection.request("POST", "/api/v1/apply", f"Content-Length: {50 * MIB}\r\n")
    assert connection.problem()["status"] == 401


def test_a_role_that_is_too_low_is_denied_before_the_body(raw, api):
    connection = raw(api.make_token("viewer"))
    connection.request("POST", "/api/v1/apply", "Content-Length: 100\r\n")
    assert connection.problem()["code"] == "denied"


def test_a_revoked_token_ends_at_once_and_an_expired_one_by_itself(api, admin):
    made = admin.post("/api/v1/tokens", {"name": "short", "role": "viewer"})
    viewer = api.client()
    viewer.token = made["token"]
    assert viewer.request("GET", "/api/v1/jobs").status == 200
    admin.delete(f"/api/v1/tokens/{made['id']}")
    until(lambda: viewer.request("GET", "/api/v1/jobs").status == 401, "the revocation is heard", deadline=5)
    viewer.token = api.make_token("viewer", "shorter", "--expires", "1s")
    until(lambda: viewer.request("GET", "/api/v1/jobs").status == 401, "the token is over", deadline=20)


def test_the_token_is_never_written_to_the_log(api):
    token = api.make_token("viewer")
    client = api.client()
    client.token = token
    client.request("GET", "/api/v1/jobs")
    client.request("GET", "/api/v1/jobs/x")
    assert '"actor":"viewer"' in api.log() and token not in api.log() and token[-40:] not in api.log()


# ---- bodies ----

def memory(api):
    """The most that it ever had, in bytes."""
    for line in open(f"/proc/{api.pid}/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) << 10


def fill(admin, count=8000):
    """Megabytes: far more than the buffers of a socket take."""
    admin.post("/api/v1/apply", {"targets": [{"name": "west", "url": "file:///w", "branch": "main"}]})
    admin.post("/api/v1/apply", {"clusters": [{"name": f"c{n}", "target": "west", "description": "x" * 400} for n in range(count)]})


def test_a_body_of_100_mb_gets_its_answer_and_costs_no_memory(raw, api, token):
    before = memory(api)
    connection = raw(token)
    connection.request("POST", "/api/v1/jobs/1/retry", f"Content-Length: {100 * MIB}\r\n")
    # As a client that doesn't listen while it sends.
    for _ in range(100):
        connection.send(bytes(MIB))
    assert connection.problem()["code"] == "tooLarge"
    assert memory(api) - before < 8 * MIB


def test_a_body_where_none_is_allowed_is_too_large(raw, token):
    connection = raw(token)
    connection.request("GET", "/api/v1/jobs", "Content-Length: 1\r\n", b"x")
    assert connection.problem()["status"] == 413


def test_chunks_are_counted_too(raw, token):
    connection = raw(token)
    connection.request("POST", "/api/v1/tokens", "Transfer-Encoding: chunked\r\n")
    for _ in range(6):
        connection.send("400\r\n" + "x" * 1024 + "\r\n")
    assert connection.problem()["status"] == 413


def test_one_chunk_that_says_that_it_is_too_large_is_enough(raw, token):
    connection = raw(token)
    connection.request("POST", "/api/v1/tokens", "Transfer-Encoding: chunked\r\n", b"7fffffff\r\n")
    assert connection.problem()["status"] == 413


def test_a_chunked_body_arrives_whole(raw, token):
    connection = raw(token)
    body = json.dumps({"name": "chunky", "role": "viewer"}).encode()
    connection.request("POST", "/api/v1/tokens", "Transfer-Encoding: chunked\r\n")
    for byte in body:
        connection.send(b"1\r\n" + bytes([byte]) + b"\r\n")
    connection.send("0\r\n\r\n")
    assert connection.answer()[0] == 201


@pytest.mark.parametrize("body", ["x\r\n", "5;name=value\r\nhello\r\n0\r\n\r\n", "5\nhello\n", "5\r\nhelloX", "0\r\nTrailer: x\r\n\r\n",
                                  "-1\r\n", "\r\n", "100000000000000000\r\n"])
def test_chunks_that_are_framed_oddly_are_refused(raw, token, body):
    connection = raw(token)
    connection.request("POST", "/api/v1/tokens", "Transfer-Encoding: chunked\r\n", body.encode())
    assert connection.problem()["status"] == 400


def test_invalid_utf8_is_refused_with_its_place(admin):
    answer = admin.request("POST", "/api/v1/tokens", b'{"name": "\xff", "role": "viewer"}')
    assert answer.status == 400 and "UTF-8" in answer.json["detail"] and "10" in answer.json["detail"]


@pytest.mark.parametrize("status, body", [(400, b""), (400, b"{"), (422, b"[]"), (422, b'"x"'),
                                          (422, b'{"name": "a", "name": "b", "role": "viewer"}'), (400, b"{} {}"), (400, b"[" * 3000)],
                         ids=["nothing", "half", "array", "text", "twice", "two", "deep"])
def test_a_body_that_is_no_object_is_refused(admin, status, body):
    assert admin.refused(status, "POST", "/api/v1/tokens", body)["detail"]


def test_a_client_that_expects_it_is_told_to_go_on(raw, token):
    connection = raw(token)
    body = json.dumps({"name": "polite", "role": "viewer"}).encode()
    connection.request("POST", "/api/v1/tokens", f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n")
    assert connection.answer()[0] == 100
    connection.send(body)
    assert connection.answer()[0] == 201


def test_a_client_that_expects_it_is_spared_a_body_in_vain(raw):
    connection = raw()
    connection.request("POST", "/api/v1/tokens", "Content-Length: 10\r\nExpect: 100-continue\r\n")
    assert connection.problem()["status"] == 401


# ---- heads ----

@pytest.mark.parametrize("head, status", [
    ("GET / HTTP/1.1\r\n\r\n", 400), ("GET /\r\n\r\n", 400), ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505), ("\x16\x03\x01\r\n\r\n", 400),
    ("GET http://x HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("GET /" + "y" * 9000 + " HTTP/1.1\r\nHost: x\r\n\r\n", 414), ("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("GET / HTTP/1.1\nHost: x\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
    ("POST /api/v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400),
    ("POST /api/v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("POST /api/v1/tokens HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 400),
    ("POST /api/v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
    ("POST /api/v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: x\r\n" + "".join(f"X-{n}: y\r\n" for n in range(101)) + "\r\n", 431),
    ("GET / HTTP/1.1\r\nHost: x\r\nX: " + "y" * 17000 + "\r\n\r\n", 431), ("GET /" + "y" * 17000, 431),
    ("BREW /api/v1/tokens HTTP/1.1\r\nHost: x\r\n\r\n", 405), ("BREW /coffee HTTP/1.1\r\nHost: x\r\n\r\n", 404),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 400), ("{}", 400), ("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n", 400),
])
def test_a_head_that_is_not_right_is_refused_as_a_problem(raw, head, status):
    connection = raw()
    connection.send(head)
    answered, headers, body = connection.answer()
    assert answered == status and headers["content-type"] == "application/problem+json"
    assert json.loads(body)["status"] == status


def test_a_method_that_is_not_there_says_which_are(admin):
    answer = admin.request("PUT", "/api/v1/tokens", {})
    assert answer.status == 405 and answer.headers["Allow"] == "GET, HEAD, POST, OPTIONS" and answer.json["status"] == 405
    assert (answer.json["type"], answer.json["title"]) == ("about:blank", "Method Not Allowed")


def test_options_tells_which_methods_a_path_has(admin):
    for path, allowed, patch in (("tokens", "GET, HEAD, POST, OPTIONS", False), ("clusters/7", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS", True)):
        answer = admin.request("OPTIONS", f"/api/v1/{path}")
        assert (answer.status, answer.body, sorted(answer.headers["Allow"].split(", "))) == (204, b"", sorted(allowed.split(", ")))
        assert ("application/merge-patch+json" in answer.headers.get("Accept-Patch", "")) == patch
    assert admin.request("OPTIONS", "/api/v1/nothing").status == 404
    assert admin.request("OPTIONS", "/api/v1/clusters/7", {"x": 1}).status == 413


def test_a_slow_head_times_out(start_api):
    api = start_api("--header-timeout", "300ms")
    connection = Raw(api)
    connection.send("GET /healthz HTTP/1.1\r\n")
    assert connection.problem()["status"] == 408
    silent = Raw(api)
    assert silent.ended(), "who says nothing is not kept for longer"


def test_dripping_bytes_do_not_extend_the_time_for_a_head(start_api):
    api = start_api("--header-timeout", "500ms")
    connection = Raw(api)
    started = time.monotonic()
    connection.socket.settimeout(0.05)
    answer = b""
    for byte in b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"y" * 1000:
        try:
            connection.send(bytes([byte]))
            answer = connection.socket.recv(100)
        except TimeoutError:
            continue
        break
    assert answer.startswith(b"HTTP/1.1 408") and time.monotonic() - started < 10


def test_a_slow_body_times_out(start_api):
    api = start_api("--body-timeout", "300ms")
    connection = Raw(api, api.make_token("admin"))
    connection.request("POST", "/api/v1/tokens", "Content-Length: 100\r\n", b"{")
    assert connection.problem()["status"] == 408


def test_a_connection_that_rests_too_long_is_ended(start_api):
    api = start_api("--idle-timeout", "300ms")
    connection = Raw(api)
    connection.request("GET", "/healthz")
    assert connection.answer()[0] == 200
    assert connection.ended()


def test_too_many_connections_are_told_so(start_api):
    api = start_api("--max-connections", "3")

    def connect():
        connection = Raw(api)
        connection.request("GET", "/healthz")
        answer = connection.answer()
        if answer and answer[0] == 200:
            return connection
        connection.close()
        return None

    kept = [until(connect, "there is room") for _ in range(3)]
    assert Raw(api).problem()["status"] == 503
    kept[0].close()
    kept.append(until(connect, "there is room again"))
    for connection in kept[1:]:
        connection.close()


# ---- one connection, many requests ----

def test_a_connection_is_used_again(raw, token):
    connection = raw(token)
    for _ in range(3):
        connection.request("GET", "/api/v1/jobs")
        assert connection.answer()[0] == 200
        connection.request("GET", "/nothing")
        assert connection.answer()[0] == 404


def test_requests_that_come_all_at_once_are_answered_in_their_order(raw, token):
    connection = raw(token)
    names = [f"piped-{n}" for n in range(20)]
    everything = b""
    for name in names:
        body = json.dumps({"name": name, "role": "viewer"}).encode()
        everything += (f"POST /api/v1/tokens HTTP/1.1\r\nHost: x\r\n{connection.authorization}Content-Length: {len(body)}\r\n\r\n").encode() + body
        everything += b"\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    connection.send(everything)
    for name in names:
        status, _, body = connection.answer()
        assert status == 201 and json.loads(body)["name"] == name
        assert connection.answer()[2] == b"ok\n"


def test_a_refusal_comes_after_the_answers_before_it(raw, token):
    connection = raw(token)
    connection.send(f"GET /api/v1/jobs HTTP/1.1\r\nHost: x\r\n{connection.authorization}\r\nGET /api/v1/jobs HTTP/1.1\r\nHost: x\r\n\r\n"
                    "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert connection.answer()[0] == 200
    assert connection.answer()[0] == 401
    assert connection.answer() is None


def test_who_asks_to_close_gets_the_whole_answer_and_the_end(raw):
    connection = raw()
    connection.request("GET", "/metrics", "Connection: close\r\n")
    status, headers, body = connection.answer()
    assert status == 200 and len(body) == int(headers["content-length"]) and connection.ended()


def test_an_old_client_is_answered_too(raw):
    connection = raw()
    connection.send("GET /healthz HTTP/1.0\r\n\r\n")
    assert connection.answer()[0] == 200 and connection.ended()


def test_a_head_only_request_has_no_body(raw):
    connection = raw()
    connection.request("HEAD", "/version")
    line = connection.file.readline()
    assert b"200" in line
    headers = []
    while (line := connection.file.readline().strip()):
        headers.append(line.lower())
    assert any(header.startswith(b"content-length: ") and header != b"content-length: 0" for header in headers)
    connection.request("GET", "/healthz")
    assert connection.answer()[2] == b"ok\n"


def test_the_request_id_of_the_client_is_kept_when_it_is_harmless(admin):
    assert admin.request("GET", "/version", headers={"X-Request-Id": "abc-1.2_3"}).headers["X-Request-Id"] == "abc-1.2_3"
    made_up = admin.request("GET", "/version", headers={"X-Request-Id": 'a"b'}).headers["X-Request-Id"]
    assert len(made_up) == 16 and made_up.isalnum()


def test_many_connections_are_held_at_once(api, raw):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    connections = [raw() for _ in range(500)]
    for connection in connections:
        connection.request("GET", "/healthz")
    for connection in connections:
        assert connection.answer()[0] == 200


def test_clients_that_hang_up_at_any_moment_harm_nobody(api, raw, token):
    body = json.dumps({"name": "x", "role": "viewer"})
    whole = (f"POST /api/v1/tokens HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()
    for cut in range(1, len(whole) + 1, 7):
        connection = raw()
        connection.send(whole[:cut])
        connection.close()
    for path in ("/api/v1/jobs/wait?wait=30", "/api/v1/snapshot", "/api/v1/jobs"):
        connection = raw(token)
        connection.request("GET", path)
        connection.close()
    connection = raw()
    connection.request("GET", "/healthz")
    assert connection.answer()[0] == 200


def test_a_client_that_leaves_while_it_waits_is_noticed(admin, raw, token):
    connection = raw(token)
    connection.request("GET", "/api/v1/jobs/wait?wait=60")
    until(lambda: "resedge_http_requests_in_flight 2\n" in admin.request("GET", "/metrics").body.decode(), "it waits")
    connection.close()
    until(lambda: "resedge_http_requests_in_flight 1\n" in admin.request("GET", "/metrics").body.decode(), "it is gone", deadline=20)


def test_a_long_stream_waits_for_a_slow_reader_and_one_that_leaves_is_noticed(admin, raw, token):
    fill(admin)
    connection = raw(token)
    connection.request("GET", "/api/v1/snapshot")
    assert connection.file.readline().startswith(b"HTTP/1.1 200")
    other = raw(token)
    other.request("GET", "/api/v1/jobs")
    assert other.answer()[0] == 200, "a stream that nobody reads holds up nobody else"
    leaver = raw(token)
    leaver.request("GET", "/api/v1/snapshot")
    leaver.file.readline()
    leaver.close()
    data = connection.file.read(5 * MIB)
    assert b'"end":true' in data or len(data) == 5 * MIB
    until(lambda: "resedge_http_requests_in_flight 1\n" in admin.request("GET", "/metrics").body.decode()
          or "resedge_http_requests_in_flight 2\n" in admin.request("GET", "/metrics").body.decode(), "the leaver's stream ended")


def test_ten_thousand_idle_connections_cost_little_and_hold_up_nobody(start_api):
    count = 10000
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard > count + 1000, f"the limit of open files is {hard}: raise it"
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    api = start_api("--max-connections", str(count + 100), "--header-timeout", "10m", "--idle-timeout", "10m")
    admin = api.client("admin")
    admin.get("/api/v1/jobs")
    before, idle = memory(api), []
    try:
        for n in range(count):
            idle.append(socket.create_connection(("127.0.0.1", api.port), timeout=60))
            if n % 100 == 0:
                idle[-1].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                assert idle[-1].recv(1000).startswith(b"HTTP/1.1 200")
        assert f"resedge_http_connections {count + 1}\n" in admin.request("GET", "/metrics").body.decode()
        assert (memory(api) - before) / count < 16 << 10
        started = time.monotonic()
        admin.get("/api/v1/jobs")
        assert time.monotonic() - started < 5
    finally:
        for connection in idle:
            connection.close()
    until(lambda: "resedge_http_connections 1\n" in admin.request("GET", "/metrics").body.decode(), "all are gone")


def test_a_client_that_hangs_up_in_the_middle_of_an_answer_leaves_nothing_behind(admin, raw, token):
    fill(admin)
    for _ in range(20):
        connection = raw(token)
        connection.request("GET", "/api/v1/snapshot")
        connection.file.read(1000)
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset, not a goodbye
        connection.close()
    until(lambda: "resedge_http_requests_in_flight 1\n" in admin.request("GET", "/metrics").body.decode(), "all are noticed")
    assert len(admin.request("GET", "/api/v1/snapshot").body) > 2 * MIB
