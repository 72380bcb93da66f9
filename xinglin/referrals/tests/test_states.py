"""The rules of states: tables complete; the product of all states × verbs × actors, computed from what life allows."""

import itertools

import pytest

from tests.factories.county import later
from tests.factories.referrals import CONSENT, DOWN_SLIP, DOWN_STATES, UP_SLIP, UP_STATES, a_down_referral, a_referral
from xinglin.platform.actors import system_actor
from xinglin.platform.errors import Conflict, NotPermitted
from xinglin.referrals import actions, permissions, policies
from xinglin.referrals.data import Hold
from xinglin.referrals.policies import Verb
from xinglin.referrals.states import FINAL, LOOKS, TRANSITIONS, TURN, Status

S = Status
ACTORS = ("alma", "sib", "cai", "tang", "du", "sun", "bo", "mei", "stranger")
#: Who does what in life, by direction. A specialist starts referrals of his own hospital but answers for nobody.
DOERS = {
    "UP": {
        Verb.SUBMIT: {"alma", "tang"}, Verb.WITHDRAW: {"alma", "tang"}, Verb.SIGN: {"alma", "tang", "du"},
        Verb.ACCEPT: {"du"}, Verb.DECLINE: {"du"}, Verb.SEND_BACK: {"du"}, Verb.REDIRECT: {"du"}, Verb.ARRIVE: {"du"},
        Verb.NO_SHOW: {"du"}, Verb.ADMIT: {"du", "sun"}, Verb.DISCHARGE: {"du", "sun"}, Verb.CLOSE: {"du", "sun"},
        Verb.RETURN: {"sun"}, Verb.RECEIVE_BACK: set(), Verb.EXPIRE: set(),
    },
    "DOWN": {
        Verb.SUBMIT: {"sun"}, Verb.WITHDRAW: {"sun"}, Verb.SIGN: {"du", "sun", "tang"}, Verb.DECLINE: {"tang"},
        Verb.SEND_BACK: {"tang"}, Verb.REDIRECT: {"tang"}, Verb.RECEIVE_BACK: {"tang"}, Verb.CLOSE: {"tang"},
        Verb.ACCEPT: set(), Verb.ARRIVE: set(), Verb.NO_SHOW: set(), Verb.ADMIT: set(), Verb.DISCHARGE: set(),
        Verb.RETURN: set(), Verb.EXPIRE: set(),
    },
}  # fmt: skip


def test_every_status_has_a_row_a_turn_and_a_look():
    assert set(TRANSITIONS) == set(TURN) == set(LOOKS) == set(Status)


def test_nobody_has_a_turn_in_a_final_state():
    assert all(TURN[status] == "nobody" for status in FINAL)


def test_every_verb_has_a_policy_and_a_permission():
    assert set(policies.POSSIBLE_IN) == set(permissions.NEEDS) == set(Verb)


def test_each_state_but_the_first_can_be_reached():
    reached = {S.DRAFT}.union(*TRANSITIONS.values())
    assert reached == set(Status)


def do(verb, referral, actor, county):
    """Call the action of a verb."""
    common = {"referral": referral, "by": actor, "at": later(10)}
    coded = {
        Verb.DECLINE: "no-bed",
        Verb.SEND_BACK: "summary-missing",
        Verb.WITHDRAW: "improved",
        Verb.NO_SHOW: "refused-on-way",
        Verb.CLOSE: "died",
        Verb.REDIRECT: "better-suited",
    }
    reason = {"reason_code": coded[verb]} if verb in coded else {}
    down = referral.direction == "DOWN"
    slip = DOWN_SLIP if down else UP_SLIP
    calls = {
        Verb.SUBMIT: lambda: actions.complete_and_resend(slip=slip, consent=CONSENT, **common),
        Verb.SIGN: lambda: actions.sign_later(consent=CONSENT, **common),
        Verb.WITHDRAW: lambda: actions.withdraw_referral(**common, **reason),
        Verb.ACCEPT: lambda: actions.accept_referral(hold=Hold("BED", "12床"), **common),
        Verb.DECLINE: lambda: actions.decline_referral(**common, **reason),
        Verb.SEND_BACK: lambda: actions.send_back(**common, **reason),
        Verb.REDIRECT: lambda: actions.redirect_referral(
            to_facility_id=(county.other_township if down else county.tcm).pk, **common, **reason
        ),
        Verb.ARRIVE: lambda: actions.mark_arrived(**common),
        Verb.NO_SHOW: lambda: actions.mark_no_show(**common, **reason),
        Verb.EXPIRE: lambda: actions.expire_hold(**common),
        Verb.ADMIT: lambda: actions.admit(department="心内科", **common),
        Verb.DISCHARGE: lambda: actions.discharge(diagnosis="高血压", **common),
        Verb.RETURN: lambda: actions.return_down(
            to_facility_id=county.township.pk, to_department_id=county.rehab.pk, slip=DOWN_SLIP, **common
        ),
        Verb.RECEIVE_BACK: lambda: actions.receive_back(**common),
        Verb.CLOSE: lambda: actions.close_referral(**common, **reason),
    }
    return calls[verb]()


def cast(county):
    """All actors by name; the stranger is the referral desk of another hospital."""
    found = {name: getattr(county, name) for name in ACTORS if name != "stranger"}
    return found | {"stranger": county.actor(county.user("stranger", "referral-desk", county.tcm))}


CELLS = [("UP", status) for status in UP_STATES] + [("DOWN", status) for status in DOWN_STATES]


@pytest.mark.parametrize(("direction", "status"), CELLS)
def test_only_who_should_does_what_is_possible(county, direction, status):
    """All verbs by all actors in one state: allowed, refused by right, or refused by state, as the tables say."""
    from django.db import transaction

    county.other_township.departments.get_or_create(code="REHA", defaults={"name": "康复科", "takes_back": True})
    referral = (a_referral if direction == "UP" else a_down_referral)(county, status=status)
    for verb, (name, actor) in itertools.product(Verb, cast(county).items()):
        held = name in DOERS[direction][verb] or (
            verb in _STATE_FIRST[direction] and name in _STATE_FIRST[direction][verb]
        )
        possible = status in policies.possible_in(verb, direction) and not (verb == Verb.SIGN and referral.consent_id)
        expected = "done" if held and possible else Conflict if held else NotPermitted
        savepoint = transaction.savepoint()
        try:
            do(verb, referral, actor, county)
            outcome = "done"
        except (Conflict, NotPermitted) as error:
            outcome = type(error) if type(error) in (Conflict, NotPermitted) else Conflict
        transaction.savepoint_rollback(savepoint)
        referral.refresh_from_db()
        assert outcome == expected, f"{direction} {status} {verb} by {name}: {outcome}"


#: Verbs that a direction does not know are refused by state to who holds the right.
_STATE_FIRST = {
    "UP": {Verb.RECEIVE_BACK: set()},
    "DOWN": {
        Verb.ACCEPT: {"tang"}, Verb.ARRIVE: {"tang"}, Verb.NO_SHOW: {"tang"}, Verb.ADMIT: {"tang"},
        Verb.DISCHARGE: {"tang"}, Verb.RETURN: {"tang"},
    },
}  # fmt: skip


def test_the_clock_alone_ends_a_hold(county):
    referral = a_referral(county, status=S.ACCEPTED)

    with pytest.raises(NotPermitted):
        actions.expire_hold(referral=referral, by=county.du, at=later(days=8))

    actions.expire_hold(referral=referral, by=system_actor("clock"), at=later(days=8))
    assert referral.status == S.EXPIRED
