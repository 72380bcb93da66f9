"""Households, and people to call."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.platform.actors import Actor
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.platform.ids import next_number
from xinglin.platform.outbox import announce
from xinglin.residents import identity, names, permissions
from xinglin.residents.events import Event
from xinglin.residents.fields import one_line
from xinglin.residents.models import Contact, Household, Resident

#: Relation to the head of the household, GB/T 4761-2008, two digits.
RELATIONS = {
    "02": _("户主"),
    "10": _("配偶"),
    "20": _("儿子"),
    "30": _("女儿"),
    "40": _("孙子女"),
    "51": _("父亲"),
    "52": _("母亲"),
    "60": _("祖父母或外祖父母"),
    "70": _("兄弟姐妹"),
    "97": _("其他亲属"),
    "99": _("非亲属"),
}
HEAD = "02"


@transaction.atomic
def create_household(*, head: Resident, address: str = "", by: Actor, at: datetime) -> Household:
    """Found a household with its head. :raises Conflict: he is in one"""
    permissions.may_edit(by, head).require()
    if head.household_id is not None:
        raise Conflict(_("该居民已在一个家庭中。"), code="has-household")
    household = Household.objects.create(
        number=next_number("H", at),
        division_code=head.division_code,
        address=one_line("address", address, 120) or head.address,
        created_at=at,
    )
    _join(household, head, HEAD, by=by, at=at)
    return household


@transaction.atomic
def add_member(*, household: Household, resident: Resident, relation: str, by: Actor, at: datetime) -> Resident:
    """Put a resident into a household; he leaves the one he was in.

    :raises InvalidInput: no relation of the list
    :raises Conflict: the household has a head already
    """
    permissions.may_edit(by, resident).require()
    if relation not in RELATIONS:
        raise InvalidInput(_("请选择与户主的关系。"), fields={"relation": _("请选择与户主的关系。")})
    Household.objects.select_for_update().get(pk=household.pk)
    if relation == HEAD and household.members.filter(relation_to_head=HEAD).exclude(pk=resident.pk).exists():
        raise Conflict(_("这个家庭已有户主。"), code="has-head")
    return _join(household, resident, relation, by=by, at=at)


@transaction.atomic
def leave_household(*, resident: Resident, by: Actor, at: datetime) -> Resident:
    """Take a resident out of his household. :raises Conflict: he is in none"""
    permissions.may_edit(by, resident).require()
    if resident.household_id is None:
        raise Conflict(_("该居民不在任何家庭中。"), code="no-household")
    Resident.objects.filter(pk=resident.pk).update(household=None, relation_to_head="")
    announce(Event.EDITED, obj=resident, subject=resident.uuid, by=by, at=at, fields=["household"])
    resident.refresh_from_db()
    return resident


def _join(household: Household, resident: Resident, relation: str, *, by: Actor, at: datetime) -> Resident:
    Resident.objects.filter(pk=resident.pk).update(household=household, relation_to_head=relation)
    resident.refresh_from_db()
    announce(Event.JOINED_HOUSEHOLD, obj=resident, subject=resident.uuid, by=by, at=at, household=str(household.uuid))
    return resident


@transaction.atomic
def add_contact(
    *, resident: Resident, name: str, relation: str, phone: str, is_guardian: bool = False, by: Actor, at: datetime
) -> Contact:
    """Note somebody to call. :raises InvalidInput: name, relation or number are missing or wrong"""
    permissions.may_edit(by, resident).require()
    number = identity.normalise_phone(phone)
    if not number:
        raise InvalidInput(_("请填写联系电话。"), fields={"phone": _("请填写联系电话。")})
    relation = one_line("relation", relation, 20)
    if not relation:
        raise InvalidInput(_("请填写与居民的关系。"), fields={"relation": _("请填写与居民的关系。")})
    contact = Contact.objects.create(
        resident=resident, name=names.normalise(name), relation=relation, phone=number, is_guardian=is_guardian
    )
    announce(Event.CONTACT_ADDED, obj=contact, subject=resident.uuid, by=by, at=at, guardian=is_guardian)
    return contact


@transaction.atomic
def end_contact(*, contact: Contact, by: Actor, at: datetime) -> Contact:
    """This person is not to be called any more. :raises Conflict: ended already"""
    permissions.may_edit(by, contact.resident).require()
    if not Contact.objects.filter(pk=contact.pk, ended_at__isnull=True).update(ended_at=at):
        raise Conflict(_("该联系人已停用。"), code="ended")
    contact.refresh_from_db()
    announce(Event.CONTACT_ENDED, obj=contact, subject=contact.resident.uuid, by=by, at=at)
    return contact
