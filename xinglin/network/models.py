"""The network: divisions, facilities of every kind, consortia, and what each unit has and may do, with dates."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.network import states
from xinglin.platform.ids import new_uuid
from xinglin.platform.transitions import StatusChange


class Division(models.Model):
    """One row: an administrative division. The code is the statistical code (GB/T 2260 and its extension): two digits
    province, two city, two county, three township, three village, without trailing zeros (2, 4, 6, 9 or 12 digits), so
    that a prefix contains its extensions.
    """

    class Level(models.TextChoices):
        PROVINCE = "PROVINCE", _("省")
        CITY = "CITY", _("市")
        COUNTY = "COUNTY", _("县（市、区）")
        TOWNSHIP = "TOWNSHIP", _("乡镇（街道）")
        VILLAGE = "VILLAGE", _("村（居）")

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=60)
    level = models.CharField(max_length=10, choices=Level.choices)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["parent", "code"], name="division_parent")]

    def __str__(self) -> str:
        return self.name


class Consortium(models.Model):
    """One row: a close-knit county medical consortium (紧密型县域医共体). Several may share one county.

    `structure`: its published pattern, ``{"pattern": "1+3+10+N", "parts": [{"count": 1, "role": ["LEAD"]}…]}``.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    division = models.ForeignKey(Division, on_delete=models.PROTECT, related_name="+")
    structure = models.JSONField(default=dict)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)

    def __str__(self) -> str:
        return self.name


class Facility(models.Model):
    """One row: an institution or a service point, over its whole life.

    `manager` is the unit that manages it (a township hospital its village clinics): the tree of the access model.
    `host` is the clinic a service point belongs to. A merged unit keeps its rows and names its `successor`.
    """

    class Kind(models.TextChoices):
        COUNTY_HOSPITAL = "COUNTY_HOSPITAL", _("县级综合医院")
        TCM_HOSPITAL = "TCM_HOSPITAL", _("县级中医医院")
        MATERNAL_CHILD = "MATERNAL_CHILD", _("妇幼保健机构")
        CDC = "CDC", _("疾病预防控制机构")
        SPECIALIST_HOSPITAL = "SPECIALIST_HOSPITAL", _("专科医院")
        TOWNSHIP_HOSPITAL = "TOWNSHIP_HOSPITAL", _("乡镇卫生院")
        COMMUNITY_CENTRE = "COMMUNITY_CENTRE", _("社区卫生服务中心")
        COMMUNITY_STATION = "COMMUNITY_STATION", _("社区卫生服务站")
        VILLAGE_CLINIC = "VILLAGE_CLINIC", _("村卫生室")
        SERVICE_POINT = "SERVICE_POINT", _("村卫生室服务点")
        SHARED_CENTRE = "SHARED_CENTRE", _("县域共享中心")
        BUREAU = "BUREAU", _("卫生健康行政部门")
        ELDERLY_HOME = "ELDERLY_HOME", _("养老机构")
        OTHER = "OTHER", _("其他机构")

    class Tier(models.TextChoices):
        COUNTY = "COUNTY", _("县级")
        TOWNSHIP = "TOWNSHIP", _("乡级")
        VILLAGE = "VILLAGE", _("村级")

    Status = states.Status

    uuid = models.UUIDField(default=new_uuid, unique=True)
    code = models.CharField(max_length=22, unique=True)  # institution code of the county's registry
    credit_code = models.CharField(max_length=18, blank=True)  # unified social credit code
    name = models.CharField(max_length=80)
    short_name = models.CharField(max_length=40, blank=True)
    pinyin_initials = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=24, choices=Kind.choices)
    tier = models.CharField(max_length=10, choices=Tier.choices)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    status_changed_at = models.DateTimeField()
    division = models.ForeignKey(Division, on_delete=models.PROTECT, related_name="facilities")
    manager = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="managed")
    host = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="service_points")
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="predecessors")
    address = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    # Dated facts the county reports on (WH-07, WH-08, WH-27, WF-29); null means: not so, or not known.
    publicly_owned = models.BooleanField(null=True)
    publicly_owned_since = models.DateField(null=True)
    integrated_since = models.DateField(null=True)  # integrated township-run management
    insured_since = models.DateField(null=True)  # joined to the insurance network
    telemedicine_since = models.DateField(null=True)
    timetable = models.JSONField(
        default=list
    )  # of a service point: [{"weekday": 1, "from": "08:00", "until": "11:30"}]

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["manager", "kind"], name="facility_manager"),
            models.Index(fields=["kind", "status", "name"], name="facility_kind"),
            models.Index(fields=["name", "id"], name="facility_name"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status="MERGED", successor__isnull=False) | ~Q(status="MERGED"), name="merged_has_successor"
            ),
            models.CheckConstraint(condition=~Q(successor=F("id")), name="not_own_successor"),
            models.CheckConstraint(condition=~Q(manager=F("id")), name="not_own_manager"),
            models.CheckConstraint(
                condition=~Q(kind="SERVICE_POINT") | Q(host__isnull=False), name="service_point_has_host"
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="coordinates_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return self.short_name or self.name


class FacilityStatusChange(StatusChange):
    """One row: a facility went from one state of its life cycle to another."""

    subject = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="status_changes")

    def __str__(self) -> str:
        return f"{self.was} → {self.became}"


