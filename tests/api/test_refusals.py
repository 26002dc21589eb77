"""What is refused before a handler sees it, and how."""

import email.utils
import gzip
import json
import time

import pytest

from resedge_test.fleet import API
from resedge_test.raw import Raw

# ---- what every answer says ----

@pytest.mark.parametrize("send, status", [
    (lambda raw: raw.request("GET", "/api/v1/jobs", "Authorization: Basic x\r\n"), 400),  # beside the token: twice
    (lambda raw: raw.request("GET", "/api/v1/jobs", "Expect: x\r\n"), 400),
    (lambda raw: raw.send("GET / HTTP/1.1\r\n\r\n"), 400),
    (lambda raw: raw.send("\x16\x03\x01"), 400),
    (lambda raw: raw.send("GET /api/v1/jobs HTTP/1.1\r\nHost: x\r\n\r\n"), 401),
    (lambda raw: raw.request("POST", "/api/v1/jobs/claim", "Content-Length: 2\r\n", b"{}"), 403),
    (lambda raw: raw.request("POST", "/nothing", "Content-Length: 2\r\n", b"{}"), 404),
    (lambda raw: raw.request("BREW", "/api/v1/jobs"), 405),
    (lambda raw: raw.request("GET", "/api/v1/jobs", "Content-Length: 2\r\n", b"{}"), 413),
    (lambda raw: raw.request("GET", "/" + "x" * 9000), 414),
    (lambda raw: raw.send("GET / HTTP/1.1\r\nX: " + "y" * 17000), 431),
    (lambda raw: raw.send("GET / HTTP/2.0\r\nHost: x\r\n\r\n"), 505)])
def test_early_refusals_have_the_headers_of_every_other_answer(api, send, status):
    connection = Raw(api, api.make_token("viewer"))
    connection.request("GET", "/api/v1/jobs/1")
    usual, headers, _ = connection.answer()
    assert usual == 404
    send(connection)
    refused, refusal, body = connection.answer()
    assert refused == status and json.loads(body)["requestId"] == refusal["x-request-id"] != headers["x-request-id"]
    assert set(refusal) - set(headers) <= {"connection", "www-authenticate", "allow"} and set(headers) <= set(refusal)
    own = {"x-request-id", "content-length", "date"}
    assert {name: value for name, value in refusal.items() if name in headers and name not in own} == \
        {name: value for name, value in headers.items() if name not in own}
    sent = email.utils.parsedate_to_datetime(refusal["date"])
    assert refusal["date"].endswith(" GMT") and abs(time.time() - sent.timestamp()) < 30
    assert connection.ended()
    connection.close()


# ---- bodies in another coding ----

GROUP = {"name": "stores"}


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "br", "x-anything", "gzip, identity", "identity,deflate"])
def test_a_coded_body_is_not_taken_for_what_it_holds(admin, coding):
    problem = admin.request("POST", f"{API}/groups", gzip.compress(json.dumps(GROUP).encode()), headers={"Content-Encoding": coding})
    assert problem.status == 415 and problem.headers["Accept-Encoding"] == "identity", problem
    assert problem.json["title"] == "Unsupported Media Type" and "Content-Encoding" in problem.json["object"]
    assert coding in problem.json["detail"] and problem.json["hint"] and problem.json["requestId"] == problem.headers["X-Request-Id"]
    assert admin.get(f"{API}/groups")["value"] == []


@pytest.mark.parametrize("path", ["apply", "clusters/bulk", "clusters", "namespaces/1", "tokens", "expressions/evaluate"])
def test_every_route_with_a_body_says_so(admin, path):
    method = "PATCH" if path.endswith("1") else "POST"
    assert admin.request(method, f"{API}/{path}", b"x", headers={"Content-Encoding": "zstd"}).status == 415


def test_two_headers_are_the_one_list_that_they_are(api, admin):
    connection = Raw(api, admin.token)
    connection.request("POST", f"{API}/groups", "Content-Encoding: identity\r\ncontent-encoding: gzip\r\nContent-Length: 2\r\n", b"{}")
    assert connection.answer()[0] == 415
    connection.request("GET", f"{API}/groups")
    assert connection.answer()[0] == 200, "the connection stays"
    connection.close()


@pytest.mark.parametrize("coding", ["identity", "Identity", "", " , identity"])
def test_identity_is_no_coding(admin, coding):
    assert admin.request("POST", f"{API}/groups", GROUP, headers={"Content-Encoding": coding}).status == 201
    assert admin.request("GET", f"{API}/groups", headers={"Content-Encoding": "gzip"}).status == 200, "there is no body"


def test_the_type_of_a_problem_leads_to_what_it_means(api):
    told = api.client().refused(404, "GET", "/nowhere")
    page = api.client().request("GET", told["type"])
    assert page.status == 200 and page.headers["Content-Type"].startswith("text/plain")
    assert page.body.decode().startswith(f"{told['title']} ({told['code']}, status 404)\n\n") and "%2F" in page.body.decode()
    for code in ("invalid", "unprocessable", "unauthenticated", "denied", "conflict", "stale", "gone", "tooLarge", "timeout", "unavailable", "confirm", "internal", "limited"):
        assert f"({code}, " in api.client().request("GET", f"/problems/{code}").body.decode()
    for unknown in ("ok", "other"):
        api.client().refused(404, "GET", f"/problems/{unknown}")
