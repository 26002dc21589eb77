import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import shop  # noqa: E402


@pytest.fixture
def seeded(admin, repository):
    """The small fleet and its templates, with nothing rendered yet."""
    shop.seed(repository)
    admin.post("/api/v1/apply", shop.inventory(repository.path))
    return repository


@pytest.fixture
def rendered(seeded, worker, wait_done):
    """The same, with a worker that has rendered it."""
    assert worker.alive()
    wait_done()
    return seeded
