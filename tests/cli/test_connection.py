"""A server that is away, dies, or is something else."""

import socket
import threading

import pytest

from resedge_test.servers import Cli
from small import says


class Server:
    """Answers each request with the same bytes and hangs up."""

    def __init__(self, answer):
        self.answer = answer
        self.requests = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                self.requests.append(connection.recv(65536).decode())
                connection.sendall(self.answer)

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()


@pytest.fixture
def server():
    started = []

    def start(answer):
        started.append(Server(answer if isinstance(answer, bytes) else answer.encode()))
        return started[-1], Cli(started[-1], "rse_1_secret")
    yield start
    for one in started:
        one.close()


def http(status, body, more=""):
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{more}\r\n{body}"


def test_nobody_there_is_status_4():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    class Nobody:
        url = f"http://127.0.0.1:{port}"
    result = Cli(Nobody, "rse_1_secret").run("select", "all")
    assert result.returncode == 4
    assert "could not reach the Data Service" in result.stderr and Nobody.url in result.stderr and "secret" not in result.stderr
    Nobody.url = "http://name.invalid"
    result = Cli(Nobody, "rse_1_secret").run("version")
    assert result.returncode == 4 and "name.invalid" in result.stderr and result.stdout.startswith("resedge ")


@pytest.mark.parametrize("answer, status, parts", [
    ("", 4, ("broke off",)),
    ("SSH-2.0-OpenSSH_9.2\r\n", 4, ("does not speak HTTP",)),
    ("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"clusters\": [", 4, ("broke off",)),
    (http("200 OK", "<html>hello</html>"), 5, ("answer can't be read",)),
    (http("200 OK", "[1]"), 5, ("answer can't be read",)),
    (http("200 OK", "{\"a\": "), 5, ("answer can't be read",)),
    (http("200 OK", "{" + '"a":{' * 100 + "}" * 101), 5, ("answer can't be read",)),
    (http("302 Found", "", "Location: http://elsewhere.invalid/\r\n"), 5, ("302",)),
    (http("404 Not Found", "<html>nothing</html>"), 1, ("404",)),
    (http("418 I'm a teapot", ""), 2, ("418",)),
    (http("500 Oh no", "\x1b[31mred"), 5, ("500",)),
    (http("403 No", '{"detail": "not\\u001b[31m you", "code": "denied"}'), 3, ("not?[31m you",)),
])
def test_an_answer_that_is_none_is_told_as_what_it_is(server, answer, status, parts):
    one, cli = server(answer)
    result = cli.run("select", "all")
    assert result.returncode == status, result
    for part in parts:
        assert part in result.stderr
    assert "secret" not in result.stderr and "\x1b" not in result.stderr and result.stdout == ""
    assert len(one.requests) == 1, "what is not safe to repeat is not repeated"
    assert "Authorization: Bearer rse_1_secret" in one.requests[0]


@pytest.mark.parametrize("args", [("get", "clusters"), ("jobs",), ("status",), ("token", "list"), ("what", "x"), ("jobs", "--watch")])
def test_an_object_without_a_list_is_no_empty_list(server, args):
    _, cli = server(http("200 OK", "{}"))
    says(cli.run(*args), 5, "it has no list")


def test_a_list_that_never_ends_ends(server):
    _, cli = server(http("200 OK", '{"value": [], "@odata.nextLink": "/api/v1/clusters?again"}'))
    assert cli("get", "clusters", "-o", "name") == ""


def test_the_next_page_is_not_fetched_from_elsewhere(server):
    one, cli = server(http("200 OK", '{"value": [{"name": "x"}], "@odata.nextLink": "@elsewhere.invalid/"}'))
    result = cli.run("get", "clusters", "-o", "name")
    assert result.returncode != 0 and len(one.requests) == 1


def test_members_of_other_types_are_no_crash(server):
    for answer in ('{"value": [1, null, "x", [], {}, {"name": 7, "error": []}]}', '{"value": [[[[]]]]}'):
        _, cli = server(http("200 OK", answer))
        for args in (("jobs",), ("token", "list"), ("what", "x"), ("get", "clusters", "-o", "name"), ("get", "groups", "-o", "json")):
            assert cli.run(*args).returncode == 0, args
        assert cli.run("get", "clusters").returncode in (2, 5)


def test_a_request_that_is_safe_is_tried_again(server):
    one, cli = server(http("503 Busy", '{"detail": "starting", "code": "unavailable"}'))
    says(cli.run("get", "clusters", "x"), 4, "starting")
    assert len(one.requests) > 1


def test_a_server_that_hangs_is_given_up_on(server):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        class Silent:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        says(Cli(Silent, "rse_1_secret").run("get", "clusters", "--timeout", "300ms"), 4, "did not answer in time")
        says(Cli(Silent, "rse_1_secret").run("get", "clusters", "--timeout", "soon"), 2, "--timeout takes a span")


def test_an_older_server_that_lacks_a_route_is_no_crash(server):
    _, cli = server(http("404 Not Found", '{"detail": "there is nothing here", "code": "notFound"}'))
    for args in (("audit",), ("changes", "--since", "1"), ("where", "x"), ("values", "x"), ("pause", "x", "--reason", "y"), ("release", "list", "x"),
                 ("diff", "x"), ("render", "x"), ("describe", "cluster", "x"), ("plan", "--from", "/tmp", "--against", "/tmp")):
        result = cli.run(*args)
        assert result.returncode == 1 and result.stderr.startswith("resedge: "), (args, result)


def test_answers_of_other_shapes_are_no_crash_for_any_question(server):
    for answer in ('{}', '{"value": [1, {}, []], "changes": [1, {}], "releases": [7], "clusters": {}}', '{"id": "x", "name": 7, "releases": [{"version": 1}]}', ''):
        _, cli = server(http("200 OK", answer))
        for args in (("audit",), ("changes", "--since", "1"), ("where", "x"), ("values", "x"), ("pause", "x", "--reason", "y"),
                     ("release", "list", "x"), ("release", "x", "1.0.0", "--clusters", "all", "--yes"), ("diff", "x"), ("render", "x"), ("describe", "cluster", "x"), ("doctor",),
                     ("status",), ("edit", "cluster", "x"), ("delete", "cluster", "x", "--yes"), ("tag", "cluster", "x", "y"), ("export",)):
            assert cli.run(*args).returncode in (0, 1, 2, 5), args
