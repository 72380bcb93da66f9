"""S15: telephones that were offline come back in any order, cut anywhere, with wrong clocks: all replicas converge, nothing is lost."""

import gzip
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.factories.accounts import sign_in
from tests.factories.county import County
from tests.factories.programmes import STABLE, an_enrolment
from tests.reliability.matrix import undone
from xinglin.platform import clock
from xinglin.platform.ids import new_uuid
from xinglin.platform.models import OutboxEvent
from xinglin.pocket import actions, jobs, queries
from xinglin.pocket.models import Change, Device
from xinglin.pocket.states import ChangeStatus
from xinglin.programmes import actions as programmes
from xinglin.programmes.jobs import resident_changed
from xinglin.programmes.models import Attempt, Enrolment, ProgrammeVisit
from xinglin.residents import actions as residents
from xinglin.residents.models import Resident

pytestmark = pytest.mark.django_db
PEOPLE, PAGE = 5, 2
#: What a server may do meanwhile, and what a telephone does.
STEPS = st.tuples(
    st.sampled_from(
        [
            "visit",
            "visit",
            "visit",
            "unreached",
            "phone",
            "address",
            "push",
            "push",
            "pull",
            "pull",
            "relay",
            "clerk",
            "merge",
            "end",
            "transfer",
            "clock",
        ]
    ),
    st.integers(0, 4),  # which telephone
    st.integers(0, PEOPLE - 1),  # whom
    st.integers(0, 10_000),  # where it is cut, which value
)
SKEWS = st.lists(st.integers(-86_000, 86_000), min_size=2, max_size=5)


@dataclass
class Telephone:
    """What one telephone holds: replica, place in the feed, outbox. Its clock is wrong by `skew` seconds, and may be set at any time.

    `known_skew`: how far it was behind at the last contact; `latest`: the latest moment it has shown.
    """

    device: Device
    skew: int
    held: dict[str, Any] = field(default_factory=dict)
    upto: int = 0
    outbox: dict[str, dict[str, Any]] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    known_skew: int | None = None
    latest: datetime | None = None
    is_doubtful: bool = False

    def says(self, at: datetime) -> datetime:
        """What its clock shows. That it was set back it sees, as `seeClock` in store.js."""
        shown = at + timedelta(seconds=self.skew)
        if self.latest is not None and shown < self.latest - timedelta(minutes=5):
            self.is_doubtful, self.latest = True, shown
        self.latest = max(shown, self.latest or shown)
        return shown

    def compare(self, at: datetime) -> None:
        """A contact: it learns how wrong its clock is, and doubts what it noted since it was set back."""
        self.says(at)
        self.known_skew = -self.skew
        for change in self.outbox.values() if self.is_doubtful else ():
            if change["client_id"] not in self.sent:
                change["is_clock_doubtful"] = True
        self.is_doubtful = False


