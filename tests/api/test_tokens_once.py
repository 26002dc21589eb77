"""A retry of making a token gets the same token, whose secret nobody can read in the database meanwhile."""

import base64
import concurrent.futures
import http.cookies
import subprocess

import pytest

from resedge_test.client import Client
from resedge_test.fleet import API, stores

BODY = {"name": "ci", "role": "viewer", "expiresAt": "2030-01-01T00:00:00Z"}


def make(client, key="k-1", body=None, path="tokens", headers=None):
    return client.request("POST", f"{API}/{path}", body or BODY, headers={"Idempotency-Key": key, **(headers or {})})


def names(admin):
    return [token["name"] for token in admin.get(f"{API}/tokens")["value"]]


def works(port, token):
    return Client(port, token).request("GET", f"{API}/clusters").status == 200


def refused(answer, status, object_):
    assert (answer.status, answer.json.get("object")) == (status, object_), answer
    assert "rse_" not in answer.body.decode()


def same(answer, first):
    assert (answer.status, answer.body, answer.headers["Location"], answer.revision) == \
        (first.status, first.body, first.headers["Location"], first.revision), answer
    assert answer.headers["Idempotent-Replayed"] == "true"


def test_a_retry_gets_the_same_token_whichever_server_is_asked(api, admin, start_api):
    first = make(admin)
    assert (first.status, first.headers["Idempotent-Replayed"]) == (201, None)
    made = first.json
    assert first.headers["Location"] == f"{API}/tokens/{made['id']}" and works(api.port, made["token"])
    for client in (admin, Client(start_api().port, admin.token)):
        same(make(client), first)
    assert names(admin).count("ci") == 1
    shown = next(token for token in admin.get(f"{API}/tokens")["value"] if token["id"] == made["id"])
    assert {**shown, "lastUsedAt": None} == {name: value for name, value in made.items() if name != "token"}
    acts = admin.get(f"{API}/audit?noun=token")["value"]
    assert len([act for act in acts if act["id"] == made["id"]]) == 1


def test_of_retries_at_the_same_time_one_makes_a_token_and_all_get_it(api, admin, start_api):
    clients = [admin, Client(start_api().port, admin.token)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: make(clients[n % 2]), range(16)))
    assert {(answer.status, answer.body) for answer in answers} == {(201, answers[0].body)}
    assert names(admin).count("ci") == 1 and works(api.port, answers[0].json["token"])


def test_a_retry_gets_the_first_answer_also_when_the_token_is_gone(api, admin):
    first = make(admin)
    admin.delete(f"{API}/tokens/{first.json['id']}")
    same(make(admin), first)
    assert not works(api.port, first.json["token"]) and names(admin).count("ci") == 1


def secrets_of(text):
    """A secret, and what somebody who looks for it would decode."""
    plain = text.encode()
    shifted = [base64.b64encode(b"x" * n + plain).decode()[4:-4] for n in range(3)]
    return [text, text.split("_")[-2], plain.hex(), *shifted]


def test_neither_the_secret_nor_the_credential_that_seals_it_lies_in_the_database_or_the_log(api, admin, postgres, database):
    session = Browser(api, admin.token)
    made = [make(admin).json, make(session, "k-2", {**BODY, "name": "second"}).json]
    dump = subprocess.run(["pg_dump", postgres.url(database, "postgres")], check=True, capture_output=True, text=True).stdout
    tables = postgres.sql("select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
                          database).splitlines()
    rows = "".join(postgres.sql(f"select coalesce(string_agg(t::text, ''), '') from {table} t", database) for table in tables)
    sealed = postgres.sql("select encode(sealed, 'escape') || encode(sealed, 'base64') from idempotency_keys where body is null", database)
    assert len(tables) > 20 and sealed and all(key in place for key in ("k-1", "k-2") for place in (dump, rows))
    for secret in (made[0]["token"], made[1]["token"], admin.token, session.cookie):
        for needle in secrets_of(secret):
            for place in (dump, rows, sealed, api.log()):
                assert needle.lower() not in place.lower()