class Membership(models.Model):
    """One row: a facility belongs to a consortium, in a role, for a period (half-open)."""

    class Role(models.TextChoices):
        LEAD = "LEAD", _("牵头医院")
        SPECIALIST = "SPECIALIST", _("专科成员单位")
        PUBLIC_HEALTH = "PUBLIC_HEALTH", _("公共卫生成员单位")
        MEMBER = "MEMBER", _("基层成员单位")
        CLINIC = "CLINIC", _("村卫生室")
        PARTNER = "PARTNER", _("协作单位")

    consortium = models.ForeignKey(Consortium, on_delete=models.PROTECT, related_name="memberships")
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["consortium", "facility"], condition=Q(valid_until__isnull=True), name="one_open_membership"
            ),
            # Migration 0002 adds what needs ranges: one lead at a time, and no two periods of one unit that overlap.
            models.UniqueConstraint(
                fields=["consortium"], condition=Q(valid_until__isnull=True, role="LEAD"), name="one_open_lead"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="membership_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.valid_from}"


class Area(models.Model):
    """One row: a grouping across the tree (片区, WH-39). A unit may be in several."""

    uuid = models.UUIDField(default=new_uuid, unique=True)
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, default="AREA")
    facilities = models.ManyToManyField(Facility, related_name="areas")

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """One row: a department of a facility, with what it can take back after a referral (WN-05)."""

    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="departments")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=40)
    takes_back = models.BooleanField(default=False)
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["facility", "code"], name="one_department_code")]

    def __str__(self) -> str:
        return self.name


class Service(models.Model):
    """One row: a facility offers a service from a day on; `is_tcm` and `is_tibetan` let their share be counted."""

    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="services")
    code = models.CharField(max_length=30)
    name = models.CharField(max_length=60)
    is_tcm = models.BooleanField(default=False)
    is_tibetan = models.BooleanField(default=False)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["facility", "code"], name="one_service_code")]

    def __str__(self) -> str:
        return self.name


class Equipment(models.Model):
    """One row: a piece of equipment. `cost_fen` in fen (1/100 yuan)."""

    class State(models.TextChoices):
        IN_USE = "IN_USE", _("在用")
        REPAIR = "REPAIR", _("维修")
        RETIRED = "RETIRED", _("报废")

    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="equipment")
    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)  # DR, CT, ECG, ULTRASOUND, BIOCHEMISTRY …
    name = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State.choices, default=State.IN_USE)
    installed_on = models.DateField(null=True)
    retired_on = models.DateField(null=True)
    cost_fen = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["facility", "code"], name="one_equipment_code"),
            models.CheckConstraint(condition=Q(cost_fen__isnull=True) | Q(cost_fen__gte=0), name="cost_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class BedCount(models.Model):
    """One row: how many beds of a kind a facility has from a day on."""

    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="bed_counts")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True)
    kind = models.CharField(max_length=12, default="MEDICAL")  # MEDICAL, CARE
    n_beds = models.PositiveIntegerField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.n_beds}"


class Title(models.Model):
    """One row: a title or standard a facility holds, with evidence and validity (WH-09..12)."""

    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="titles")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    level = models.CharField(max_length=20, blank=True)  # basic, recommended, national, provincial …
    granted_on = models.DateField()
    valid_until = models.DateField(null=True)
    evidence = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return self.name


class ImportBatch(models.Model):
    """One row: a table was uploaded to be imported; kept with its file as the trail of a bulk change.

    `applied_at` and `applied_by` come together, once: a batch is applied or it is not.
    """

    uuid = models.UUIDField(default=new_uuid, unique=True)
    table = models.CharField(max_length=20)
    file = models.ForeignKey("platform.StoredFile", on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=120)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.BigIntegerField(null=True)
    n_rows = models.PositiveIntegerField()
    n_errors = models.PositiveIntegerField()
    n_new = models.PositiveIntegerField(default=0)
    n_changed = models.PositiveIntegerField(default=0)
    applied_at = models.DateTimeField(null=True)
    applied_by = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-uploaded_at"], name="import_batch_age")]

    def __str__(self) -> str:
        return f"{self.table} {self.file_name}"
