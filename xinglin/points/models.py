"""Health points: the ledger of each resident, the goods of each facility, and exchanges of one for the other."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.platform.crypto import EncryptedBinaryField, EncryptedTextField
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange
from xinglin.points.states import Status
from xinglin.residents.data import TenantDefault


class Account(models.Model):
    """One row: the points of a person. `balance` is the sum of his movements, and of what is left of his lots; whoever
    changes it holds the row locked, and the database refuses less than nothing.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    resident = models.OneToOneField("residents.Resident", on_delete=models.PROTECT, related_name="+")
    balance = models.IntegerField(default=0)
    opened_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(balance__gte=0), name="points_never_negative")]

    def __str__(self) -> str:
        return f"{self.balance}"


class Exchange(models.Model):
    """One row: `n` pieces of a good kept for a resident for points, until they are handed over or given back.

    Who received them signs: on the screen (`signature`), or on the facility's paper list (`on_paper`).
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    number = models.CharField(max_length=24, unique=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="exchanges")
    stock = models.ForeignKey("points.Stock", on_delete=models.PROTECT, related_name="exchanges")
    version = models.CharField(max_length=80)  # of the definition that said the price
    n = models.PositiveSmallIntegerField()
    points = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.RESERVED)
    status_changed_at = models.DateTimeField()
    reserved_at = models.DateTimeField()
    reserved_until = models.DateField()  # last day
    receiver = EncryptedTextField(null=True)
    receiver_relation = models.CharField(max_length=10, blank=True)
    signature = EncryptedBinaryField(null=True)
    on_paper = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(n__gte=1, points__gte=1), name="exchange_of_something"),
            models.CheckConstraint(
                condition=~Q(status="HANDED_OVER")
                | Q(receiver__isnull=False) & (Q(on_paper=True) | Q(signature__isnull=False)),
                name="handed_over_means_signed",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["stock", "reserved_until", "id"], condition=Q(status="RESERVED"), name="exchange_open"
            ),
            models.Index(fields=["account", "-id"], name="exchange_account"),
        ]

    def __str__(self) -> str:
        return self.number


class ExchangeStatusChange(StatusChange):
    """One row: an exchange changed its status."""

    subject = models.ForeignKey(Exchange, on_delete=models.PROTECT, related_name="status_changes")


class Movement(models.Model):
    """One row: points came or went, why, by whose doing, and the balance after it. The database refuses to change or
    delete a row: a mistake is put right by the next one, which names it in `undoes`.

    `rule` and `version` say which behaviour, `cause_kind` and `cause_uuid` what shows it; one cause earns once, and for the
    `n`-th time what was taken back of it before, no more.
    """

    class Kind(models.TextChoices):
        EARNED = "EARNED", _("获得")
        SPENT = "SPENT", _("兑换")
        GIVEN_BACK = "GIVEN_BACK", _("兑换退回")
        TAKEN_BACK = "TAKEN_BACK", _("收回")
        EXPIRED = "EXPIRED", _("到期")
        MOVED_IN = "MOVED_IN", _("档案合并转入")
        MOVED_OUT = "MOVED_OUT", _("档案合并转出")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    tenant = models.CharField(max_length=20, db_default=TenantDefault())
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    points = models.IntegerField()
    balance_after = models.IntegerField()
    rule = models.CharField(max_length=60, blank=True)
    version = models.CharField(max_length=80, blank=True)
    occurred_on = models.DateField()  # the day of what earned it; limits of a day and a year count by it
    cause_kind = models.CharField(max_length=40, blank=True)
    cause_uuid = models.UUIDField(null=True)
    n = models.PositiveSmallIntegerField(default=1, db_default=1)
    exchange = models.ForeignKey(Exchange, on_delete=models.PROTECT, null=True, related_name="movements")
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone_by")
    words = models.CharField(max_length=200, blank=True)
    moved_at = models.DateTimeField()
    moved_by_name = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "rule", "cause_uuid", "n"], condition=Q(kind="EARNED"), name="one_cause_earns_once"
            ),
            models.CheckConstraint(condition=Q(balance_after__gte=0), name="points_balance_after"),
            models.CheckConstraint(
                condition=Q(kind__in=["EARNED", "GIVEN_BACK", "MOVED_IN"], points__gt=0)
                | Q(kind__in=["SPENT", "EXPIRED", "MOVED_OUT"], points__lt=0)
                | Q(kind="TAKEN_BACK", points__lte=0, undoes__isnull=False),
                name="movement_has_its_sign",
            ),
            models.CheckConstraint(
                condition=~Q(kind="EARNED") | Q(cause_uuid__isnull=False) & ~Q(rule=""), name="earned_by_something"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["SPENT", "GIVEN_BACK"]) | Q(exchange__isnull=False), name="spent_on_something"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "-id"], name="movement_account"),
            models.Index(fields=["account", "rule", "occurred_on"], name="movement_limit"),
            models.Index(fields=["cause_uuid"], condition=Q(cause_uuid__isnull=False), name="movement_cause"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.points}"


class Lot(models.Model):
    """One row: points that came together and go together. What is `left` of it may be spent until `expires_on`."""

    movement = models.ForeignKey(Movement, on_delete=models.PROTECT, related_name="lots")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lots")
    points = models.PositiveIntegerField()
    left = models.PositiveIntegerField()
    expires_on = models.DateField()  # last day

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(left__gte=0, left__lte=F("points")), name="lot_left_of_its_points")
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "expires_on", "id"], condition=Q(left__gt=0), name="lot_open"),
            models.Index(fields=["expires_on", "id"], condition=Q(left__gt=0), name="lot_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.left} / {self.points}"


class Draw(models.Model):
    """One row: a movement took points out of a lot. What a movement takes is the sum of its draws."""

    movement = models.ForeignKey(Movement, on_delete=models.PROTECT, related_name="draws")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="draws")
    points = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["movement", "lot"], name="a_lot_drawn_once"),
            models.CheckConstraint(condition=Q(points__gte=1), name="draw_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.points}"


class Stock(models.Model):
    """One row: how many pieces of a good (by slug of its definition) a facility has, and how many of them are kept for
    somebody. Never fewer than none, never more kept than there are.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    facility = models.ForeignKey("network.Facility", on_delete=models.PROTECT, related_name="+")
    good = models.CharField(max_length=60)
    on_hand = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["facility", "good"], name="one_stock_of_a_good"),
            models.CheckConstraint(
                condition=Q(reserved__gte=0, on_hand__gte=F("reserved")), name="stock_never_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.good} {self.on_hand}"


class StockMovement(models.Model):
    """One row: pieces came in, were handed over, were counted again, or went to the unit that took over a merged
    one, with how many there were after it. `words` say whence or why.
    """

    class Kind(models.TextChoices):
        RECEIVED = "RECEIVED", _("入库")
        HANDED_OVER = "HANDED_OVER", _("发放")
        COUNTED = "COUNTED", _("盘点更正")
        MERGED_OUT = "MERGED_OUT", _("机构合并转出")
        MERGED_IN = "MERGED_IN", _("机构合并转入")

    uuid = models.UUIDField(default=new_uuid, unique=True)
    stock = models.ForeignKey(Stock, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    n = models.IntegerField()
    on_hand_after = models.IntegerField()
    exchange = models.OneToOneField(Exchange, on_delete=models.PROTECT, null=True, related_name="stock_movement")
    words = models.CharField(max_length=200, blank=True)
    moved_at = models.DateTimeField()
    moved_by_name = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(n=0), name="stock_movement_of_something")]
        indexes: ClassVar = [models.Index(fields=["stock", "-id"], name="stock_movements")]

    def __str__(self) -> str:
        return f"{self.kind} {self.n}"