def test_a_token_is_sealed_each_time_with_another_key(admin, postgres, database):
    for key in ("k-1", "k-2"):
        assert make(admin, key, {**BODY, "name": f"ci {key}"}).status == 201
    sealed = [bytes.fromhex(text) for text in
              postgres.sql("select encode(sealed, 'hex') from idempotency_keys order by key", database).splitlines()]
    assert len(sealed) == 2 and abs(len(sealed[0]) - len(sealed[1])) <= 2
    alike = [a == b for a, b in zip(*sealed)]
    assert sum(alike) < len(alike) / 4, "the answers begin with the same words"


class Browser:
    """Signed in with a token: the same person with another credential."""

    def __init__(self, api, token):
        self.client = api.client()
        answer = self.client.request("POST", f"{API}/session", headers={"Authorization": f"Bearer {token}"})
        self.cookie = http.cookies.SimpleCookie(answer.headers["Set-Cookie"])["resedge_session"].value
        self.headers = {"Cookie": f"theme=dark; resedge_session={self.cookie}", "X-CSRF-Token": answer.json["csrfToken"]}

    def request(self, method, path, body, headers):
        return self.client.request(method, path, body, headers={**headers, **self.headers})


def test_who_signed_in_gets_it_again_in_the_same_session_only(api, admin):
    browser, other = Browser(api, admin.token), Browser(api, admin.token)
    first = make(browser)
    same(make(browser), first)
    for client in (other, admin):
        refused(make(client), 409, "the answer kept for the Idempotency-Key")
    assert names(admin).count("ci") == 1


def test_another_token_s_keys_are_its_own(api, admin):
    first, other = make(admin), make(api.client("admin", "other"), body={**BODY, "name": "theirs"})
    assert other.status == 201 and other.json["token"] != first.json["token"] and names(admin)[1:] == ["ci", "other", "theirs"]


def test_the_same_key_with_another_request_is_refused(admin):
    stores(admin)
    make(admin)
    assert make(admin, body={**BODY, "role": "admin"}).status == 422
    assert make(admin, body={"name": "late"}, path="groups").status == 422
    assert make(admin, "k-2", {"name": "late"}, "groups").status == 201
    assert make(admin, "k-2").status == 422, "it was used for a group"
    assert names(admin).count("ci") == 1


@pytest.mark.parametrize("change", [
    "sealed = set_byte(sealed, 0, get_byte(sealed, 0) # 1)", "sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)",
    "sealed = substr(sealed, 1, 20)", "sealed = ''", "status = 200", "location = '/api/v1/tokens/1'",
    "sealed = (select o.sealed from idempotency_keys o where o.key = 'k-2')"])
def test_an_answer_that_was_changed_in_the_database_is_not_given(admin, postgres, database, change):
    make(admin)
    make(admin, "k-2", {**BODY, "name": "second"})
    postgres.sql(f"update idempotency_keys set {change} where key = 'k-1'", database)
    refused(make(admin), 409, "the answer kept for the Idempotency-Key")
    assert names(admin)[1:] == ["ci", "second"]


def test_the_answer_is_forgotten_after_a_day(admin, postgres, database):
    first = make(admin)
    postgres.sql("update idempotency_keys set created_at = now() - interval '25 hours'", database)
    refused(make(admin), 409, f"token {first.json['id']}")
    admin.delete(f"{API}/tokens/{first.json['id']}")
    second = make(admin)
    assert second.status == 201 and second.json["token"] != first.json["token"]
    postgres.sql("update idempotency_keys set created_at = now() - interval '25 hours'", database)
    make(admin, "k-2", {**BODY, "name": "another"})
    assert postgres.sql("select string_agg(key, ',') from idempotency_keys", database) == "k-2"


def test_what_was_refused_or_only_tried_keeps_no_key(admin):
    assert make(admin, body={"name": "ci", "role": "nobody"}).status == 422
    assert make(admin, path="tokens?dryRun=true").status == 204
    assert make(admin, "a b").status == 400
    assert names(admin).count("ci") == 0
    assert make(admin).status == 201


def test_without_a_credential_there_is_nothing_to_seal_it_with(start_api):
    client = start_api("--no-auth").client()
    answer = make(client)
    refused(answer, 400, "header Idempotency-Key")
    refused(make(client, path="tokens?dryRun=true"), 400, "header Idempotency-Key")
    assert client.request("POST", f"{API}/tokens?dryRun=true", BODY).status == 204
    assert "credential" in answer.json["detail"] and names(client).count("ci") == 0
    assert client.request("POST", f"{API}/tokens", BODY).status == 201
