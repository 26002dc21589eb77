"""Questions about the repository: passed on to the worker that claimed its target last."""

import http.server
import json
import threading

import pytest

from resedge_test.fleet import API, cluster, load, target
from resedge_test.raw import Raw


NO_COMMIT = {"type": "/problems/notFound", "title": "Not found", "status": 404, "detail": "no such commit", "code": "notFound"}


class Asked(http.server.BaseHTTPRequestHandler):
    """What a worker would answer, and what it was asked."""

    def do_GET(self):
        server = self.server
        server.asked.append((self.path, self.headers["Authorization"], self.headers["X-Request-Id"]))
        server.traces.append((self.headers["traceparent"], self.headers["tracestate"]))
        if server.hang:
            server.hang.wait(60)
        if self.headers["Authorization"] != f"Bearer {server.secret}":
            return self.answer(401, "application/problem+json", b"{}")
        if isinstance(server.refusal, tuple):
            return self.answer(server.refusal[0], "text/html", server.refusal[1])
        if server.refusal:
            return self.answer(server.refusal["status"], "application/problem+json", json.dumps(server.refusal).encode())
        if "/commits" in self.path:
            return self.answer(200, "application/json", json.dumps({"value": []}).encode())
        if "path=huge" in self.path:
            return self.answer(200, "text/plain", bytes(17 << 20))
        if "path=" in self.path:
            return self.answer(200, "text/plain", b"kind: Namespace\n")
        return self.answer(404, "application/problem+json", json.dumps(NO_COMMIT).encode())

    def answer(self, status, content_type, body):
        try:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass

    def log_message(self, *args):
        pass


@pytest.fixture
def asked():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    server.daemon_threads = True
    server.asked, server.traces, server.secret, server.hang, server.refusal = [], [], "known to both", None, None
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    if server.hang:
        server.hang.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def fleet(admin):
    load(admin, targets=[target()], clusters=[cluster("c-1")])
    return admin


def claim(api, server, host="127.0.0.1"):
    body = {"worker": "w", "address": f"http://{host}:{server.server_port}", "secret": server.secret}
    return api.client("worker").request("POST", f"{API}/jobs/claim", body)


def test_without_a_worker_nobody_can_say(fleet):
    problem = fleet.refused(503, "GET", f"{API}/targets/1/commits")
    assert "worker" in problem["detail"] and problem["hint"]


def test_the_worker_is_asked_with_its_own_secret_and_our_request_id(api, fleet, asked):
    assert claim(api, asked).status == 200
    answer = fleet.request("GET", f"{API}/targets/1/commits?$limit=5", headers={"X-Request-Id": "abc"})
    assert answer.status == 200 and answer.json == {"value": []} and answer.headers["Content-Type"] == "application/json"
    assert asked.asked == [("/targets/1/commits?limit=5", "Bearer known to both", "abc")]
    fleet.get(f"{API}/targets/1/commits?$top=7")
    assert asked.asked[1][0] == "/targets/1/commits?limit=7"


def test_a_trace_is_passed_on_with_its_flags_and_its_state(api, fleet, asked):
    claim(api, asked)
    trace = "0af7651916cd43dd8448eb211c80319c"
    for given, flags in (("01", "01"), ("00", "00"), ("03", "01")):
        raw = Raw(api, fleet.token)
        raw.request("GET", f"{API}/targets/1/commits", f"traceparent: 00-{trace}-b7ad6b7169203331-{given}\r\n"
                    "tracestate: rojo=00f067aa0ba902b7 , ,congo=t61rcWkgMzE\r\nTraceState: t@v=x y\r\n")
        assert raw.answer()[0] == 200
        raw.close()
        traceparent, tracestate = asked.traces[-1]
        version, trace_id, span, sent = traceparent.split("-")
        assert (version, trace_id, sent) == ("00", trace, flags) and span not in ("b7ad6b7169203331", "0" * 16)
        assert tracestate == "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE,t@v=x y"


