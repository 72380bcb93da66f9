"""The world of S1, S2 and S13, made once for a module inside one transaction."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from tests.factories.figures import worker_at_hand
from tests.reliability.matrix import World, a_world


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with tempfile.TemporaryDirectory() as folder, django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        worker_at_hand(patch)
        places = {name: Path(folder, name) for name in ("FILES_DIR", "ANCHORS_DIR", "FACTS_DIR")}
        with override_settings(**places), a_world() as made:
            made.settings = places
            yield made
