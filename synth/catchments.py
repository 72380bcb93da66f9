"""All rows of one catchment, from its streams. The order of blocks is the order their references ask for."""

from collections.abc import Iterator

from synth.care import draw_care
from synth.context import Context
from synth.contract_rows import ContractRows
from synth.county import Catchment, Plan
from synth.ecg_rows import EcgRows
from synth.followup_rows import FollowUpRows
from synth.health import draw_health
from synth.people import draw_people
from synth.referral_rows import ReferralRows
from synth.resident_rows import (
    contact_block,
    household_block,
    neighbourhood,
    registered_at,
    resident_block,
    resident_uuids,
    spelled,
)
from synth.roster_rows import roster_block
from synth.rows import Block
from synth.sealing import Sealer
from synth.staff import Staff
from synth.visit_rows import diagnosis_block, prescription_block, visit_block, visit_keys
from synth.visits import draw_visits


def catchment_blocks(plan: Plan, catchment: Catchment, staff: Staff, sealer: Sealer) -> Iterator[Block]:
    """Generate a catchment and yield its rows table by table."""
    from synth.programme_rows import ProgrammeRows  # noqa: PLC0415 - knows models: a loading process sets Django up first

    people = draw_people(plan, catchment)
    health = draw_health(plan, catchment, people)
    visits = draw_visits(plan, catchment, health)
    care = draw_care(plan, catchment, health, visits)
    around = neighbourhood(plan, catchment)
    keys = visit_keys(plan, catchment, visits, around, staff)
    names = spelled(people, sealer)
    registered = registered_at(plan, catchment, health)
    n = len(people.persons)
    registrars = [m.id for m in staff.treating[catchment.clinic.id]]
    yield household_block(plan, catchment, people)
    yield resident_block(plan, catchment, people, health, names, sealer, registered, registrars)
    yield contact_block(plan, catchment, people, sealer)
    sent, read = care.first_of(care.referrals, visits, n), care.first_of(care.readings, visits, n)
    yield roster_block(catchment, around, names, registered, visits, sent, read)
    yield visit_block(plan, catchment, visits, keys)
    diagnoses = diagnosis_block(health, visits, keys)
    yield diagnoses
    yield prescription_block(plan, catchment, visits, keys)
    context = Context(plan, catchment, people, visits, keys, staff, around, care)
    referrals = ReferralRows(context)
    yield from referrals.blocks()
    yield from EcgRows(context).blocks()
    yield from ContractRows(context, health).blocks()
    yield from FollowUpRows(context, referrals.down_uuids).blocks()
    yield from ProgrammeRows(context, health, diagnoses).blocks()


def resident_at(plan: Plan, index: int) -> tuple[str, str]:
    """Identifier and name of the resident with this index, without loading anybody else."""
    catchment = next(c for c in plan.catchments if c.first <= index < c.first + c.n_residents)
    people = draw_people(plan, catchment)
    registered = registered_at(plan, catchment, draw_health(plan, catchment, people))
    place = index - catchment.first
    return resident_uuids(plan, catchment, registered)[place], people.persons[place].name
