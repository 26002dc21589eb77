"""The server as a process: its start, its end, its schema, its numbers."""

import datetime
import json
import shutil
import signal
import subprocess
import threading
import time

import pytest

from resedge_test import BUILD, ROOT, servers
from resedge_test.client import Client
from resedge_test.fleet import API
from resedge_test.psql import Psql
from resedge_test.raw import Raw
from resedge_test.wait import until


@pytest.fixture
def session(postgres, database):
    opened = Psql(postgres, database)
    yield opened
    opened.close()


def in_flight(client, number):
    return f"resedge_http_requests_in_flight {number + 1}\n" in client.request("GET", "/metrics").body.decode()


# ---- the end ----

def test_sigterm_answers_those_who_wait_and_ends_well(start_api):
    api = start_api()
    worker = api.client("worker")
    answers = []
    waiters = [threading.Thread(target=lambda: answers.append(worker.request("GET", "/api/v1/jobs/wait?wait=50"))),
               threading.Thread(target=lambda: answers.append(worker.request("GET", "/api/v1/changes?since=0&wait=50")))]
    for waiter in waiters:
        waiter.start()
    until(lambda: in_flight(worker, 2), "both wait")
    started = time.monotonic()
    assert api.stop(signal.SIGTERM) == 0
    for waiter in waiters:
        waiter.join()
    assert [answer.status for answer in answers] == [200, 200]
    assert time.monotonic() - started < 15


def test_sigterm_lets_a_request_finish_and_takes_no_new_ones(start_api, session):
    api = start_api()
    admin = api.client("admin")
    admin.get("/api/v1/jobs")
    session.run("begin; lock table jobs")
    answers = []
    request = threading.Thread(target=lambda: answers.append(admin.request("GET", "/api/v1/jobs")))
    request.start()
    until(lambda: in_flight(admin, 1), "the request waits for the lock")
    api.child.send_signal(signal.SIGTERM)

    def refused():
        try:
            Client(api.port).request("GET", "/healthz")
            return False
        except OSError:
            return True
    until(refused, "nobody is let in any more")
    session.run("commit")
    request.join()
    assert answers[0].status == 200
    assert api.stop() == 0


def test_the_drain_ends_with_the_last_request_also_when_its_client_has_left(start_api, session):
    api = start_api("--drain-timeout", "60s", "--query-timeout", "60s")
    admin = api.client("admin")
    admin.get("/api/v1/jobs")
    session.run("begin; lock table jobs")
    leaver = Raw(api, admin.token)
    leaver.request("GET", "/api/v1/jobs")
    until(lambda: in_flight(admin, 1), "the request waits for the lock")
    leaver.close()
    until(lambda: "resedge_http_connections 1\n" in admin.request("GET", "/metrics").body.decode(), "it is seen that the client left")
    api.child.send_signal(signal.SIGTERM)
    session.run("commit")
    assert api.child.wait(20) == 0


def test_the_drain_ends_when_its_time_is_over(start_api, session):
    api = start_api("--drain-timeout", "200ms", "--query-timeout", "60s")
    admin = api.client("admin")
    admin.get("/api/v1/jobs")
    session.run("begin; lock table jobs")
    request = threading.Thread(target=lambda: pytest.raises(Exception, admin.get, "/api/v1/jobs"))
    request.start()
    until(lambda: in_flight(admin, 1), "the request waits for the lock")
    assert api.stop() == 0
    request.join()
    session.run("commit")


# ---- the start ----

def run(*args, url=None):
    env = {"PATH": "/usr/bin:/bin"}
    if url:
        env["RESEDGE_DATABASE_URL"] = url
    return subprocess.run([BUILD / "resedge-api", *map(str, args)], env=env, capture_output=True, text=True, timeout=60, check=False)


def test_help_and_version_need_nothing():
    assert run("--version").stdout.startswith("resedge-api ")
    for command in ("serve", "migrate", "token"):
        result = run(command, "--help")
        assert result.returncode == 0 and "--database-url" in result.stdout
    assert run().returncode == 2 and run("brew").returncode == 2


@pytest.mark.parametrize("args", [
    ["serve", "--listen", "nowhere"], ["serve", "--listen", "0.0.0.0:0", "--no-auth"], ["serve", "--listen", "127.0.0.1:99999"],
    ["serve", "x"], ["serve", "--log-level", "loud"], ["serve", "--read-connections", "0"], ["migrate", "x"], ["token"],
    ["token", "create"], ["token", "create", "x", "--role", "king"], ["token", "create", "x", "--expires", "soon"],
    ["token", "revoke", "x"],
])
def test_a_wrong_command_line_is_refused(args, postgres, database):
    result = run(*args, url=postgres.url(database))
    assert result.returncode == 2 and result.stderr.startswith("resedge-api: "), result


