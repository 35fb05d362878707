"""One demo city for all tests of this folder: building it takes seconds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dev.city.build import City, build_city

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return build_city(tmp_path_factory.mktemp("city"), NOW)
