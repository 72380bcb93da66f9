"""What every page shows around its content. Capabilities add entries to the navigation; nothing here knows them."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from xinglin.platform.actors import ANONYMOUS, Actor
from xinglin.platform.counting import Rows, counts


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation, shown to who holds `permission`. `badge`: what waits there, to be counted."""

    group: str
    label: object
    url_name: str
    icon: str
    permission: str
    order: int = 50
    badge: Rows | None = None
    also: str = ""  # a second permission that is needed
    instead: str = ""  # a permission with which the first one is not needed
    short: object = ""  # for the bar of a telephone, where five stand side by side


@dataclass
class _Chrome:
    entries: list[Entry] = field(default_factory=list)
    groups: dict[str, object] = field(default_factory=dict)  # in the order they stand in
    facility_name: Callable[[Actor], str] = lambda actor: ""
    role_names: Callable[[Actor], str] = lambda actor: ""
    inbox_count: Callable[[Actor], int] = lambda actor: 0
    inbox_url_name: str = ""
    sign_out_url_name: str = ""
    search_url_name: str = ""
    search_permission: str = ""
    user_menu: list[tuple[object, str, str]] = field(default_factory=list)  # label, url name, icon


CHROME = _Chrome()


def add_entry(entry: Entry) -> None:
    """Add a line to the navigation; called while applications load."""
    CHROME.entries.append(entry)
    _shown.cache_clear()


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Navigation, names and counts for the base template; queries run only if the template asks for them."""
    actor: Actor = getattr(request, "actor", ANONYMOUS)
    if not actor.is_known:
        return {"actor": actor, "nav": [], "inbox_count": 0, "facility_name": "", "home_url": "/"}
    return {
        "actor": actor,
        "nav": _navigation(actor, request.path),
        "inbox_count": lambda: CHROME.inbox_count(actor),
        "facility_name": lambda: CHROME.facility_name(actor),
        "role_names": lambda: CHROME.role_names(actor),
        "home_url": "/",
        "inbox_url": _url(CHROME.inbox_url_name),
        "search_url": _url(CHROME.search_url_name) if CHROME.search_permission in actor.permissions else "",
        "sign_out_url": _url(CHROME.sign_out_url_name),
        "user_menu": [{"label": label, "url": _url(name), "icon": icon} for label, name, icon in CHROME.user_menu],
    }


def _url(name: str) -> str:
    """The address of a page, or nothing when no capability has it."""
    try:
        return reverse(name) if name else ""
    except NoReverseMatch:
        return ""


@lru_cache(maxsize=500)
def _shown(held: frozenset[str]) -> list[tuple[Entry, str]]:
    """The lines for who holds these permissions, with their addresses, in their order."""
    in_order = sorted((each for each in CHROME.entries if _is_shown(each, held)), key=lambda each: each.order)
    return [(each, url) for each in in_order if (url := _url(each.url_name))]


def _is_shown(entry: Entry, held: frozenset[str]) -> bool:
    first = not entry.permission or entry.permission in held or entry.instead in held
    return first and (not entry.also or entry.also in held)


def _navigation(actor: Actor, path: str) -> list[dict[str, Any]]:
    """The groups with their lines. Of lines whose pages lie inside each other, the innermost is the one that is open."""
    shown = _shown(actor.permissions)
    waiting = [entry.badge for entry, _ in shown if entry.badge]
    n_waiting = dict(zip(waiting, counts(actor, waiting), strict=True))
    groups: dict[str, list[dict[str, Any]]] = {}
    innermost = ""
    for entry, url in shown:
        if path.startswith(url) and len(url) > len(innermost) and (url != "/" or path == "/"):
            innermost = url
        item = {
            "label": entry.label, "short": entry.short or entry.label, "url": url, "icon": entry.icon,
            "badge": n_waiting[entry.badge] if entry.badge else 0,
            "pinned": entry.url_name != CHROME.inbox_url_name,  # the bell stands above every page
        }  # fmt: skip
        groups.setdefault(entry.group, []).append(item)
    for item in itertools.chain(*groups.values()):
        item["active"] = item["url"] == innermost
    in_order = [
        *(each for each in CHROME.groups if each in groups),
        *(each for each in groups if each not in CHROME.groups),
    ]
    return [{"label": CHROME.groups.get(group, group), "items": groups[group]} for group in in_order]