@dataclass
class Village:
    """A server, several telephones, and everything that was ever written down on one of them."""

    county: County
    skews: list[int]
    now: datetime = field(default_factory=lambda: clock.now() - timedelta(hours=6))

    def __post_init__(self) -> None:
        self.people = [
            an_enrolment(self.county, name=f"王{'春夏秋冬年'[n]}", phone=f"1370000123{n}", address=f"东沟村 {n} 号", at=self.now - timedelta(days=9))
            for n in range(PEOPLE)
        ]  # fmt: skip
        self.telephones = []
        for n, skew in enumerate(self.skews):
            if n < 3:
                device, _key = actions.register_device(name=f"手机{n}", by=self.county.alma, at=self.now)
            else:  # a colleague at the same clinic
                other = self.county.actor(self.county.user("ana", "village-doctor", self.county.clinic, name="安娜"))
                device, _key = actions.register_device(name=f"手机{n}", by=other, at=self.now)
            self.telephones.append(Telephone(device, skew))
        self.written: dict[str, dict[str, Any]] = {}
        self.true: dict[str, datetime] = {}

    def tick(self) -> datetime:
        self.now += timedelta(seconds=97)
        return self.now

    # Of a telephone -----------------------------------------------------------------------------------------------------
    def note(self, telephone: Telephone, kind: str, enrolment: Enrolment, content: dict[str, Any]) -> None:
        change: dict[str, Any] = {
            "client_id": str(new_uuid()), "kind": kind, "resident": str(enrolment.resident.uuid),
            "happened_at": telephone.says(self.tick()).isoformat(), "base_revision": telephone.upto, "content": content,
            "skew_seconds": telephone.known_skew,
        }  # fmt: skip
        self.true[change["client_id"]] = self.now
        telephone.outbox[change["client_id"]] = self.written[change["client_id"]] = change

    def client_of(self, telephone: Telephone) -> Client:
        """Signed in anew each time: hours may lie between."""
        with at_moment(self.now):
            return sign_in(Client(), telephone.device.user)

    def push(self, telephone: Telephone, cut: int = -1) -> None:
        """Send everything, what was sent before too. `cut`: even, the request is cut at a byte; odd, the answer does not come."""
        at = self.tick()
        telephone.compare(at)
        changes = list(telephone.outbox.values())
        said = {"device": str(telephone.device.uuid), "changes": changes}
        body = json.dumps({**said, "sent_at": telephone.says(at).isoformat()}).encode()
        is_cut = cut >= 0 and cut % 2 == 0
        body = body[: cut % len(body)] if is_cut else body
        before = Change.objects.count()
        client = self.client_of(telephone)
        with at_moment(at):
            answer = client.post("/api/v1/pocket/changes", body, content_type="application/json")
        if is_cut:
            assert answer.status_code in {400, 422}, answer.content
            assert Change.objects.count() == before
            return
        assert answer.status_code == 200, answer.content
        if cut < 0:
            for verdict in answer.json()["verdicts"]:
                telephone.sent.add(verdict["client_id"])

    def pull(self, telephone: Telephone, cut: int = -1) -> None:
        """Fetch pages; `cut`: after so many bytes the line is dead, and a page that is not whole is not taken."""
        left = cut if cut >= 0 else 10**9
        telephone.compare(self.tick())
        while True:
            address = f"/api/v1/pocket/panel?device={telephone.device.uuid}&after={telephone.upto}&limit={PAGE}"
            client = self.client_of(telephone)
            with at_moment(self.now):
                answer = client.get(address, headers={"Accept-Encoding": "gzip"})
            assert answer.status_code == 200, answer.content
            left -= len(answer.content)
            if left < 0:
                with pytest.raises((EOFError, ValueError, OSError)):
                    json.loads(gzip.decompress(answer.content[: max(0, len(answer.content) + left)]))
                return
            packed = answer.headers.get("Content-Encoding") == "gzip"
            page = json.loads(gzip.decompress(answer.content) if packed else answer.content)
            for _revision, each in page["entries"]:
                telephone.held[each["uuid"]] = each
            for _revision, uuid in page["left"]:
                telephone.held.pop(uuid, None)
            telephone.upto = page["upto"]
            if not page["n_left"]:
                return

    # Of the server --------------------------------------------------------------------------------------------------------
    def relay(self) -> None:
        for event in OutboxEvent.objects.filter(handed_over_at__isnull=True).order_by("id"):
            if event.event in {"resident.transferred", "resident.merged", "resident.deceased"}:
                resident_changed.func(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))
            OutboxEvent.objects.filter(pk=event.pk).update(handed_over_at=event.happened_at)
            if event.event in jobs.EVENTS:
                jobs.follow.func(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))

    def step(self, what: str, which: int, whom: int, n: int) -> None:
        telephone, enrolment = self.telephones[which % len(self.telephones)], self.people[whom]
        if what == "visit":
            answers = {**STABLE, "systolic": str(110 + n % 60), "diastolic": str(60 + n % 35)}
            self.note(
                telephone,
                "visit",
                enrolment,
                {"channel": "CLINIC", "kind": "routine", "answers": answers, "note": f"第{n}次"},
            )
        elif what == "unreached":
            self.note(
                telephone,
                "unreached",
                enrolment,
                {"why": "AWAY", "try_again_on": (self.now + timedelta(days=3)).date().isoformat()},
            )
        elif what in {"phone", "address"}:
            value = f"139{n:08d}" if what == "phone" else f"东沟村 {n} 号"
            self.note(telephone, "correction", enrolment, {"field": what, "value": value})
        elif what in {"push", "pull"}:
            getattr(self, what)(telephone, n)
        elif what == "relay":
            self.relay()
        elif what == "clock":  # set by hand or by the network, forward or back: by hours or by weeks
            telephone.skew += (n - 5000) * 700 if abs(n - 5000) > 12 else 91_000
        else:
            self.meanwhile(what, enrolment, n)

    def meanwhile(self, what: str, enrolment: Enrolment, n: int) -> None:
        resident, at = Resident.objects.select_related("managed_by").get(pk=enrolment.resident_id), self.tick()
        fresh = Enrolment.objects.select_related("resident", "facility").get(pk=enrolment.pk)
        if resident.status != "ACTIVE" or resident.managed_by_id != self.county.clinic.pk:
            return
        if what == "clerk":
            residents.edit_resident(
                resident=resident, changes={"address": f"西沟村 {n} 号"}, by=self.county.tang, at=at
            )
        elif what == "end" and fresh.status == "ENROLLED":
            programmes.end_enrolment(
                enrolment=fresh, reason_code="REFUSED", note="本人要求", by=self.county.alma, at=at
            )
        elif what == "transfer":
            residents.assign_managing_facility(
                resident=resident, facility_id=self.county.sibling.pk, reason="迁居邻村", by=self.county.tang, at=at
            )
        elif what == "merge":
            kept = Resident.objects.select_related("managed_by").get(pk=self.people[0].resident_id)
            if kept.pk != resident.pk and kept.status == "ACTIVE":
                residents.merge_residents(
                    kept=kept, merged=resident, reason="同一人重复建档", by=self.county.tang, at=at
                )

    # What must hold -------------------------------------------------------------------------------------------------------
    def settle(self) -> None:
        """Everybody comes back, in whatever order, twice."""
        for telephone in self.telephones:
            self.push(telephone)
        self.relay()
        for telephone in reversed(self.telephones):
            self.push(telephone)
            self.pull(telephone)
        self.relay()
        for telephone in self.telephones:
            self.pull(telephone)

    def check(self) -> None:
        server = {
            each["uuid"]: each
            for _revision, each in queries.feed(
                self.telephones[0].device, after=0, limit=250, shows_phone=True, shows_secret=True
            ).entries
        }
        for telephone in self.telephones:
            assert telephone.held == json.loads(json.dumps(server)), "a replica differs"
            assert telephone.sent == set(telephone.outbox), "something was never answered"
        rows = {str(each.client_id): each for each in Change.objects.all()}
        assert set(rows) == set(self.written), "a change was lost or doubled"
        assert Change.objects.filter(status=ChangeStatus.RECEIVED).count() == 0
        for client_id, change in rows.items():
            content, written = json.loads(change.content or "{}"), self.written[client_id]["content"]
            assert {key: content[key] for key in written} == written, "a field was lost"
            if change.kind == "visit":
                kept = ProgrammeVisit.objects.filter(client_id=UUID(client_id)).first()
                assert (kept is not None) == (change.status == ChangeStatus.DONE)
                assert kept is None or {k: kept.answers[k] for k in ("systolic", "diastolic")} == {
                    k: written["answers"][k] for k in ("systolic", "diastolic")
                }
                assert change.status in {ChangeStatus.DONE, ChangeStatus.REVIEW}, change.message
                wrong = abs((change.happened_at - self.true[client_id]).total_seconds())
                assert wrong < 2 or change.status == ChangeStatus.REVIEW, "a visit stands at a wrong time"
        assert Attempt.objects.count() == sum(
            each.kind == "unreached" and each.status == "DONE" for each in rows.values()
        )


