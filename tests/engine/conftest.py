"""One tiny base model and one small data set version for all tests of the engine."""

from pathlib import Path

import pytest

from tests.engine import tiny
from tests.engine.engine import Outcome, run


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def deep_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four layers: the fewest of which `auto` trains the upper half."""
    return tiny.base(tmp_path_factory.mktemp("deep"), layers=4)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.version(tmp_path_factory.mktemp("data"), tiny.rows())


@pytest.fixture(scope="session")
def trained(deep_base: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A whole job with everything left to the engine but the number of epochs. For reading only."""
    return run(tiny.spec(deep_base), data, tmp_path_factory.mktemp("trained"))