def test_a_port_that_is_taken_is_said(api, postgres, database):
    result = run("serve", "--listen", f"127.0.0.1:{api.port}", url=postgres.url(database))
    assert result.returncode != 0 and "could not listen" in result.stderr and str(api.port) in result.stderr


def test_a_database_that_is_not_there_is_said_without_its_password(tmp_path):
    result = run("migrate", "--migrations", ROOT / "migrations", url=f"postgresql://u:s3cret@/x?host={tmp_path}")
    assert result.returncode == 4 and "can't be reached" in result.stderr and "s3cret" not in result.stderr


def test_without_tokens_on_loopback_everybody_is_admin(start_api):
    api = start_api("--no-auth")
    assert Client(api.port).get("/api/v1/tokens")["value"] == []


def test_tokens_are_made_listed_and_revoked_on_the_command_line(api, postgres, database):
    url = postgres.url(database)
    token = run("token", "create", "Ann", "--role", "viewer", "--expires", "30d", url=url).stdout.strip()
    listed = run("token", "list", url=url).stdout
    assert "Ann" in listed and "viewer" in listed and token not in listed
    client = api.client()
    client.token = token
    assert client.request("GET", "/api/v1/jobs").status == 200
    number = token.split("_")[1]
    assert run("token", "revoke", number, url=url).returncode == 0
    assert run("token", "revoke", number, url=url).returncode == 1
    until(lambda: client.request("GET", "/api/v1/jobs").status == 401, "the revocation is heard", deadline=5)


def test_times_on_the_command_line_are_utc_whatever_the_database_takes_for_its_own(admin, postgres, database):
    postgres.sql(f"alter database {database} set timezone to 'Asia/Tokyo'")
    assert run("token", "create", "Ann", "--expires", "30d", url=postgres.url(database)).returncode == 0
    made = next(token for token in admin.get("/api/v1/tokens")["value"] if token["name"] == "Ann")
    lifetime = datetime.datetime.fromisoformat(made["expiresAt"]) - datetime.datetime.fromisoformat(made["createdAt"])
    assert abs(lifetime - datetime.timedelta(days=30)) < datetime.timedelta(minutes=5)
    row = next(line.split() for line in run("token", "list", url=postgres.url(database)).stdout.splitlines() if " Ann " in line)
    assert row[3:5] == [made["createdAt"], made["expiresAt"]]


# ---- the schema ----

@pytest.fixture
def empty(postgres):
    name = postgres.create_database()
    yield name
    postgres.drop_database(name)


@pytest.fixture
def folder(tmp_path):
    copy = tmp_path / "migrations"
    shutil.copytree(ROOT / "migrations", copy)
    return copy


def migrate(postgres, database, folder):
    return run("migrate", "--migrations", folder, "--serve-role", postgres.SERVE_ROLE, url=postgres.owner_url(database))


def test_migrating_twice_changes_nothing(postgres, empty, folder):
    count = len(list(folder.glob("*.sql")))
    assert f"{count} of {count}" in migrate(postgres, empty, folder).stdout
    assert f"0 of {count}" in migrate(postgres, empty, folder).stdout


