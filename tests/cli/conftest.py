import types

import pytest

import small
from resedge_test import servers


def load(admin):
    admin.post("/api/v1/apply", small.FLEET, headers={"Content-Type": "application/yaml"})
    return admin


@pytest.fixture
def fleet(admin):
    """The small fleet, loaded, at revision 1; the test may change it."""
    return load(admin)


@pytest.fixture(scope="session")
def standing(postgres, template_database, tmp_path_factory):
    """The small fleet on a server that all tests share which change nothing."""
    database = postgres.create_database(template_database)
    api = servers.Api(tmp_path_factory.mktemp("standing"), postgres.url(database)).start()
    admin, token = load(api.client("admin")), api.make_token("admin", "cli")
    yield types.SimpleNamespace(api=api, admin=admin, token=token)
    assert admin.request("GET", "/api/v1/clusters").revision == 1, "a test has changed what it shares"
    api.check_ended_well()
    postgres.drop_database(database)


@pytest.fixture
def asking(standing):
    """The command line, on the standing fleet."""
    return servers.Cli(standing.api, standing.token)


@pytest.fixture
def cli_nowhere():
    """The command line with a server that must not be asked."""
    return servers.Cli(types.SimpleNamespace(url="http://127.0.0.1:1"), "rse_1_secret")
