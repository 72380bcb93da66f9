"""Shape of what is typed. Whether it is right, the actions say."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinglin.network import patterns
from xinglin.network.models import Equipment, Facility, Membership

YES_NO = [("", _("未填")), ("yes", _("是")), ("no", _("否"))]


class Day(forms.DateField):
    """A calendar day."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], **kwargs)


def flag(label: Any) -> forms.TypedChoiceField:
    """Yes, no, or not known."""
    return forms.TypedChoiceField(
        label=label, choices=YES_NO, required=False, coerce=lambda value: value == "yes", empty_value=None
    )


class FacilityForm(forms.Form):
    """Facts of a facility; division and manager come as code and uuid from search boxes."""

    name = forms.CharField(label=_("机构名称"), max_length=80)
    short_name = forms.CharField(label=_("简称"), max_length=40, required=False)
    code = forms.CharField(label=_("机构编码"), max_length=22, help_text=_("登记后不再改变。"))
    kind = forms.ChoiceField(
        label=_("机构类型"), choices=[each for each in Facility.Kind.choices if each[0] != Facility.Kind.SERVICE_POINT]
    )
    tier = forms.ChoiceField(label=_("层级"), required=False, choices=[("", _("按机构类型")), *Facility.Tier.choices])
    division = forms.CharField(max_length=12)
    manager = forms.UUIDField(required=False)
    address = forms.CharField(label=_("地址"), max_length=120, required=False)
    phone = forms.CharField(
        label=_("电话"), max_length=20, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    credit_code = forms.CharField(label=_("统一社会信用代码"), max_length=18, required=False)
    latitude = forms.FloatField(label=_("纬度"), required=False, widget=forms.NumberInput(attrs={"step": "any"}))
    longitude = forms.FloatField(label=_("经度"), required=False, widget=forms.NumberInput(attrs={"step": "any"}))
    opened_on = Day(label=_("开业日期"), required=False)
    publicly_owned = flag(_("产权公有"))
    publicly_owned_since = Day(label=_("产权公有日期"), required=False)
    integrated_since = Day(label=_("一体化管理日期"), required=False)
    insured_since = Day(label=_("医保联网日期"), required=False)
    telemedicine_since = Day(label=_("远程医疗接入日期"), required=False)
    planned = forms.BooleanField(label=_("尚在筹建，暂不运行"), required=False)

    @staticmethod
    def initial_of(facility: Facility) -> dict[str, Any]:
        """What is known."""
        initial = {name: getattr(facility, name) for name in FacilityForm.base_fields if hasattr(facility, name)}
        owned = facility.publicly_owned
        return {
            **initial, "division": facility.division.code,
            "manager": facility.manager.uuid if facility.manager else None,
            "publicly_owned": "" if owned is None else "yes" if owned else "no",
        }  # fmt: skip


class PointForm(forms.Form):
    """A service point."""

    name = forms.CharField(label=_("服务点名称"), max_length=80)
    code = forms.CharField(label=_("机构编码"), max_length=22)
    address = forms.CharField(label=_("地址"), max_length=120, required=False)
    latitude = forms.FloatField(label=_("纬度"), required=False, widget=forms.NumberInput(attrs={"step": "any"}))
    longitude = forms.FloatField(label=_("经度"), required=False, widget=forms.NumberInput(attrs={"step": "any"}))
    timetable = forms.CharField(
        label=_("服务时间"), max_length=600, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("如：周一 08:00-11:30；周四 14:00-17:00"),
    )  # fmt: skip


class TimetableForm(forms.Form):
    """When a service point is attended."""

    timetable = PointForm.base_fields["timetable"]


class DepartmentForm(forms.Form):
    """A department."""

    code = forms.CharField(label=_("科室编码"), max_length=20)
    name = forms.CharField(label=_("科室名称"), max_length=40)
    takes_back = forms.BooleanField(label=_("能接收下转康复和继续治疗的患者"), required=False)
    opened_on = Day(label=_("开设日期"), required=False)
    closed_on = Day(label=_("关闭日期"), required=False)


class ServiceForm(forms.Form):
    """A service."""

    code = forms.CharField(label=_("项目编码"), max_length=30)
    name = forms.CharField(label=_("项目名称"), max_length=60)
    is_tcm = forms.BooleanField(label=_("中医药服务"), required=False)
    is_tibetan = forms.BooleanField(label=_("藏医药服务"), required=False)
    valid_from = Day(label=_("开展日期"), required=False)
    valid_until = Day(label=_("停止日期"), required=False)


class EquipmentForm(forms.Form):
    """A piece of equipment; the price in yuan."""

    code = forms.CharField(label=_("设备编码"), max_length=40)
    kind = forms.CharField(label=_("设备类别"), max_length=20, help_text=_("如 DR、CT、ULTRASOUND、BIOCHEMISTRY、ECG"))
    name = forms.CharField(label=_("设备名称"), max_length=60)
    state = forms.ChoiceField(label=_("设备状态"), choices=Equipment.State.choices)
    installed_on = Day(label=_("安装日期"), required=False)
    retired_on = Day(label=_("报废日期"), required=False)
    cost = forms.DecimalField(label=_("价格（元）"), max_digits=13, decimal_places=2, min_value=0, required=False)


class BedsForm(forms.Form):
    """A count of beds from a day on."""

    kind = forms.ChoiceField(label=_("床位类别"), choices=[("MEDICAL", _("医疗床位")), ("CARE", _("养护床位"))])
    n_beds = forms.IntegerField(label=_("床位数"), min_value=0, max_value=5000)
    on = Day(label=_("起始日期"))


class TitleForm(forms.Form):
    """A title or standard."""

    code = forms.CharField(label=_("称号编码"), max_length=40, help_text=_("如 QUALITY_SERVICE、SUB_CENTRE"))
    name = forms.CharField(label=_("称号名称"), max_length=80)
    level = forms.ChoiceField(
        label=_("级别"), required=False,
        choices=[
            ("", _("不分级")), ("basic", _("基本标准")), ("recommended", _("推荐标准")), ("county", _("县级")),
            ("city", _("市级")), ("provincial", _("省级")), ("national", _("国家级")),
        ],
    )  # fmt: skip
    granted_on = Day(label=_("授予日期"))
    valid_until = Day(label=_("有效期至"), required=False)
    evidence = forms.CharField(label=_("依据文件"), max_length=120, required=False)


HOLDINGS: Mapping[str, tuple[type[forms.Form], object]] = {
    "department": (DepartmentForm, _("科室")),
    "service": (ServiceForm, _("服务项目")),
    "equipment": (EquipmentForm, _("设备")),
    "beds": (BedsForm, _("床位")),
    "title": (TitleForm, _("称号")),
}
_LEVEL: Any = TitleForm.base_fields["level"]
LEVELS = dict(_LEVEL.choices)


class ConsortiumForm(forms.Form):
    """A new consortium; lead and division come from search boxes."""

    name = forms.CharField(label=_("医共体名称"), max_length=80)
    code = forms.CharField(label=_("医共体编码"), max_length=20)
    lead = forms.UUIDField()
    on = Day(label=_("成立日期"))
    definition = forms.ChoiceField(label=_("组成模式"))
    pattern = forms.CharField(
        label=_("各段数量"), max_length=40, required=False, help_text=_("与模式数量不同时填写，如 1+3+12+N。")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        definition: Any = self.fields["definition"]
        definition.choices = [(each.slug, each.title) for each in patterns.known()]


class StructureForm(forms.Form):
    """Another pattern."""

    definition = forms.CharField(max_length=40)
    pattern = forms.CharField(max_length=40, required=False)


class JoinForm(forms.Form):
    """A unit joins."""

    facility = forms.UUIDField(error_messages={"required": _("请选择机构。"), "invalid": _("请选择机构。")})
    role = forms.ChoiceField(choices=Membership.Role.choices)
    on = Day()


class AreaForm(forms.Form):
    """An area; its units as codes, one a line."""

    code = forms.CharField(label=_("片区编码"), max_length=20)
    name = forms.CharField(label=_("片区名称"), max_length=60)
    facilities = forms.CharField(
        label=_("机构编码"), max_length=60_000, required=False, widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("每行一个编码；一家机构可以属于几个片区。"),
    )  # fmt: skip
