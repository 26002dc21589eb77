"""Who gets in: tokens, sessions of people who signed in with one, and nobody by guessing."""

import concurrent.futures
import datetime
import hashlib
import http.client
import http.cookies
import itertools
import json
import subprocess
import time

import pytest

from resedge_test import BUILD
from resedge_test.client import Client
from resedge_test.events import Events
from resedge_test.fleet import API
from resedge_test.wait import until

WRONG = "rse_1_" + "0" * 48


def with_checksum(text):
    return f"{text}_{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def looked_up(postgres, database):
    """How often the database was asked for a token, as far as it has counted."""
    return int(postgres.sql("select coalesce(sum(idx_scan), 0) from pg_stat_user_indexes where indexrelname = 'tokens_hash_key'", database))


# ---- tokens ----

def test_a_token_can_be_recognised_and_a_mistyped_one_costs_no_look_up(api, admin, postgres, database):
    token = admin.post(f"{API}/tokens", {"name": "x", "role": "viewer"})["token"]
    assert token == with_checksum(token.rpartition("_")[0]) and token.startswith("rse_")

    before = looked_up(postgres, database)
    for _ in range(3):
        assert api.client().request("GET", f"{API}/jobs", headers=bearer(token[:-1] + "x")).status == 401
    assert looked_up(postgres, database) == before


def test_a_token_is_where_its_making_says_without_its_secret(admin):
    made = admin.request("POST", f"{API}/tokens", {"name": "x", "role": "app-team", "owners": ["ann"]})
    path, secret = made.headers["Location"], made.json["token"]
    shown = admin.request("GET", path)
    assert shown.json == {name: value for name, value in made.json.items() if name != "token"} and secret not in shown.body.decode()
    assert shown.json in admin.get(f"{API}/tokens")["value"]
    admin.delete(path)
    assert admin.get(path)["revokedAt"] and admin.get(path) in admin.get(f"{API}/tokens")["value"]
    assert admin.request("HEAD", path).status == 200
    for wrong, status in ((f"{API}/tokens/999", 404), (f"{API}/tokens/x", 404), (f"{API}/tokens/1?x=1", 400)):
        assert admin.request("GET", wrong).status == status, wrong


def test_of_the_tokens_that_may_be_used_no_two_have_the_same_name(api, admin, postgres, database):
    """It is all that the audit says of who it was."""
    body = {"name": "ci", "role": "viewer"}
    soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1.5)).isoformat()
    first = admin.post(f"{API}/tokens", {**body, "expiresAt": soon})
    for query in ("", "?dryRun=true"):
        problem = admin.refused(409, "POST", f"{API}/tokens{query}", {**body, "role": "admin"})
        assert (problem["code"], problem["field"], problem["object"]) == ("conflict", "/name", f"token {first['id']}") and "revoke" in problem["hint"]
    shell = subprocess.run([BUILD / "resedge-api", "token", "create", "ci", "--role", "viewer"], env=api.database_env, capture_output=True, text=True)
    assert shell.returncode == 3 and f"token {first['id']}" in shell.stderr and not shell.stdout, shell
    assert admin.request("POST", f"{API}/tokens", {**body, "name": "CI"}).status == 201
    second = until(lambda: (answer := admin.request("POST", f"{API}/tokens", body)).status == 201 and answer, "the first is over", deadline=10).json
    admin.refused(409, "POST", f"{API}/tokens", body)
    admin.delete(f"{API}/tokens/{second['id']}")
    assert admin.request("POST", f"{API}/tokens?dryRun=true", body).status == 204
    assert admin.request("POST", f"{API}/tokens", body).status == 201


@pytest.mark.parametrize("name", ["anonymous", "resedge-api"])
def test_no_token_is_called_as_the_audit_calls_those_who_have_none(api, admin, name):
    assert admin.refused(422, "POST", f"{API}/tokens", {"name": name, "role": "viewer"})["field"] == "/name"
    shell = subprocess.run([BUILD / "resedge-api", "token", "create", name, "--role", "viewer"], env=api.database_env, capture_output=True, text=True)
    assert shell.returncode == 2 and name in shell.stderr, shell
    assert [token["name"] for token in admin.get(f"{API}/tokens")["value"]] == ["admin"]


