"""Long lists, and clients and a database that don't keep up with them."""

import http.client
import json
import socket

import pytest

from resedge_test import servers
from resedge_test.fleet import API, cluster, load, target
from resedge_test.wait import until

FORMS = ("application/json", "application/x-ndjson", "text/csv")
PATH = f"{API}/clusters?$top=1000"
WHOLE = f"{API}/clusters"
EXPANDED = f"{WHOLE}?$expand=target,groups"


@pytest.fixture(scope="module")
def database(postgres, template_database):
    name = postgres.create_database(template_database)
    yield name
    postgres.drop_database(name)


@pytest.fixture(scope="module")
def big(postgres, database, tmp_path_factory):
    """A server with more clusters than any buffer on the way to a client holds; nobody here changes it."""
    api = servers.Api(tmp_path_factory.mktemp("streams"), postgres.url(database)).start()
    admin = api.client("admin")
    load(admin, targets=[target()], groups=[{"name": "all"}], clusters=[cluster(f"c-{number}", "/all", description="x" * 4000) for number in range(4000)])
    yield admin
    api.check_ended_well()


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_list_has_its_type_too(admin, form):
    answer = admin.request("GET", f"{API}/clusters?$filter=name%20eq%20%27none%27", headers={"Accept": form})
    assert answer.status == 200 and answer.headers["Content-Type"].startswith(form)


def open_stream(client, form="application/x-ndjson", path=WHOLE):
    """A connection whose answer has begun, with little room for it, so that it can't all be on its way."""
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=60)
    connection.sock = socket.socket()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.sock.settimeout(60)
    connection.sock.connect(("127.0.0.1", client.port))
    connection.request("GET", path, headers={"Authorization": f"Bearer {client.token}", "Accept": form})
    answer = connection.getresponse()
    assert answer.status == 200
    return connection, answer


def backends(postgres, database):
    """Those that are in the middle of a list."""
    return int(postgres.sql(f"select count(*) from pg_stat_activity where datname = '{database}' and state = 'active' and query like '%from clusters t%'"
                            " and pid <> pg_backend_pid()"))


def test_asking_for_the_head_of_a_list_holds_nothing(big):
    for form in FORMS * 6:
        answer = big.request("HEAD", PATH, headers={"Accept": form})
        assert (answer.status, answer.body, answer.headers["Content-Type"].split(";")[0]) == (200, b"", form)
    assert len(big.get(PATH)["value"]) == 1000


def test_clients_that_read_slowly_hold_up_no_other_list_and_get_all_in_the_end(big):
    slow = [open_stream(big, form) for form in ("application/x-ndjson", "text/csv")]
    for _ in range(3):
        assert big.get(f"{WHOLE}?$top=2&$filter=contains(name,'99')&$orderby=description")["@odata.count"] == 76
        assert big.get(f"{API}/clusters/1")["name"] == "c-0"
    lines, table = (answer.read() for _, answer in slow)
    assert (lines.count(b"\n"), table.count(b"\r\n")) == (4000, 4001)
    for connection, _ in slow:
        connection.close()


def test_a_stream_that_expands_is_whole_however_slowly_it_is_read(big):
    for expand in ("target", "target,groups($select=name)"):
        slow, answer = open_stream(big, path=f"{WHOLE}?$expand={expand}&$orderby=id")
        lines = [json.loads(line) for line in answer.read().splitlines()]
        slow.close()
        assert [line["id"] for line in lines] == list(range(1, 4001)) and all(line["target"]["name"] == "west" for line in lines)
        assert all(line["groups"] == ([{"name": "all"}] if "groups" in expand else ["/all"]) for line in lines)


def test_clients_that_leave_in_the_middle_free_what_they_held(big, postgres, database):
    for path in (WHOLE, EXPANDED) * 3:
        connection, answer = open_stream(big, path=path)
        assert answer.read(1000)
        answer.close()
        connection.close()
    until(lambda: backends(postgres, database) == 0, "the statements have ended")
    assert big.request("GET", WHOLE, headers={"Accept": "application/x-ndjson"}).body.count(b"\n") == 4000


@pytest.mark.parametrize("path", [WHOLE, EXPANDED])
def test_a_list_whose_database_goes_away_ends_without_its_last_chunk(big, postgres, database, path):
    connection, answer = open_stream(big, path=path)
    until(lambda: backends(postgres, database) == 1, "only rows are under way")
    postgres.sql(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}' and state = 'active'"
                 " and query like '%from clusters t%' and pid <> pg_backend_pid()")
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        answer.read()
    connection.close()
    until(lambda: big.request("GET", WHOLE, headers={"Accept": "application/x-ndjson"}).status == 200, "it is there again")