@pytest.mark.parametrize("headers", [
    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\ntracestate: a=1,B=2\r\n", "tracestate: a=1\r\n",
    "traceparent: 00-x\r\ntracestate: a=1\r\n"])
def test_a_state_that_is_none_or_has_no_trace_is_dropped(api, fleet, asked, headers):
    claim(api, asked)
    raw = Raw(api, fleet.token)
    raw.request("GET", f"{API}/targets/1/commits", headers)
    assert raw.answer()[0] == 200
    raw.close()
    assert len(asked.traces[-1][0]) == 55 and asked.traces[-1][1] is None


def test_a_cluster_is_asked_about_by_name_and_its_file_comes_as_it_is(api, fleet, asked):
    claim(api, asked)
    answer = fleet.request("GET", f"{API}/clusters/1/manifests?commit=HEAD~1&path=a%26b/c.yaml")
    assert answer.body == b"kind: Namespace\n" and answer.headers["Content-Type"] == "text/plain"
    fleet.request("GET", f"{API}/clusters/name:c-1/diff?from=x&to=y")
    assert [path for path, _, _ in asked.asked] == ["/targets/1/clusters/c-1/manifests?commit=HEAD~1&path=a%26b%2Fc.yaml",
                                                    "/targets/1/clusters/c-1/diff?from=x&to=y"]


def test_what_the_worker_refuses_is_refused_in_its_words_as_our_own(api, fleet, asked):
    claim(api, asked)
    answer = fleet.request("GET", f"{API}/clusters/1/diff", headers={"X-Request-Id": "abc"})
    assert answer.status == 404 and answer.json == {**NO_COMMIT, "requestId": "abc"}
    asked.refusal = {**NO_COMMIT, "status": 400, "code": "invalid", "detail": "\"x\" is no number", "hint": "Give one.",
                     "object": 'query parameter "limit"', "traceId": "of the worker"}
    for given, named in (("$top", "top"), ("limit", "limit")):
        problem = fleet.refused(400, "GET", f"{API}/targets/1/commits?{given}=x")
        assert problem.pop("requestId") and problem == {
            "type": "/problems/invalid", "title": "The request is not valid", "status": 400, "code": "invalid", "detail": "\"x\" is no number",
            "hint": "Give one.", "object": f'query parameter "{named}"'}
    for asked.refusal in ((500, b"<html>Internal error</html>"), (302, b"")):
        problem = fleet.refused(503, "GET", f"{API}/targets/1/commits")
        assert "not understood" in problem["detail"] and problem["requestId"], problem


def test_an_address_may_be_a_name(api, fleet, asked):
    claim(api, asked, host="localhost")
    assert fleet.get(f"{API}/targets/1/commits") == {"value": []}


def test_a_worker_that_is_gone_or_new_or_talks_too_much_is_unavailable(api, fleet, asked):
    claim(api, asked)
    problem = fleet.refused(503, "GET", f"{API}/clusters/1/manifests?path=huge")
    assert "16 MiB" in problem["detail"]
    asked.secret = "another"
    assert "claim work again" in fleet.refused(503, "GET", f"{API}/targets/1/commits")["detail"]
    asked.shutdown()
    asked.socket.close()
    assert "does not answer" in fleet.refused(503, "GET", f"{API}/targets/1/commits")["detail"]


def test_what_is_not_there_is_not_found(fleet):
    fleet.refused(404, "GET", f"{API}/targets/99/commits")
    fleet.refused(404, "GET", f"{API}/clusters/99/diff")


def test_a_question_does_not_hold_up_the_end(start_api, asked):
    api = start_api()
    admin = api.client("admin")
    load(admin, targets=[target()], clusters=[cluster("c-1")])
    asked.hang = threading.Event()
    claim(api, asked)
    answers = []
    question = threading.Thread(target=lambda: answers.append(admin.request("GET", f"{API}/targets/1/commits")))
    question.start()
    while not asked.asked:
        question.join(0.01)
    assert api.stop() == 0
    question.join()
    assert answers[0].status == 503
