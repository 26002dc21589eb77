"""Every route that reads answers only in a form that the client takes, whatever it reads."""

import re

from resedge_test.fleet import API, stores

STREAM = "text/event-stream"  # has no end


def reads(client):
    """Each GET of the description: its path with parameters put in, what it may answer, and the media types of its answer."""
    document = client.get(f"{API}/openapi.json")
    for path, item in document["paths"].items():
        if "get" in item:
            answers = item["get"]["responses"]
            good = answers.get("200", {})
            good = document["components"]["responses"][good["$ref"].rpartition("/")[2]] if "$ref" in good else good
            yield re.sub(r"{\w+}", "1", path.replace("{code}", "denied")), answers, list(good.get("content", {}))


def asked(client, path, accept):
    return client.request("GET", path, headers={"Accept": accept})


def test_a_client_that_takes_nothing_that_there_is_hears_what_there_is(admin):
    stores(admin)
    checked = 0
    for path, answers, forms in reads(admin):
        if "406" not in answers:
            continue
        for accept in ("application/x-nothing", ", ".join(f"{form};q=0" for form in forms)):
            problem = admin.refused(406, "GET", path, headers={"Accept": accept})
            assert [form for form in forms if form not in problem["hint"]] == [] and forms, (path, problem)
        checked += 1
    assert checked > 30


def test_a_client_that_takes_one_of_the_forms_gets_it(admin):
    """Whether what it asks for is there is another matter: the objects of some of these paths are not."""
    stores(admin)
    for path, answers, forms in reads(admin):
        for form in forms if "406" in answers and STREAM not in forms else ():
            for accept in (form, f"{form};q=0.5, application/x-nothing", f"{form.partition('/')[0]}/*", "*/*;q=0.1", "", form.upper()):
                answer = asked(admin, path, accept)
                assert answer.status != 406, (path, accept)
                if answer.status == 200 and accept == form:
                    assert answer.headers["Content-Type"].partition(";")[0] == form, path


def test_a_missing_object_is_missing_only_for_a_client_that_could_read_it(admin):
    admin.refused(406, "GET", f"{API}/clusters/99", headers={"Accept": "text/html"})
    admin.refused(404, "GET", f"{API}/clusters/99", headers={"Accept": "text/html, */*;q=0.1"})
    assert asked(admin, f"{API}/clusters/99", "text/html").headers["Content-Type"] == "application/problem+json"
    assert admin.request("HEAD", f"{API}/clusters", headers={"Accept": "text/html"}).status == 406


def test_what_is_public_answers_whatever_accept_says(api):
    """Probes, scrapers and browsers: none of them knows of another form."""
    public = [path for path, answers, _ in reads(api.client()) if "406" not in answers]
    assert {"/healthz", "/readyz", "/version", "/metrics", "/docs", f"{API}/openapi.json"} <= set(public)
    for path in public:
        answer = asked(api.client(), path, "application/x-nothing")
        assert answer.status == 200 or path.startswith("/docs") and answer.status == 404, f"{path}: {answer}"


def test_a_write_is_not_left_undone_for_the_form_of_its_answer(admin):
    answer = admin.request("POST", f"{API}/groups", {"name": "a"}, headers={"Accept": "text/html"})
    assert (answer.status, answer.headers["Content-Type"]) == (201, "application/json")
