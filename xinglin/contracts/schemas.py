"""Shapes of the REST interface of contracts."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from xinglin.contracts import paying, queries, secrecy
from xinglin.contracts.data import Rate
from xinglin.contracts.models import Agreement, PayLine, PayRun, Promise, Team
from xinglin.contracts.rules.packages import Package
from xinglin.contracts.statistics import Line
from xinglin.platform.actors import Actor
from xinglin.web.shapes import In, text

Slug = Annotated[str, text(40)]
Words = Annotated[str, text(200)]


class TeamIn(In):
    """A team to form. `kind` FAMILY or CHIEF; a chief-physician team names its `disease`."""

    name: Annotated[str, text(60, least=1)]
    facility: UUID
    kind: Slug = "FAMILY"
    disease: Slug = ""
    phone: Annotated[str, text(20)] = ""


class MemberIn(In):
    """Somebody to take into a team, by account or by name."""

    profession: Slug
    username: Annotated[str, text(150)] = ""
    name: Annotated[str, text(40)] = ""
    is_leader: bool = False


class TeamPlaceIn(In):
    """A facility, or a village by its division."""

    facility: UUID | None = None
    division_code: Annotated[str, text(12)] = ""


class SigningIn(In):
    """How it is signed: `signature` a PNG as base64, or `on_paper` with the `scan` of the sheet, at most 8 MB, as base64."""

    signer_name: Annotated[str, text(60, least=1)]
    signer_relation: Annotated[str, text(20)] = "本人"
    explained: Annotated[str, text(2000)] = ""
    signature: Annotated[str, Field(max_length=300_000)] = ""
    on_paper: bool = False
    scan: Annotated[str, Field(max_length=11_200_000)] = ""


class AgreementIn(SigningIn):
    """An agreement to sign. `facility` is where the resident is served, the actor's own when absent."""

    resident: UUID
    team: UUID
    packages: list[Slug] = Field(min_length=1, max_length=20)
    starts_on: date | None = None
    years: Annotated[int, Field(ge=1, le=9)] = 1
    check_up_on: date | None = None
    facility: UUID | None = None


class RenewalIn(SigningIn):
    """The next term, with the same team."""

    packages: list[Slug] = Field(min_length=1, max_length=20)
    years: Annotated[int, Field(ge=1, le=9)] = 1


class TeamChangeIn(In):
    """Another team, and why."""

    team: UUID
    reason: Annotated[str, text(200, least=1)]


class AgreementEndIn(In):
    """Why it ends."""

    reason_code: Slug
    words: Words = ""


class DeliveryIn(In):
    """What was done, when."""

    done_on: date
    text: Annotated[str, text(500, least=1)]


class ContractRatingIn(In):
    """How content the resident is, 1 to 5; with one item, or the whole."""

    score: Annotated[int, Field(ge=1, le=5)]
    words: Annotated[str, text(500)] = ""
    promise: UUID | None = None


class GroupEntryIn(In):
    """A key group and what shows it."""

    resident: UUID
    group: Slug
    since: date
    until: date | None = None
    evidence: Annotated[str, text(200, least=1)]


class PayIn(In):
    """A pool in fen to share among the teams of a unit for a period that is over."""

    facility: UUID
    since: date
    until: date
    pool_fen: Annotated[int, Field(gt=0, le=10**12)]


class TeamMemberOut(BaseModel):
    """A member of a team."""

    uuid: UUID
    name: str
    profession: str
    is_leader: bool
    since: date
    until: date | None


class TeamOut(BaseModel):
    """A team with its present members."""

    uuid: UUID
    kind: str
    name: str
    facility: str
    disease: str
    phone: str
    formed_on: date
    ended_on: date | None
    members: list[TeamMemberOut]

    @classmethod
    def of(cls, team: Team) -> "TeamOut":
        """From a row with its home and members."""
        return cls(
            uuid=team.uuid, kind=team.kind, name=team.name, facility=str(team.facility), disease=team.disease,
            phone=queries.phone_of(team), formed_on=team.formed_on, ended_on=team.ended_on,
            members=[
                TeamMemberOut(
                    uuid=each.uuid, name=each.name, profession=each.profession, is_leader=each.is_leader, since=each.since,
                    until=each.until,
                )
                for each in team.members.all() if each.until is None
            ],
        )  # fmt: skip


class TeamPageOut(BaseModel):
    """One page; `next_cursor` is empty on the last."""

    items: list[TeamOut]
    next_cursor: str


class PackageOut(BaseModel):
    """A service package in force."""

    slug: str
    version: str
    title: str
    group: str
    fee_fen: int
    items: list[dict[str, Any]]

    @classmethod
    def of(cls, package: Package) -> "PackageOut":
        """From a definition."""
        items = [
            {
                "code": each.code,
                "title": each.title,
                "times": each.times,
                "due": each.due,
                "proofs": sorted(each.proofs),
            }
            for each in package.items
        ]
        return cls(
            slug=package.slug, version=package.version, title=package.title, group=package.group, fee_fen=package.fee_fen,
            items=items,
        )  # fmt: skip


class PromiseOut(BaseModel):
    """A promised item."""

    uuid: UUID
    item: str
    title: str
    n: int
    opens_on: date
    due_on: date
    booked_on: date | None
    done_on: date | None
    in_time: bool | None
    proof: str
    proof_kind: str
    proof_uuid: UUID | None

    @classmethod
    def of(cls, promise: Promise, hidden: frozenset[str] = frozenset()) -> "PromiseOut":
        """From a row; `hidden`: key groups the reader may not know of."""
        is_secret = promise.package.partition("@")[0] in secrecy.hidden_packages(hidden)
        in_time = promise.done_on <= promise.due_on if promise.done_on else None
        return cls(
            uuid=promise.uuid, item=secrecy.SLUG if is_secret else promise.item,
            title="" if is_secret else queries.item_title(promise), n=promise.n, in_time=in_time,
            opens_on=promise.opens_on, due_on=promise.due_on, booked_on=promise.booked_on, done_on=promise.done_on,
            proof=secrecy.SLUG if is_secret and promise.proof else promise.proof,
            proof_kind="" if is_secret else promise.proof_kind, proof_uuid=None if is_secret else promise.proof_uuid,
        )  # fmt: skip