@pytest.mark.parametrize("name, what", [
    ("admin\u200b", "invisible characters: U+200B"), ("ad\u00admin", "invisible"), ("admin ", "space"), ("\u00a0admin", "space"), (None, "is needed: text"),
    ("", "1 to 100 bytes"), (7, "must be text"), ("x" * 101, "1 to 100 bytes")])
def test_no_token_has_a_name_that_looks_like_another(api, admin, name, what):
    for query in ("", "?dryRun=true"):
        problem = admin.refused(422, "POST", f"{API}/tokens{query}", {"name": name, "role": "viewer"})
        assert problem["field"] == "/name" and what in problem["detail"], problem
    if name and isinstance(name, str):
        shell = subprocess.run([BUILD / "resedge-api", "token", "create", name, "--role", "viewer"], env=api.database_env, capture_output=True, text=True)
        assert shell.returncode == 2 and not shell.stdout, shell


@pytest.mark.parametrize("field, option", [("businessUnits", "--business-units"), ("owners", "--owners")])
def test_what_a_token_is_bound_to_holds_nothing_that_cannot_be_seen(api, admin, field, option):
    problem = admin.refused(422, "POST", f"{API}/tokens", {"name": "team", "role": "app-team", field: ["retail", "fu\u200bel"]})
    assert [(error["pointer"], "U+200B" in error["detail"]) for error in problem["errors"]] == [(f"/{field}/1", True)]
    shell = subprocess.run([BUILD / "resedge-api", "token", "create", "team", "--role", "app-team", option, "retail,fu\u200bel"], env=api.database_env,
                           capture_output=True, text=True)
    assert shell.returncode == 2 and "U+200B" in shell.stderr and not shell.stdout, shell
    assert admin.request("POST", f"{API}/tokens", {"name": "team", "role": "app-team", field: ["retail", "Süd"]}).status == 201


def test_what_is_missing_of_a_token_is_said_to_be_needed(admin):
    for body in ({}, {"name": None, "role": None}):
        errors = admin.refused(422, "POST", f"{API}/tokens", body)["errors"]
        assert [fault["pointer"] for fault in errors] == ["/name", "/role"] and all("needed" in fault["detail"] for fault in errors), errors


@pytest.mark.parametrize("body", [{"name": "kim"}, {"name": "kim", "role": None}, {"name": "kim", "role": ""}, {"name": "kim", "role": "boss"}])
def test_whoever_names_no_role_is_told_which_there_are(admin, body):
    fault, = admin.refused(422, "POST", f"{API}/tokens", body)["errors"]
    assert (fault["pointer"], fault["hint"]) == ("/role", "The roles are viewer, app-team, platform, admin and worker.")


def test_what_a_token_is_bound_to_is_kept_once(admin):
    made = admin.post(f"{API}/tokens", {"name": "kim", "role": "app-team", "businessUnits": ["b", "a", "b"], "owners": ["x", "x"]})
    assert (made["businessUnits"], made["owners"]) == (["b", "a"], ["x"])
    shown = admin.get(f"{API}/tokens/{made['id']}")
    assert (shown["businessUnits"], shown["owners"]) == (["b", "a"], ["x"])


def test_of_those_who_want_a_name_at_the_same_time_one_gets_it(api, admin, start_api, postgres, database):
    clients = [admin, Client(start_api().port, admin.token)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: clients[n % 2].request("POST", f"{API}/tokens", {"name": "ci", "role": "viewer"}), range(16)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 15
    assert postgres.sql("select count(*) from tokens where name = 'ci'", database) == "1"


@pytest.mark.parametrize("wrong", ["", "x", WRONG, "x" * 6000])
def test_each_request_of_a_connection_is_known_by_its_own_token(api, admin, wrong):
    tokens = {name: api.make_token("viewer", name) for name in ("one", "two")}
    connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=30)

    def session_of(token):
        connection.request("GET", f"{API}/session", headers=bearer(token))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    for name in ("one", "one", "two", "one", "two", "two"):
        status, body = session_of(tokens[name])
        assert (status, body["name"]) == (200, name)
    assert session_of(wrong)[0] == 401
    assert session_of(tokens["one"][:-1])[0] == 401
    connection.close()


