"""The web application granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.project.settings")
application = get_wsgi_application()

# What is loaded now stays for ever: without this the collector walks all of it every few hundred requests.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)
