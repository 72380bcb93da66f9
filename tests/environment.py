"""Loaded before settings (``-p tests.environment``): the suite has a home and a database server of its own."""

import gc
import os
from pathlib import Path

gc.set_threshold(50_000, 20, 20)  # a start makes many objects and drops few

# Playwright's event loop runs in the test's thread; Django's guard would take each query for one inside async code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
os.environ["XINGLIN_TLS"] = "off"
if not os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ["XINGLIN_HOME"] = str(Path(os.environ.get("XINGLIN_HOME", "var")).resolve() / "test")
    os.environ.pop("DATABASE_URL", None)
    # Without it the server of static files warns, and a warning is an error.
    Path(os.environ["XINGLIN_HOME"], "static").mkdir(parents=True, exist_ok=True)

from xinglin.project import catalogues, database  # noqa: E402 - the environment is theirs

database.ensure_url()
if not os.environ.get("PYTEST_XDIST_WORKER"):
    catalogues.compile_catalogues()