def test_a_revocation_takes_effect_on_every_replica_at_once(start_api):
    apis = [start_api(), start_api()]
    admin = apis[0].client("admin")
    made = admin.post(f"{API}/tokens", {"name": "x", "role": "viewer"})
    for api in apis:
        assert api.client().request("GET", f"{API}/jobs", headers=bearer(made["token"])).status == 200
    admin.delete(f"{API}/tokens/{made['id']}")
    for api in apis:
        until(lambda api=api: api.client().request("GET", f"{API}/jobs", headers=bearer(made["token"])).status == 401, "it is heard", deadline=3)


def test_who_is_told_of_a_revocation_can_rely_on_it_without_a_notice(api, admin, postgres, database):
    """The notice comes on another connection, and so later than the answer: here never."""
    postgres.sql("alter table tokens disable trigger tokens_changed; alter table sessions disable trigger sessions_changed", database)
    made = admin.post(f"{API}/tokens", {"name": "x", "role": "viewer"})
    guest, stays = Client(api.port, made["token"]), api.client("viewer")
    with_token, signed_out = Browser(api, made["token"]), Browser(api, made["token"])
    for asked in (guest.request, stays.request, lambda method, path: with_token.request(method, "jobs"), lambda method, path: signed_out.request(method, "jobs")):
        assert asked("GET", f"{API}/jobs").status == 200
    assert signed_out.request("DELETE", "session").status == 204
    assert (signed_out.request("GET", "jobs").status, with_token.request("GET", "jobs").status) == (401, 200)
    assert admin.request("DELETE", f"{API}/tokens/{made['id']}?dryRun=true").status == 204
    assert guest.request("GET", f"{API}/jobs").status == 200
    admin.delete(f"{API}/tokens/{made['id']}")
    assert (guest.request("GET", f"{API}/jobs").status, with_token.request("GET", "jobs").status) == (401, 401)
    assert stays.request("GET", f"{API}/jobs").status == 200


def test_what_is_remembered_does_not_count_while_nobody_tells_about_changes(api, postgres, database):
    token = api.make_token("viewer")
    assert api.client().request("GET", f"{API}/jobs", headers=bearer(token)).status == 200
    # The notice gets lost: there is none, and then the connection that would have brought it is gone.
    postgres.sql("begin; alter table tokens disable trigger tokens_changed; update tokens set revoked_at = now(); "
                 "alter table tokens enable trigger tokens_changed; commit", database)
    assert postgres.sql("select count(pg_terminate_backend(pid)) from pg_stat_activity "
                        f"where datname = '{database}' and query like '%listen resedge_tokens%' and pid <> pg_backend_pid()") == "1"
    until(lambda: api.client().request("GET", f"{API}/jobs", headers=bearer(token)).status == 401, "it is looked up", deadline=4)


def test_when_tokens_were_used_is_written_together(api, admin, postgres, database):
    tokens = [api.make_token("viewer", f"v{n}") for n in range(5)]
    for token in tokens * 3:
        assert api.client().request("GET", f"{API}/jobs", headers=bearer(token)).status == 200
    assert all(item["lastUsedAt"] for item in until(
        lambda: [item for item in admin.get(f"{API}/tokens")["value"] if item["name"].startswith("v") and item["lastUsedAt"]][4:]
        and admin.get(f"{API}/tokens")["value"], "they are written"))
    assert int(postgres.sql("select count(distinct last_used_at) from tokens where name like 'v%'", database)) <= 2


def test_a_stream_ends_with_its_token_also_while_that_is_known_to_be_over(api, admin):
    over = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)).isoformat()
    guest = api.client()
    guest.token = admin.post(f"{API}/tokens", {"name": "short", "role": "viewer", "expiresAt": over})["token"]
    with Events(guest) as events, concurrent.futures.ThreadPoolExecutor(1) as pool:
        ended = pool.submit(events.next)
        # Who asks with it meanwhile is why the server knows the answer already when it looks at the stream.
        until(lambda: guest.request("GET", f"{API}/jobs").status == 401 and ended.done(), "the stream is looked at", deadline=30, pause=0.9)
        assert ended.result() is None
    assert admin.request("GET", f"{API}/jobs").status == 200


# ---- guessing ----

