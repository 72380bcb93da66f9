"""The world of S1, S2 and S13, made once for a module inside one transaction."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from tests.reliability.matrix import World, a_world


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with tempfile.TemporaryDirectory() as folder, django_db_blocker.unblock():
        places = {"FILES_DIR": Path(folder, "files"), "ANCHORS_DIR": Path(folder, "anchors")}
        with override_settings(**places), a_world() as made:
            made.settings = places
            yield made
