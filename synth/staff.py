"""Who works in the county: accounts of every role at every unit. Staff can sign in once they get a password."""

import random
from collections import defaultdict
from dataclasses import dataclass, field

from synth.county import Plan, Unit
from synth.names import draw_surname, given_name
from synth.rows import rng_for

DOCTOR = "医师"
#: Roles whose holders see patients.
TREATING = frozenset({"village-doctor", "township-doctor", "specialist"})
TITLES = ("住院医师", "主治医师", "主治医师", "副主任医师", "主任医师")


@dataclass(frozen=True, slots=True)
class Member:
    """An account with its one grant: at a facility (perhaps with all below it), in a region, or everywhere."""

    id: int
    username: str
    name: str
    title: str
    unit: int
    role: str
    with_subordinates: bool = False
    division_code: str = ""
    everywhere: bool = False
    resident: int = -1  # index of the resident whose own account this is


@dataclass(slots=True)
class Staff:
    """All accounts, in order of id, and which of them treat at which unit, or hold which role."""

    members: list[Member] = field(default_factory=list)
    treating: dict[int, list[Member]] = field(default_factory=lambda: defaultdict(list))
    by_role: dict[str, list[Member]] = field(default_factory=lambda: defaultdict(list))

    def add(self, member: Member) -> None:
        """Take an account on."""
        self.members.append(member)
        self.by_role[member.role].append(member)
        if member.role in TREATING:
            self.treating[member.unit].append(member)


def draw_staff(plan: Plan, first_id: int = 1) -> Staff:
    """Make the accounts of a county; ids run on from `first_id`."""
    return _Maker(plan, first_id).make()


class _Maker:
    def __init__(self, plan: Plan, first_id: int) -> None:
        self._plan, self._staff = plan, Staff()
        self._next = first_id
        self._rng = random.Random(int(rng_for(plan.seed, "staff").integers(0, 2**62)))
        self._names: set[str] = set()

    def make(self) -> Staff:
        """Every account of the county."""
        self._county()
        for number, unit in enumerate(self._plan.of_kind("TOWNSHIP_HOSPITAL", "COMMUNITY_CENTRE"), 1):
            self._township(number, unit)
        sizes = {c.clinic.id: c.n_residents for c in self._plan.catchments}
        for number, unit in enumerate(self._plan.of_kind("VILLAGE_CLINIC"), 1):
            for k in range(1 + (sizes[unit.id] > 1200)):
                self._add(f"village-{number:04d}" + ("" if k == 0 else f"-{k + 1}"), "乡村医生", unit, "village-doctor")
        first = self._plan.catchments[0]
        self._add("resident-1", "", first.clinic, "resident", resident=first.first)
        lead = next(unit for unit in self._plan.units if unit.code.endswith("-LEAD"))
        self._add("consult-1", "会诊专员", lead, "consultation-desk")
        self._add("expert-1", "主任医师", lead, "consulting-expert")
        self._laboratory()  # later than the others: who came before keeps name and id
        self._pathology()
        self._add("calls-1", "随访专员", lead, "followup-caller")
        for number, unit in enumerate(self._plan.of_kind("TOWNSHIP_HOSPITAL", "COMMUNITY_CENTRE"), 1):
            self._add(f"assistant-{number:02d}", "医生助理", unit, "doctor-assistant", with_subordinates=True)
        self._add("chief-1", "主任医师", lead, "specialist", division_code=self._region())
        return self._staff

    def _county(self) -> None:
        units = {u.code.rpartition("-")[2]: u for u in self._plan.units if u.tier == "COUNTY"}
        n = 12 + self._plan.n_residents // 25_000
        for code, role, title, count, prefix in (
            ("LEAD", "specialist", DOCTOR, n, "specialist"),
            ("TCM", "specialist", "中医师", 6, "tcm"),
            ("MCH", "specialist", DOCTOR, 6, "mch"),
            ("LEAD", "referral-desk", "转诊专员", 2, "desk"),
            ("LEAD", "pharmacist", "主管药师", 2, "pharmacist"),
            ("LEAD", "technician", "主管技师", 2, "technician"),
            ("ECG", "reading-doctor", DOCTOR, 4, "reader"),
            ("CDC", "public-health-worker", "主管医师", 3, "cdc"),
            ("PATH", "pathology-technician", "主管技师", 2, "histology"),
        ):
            for k in range(count):
                self._add(f"{prefix}-{k + 1}", self._title(title), units[code], role)
        region = self._region()
        self._add("manager-1", "医共体办公室主任", units["LEAD"], "consortium-manager", division_code=region)
        self._add("bureau-1", "基层卫生科科长", units["BUREAU"], "bureau-officer", division_code=region)
        for role in ("system-administrator", "security-administrator", "audit-administrator"):
            self._add(role.replace("istrator", ""), "信息科", units["BUREAU"], role, everywhere=True)

    def _region(self) -> str:
        """Where posts reach that are for all of the county (or city)."""
        counties = {t.code[:6] for t in self._plan.townships}
        return self._plan.county_code if len(counties) == 1 else self._plan.city.code

    def _laboratory(self) -> None:
        """Who works in the laboratory of the county."""
        unit = next(u for u in self._plan.units if u.code.endswith("-LAB"))
        for k in range(3):
            self._add(f"lab-technician-{k + 1}", "检验技师", unit, "laboratory-technician")
        for k in range(2):
            self._add(f"lab-doctor-{k + 1}", "检验医师", unit, "laboratory-doctor")

    def _pathology(self) -> None:
        """Who reads sections; `_county` has who prepares them."""
        unit = next(u for u in self._plan.units if u.code.endswith("-PATH"))
        for k in range(2):
            self._add(f"pathologist-{k + 1}", "病理医师", unit, "reading-doctor")

    def _township(self, number: int, unit: Unit) -> None:
        doctors = 3 + min(5, self._plan.n_residents // len(self._plan.townships) // 5_000)
        for k in range(doctors):
            self._add(
                f"township-{number:02d}-{k + 1}", self._title(DOCTOR), unit, "township-doctor", with_subordinates=True
            )
        self._add(f"health-{number:02d}", "公卫医师", unit, "public-health-worker", with_subordinates=True)
        self._add(f"technician-{number:02d}", "技师", unit, "technician")
        self._add(f"pharmacist-{number:02d}", "药师", unit, "pharmacist")

    def _title(self, title: str) -> str:
        return self._rng.choice(TITLES) if title == DOCTOR else title

    def _add(self, username: str, title: str, unit: Unit, role: str, **place: object) -> None:
        name = ""
        while not name or name in self._names:
            male = self._rng.random() < (0.62 if role == "village-doctor" else 0.45)
            name = draw_surname(self._rng) + given_name(self._rng, male=male, born_year=self._rng.randint(1966, 1997))
        if len(self._names) < 3000:  # beyond that, namesakes are what a real county has too
            self._names.add(name)
        member = Member(self._next, username, name, title, unit.id, role, **place)  # type: ignore[arg-type]
        self._next += 1
        self._staff.add(member)