def test_who_keeps_sending_wrong_tokens_is_slowed_down_and_good_ones_still_work(api, admin):
    stranger = api.client()
    admin.get(f"{API}/jobs")
    numbers = itertools.count()

    def guess():
        return stranger.request("GET", f"{API}/jobs", headers=bearer(with_checksum(f"rse_1_{next(numbers):048x}")))
    assert [guess().status for _ in range(20)] == [401] * 20
    limited = until(lambda: (answer := guess()).status == 429 and answer, "it is slowed down", pause=0)
    assert limited.json["code"] == "limited" and int(limited.headers["Retry-After"]) >= 1
    admin.post(f"{API}/tokens", {"name": "other", "role": "viewer"})  # makes the server forget whom it knew
    admin.get(f"{API}/jobs")
    assert until(lambda: stranger.request("POST", f"{API}/session", headers=bearer(WRONG)).status == 429, "it is slowed down again")
    until(lambda: stranger.request("GET", f"{API}/jobs", headers=bearer(WRONG)).status == 401, "patience comes back", deadline=10)


def wrong_token(number):
    """One that might be a token, but for that nobody made it."""
    return with_checksum(f"rse_1_{number:048x}")


def status_of(api, token):
    return api.client().request("GET", f"{API}/jobs", headers=bearer(token)).status


def test_who_repeats_a_wrong_token_is_slowed_down_and_keeps_no_new_token_of_the_same_address_out(api, admin):
    assert [status_of(api, wrong_token(1)) for _ in range(20)] == [401] * 20
    for _ in range(10):
        until(lambda: status_of(api, wrong_token(1)) == 429, "it is slowed down", pause=0)
        token = api.make_token("viewer")  # which makes the server forget what it knows of the wrong one
        assert status_of(api, wrong_token(1)) in (401, 429)
        assert status_of(api, token) == 200
    session = Browser(api, api.make_token("viewer"))
    assert session.request("GET", "jobs").status == 200


def test_a_token_that_is_known_to_be_wrong_costs_the_database_nothing(api, postgres, database):
    until(lambda: postgres.sql("select 1 from pg_stat_activity where state = 'idle' and query like '%; listen resedge_tokens%' "
                               f"and datname = '{database}'"), "it hears of changes, and so may remember")
    assert {status_of(api, wrong_token(1)) for _ in range(25)} == {401, 429}
    api.stop()  # the database counts what a connection did when that ends
    until(lambda: postgres.sql("select 1 where not exists (select from pg_stat_activity where application_name = 'resedge-api' "
                               f"and datname = '{database}')"), "they have ended")
    assert 1 <= looked_up(postgres, database) <= 2


def test_who_guesses_gets_no_more_look_ups_than_answers(api, admin):
    statuses = [status_of(api, wrong_token(n)) for n in range(20)] + [status_of(api, wrong_token(0)) for _ in range(3)]
    assert statuses[:20] == [401] * 20 and 429 in statuses[20:], statuses


def guess(api, forwarded, token, header="X-Forwarded-For"):
    """How a request is answered that a proxy sends on for somebody."""
    return api.client().request("GET", f"{API}/jobs", headers={**bearer(token), header: forwarded}).status


def test_behind_a_trusted_proxy_each_client_has_a_patience_of_its_own(start_api):
    api = start_api("--trusted-proxies", "127.0.0.0/8,10.0.0.0/8")
    assert [guess(api, f"6.6.6.{n}, 198.51.100.4, 10.0.0.1", WRONG) for n in range(20)] == [401] * 20
    assert guess(api, "6.6.6.6, 198.51.100.4", WRONG) == 429, "what stands in front of the proxies' word is made up"
    assert guess(api, "198.51.100.5", WRONG) == 401


def test_an_untrusted_peer_is_not_believed(start_api):
    for args in ([], ["--trusted-proxies", "10.0.0.0/8,::1"]):
        api = start_api(*args)
        assert [guess(api, f"198.51.100.{n}", WRONG) for n in range(20)] == [401] * 20
        assert guess(api, "198.51.100.200", WRONG) == 429


def test_proxies_may_say_it_as_rfc_7239_has_it(start_api):
    api = start_api("--trusted-proxies", "127.0.0.1", "--forwarded-header", "Forwarded")
    assert [guess(api, f'for=6.6.6.{n}, for="[2001:db8::{n}]:80";proto=https', WRONG, "Forwarded") for n in range(20)] == [401] * 20
    assert guess(api, "for=\"[2001:db8::99]\"", WRONG, "Forwarded") == 429, "a network of IPv6 is one client"
    assert guess(api, "for=198.51.100.5", WRONG, "Forwarded") == 401


