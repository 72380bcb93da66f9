"""Sign-ins of the demonstration: one account of each role, with random passwords made on this machine."""

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.conf import settings

from xinglin.accounts import actions, scopes
from xinglin.accounts.models import Grant, User
from xinglin.accounts.roles import ROLES
from xinglin.platform.actors import system_actor

BY = system_actor("demonstration")
#: Words that are easy to type on a phone; four of them and a number make a password.
WORDS = [
    "apricot",
    "bamboo",
    "cedar",
    "chestnut",
    "clover",
    "cypress",
    "fern",
    "ginger",
    "ginkgo",
    "hazel",
    "jasmine",
    "juniper",
    "laurel",
    "lotus",
    "maple",
    "mulberry",
    "olive",
    "orchid",
    "peony",
    "pine",
    "plum",
    "poplar",
    "quince",
    "rice",
    "sesame",
    "sorrel",
    "spruce",
    "tea",
    "thyme",
    "walnut",
    "wheat",
    "willow",
]


#: A second reading doctor: who reads sections sits at another centre than who reads traces and images.
PATHOLOGIST = "pathologist"
#: A township doctor of another unit than the first one's.
NEIGHBOUR = "neighbour"
#: The chief physician of the county's team: a specialist whose post reaches the whole county.
CHIEF = "chief-physician"


def role_of(part: str) -> str:
    """The role an account of the demonstration has; most parts are called after it."""
    return {PATHOLOGIST: "reading-doctor", NEIGHBOUR: "township-doctor", CHIEF: "specialist"}.get(part, part)


def title_of(part: str) -> str:
    """A part in words."""
    return {PATHOLOGIST: "病理医师", NEIGHBOUR: "邻镇卫生院医生", CHIEF: "首席医师"}.get(part) or str(ROLES[part].title)


@dataclass(frozen=True, slots=True)
class SignIn:
    """What one needs to sign in; `totp` is the secret of the second factor, for roles that need one."""

    role: str
    username: str
    name: str
    place: str
    password: str
    totp: str = ""


def path() -> Path:
    """Where the sign-ins are kept, readable by this account only."""
    return Path(settings.HOME) / "demo" / "sign-ins.json"


def load() -> dict[str, SignIn]:
    """Sign-ins by role; empty before they are made."""
    try:
        return {each["role"]: SignIn(**each) for each in json.loads(path().read_text())}
    except FileNotFoundError:
        return {}


def make(*, at: datetime) -> dict[str, SignIn]:
    """Give one account of each role a password (and a second factor where its role needs one)."""
    made = {}
    for user, role in _chosen():
        password = "-".join(secrets.choice(WORDS) for _ in range(4)) + str(secrets.randbelow(90) + 10)
        actions.set_password(user=user, password=password, must_change=False, by=BY, at=at)
        totp = ""
        if ROLES[role_of(role)].needs_second_factor:
            totp = generate_totp_secret()
            actions.set_up_second_factor(user=user, secret=totp, by=BY, at=at)
        made[role] = SignIn(role, user.username, user.name, str(user.facility or ""), password, totp)
    path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path().touch(mode=0o600)
    path().write_text(json.dumps([asdict(each) for each in made.values()], ensure_ascii=False, indent=1))
    return made


def _chosen() -> list[tuple[User, str]]:
    """For each role its first account; for the township role one above the village doctor's clinic."""
    first: dict[str, User] = {}
    grants = Grant.objects.filter(revoked_at__isnull=True).select_related("user__facility").order_by("user_id")
    for grant in grants:
        first.setdefault(grant.role, grant.user)
    resident = first.get("resident")
    if resident is not None and resident.facility_id:
        village = grants.filter(role="village-doctor", facility_id=resident.facility_id).first()
        first["village-doctor"] = village.user if village else first["village-doctor"]
    clinic = first["village-doctor"].facility
    for role in ("township-doctor", "doctor-assistant"):
        above = grants.filter(role=role, facility=clinic.manager if clinic else None).first()
        if above is not None:
            first[role] = above.user
    chosen = [(first[role], role) for role in ROLES if role in first]
    histology = first.get("pathology-technician")
    reader = grants.filter(role="reading-doctor", facility=histology.facility if histology else None).first()
    own = first["township-doctor"].facility_id
    other = grants.filter(role="township-doctor").exclude(facility=own).first()
    chief = grants.filter(role="specialist", division_code__gt="").first()
    more = ((reader, PATHOLOGIST), (other, NEIGHBOUR), (chief, CHIEF))
    return [*chosen, *((grant.user, part) for grant, part in more if grant is not None)]


def tokens(roles: list[str], *, at: datetime) -> dict[str, str]:
    """A token for the account of each role, good for two hours."""
    secrets_by_role = {}
    for role in roles:
        user = User.objects.get(username=load()[role].username)
        permitted = set().union(*(grant.permissions for grant in scopes.held_grants(user.pk, at)))
        made = actions.create_token(
            user=user, label=f"demonstration {at:%Y-%m-%d %H:%M:%S}", permitted=permitted,
            expires_at=at + timedelta(hours=2), by=BY, at=at,
        )  # fmt: skip
        secrets_by_role[role] = made.secret
    return secrets_by_role