class AgreementRowOut(BaseModel):
    """An agreement in a list."""

    uuid: UUID
    number: str
    status: str
    resident: UUID
    resident_name: str
    team: UUID
    team_name: str
    facility: str
    packages: list[str]
    groups: list[str]
    starts_on: date
    ends_on: date

    @classmethod
    def of(cls, agreement: Agreement, reader: Actor) -> "AgreementRowOut":
        """From a row with its resident, team and facility, as far as the reader may know."""
        return cls(**_row(agreement, secrecy.hidden_of(agreement, reader)))


class AgreementOut(AgreementRowOut):
    """An agreement with what it promises."""

    fees: dict[str, int]
    signed_at: datetime | None
    end_reason: str
    ended_on: date | None
    promises: list[PromiseOut]

    @classmethod
    def of(cls, agreement: Agreement, reader: Actor) -> "AgreementOut":
        """From a whole row, as far as the reader may know."""
        hidden = secrecy.hidden_of(agreement, reader)
        return cls(
            **_row(agreement, hidden), fees=agreement.fees, signed_at=agreement.signed_at, end_reason=agreement.end_reason,
            ended_on=agreement.ended_on, promises=[PromiseOut.of(each, hidden) for each in queries.promises_of(agreement)],
        )  # fmt: skip


def _row(agreement: Agreement, hidden: frozenset[str]) -> dict[str, Any]:
    return {
        "uuid": agreement.uuid, "number": agreement.number, "status": agreement.status,
        "resident": agreement.resident.uuid, "resident_name": agreement.resident.name, "team": agreement.team.uuid,
        "team_name": agreement.team.name, "facility": str(agreement.facility), "packages": secrecy.told_packages(agreement.packages, hidden),
        "groups": secrecy.told_groups(agreement.groups, hidden), "starts_on": agreement.starts_on, "ends_on": agreement.ends_on,
    }  # fmt: skip


class AgreementPageOut(BaseModel):
    """One page; `next_cursor` is empty on the last."""

    items: list[AgreementRowOut]
    next_cursor: str


class RatingOut(BaseModel):
    """An answer that was kept."""

    uuid: UUID
    score: int


class GroupEntryOut(BaseModel):
    """An entry into a key group that was kept."""

    uuid: UUID
    group: str
    since: date
    until: date | None


class ShareOfOut(BaseModel):
    """A share with its parts; `value` is null without data. All are null where too few people are left out."""

    n: int | None
    of: int | None
    value: float | None

    @classmethod
    def made(cls, rate: Rate) -> "ShareOfOut":
        """From a rate."""
        return cls(n=None, of=None, value=None) if rate.is_left_out else cls(n=rate.n, of=rate.of, value=rate.value)


class CoverageLineOut(BaseModel):
    """Figures of a unit, or of all (`facility` empty). `registered` and `population` name their two bases."""

    facility: str
    registered: ShareOfOut
    population: ShareOfOut
    key_groups: ShareOfOut
    elderly: ShareOfOut
    renewal: ShareOfOut
    fulfilment: ShareOfOut
    satisfaction: ShareOfOut
    members_per_team: float | None
    residents_per_team: float | None

    @classmethod
    def of(cls, line: Line) -> "CoverageLineOut":
        """From a counted line."""
        made = ShareOfOut.made
        return cls(
            facility=line.name, registered=made(line.registered), population=made(line.of_living), key_groups=made(line.key),
            elderly=made(line.elderly), renewal=made(line.renewal), fulfilment=made(line.fulfilment),
            satisfaction=made(line.satisfaction), members_per_team=line.members_per_team,
            residents_per_team=line.residents_per_team,
        )  # fmt: skip


class OverviewOut(BaseModel):
    """Coverage as last counted; `on` is null before the first count."""

    on: date | None
    total: CoverageLineOut
    lines: list[CoverageLineOut]


class PayLineOut(BaseModel):
    """What a team did and gets. `points` is null where nothing was due."""

    team: str
    heads: int
    n_key: int
    n_due: int
    n_done: int
    points: str | None
    amount_fen: int
    members: list[dict[str, Any]]

    @classmethod
    def of(cls, line: PayLine) -> "PayLineOut":
        """From a row with its team and the parts of its members."""
        members = [
            {
                "name": each.member.name,
                "profession": each.member.profession,
                "weight": each.weight,
                "amount_fen": each.amount_fen,
            }
            for each in line.shares.all()
        ]
        return cls(
            team=line.team.name, heads=line.heads, n_key=line.n_key, n_due=line.n_due, n_done=line.n_done,
            points=line.points or None, amount_fen=line.amount_fen, members=members,
        )  # fmt: skip


class PayOut(BaseModel):
    """A pool that was shared."""

    uuid: UUID
    facility: str
    since: date
    until: date
    pool_fen: int
    version: str
    is_void: bool
    lines: list[PayLineOut]

    @classmethod
    def of(cls, run: PayRun) -> "PayOut":
        """From a run."""
        return cls(
            uuid=run.uuid, facility=str(run.facility), since=run.since, until=run.until, pool_fen=run.pool_fen,
            version=run.version, is_void=run.voided_at is not None,
            lines=[PayLineOut.of(each) for each in paying.lines_of(run)],
        )  # fmt: skip
