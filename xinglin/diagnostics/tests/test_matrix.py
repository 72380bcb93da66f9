"""Every status × action × actor: who may, and what the state allows. Nothing is listed by hand but the rule itself."""

import pytest

from tests.factories.county import County, later
from tests.factories.diagnostics import NORMAL, a_critical, a_request, an_ecg_file
from xinglin.diagnostics import actions
from xinglin.diagnostics.states import (
    CRITICAL_TRANSITIONS,
    REQUEST_TRANSITIONS,
    CriticalStatus,
    RequestStatus,
)
from xinglin.platform.errors import Conflict, NotPermitted

S, C = RequestStatus, CriticalStatus

#: action → (who may at all, statuses in which it is possible, call). Bo holds what is claimed.
REQUEST_ACTIONS = {
    "claim": ("reader", {S.REQUESTED, S.PERFORMED}, lambda r, by: actions.claim_request(request=r, by=by, at=later(99))),
    "release": ("reader", {S.CLAIMED}, lambda r, by: actions.release_request(request=r, by=by, at=later(99))),
    "reject": (
        "reader", {S.CLAIMED}, lambda r, by: actions.reject_request(request=r, reason="ARTEFACT", by=by, at=later(99))
    ),
    "preliminary": (
        "reader", {S.CLAIMED}, lambda r, by: actions.write_preliminary(request=r, **NORMAL, by=by, at=later(99))
    ),
    "final": (
        "reader", {S.CLAIMED, S.PRELIMINARY},
        lambda r, by: actions.write_final(request=r, **NORMAL, by=by, at=later(99))
    ),
    "amend": (
        "reader", {S.FINAL, S.AMENDED},
        lambda r, by: actions.amend_report(request=r, **NORMAL, reason="复核更正", by=by, at=later(99)),
    ),
    "cancel": ("sender", {S.REQUESTED}, lambda r, by: actions.cancel_request(request=r, by=by, at=later(99))),
    "add": (
        "sender", {S.REQUESTED, S.CLAIMED},
        lambda r, by: actions.add_recording(
            request=r, recording=an_ecg_file(InstanceNumber="7"), identity_confirmed=True, by=by, at=later(99)
        ),
    ),
}  # fmt: skip
CRITICAL_ACTIONS = {
    "acknowledge": (
        "sender", {C.NOTIFIED},
        lambda c, by: actions.acknowledge_critical(critical=c, read_back="急性心梗", by=by, at=later(99))
    ),
    "handle": (
        "sender", {C.CONFIRMED},
        lambda c, by: actions.handle_critical(critical=c, handling="已转诊", by=by, at=later(99))
    ),
    "close": ("reader", {C.HANDLED}, lambda c, by: actions.close_critical(critical=c, by=by, at=later(99))),
}  # fmt: skip
#: Tang works at the township hospital that manages Alma's clinic, with rights over it; the others have none there.
ACTORS = {
    "alma": {"sender"}, "tang": {"sender"}, "bo": {"reader"}, "sib": set(), "cai": set(), "sun": set(), "du": set(),
    "mei": set(),
}  # fmt: skip


def outcome(act, subject, by) -> str:
    try:
        act(subject, by)
    except NotPermitted:
        return "not permitted"
    except Conflict:
        return "conflict"
    return "done"


@pytest.mark.parametrize("status", list(RequestStatus))
@pytest.mark.parametrize("name", REQUEST_ACTIONS)
def test_request_status_by_action_by_actor(county: County, name: str, status: RequestStatus):
    role, possible, act = REQUEST_ACTIONS[name]
    request = a_request(county, status=status)

    for actor, roles in sorted(ACTORS.items(), key=lambda pair: role in pair[1]):
        expected = "not permitted" if role not in roles else "done" if status in possible else "conflict"
        assert outcome(act, request, getattr(county, actor)) == expected, (name, status, actor)
        if expected == "done":
            break


@pytest.mark.parametrize("status", list(CriticalStatus))
@pytest.mark.parametrize("name", CRITICAL_ACTIONS)
def test_critical_status_by_action_by_actor(county: County, name: str, status: CriticalStatus):
    role, possible, act = CRITICAL_ACTIONS[name]
    critical = a_critical(county, status=status)

    for actor, roles in sorted(ACTORS.items(), key=lambda pair: role in pair[1]):
        expected = "not permitted" if role not in roles else "done" if status in possible else "conflict"
        assert outcome(act, critical, getattr(county, actor)) == expected, (name, status, actor)
        if expected == "done":
            break


def test_every_status_has_a_row_and_every_target_is_a_status():
    for statuses, table in ((RequestStatus, REQUEST_TRANSITIONS), (CriticalStatus, CRITICAL_TRANSITIONS)):
        assert set(table) == set(statuses)
        assert all(target in set(statuses) for targets in table.values() for target in targets)


def test_final_states():
    assert {each for each, onward in REQUEST_TRANSITIONS.items() if not onward} == {S.REJECTED, S.CANCELLED}
    assert {each for each, onward in CRITICAL_TRANSITIONS.items() if not onward} == {C.CLOSED, C.SUPERSEDED}


@pytest.mark.parametrize("status", list(RequestStatus))
def test_the_factory_reaches_every_status(county: County, status: RequestStatus):
    assert a_request(county, status=status).status == status
