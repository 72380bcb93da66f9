"""The web application granian serves."""

import gc
import os

gc.set_threshold(50_000, 20, 20)  # a start makes many objects and drops few: a sixth of its time was spent looking

from django.core.wsgi import get_wsgi_application  # noqa: E402 - what it loads is what the line above is for
from django.urls import get_resolver  # noqa: E402

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.project.settings")
application = get_wsgi_application()

get_resolver().url_patterns  # noqa: B018 - loads all pages and operations, which the first request would do otherwise
# What is loaded now stays for ever: without this the collector walks all of it every few hundred requests.
gc.collect()
gc.freeze()
