"""The description of the API, and the page that shows it."""

import re

from resedge_test import ROOT


def test_the_description_is_open_to_everyone_and_names_this_version(api):
    document = api.client().get("/api/v1/openapi.json")
    assert document["openapi"] == "3.1.0"
    assert document["info"]["version"] == api.client().get("/version")["version"]


def test_the_page_comes_whole_from_this_server_and_may_talk_to_no_other(start_api):
    api = start_api("--docs-page", ROOT / "build" / "docs-page")
    visitor = api.client()
    page = visitor.request("GET", "/docs")
    assert page.status == 200
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "http" not in policy
    linked = re.findall(r'(?:src|href)="([^"]+)"', page.body.decode())
    assert linked and all(path.startswith("/") for path in linked)
    for path in linked:
        assert visitor.request("GET", path).status == 200, path


def test_without_its_viewer_the_page_says_how_to_get_it(start_api, tmp_path):
    api = start_api("--docs-page", tmp_path)
    problem = api.client().refused(404, "GET", "/docs")
    assert "make docs-page" in problem["hint"]
