"""A small county and its fixed cast, made as the real one is.

Cast: Alma (village doctor, 东沟 clinic), Bo (reading doctor at the county hospital), Cai (village doctor of a clinic in
another township), Tang (township doctor above Alma), Du (referral desk), Sun (specialist), Lin (laboratory technician), He (laboratory doctor),
Mei (manager), and the three administrators. Nobody is real.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from xinglin.accounts.models import Grant, User
from xinglin.accounts.queries import actor_of_user
from xinglin.network.models import Consortium, Department, Division, Facility, Membership
from xinglin.platform.actors import Actor

START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def a_division(code: str, name: str, level: str, parent: Division | None = None) -> Division:
    """A division."""
    return Division.objects.create(code=code, name=name, level=level, parent=parent)


def a_facility(
    code: str, name: str, kind: str, tier: str, division: Division, manager: Facility | None = None
) -> Facility:
    """A facility that is open."""
    return Facility.objects.create(
        code=code, name=name, kind=kind, tier=tier, division=division, manager=manager, status_changed_at=START,
        latitude=34.8, longitude=117.26,
    )  # fmt: skip


@dataclass
class County:
    """Facilities by short names; `user` makes an account with a grant, `actor` the actor it is."""

    users: dict[str, User] = field(default_factory=dict)

    def __post_init__(self) -> None:
        province = a_division("37", "山东省", "PROVINCE")
        city = a_division("3704", "枣庄市", "CITY", province)
        self.division = a_division("370403", "薛城区", "COUNTY", city)
        self.township_division = a_division("370403101", "沙沟镇", "TOWNSHIP", self.division)
        self.other_township_division = a_division("370403102", "周营镇", "TOWNSHIP", self.division)
        self.village_division = a_division("370403101201", "东沟村", "VILLAGE", self.township_division)
        self.sibling_division = a_division("370403101202", "西沟村", "VILLAGE", self.township_division)
        self.other_village_division = a_division("370403102201", "南营村", "VILLAGE", self.other_township_division)
        self.bureau = a_facility("B01", "县卫生健康局", "BUREAU", "COUNTY", self.division)
        self.hospital = a_facility("H01", "县人民医院", "COUNTY_HOSPITAL", "COUNTY", self.division)
        self.tcm = a_facility("H02", "县中医院", "TCM_HOSPITAL", "COUNTY", self.division)
        self.township = a_facility("T01", "沙沟镇卫生院", "TOWNSHIP_HOSPITAL", "TOWNSHIP", self.township_division)
        self.other_township = a_facility(
            "T02", "周营镇卫生院", "TOWNSHIP_HOSPITAL", "TOWNSHIP", self.other_township_division
        )
        self.clinic = a_facility(
            "V01", "东沟村卫生室", "VILLAGE_CLINIC", "VILLAGE", self.village_division, self.township
        )
        self.sibling = a_facility(
            "V02", "西沟村卫生室", "VILLAGE_CLINIC", "VILLAGE", self.sibling_division, self.township
        )
        self.other_clinic = a_facility(
            "V03", "南营村卫生室", "VILLAGE_CLINIC", "VILLAGE", self.other_village_division, self.other_township
        )
        self.ward = Department.objects.create(facility=self.hospital, code="CARD", name="心血管内科")
        self.rehab = Department.objects.create(facility=self.township, code="REHA", name="康复科", takes_back=True)
        self.consortium = Consortium.objects.create(
            code="C01", name="薛城区紧密型县域医共体", division=self.division, valid_from=START.date()
        )
        for facility, role in (
            (self.hospital, "LEAD"),
            (self.tcm, "SPECIALIST"),
            (self.township, "MEMBER"),
            (self.other_township, "MEMBER"),
        ):
            Membership.objects.create(consortium=self.consortium, facility=facility, role=role, valid_from=START.date())

    def user(
        self,
        username: str,
        role: str,
        facility: Facility | None,
        *,
        name: str = "",
        subordinates: bool = False,
        everywhere: bool = False,
    ) -> User:
        """An account with one grant, made once."""
        if username not in self.users:
            user = User(username=username, name=name or username.capitalize(), facility=facility, created_at=START)
            user.set_unusable_password()
            user.save()
            Grant.objects.create(
                user=user, role=role, facility=None if everywhere else facility, with_subordinates=subordinates,
                everywhere=everywhere, valid_from=START, granted_at=START,
            )  # fmt: skip
            self.users[username] = user
        return self.users[username]

    def actor(self, user: User, *, at: datetime = NOW) -> Actor:
        """The actor an account is."""
        return actor_of_user(user, at=at)

    @cached_property
    def alma(self) -> Actor:
        """Village doctor at `clinic`."""
        return self.actor(self.user("alma", "village-doctor", self.clinic, name="阿尔玛"))

    @cached_property
    def sib(self) -> Actor:
        """Village doctor at `sibling`, the next village of the same township."""
        return self.actor(self.user("sib", "village-doctor", self.sibling, name="邻村"))

    @cached_property
    def cai(self) -> Actor:
        """Village doctor in another township."""
        return self.actor(self.user("cai", "village-doctor", self.other_clinic, name="蔡"))

    @cached_property
    def tang(self) -> Actor:
        """Township doctor above Alma."""
        return self.actor(self.user("tang", "township-doctor", self.township, name="唐", subordinates=True))

    @cached_property
    def bo(self) -> Actor:
        """Reading doctor at the county hospital."""
        return self.actor(self.user("bo", "reading-doctor", self.hospital, name="薄"))

    @cached_property
    def du(self) -> Actor:
        """Referral desk of the county hospital."""
        return self.actor(self.user("du", "referral-desk", self.hospital, name="杜"))

    @cached_property
    def sun(self) -> Actor:
        """Specialist at the county hospital."""
        return self.actor(self.user("sun", "specialist", self.hospital, name="孙"))

    @cached_property
    def lin(self) -> Actor:
        """Laboratory technician of the county hospital."""
        return self.actor(self.user("lin", "laboratory-technician", self.hospital, name="林"))

    @cached_property
    def he(self) -> Actor:
        """Laboratory doctor of the county hospital, who reviews."""
        return self.actor(self.user("he", "laboratory-doctor", self.hospital, name="何"))

    @cached_property
    def mei(self) -> Actor:
        """Consortium manager."""
        return self.actor(self.user("mei", "consortium-manager", self.hospital, name="梅", everywhere=True))


def later(minutes: float = 0, *, days: float = 0) -> datetime:
    """A moment after `NOW`."""
    return NOW + timedelta(days=days, minutes=minutes)
