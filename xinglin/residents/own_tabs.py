"""Further pages a resident has of his own, beside his record. Capabilities above add them while applications load."""

from typing import Any

from django.urls import reverse

#: Label, icon, name of the address.
OWN_TABS: list[tuple[object, str, str]] = []


def add_own_tab(label: object, icon: str, url_name: str) -> None:
    """Lead from a resident's own record to a page of another capability."""
    OWN_TABS.append((label, icon, url_name))


def own_tabs() -> list[dict[str, Any]]:
    """The further pages, for ``<c-tabs>``."""
    return [{"label": label, "icon": icon, "url": reverse(name), "active": False} for label, icon, name in OWN_TABS]
