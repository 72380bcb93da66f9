"""Chapter of the demonstration: the village doctor's telephone carries her panel, and brings back a visit made without a network."""

import http.cookiejar
import json
import re
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from xinglin.platform import clock
from xinglin.project.demo import people
from xinglin.project.demo.client import Client
from xinglin.project.demo.playing import Journey, require
from xinglin.project.demo.programmes import JOINT, THREE, TOGETHER

HOURS = 5  # how long ago the visit was made


class Browser:
    """The browser of one account: signs in by the page, as a person does, because no program may register a telephone."""

    def __init__(self, client: Client) -> None:
        self.base = f"http://127.0.0.1:{client.port}"
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def sign_in(self, username: str, password: str) -> None:
        """By the sign-in page."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.read("/sign-in/"))
        require(token, "the sign-in page has no token")
        said = {"login": username, "password": password, "csrfmiddlewaretoken": token[1] if token else ""}
        self.read("/sign-in/", urllib.parse.urlencode(said).encode(), "application/x-www-form-urlencoded")

    def read(self, path: str, body: bytes | None = None, kind: str = "application/json", **headers: str) -> str:
        """What an address answers."""
        headers = {"Referer": self.base + path, "Accept-Language": "en", **headers}
        if body is not None:
            headers["Content-Type"] = kind
        request = urllib.request.Request(self.base + path, body, headers)  # noqa: S310 - our own server
        with self.opener.open(request, timeout=60) as answer:
            return str(answer.read(), "utf-8")

    def post(self, path: str, body: Any) -> Any:
        """A write of the API in this session."""
        token = json.loads(self.read("/pocket/session/"))["csrf"]
        return json.loads(self.read(f"/api/v1{path}", json.dumps(body).encode(), **{"X-CSRFToken": token}))


def carry(journey: Journey) -> str:
    doctor = journey["village-doctor"]
    account = people.load()["village-doctor"]
    browser = Browser(doctor)
    browser.sign_in(account.username, account.password)
    device = browser.post("/pocket/devices", {"name": "演示手机"})
    page = doctor.get(f"/pocket/panel?device={device['uuid']}")
    require(page["n_carried"] >= 1 and not page["n_left"], "the panel is not whole")
    mine = [each for _revision, each in page["entries"] if each["uuid"] == journey.seen["resident"]]
    require(len(mine) == 1, "the resident is not carried")
    carried = {each["slug"] for each in mine[0]["programmes"]}
    require(carried == {*THREE, TOGETHER}, f"he is carried with {sorted(carried)}")
    known = doctor.get(f"/pocket/definitions?device={device['uuid']}")
    require(known["programmes"] and known["items"]["systolic"], "the definitions did not come")
    journey.seen.update(telephone=device["uuid"], upto=page["upto"])
    return f"registered, {page['n_carried']} residents carried, {len(known['programmes'])} programmes with {len(known['items'])} items"


def bring_back(journey: Journey) -> str:
    doctor, device, now = journey["village-doctor"], journey.seen["telephone"], clock.now()
    wrong = timedelta(hours=2)  # the telephone's clock is behind
    change = {
        "client_id": str(uuid4()), "kind": "visit", "resident": journey.seen["resident"], "base_revision": journey.seen["upto"],
        "happened_at": (now - timedelta(hours=HOURS) - wrong).isoformat(),
        "content": {"channel": "HOME", "answers": {**JOINT, "systolic": 124}, "note": "上门随访，无网络"},
    }  # fmt: skip
    body = {"device": device, "sent_at": (now - wrong).isoformat(), "changes": [change]}
    first, again = (doctor.post("/pocket/changes", body)["verdicts"][0] for _n in range(2))
    require((first["outcome"], again["outcome"]) == ("done", "again"), f"sent twice: {first}, {again}")
    page = doctor.get(f"/pocket/panel?device={device}")
    held = next(each for _revision, each in page["entries"] if each["uuid"] == journey.seen["resident"])
    seen = [each for each in held["visits"] if each["id"] == change["client_id"]]
    require(len(seen) == 1, f"the visit stands {len(seen)} times")
    return f"a visit of {HOURS} hours ago, the clock 2 hours wrong: {first['outcome']}, then {again['outcome']}; it stands once"


STEPS: dict[str, tuple[str, Callable[[Journey], str]]] = {
    "telephone": ("village doctor registers her telephone, which takes her panel along", carry),
    "offline": ("a visit made without a network is sent twice and stands once", bring_back),
}