class at_moment:  # noqa: N801 - reads as what it is: with at_moment(...)
    """The server's clock stands at a moment."""

    def __init__(self, at: datetime) -> None:
        self.patch = pytest.MonkeyPatch()
        self.at = at

    def __enter__(self) -> None:
        self.patch.setattr(clock, "now", lambda: self.at)

    def __exit__(self, *_error: object) -> None:
        self.patch.undo()


def play(skews: list[int], steps: list[tuple[str, int, int, int]]) -> None:
    with undone():
        village = Village(County(), skews)
        for telephone in village.telephones:
            village.pull(telephone)
        for step in steps:
            village.step(*step)
        village.settle()
        village.check()


def bounded(examples: int) -> Callable[[Any], Any]:
    return settings(
        max_examples=examples, deadline=None, database=None, derandomize=examples < 20,
        phases=[Phase.generate] if examples < 20 else [Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )  # fmt: skip


@bounded(3)
@given(skews=SKEWS, steps=st.lists(STEPS, min_size=8, max_size=14))
def test_telephones_converge_and_lose_nothing(skews: list[int], steps: list[tuple[str, int, int, int]]) -> None:
    play(skews, steps)


@pytest.mark.slow
@pytest.mark.timeout(1500)
@bounded(120)
@given(skews=SKEWS, steps=st.lists(STEPS, min_size=10, max_size=45))
def test_telephones_converge_and_lose_nothing_in_many_histories(
    skews: list[int], steps: list[tuple[str, int, int, int]]
) -> None:
    play(skews, steps)


@pytest.mark.parametrize("set_to", [0, 3 * 86_400, -20 * 86_400])
@pytest.mark.parametrize("was", [0, 3 * 86_400, -20 * 86_400])
def test_a_clock_set_between_noting_and_sending_records_nothing_at_a_wrong_time(was: int, set_to: int) -> None:
    with undone():
        village = Village(County(), [0, 0])
        telephone = village.telephones[0]
        village.pull(telephone)
        telephone.skew = was
        village.step("visit", 0, 0, 20)
        telephone.skew = set_to
        village.step("visit", 0, 1, 20)
        village.settle()
        village.check()
        kept = Change.objects.filter(status=ChangeStatus.DONE).count()
        assert kept == (2 if was == set_to == 0 else 0)


def test_an_upload_cut_at_any_byte_takes_nothing_and_any_prefix_replayed_converges() -> None:
    chosen = random.Random(15)
    with undone():
        village = Village(County(), [3600, -3600])
        one, two = village.telephones
        for n in range(4):
            village.step("visit", n % 2, n, 20 * n)
        for cut in sorted(chosen.sample(range(0, 1200, 2), 12)):
            village.push(one, cut)
        whole = dict(one.outbox)
        for n in range(len(whole) + 1):  # any prefix, in any order, any number of times
            one.outbox = dict(chosen.sample(list(whole.items()), n))
            village.push(one, 1)
        one.outbox = whole
        village.push(two, 1)
        village.settle()
        village.check()
        assert ProgrammeVisit.objects.count() == 4