@pytest.mark.parametrize("args, says", [
    (["--trusted-proxies", "10.0.0.0/40"], '"10.0.0.0/40"'), (["--trusted-proxies", "proxy"], '"proxy"; --trusted-proxies'),
    (["--trusted-proxies", "::1", "--forwarded-header", "X-Real-IP"], "X-Real-IP")])
def test_proxies_that_are_none_keep_the_server_from_starting(postgres, database, args, says):
    result = subprocess.run([BUILD / "resedge-api", "serve", "--listen", "127.0.0.1:0", *args], capture_output=True, text=True,
                            env={"RESEDGE_DATABASE_URL": postgres.url(database)}, timeout=60)
    assert result.returncode == 2 and says in result.stderr, result


# ---- sessions ----

class Browser:
    """Keeps the cookie, as a browser would."""

    def __init__(self, api, token=None):
        self.client, self.cookie, self.csrf = api.client(), None, None
        if token:
            self.answer = self.client.request("POST", f"{API}/session", headers=bearer(token))
            assert self.answer.status == 201, self.answer
            self.cookie = http.cookies.SimpleCookie(self.answer.headers["Set-Cookie"])["resedge_session"]
            self.csrf = self.answer.json["csrfToken"]

    def request(self, method, path, body=None, csrf=True):
        headers = {"Cookie": f"theme=dark; resedge_session={self.cookie.value}; a=b"}
        if csrf:
            headers["X-CSRF-Token"] = self.csrf if csrf is True else csrf
        return self.client.request(method, f"{API}/{path}", body, headers=headers)


def test_signing_in_exchanges_a_token_for_a_cookie_that_no_script_reads(api):
    token = api.make_token("app-team", "kim", "--owners", "kim")
    browser = Browser(api, token)
    cookie = browser.cookie
    assert cookie["httponly"] and cookie["samesite"] == "Strict" and cookie["path"] == "/api" and not cookie["secure"]
    assert 0 < int(cookie["max-age"]) <= 12 * 3600 and token not in browser.answer.headers["Set-Cookie"]
    me = browser.request("GET", "session").json
    assert (me["name"], me["role"], me["owners"], me["csrfToken"]) == ("kim", "app-team", ["kim"], browser.csrf)
    assert browser.request("GET", "clusters", csrf=False).status == 200
    assert cookie.value not in api.log() and browser.csrf not in api.log()
    proxied = api.client().request("POST", f"{API}/session", headers={**bearer(token), "X-Forwarded-Proto": "https"})
    assert "; Secure" in proxied.headers["Set-Cookie"]


def test_a_session_changes_something_only_with_its_csrf_token(api):
    browser, other = Browser(api, api.make_token("platform")), Browser(api, api.make_token("platform", "other"))
    for csrf in (False, "", "x" * 64, other.csrf):
        answer = browser.request("POST", "groups", {"name": "stores"}, csrf=csrf)
        assert answer.status == 403 and "X-CSRF-Token" in answer.json["hint"], answer
        assert browser.request("DELETE", "session", csrf=csrf).status == 403
    assert browser.request("POST", "groups", {"name": "stores"}).status == 201
    assert browser.request("POST", "tokens", {"name": "x", "role": "admin"}).status == 403  # the role is the token's


def test_a_session_ends_when_signed_out_when_its_token_ends_and_after_its_time(api, start_api, admin):
    browser = Browser(api, api.make_token("viewer"))
    ended = browser.request("DELETE", "session")
    assert ended.status == 204 and "Max-Age=0" in ended.headers["Set-Cookie"]
    until(lambda: browser.request("GET", "clusters").status == 401, "the session is over", deadline=3)

    made = admin.post(f"{API}/tokens", {"name": "x", "role": "viewer"})
    browser = Browser(api, made["token"])
    assert browser.request("GET", "clusters").status == 200
    admin.delete(f"{API}/tokens/{made['id']}")
    until(lambda: browser.request("GET", "clusters").status == 401, "it went with its token", deadline=3)

    start, short = time.time(), api.make_token("viewer", "short", "--expires", "2s")
    browser = Browser(api, short)
    until(lambda: browser.request("GET", "clusters").status == 401, "it ends with its token")
    assert time.time() - start >= 1


