"""The web application granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.project.settings")
application = get_wsgi_application()

get_resolver().url_patterns  # noqa: B018 - loads all pages and operations, which the first request would do otherwise
# What is loaded now stays for ever: without this the collector walks all of it every few hundred requests.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)