def test_two_who_migrate_at_once_do_it_once(postgres, empty, folder):
    results = []
    threads = [threading.Thread(target=lambda: results.append(migrate(postgres, empty, folder))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.returncode for result in results] == [0, 0, 0, 0], results
    assert sum(not result.stdout.startswith("0 of") for result in results) == 1


def test_a_file_that_was_changed_after_it_was_applied_is_refused(postgres, empty, folder):
    assert migrate(postgres, empty, folder).returncode == 0
    with open(folder / "0001_fleet.sql", "a") as file:
        file.write("-- a harmless comment\n")
    result = migrate(postgres, empty, folder)
    assert result.returncode == 3 and "0001_fleet" in result.stderr and "changed" in result.stderr


def test_a_migration_that_fails_leaves_nothing_and_names_its_line(postgres, empty, folder):
    (folder / "0900_odd.sql").write_text("create table half (a int);\n\nselect nothing_like_this();\n")
    result = migrate(postgres, empty, folder)
    assert result.returncode != 0 and "0900_odd, line 3" in result.stderr
    assert postgres.sql("select to_regclass('half') is null, max(version) from schema_migrations", empty).startswith("t|")
    assert postgres.sql("select max(version) < 900 from schema_migrations", empty) == "t"


@pytest.mark.parametrize("name", ["1_short.sql", "abcd_x.sql", "0001_again.sql"])
def test_files_with_odd_names_are_refused(postgres, empty, folder, name):
    (folder / name).write_text("select 1;\n")
    assert migrate(postgres, empty, folder).returncode == 2


def test_a_schema_ahead_is_served_only_while_it_merely_grew(postgres, empty, folder, tmp_path):
    assert migrate(postgres, empty, folder).returncode == 0
    (folder / "0900_more.sql").write_text("-- expand\ncreate table more (a int);\n")
    assert migrate(postgres, empty, folder).returncode == 0
    api = servers.Api(tmp_path, postgres.url(empty))
    api.start()
    assert api.stop() == 0
    (folder / "0901_less.sql").write_text("drop table more;\n")
    assert migrate(postgres, empty, folder).returncode == 0
    result = run("serve", "--listen", "127.0.0.1:0", "--migrations", ROOT / "migrations", url=postgres.url(empty))
    assert result.returncode == 3 and "0901_less" in result.stderr


@pytest.fixture
def stranger(postgres, empty):
    """A role that may log in and nothing else."""
    postgres.sql("create role stranger login")
    yield "stranger"
    postgres.drop_database(empty)
    postgres.sql("drop role stranger")


def test_who_may_not_migrate_is_told_who_may(postgres, empty, folder, stranger):
    def refused(*says, serve_role=postgres.SERVE_ROLE):
        result = run("migrate", "--migrations", folder, "--serve-role", serve_role, url=postgres.url(empty, stranger))
        assert result.returncode == 3 and "42501" not in result.stderr, result
        for text in (f'owner of the schema: "{postgres.OWNER}"', f'not "{stranger}"', *says):
            assert text in result.stderr, result
    refused("permission denied for schema public")
    assert migrate(postgres, empty, folder).returncode == 0
    refused("permission denied for schema public")
    postgres.sql(f"grant create on schema public to {stranger}", empty)
    refused("permission denied for table schema_migrations")
    postgres.sql(f"grant select on schema_migrations to {stranger}", empty)
    refused("permission denied for function grant_serving")
    (folder / "0900_more.sql").write_text("-- expand\nselect 1;\nalter table groups add more int;\n")
    refused("migration 0900_more", "must be owner of table groups")
    (folder / "0900_more.sql").write_text("-- expand\nselect 1;\n")
    refused("permission denied for table schema_migrations")
    assert postgres.sql("select max(version) < 900 from schema_migrations", empty) == "t"
    assert migrate(postgres, empty, folder).returncode == 0


def test_a_server_that_starts_before_the_migration_waits_for_it(postgres, empty, folder, tmp_path):
    api = servers.Api(tmp_path, postgres.url(empty))
    api.start(wait=False)
    assert Client(api.port).request("GET", "/healthz").status == 200
    until(lambda: "schema" in Client(api.port).request("GET", "/readyz").body.decode(), "it says what it waits for")
    assert migrate(postgres, empty, folder).returncode == 0
    api.wait_ready()
    assert api.stop() == 0


def test_tokens_that_shared_a_name_before_that_was_refused_go_on(postgres, empty, folder):
    [first] = folder.glob("*_token_names.sql")
    later = [file for file in folder.glob("*.sql") if file.name >= first.name]
    for file in later:
        file.rename(file.with_suffix(".later"))
    assert migrate(postgres, empty, folder).returncode == 0
    postgres.sql("insert into tokens (name, role, hash) select 'ci', 'viewer', sha256(n::text::bytea) from generate_series(1, 3) n", empty)
    for file in later:
        file.with_suffix(".later").rename(file)
    assert migrate(postgres, empty, folder).returncode == 0
    url = postgres.url(empty)
    assert run("token", "create", "ci", "--role", "viewer", url=url).returncode == 3
    for number in (1, 2, 3):
        assert run("token", "revoke", number, url=url).returncode == 0
    assert run("token", "create", "ci", "--role", "viewer", url=url).returncode == 0


# ---- the roles of the database ----

@pytest.mark.parametrize("role", ["postgres", "resedge_owner"])
def test_it_does_not_serve_as_who_could_change_what_was_logged(postgres, database, role):
    result = run("serve", "--listen", "127.0.0.1:0", "--migrations", ROOT / "migrations", url=postgres.url(database, role))
    assert result.returncode == 3 and "does not run as" in result.stderr and "--serve-role" in result.stderr, result


def test_the_role_that_serves_adds_to_the_log_and_changes_nothing_of_it(admin, postgres, database):
    admin.post("/api/v1/groups", {"name": "stores"})

    def rights(table):
        return postgres.sql("select string_agg(privilege_type, ' ' order by privilege_type) from information_schema.role_table_grants "
                            f"where grantee = '{postgres.SERVE_ROLE}' and table_name = '{table}'", database)
    assert rights("changes") == "INSERT SELECT" and rights("schema_migrations") == "SELECT"
    assert rights("clusters") == "DELETE INSERT SELECT UPDATE"
    assert postgres.sql("select count(*) from pg_class c join pg_roles r on r.oid = c.relowner "
                        f"where r.rolname = '{postgres.SERVE_ROLE}'", database) == "0"
    for sql in ("delete from changes", "update changes set actor = 'x'", "truncate changes", "create table x ()", "drop table changes",
                "alter table changes disable trigger all", "select grant_serving('resedge_serve')"):
        session = subprocess.run([postgres.bin / "psql", "-X", "-d", postgres.url(database), "-c", sql], capture_output=True, text=True)
        assert "permission denied" in session.stderr or "must be owner" in session.stderr, (sql, session)


def test_migrating_creates_the_role_that_serves_and_refuses_one_that_may_too_much(postgres, empty, folder):
    def grant(role, as_role=postgres.OWNER):
        return run("migrate", "--migrations", folder, "--serve-role", role, url=postgres.url(empty, as_role))
    try:
        assert grant('odd "name').returncode == 0
        assert postgres.sql("""select rolcanlogin and not rolsuper and not rolcreaterole from pg_roles where rolname = 'odd "name'""") == "t"
        for role in ("postgres", postgres.OWNER):
            result = grant(role)
            assert result.returncode == 3 and f"--serve-role {role}" in result.stderr, result
        postgres.sql(f"alter role {postgres.OWNER} nocreaterole")
        result = grant("missing")
        assert result.returncode == 3 and "CREATE ROLE" in result.stderr, result
    finally:
        postgres.sql(f"alter role {postgres.OWNER} createrole")
        postgres.drop_database(empty)
        postgres.sql("""drop role if exists "odd ""name";""")


def test_former_roles_of_tokens_get_no_more_than_they_had(postgres, empty, folder):
    later = [file for file in folder.iterdir() if file.name >= "0004"]
    for file in later:
        file.rename(file.with_suffix(".later"))
    run("migrate", "--migrations", folder, url=postgres.owner_url(empty))
    postgres.sql("insert into tokens (name, role, hash) select r, r, sha256(r::bytea) from unnest('{reader,editor,platform,admin,worker}'::text[]) r", empty)
    for file in later:
        file.with_suffix(".later").rename(file)
    assert migrate(postgres, empty, folder).returncode == 0
    assert postgres.sql("select string_agg(name || ':' || role, ' ' order by id) from tokens", empty) == \
        "reader:viewer editor:viewer platform:platform admin:admin worker:worker"


# ---- lines ----

def logged(api, request_id):
    lines = [json.loads(line) for line in api.log().splitlines() if line.startswith("{")]
    return next((line for line in lines if line.get("id") == request_id), None)


def who_asked_for_what(api, answer):
    line = until(lambda: logged(api, answer.headers["X-Request-Id"]), "it is logged")
    assert line["status"] == answer.status
    return line["status"], line["route"], line["actor"]


def test_the_log_tells_who_asked_for_what_is_not_there(api):
    viewer, group = api.client("viewer", "jane"), "/api/v1/groups/{id}"
    for method, path, body, status, route in (("GET", "/api/v1/nothing", None, 404, "none"), ("POST", "/api/v1/nothing", {}, 404, "none"),
                                              ("PUT", "/api/v1/groups", None, 405, "/api/v1/groups"), ("PUT", "/api/v1/groups", {}, 405, "/api/v1/groups"),
                                              ("BREW", "/api/v1/groups/1", None, 405, group), ("OPTIONS", "/api/v1/groups/1", None, 204, group)):
        for client, actor in ((viewer, "jane"), (api.client(), "-"), (Client(api.port, "rse_1_wrong"), "-")):
            answer = client.request(method, path, body)
            assert who_asked_for_what(api, answer) == (status, route, actor), (method, path)


def test_without_tokens_the_log_tells_that_too(start_api):
    api = start_api("--no-auth")
    for path, route in (("/api/v1/nothing", "none"), ("/api/v1/groups/1/tags", "none")):
        assert who_asked_for_what(api, api.client().request("GET", path)) == (404, route, "anonymous")


def test_each_request_has_one_line_with_its_route_and_its_trace(api, admin):
    trace = "0af7651916cd43dd8448eb211c80319c"
    answer = admin.request("GET", "/api/v1/groups/99?$select=name", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    line = until(lambda: logged(api, answer.headers["X-Request-Id"]), "it is logged")
    assert (line["route"], line["path"], line["method"], line["status"], line["actor"], line["trace"], line["code"]) == \
        ("/api/v1/groups/{id}", "/api/v1/groups/99", "GET", 404, "admin", trace, "notFound")
    assert line["bytes"] == len(answer.body) and line["ms"] >= 0
    refused = api.client().request("GET", "/api/v1/jobs", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    line = until(lambda: logged(api, refused.headers["X-Request-Id"]), "it is logged")
    assert (line["route"], line["status"], line["actor"], line["trace"], line["bytes"]) == ("/api/v1/jobs", 401, "-", trace, len(refused.body))


def test_each_line_says_from_where_and_a_trusted_proxy_is_believed(start_api):
    for number, (args, client) in enumerate([([], "127.0.0.1"), (["--trusted-proxies", "127.0.0.0/8"], "2001:db8::7")]):
        api = start_api(*args)
        connection = Raw(api)
        for name, forwarded, expected in (("first", "X-Forwarded-For: 2001:db8::7\r\n", client), ("second", "", "127.0.0.1")):
            connection.request("GET", "/version", f"{forwarded}X-Request-Id: {name}-{number}\r\n")
            assert connection.answer()[0] == 200
            assert until(lambda: logged(api, f"{name}-{number}"), "it is logged")["client"] == expected
        connection.request("GET", f"{API}/jobs", f"X-Forwarded-For: 2001:db8::7\r\nX-Request-Id: third-{number}\r\n")
        assert connection.problem()["status"] == 401
        assert until(lambda: logged(api, f"third-{number}"), "it is logged")["client"] == client
        connection.close()


@pytest.mark.parametrize("header", ["", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", "00-" + "0" * 32 + "-b7ad6b7169203331-01",
                                    "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x", "x" * 60])
def test_a_trace_that_is_none_is_overlooked(api, admin, header):
    answer = admin.request("GET", "/version", headers={"traceparent": header})
    assert "trace" not in until(lambda: logged(api, answer.headers["X-Request-Id"]), "it is logged")


@pytest.mark.parametrize("content_type, status", [
    ("application/json", 201), ("application/json; charset=utf-8", 201), ("application/vnd.x+json", 201), ("application/yaml", 201), ("text/plain", 415),
    ("application/json-patch+json", 415), ("application/x-www-form-urlencoded", 415), ("application/xml", 415),
    ("application/json; charset=UTF-8", 201), ('application/json;charset="utf-8"', 201), ("application/json ; profile=x; Charset=us-ascii", 201),
    ("application/json; charset=latin1", 415), ('application/yaml; charset="utf-16"', 415), ("application/json; charset=utf-80", 415)])
def test_a_body_of_a_type_that_is_not_spoken_is_refused(admin, content_type, status):
    answer = admin.request("POST", "/api/v1/groups", json.dumps({"name": "stores"}), headers={"Content-Type": content_type})
    assert answer.status == status, answer
    if status == 415:
        assert answer.json["status"] == 415 and ("UTF-8" if "charset" in content_type else "application/json") in answer.json["hint"]


@pytest.mark.parametrize("content_type, status", [
    ("application/merge-patch+json", 200), ("application/json", 200), ("application/yaml", 200), ("application/json-patch+json", 415),
    ("application/strategic-merge-patch+json", 415), ("application/apply-patch+yaml", 415), ("Application/Strategic-Merge-Patch+JSON", 415),
    ("application/json; charset=latin1", 415)])
def test_a_patch_of_a_kind_that_is_not_spoken_is_told_which_are(admin, content_type, status):
    made = admin.post("/api/v1/groups", {"name": "stores"})
    answer = admin.request("PATCH", f"/api/v1/groups/{made['id']}", json.dumps({"description": "x"}), headers={"Content-Type": content_type})
    assert answer.status == status
    assert ("application/merge-patch+json" in answer.headers.get("Accept-Patch", "")) == (status == 415)