def test_a_session_neither_begins_another_nor_stands_in_for_a_token_that_was_sent(api, admin):
    browser = Browser(api, api.make_token("viewer"))
    assert browser.request("POST", "session").status == 409
    assert admin.refused(404, "DELETE", f"{API}/session")["hint"]
    cookie = {"Cookie": f"resedge_session={browser.cookie.value}", "X-CSRF-Token": browser.csrf}
    assert api.client().request("GET", f"{API}/clusters", headers={**cookie, **bearer(WRONG)}).status == 401
    assert api.client().request("GET", f"{API}/clusters", headers=bearer(browser.cookie.value)).status == 401
    assert api.client().request("GET", f"{API}/clusters", headers={"Cookie": f"resedge_session={api.make_token('viewer')}"}).status == 401
    worker = api.client("worker")
    assert worker.request("POST", f"{API}/session").status == 403 and worker.get(f"{API}/session")["csrfToken"] is None


def test_a_token_has_a_bounded_number_of_sessions(api, postgres, database):
    token = api.make_token("viewer")
    browsers = [Browser(api, token) for _ in range(22)]
    assert postgres.sql("select count(*) from sessions", database) == "20"
    until(lambda: browsers[0].request("GET", "clusters").status == 401, "the oldest is over", deadline=3)
    assert browsers[-1].request("GET", "clusters").status == 200


# ---- no tokens, on this machine ----

@pytest.mark.parametrize("headers, status", [
    ({}, 200), ({"Host": "localhost:1"}, 200), ({"Host": "[::1]:8080"}, 200), ({"Host": "127.0.0.1"}, 200),
    ({"Host": "evil.example"}, 403), ({"Host": "127.0.0.1.evil.example"}, 403), ({"Host": "localhost.evil.example:8080"}, 403),
    ({"Host": "10.0.0.1"}, 403), ({"Host": ""}, 403), ({"Host": "[::1"}, 403),
    ({"Host": "localhost:1", "Origin": "http://localhost:1"}, 200), ({"Host": "localhost:1", "Origin": "http://localhost:2"}, 403),
    ({"Host": "localhost:1", "Origin": "https://evil.example"}, 403), ({"Host": "localhost:1", "Origin": "null"}, 403),
])
def test_without_tokens_only_this_machine_is_served(open_api, headers, status):
    for method, path in (("GET", f"{API}/clusters"), ("DELETE", f"{API}/clusters/name:none"), ("GET", "/metrics"), ("GET", "/healthz")):
        answer = open_api.client().request(method, path, headers=headers)
        assert answer.status == (404 if status == 200 and method == "DELETE" else status), answer


@pytest.fixture(scope="module")
def open_api(postgres, template_database, tmp_path_factory):
    from resedge_test.servers import Api
    name = postgres.create_database(template_database)
    api = Api(tmp_path_factory.mktemp("open"), postgres.url(name), "--no-auth")
    yield api.start()
    api.check_ended_well()
    postgres.drop_database(name)


def guest_of(admin, api, **more):
    token = admin.post(f"{API}/tokens", {"name": "guest", "role": "viewer", **more})
    return token, Client(api.port, token["token"])


def test_a_stream_ends_when_its_token_is_revoked(admin, api):
    token, guest = guest_of(admin, api)
    with Events(guest) as events, Events(admin) as others:
        admin.delete(f"{API}/tokens/{token['id']}")
        while events.next():
            pass
        admin.post(f"{API}/groups", {"name": "still told"})
        assert others.next("change"), "nobody else's ends"
    assert guest.request("GET", f"{API}/events").status == 401


def test_who_waits_is_not_told_what_happens_after_the_revocation(admin, api):
    token, guest = guest_of(admin, api)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        asked = pool.submit(guest.request, "GET", f"{API}/changes?since=0&wait=30")
        until(lambda: b"resedge_http_requests_in_flight 2" in admin.request("GET", "/metrics").body, "the guest waits")
        admin.delete(f"{API}/tokens/{token['id']}")
        admin.post(f"{API}/groups", {"name": "afterwards"})
        answer = asked.result(timeout=10)
    assert (answer.status, answer.json["code"]) == (401, "unauthenticated") and answer.headers["WWW-Authenticate"] == "Bearer"
