"""Signing in to a synthetic county: who to be, and a token for programs. For benchmarks, demonstrations and tests.

Usernames are the same in every county (numbers run through the county):

=============================  =======================  ==================================
``village-0001``               village doctor           each clinic; ``-2`` a second one
``township-01-1``              township doctor          each township unit, three or more
``health-01``                  public-health worker     each township unit
``technician-01`` ``-1``       technician               township unit, lead hospital
``pharmacist-01`` ``-1``       pharmacist               township unit, lead hospital
``specialist-1`` ``tcm-1``     specialist               lead, TCM, maternal and child
``mch-1``
``chief-1``                    specialist               lead hospital; a post for the whole county
``desk-1``                     referral desk            lead hospital
``reader-1``                   reading doctor           ECG centre
``lab-technician-1``           laboratory technician    laboratory centre
``lab-doctor-1``               laboratory doctor        laboratory centre
``histology-1``                pathology technician     pathology centre
``pathologist-1``              reading doctor           pathology centre
``cdc-1``                      public-health worker     disease control
``manager-1``                  consortium manager       the county
``bureau-1``                   bureau officer           the county
``system-admin`` and others    the administrators       ``security-admin``, ``audit-admin``
``resident-1``                 resident                 the first resident's own record
=============================  =======================  ==================================

No account has a password: give one through ``xinglin.accounts.actions``, or take a token.
"""

from datetime import datetime, timedelta

from xinglin.accounts.actions import create_token
from xinglin.accounts.models import ApiToken, User
from xinglin.accounts.queries import actor_of_user
from xinglin.platform.actors import Actor, system_actor

#: One sign-in for each role, in the order a county would introduce them.
CAST = {
    "village-doctor": "village-0001",
    "township-doctor": "township-01-1",
    "public-health-worker": "health-01",
    "doctor-assistant": "assistant-01",
    "technician": "technician-01",
    "reading-doctor": "reader-1",
    "laboratory-technician": "lab-technician-1",
    "laboratory-doctor": "lab-doctor-1",
    "pathology-technician": "histology-1",
    "specialist": "specialist-1",
    "referral-desk": "desk-1",
    "consultation-desk": "consult-1",
    "followup-caller": "calls-1",
    "consulting-expert": "expert-1",
    "pharmacist": "pharmacist-1",
    "consortium-manager": "manager-1",
    "bureau-officer": "bureau-1",
    "system-administrator": "system-admin",
    "security-administrator": "security-admin",
    "audit-administrator": "audit-admin",
    "resident": "resident-1",
}


def user_with_role(role: str, number: int = 0) -> User:
    """An account with `role`: the one of the cast, or the `number`-th after it by username."""
    if not number:
        return User.objects.get(username=CAST[role])
    return User.objects.filter(grants__role=role, is_active=True).order_by("username")[number]


def actor_with_role(role: str, *, at: datetime, number: int = 0) -> Actor:
    """The actor that account is at a moment."""
    return actor_of_user(user_with_role(role, number), at=at)


def token_for(user: User, *, at: datetime, label: str = "synth") -> str:
    """A new API token for everything the account may do, valid a day; replaces an earlier one of the same label."""
    permitted = actor_of_user(user, at=at).permissions
    ApiToken.objects.filter(user=user, label=label, revoked_at__isnull=True).update(revoked_at=at, revoked_by=user.pk)
    made = create_token(
        user=user,
        label=label,
        permitted=permitted,
        expires_at=at + timedelta(days=1),
        by=system_actor("synth"),
        at=at,
    )
    return made.secret
