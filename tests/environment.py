"""Loaded before settings (``-p tests.environment``): the suite has a home and a database server of its own."""

import os
from pathlib import Path

# Playwright's event loop runs in the test's thread; Django's guard would take each query for one inside async code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
os.environ["XINGLIN_TLS"] = "off"
if not os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ["XINGLIN_HOME"] = str(Path(os.environ.get("XINGLIN_HOME", "var")).resolve() / "test")
    os.environ.pop("DATABASE_URL", None)

from xinglin.project import database  # noqa: E402

database.ensure_url()
