"""The REST API, put together."""

from importlib import import_module
from importlib.util import find_spec

from xinglin.web.api import api

#: The most asked first: an address is looked for in this order.
CAPABILITIES = (
    "residents",
    "visits",
    "referrals",
    "diagnostics",
    "centres",
    "laboratory",
    "pathology",
    "consultations",
    "accounts",
    "network",
    "followups",
    "readings",
    "programmes",
    "checkups",
    "points",
    "contracts",
    "institutions",
    "pocket",
    "notifications",
    "exchange",
    "labcontrol",
    "recognition",
    "indicators",
    "submissions",
    "evaluations",
)

for _name in CAPABILITIES:
    if find_spec(f"xinglin.{_name}.rest"):
        api.add_router("", import_module(f"xinglin.{_name}.rest").router, tags=[_name])

__all__ = ["api"]
