"""Shapes of what is typed in; the actions say whether it makes sense."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.accounts.actions.emergencies import DEFAULT_MINUTES
from xinglin.accounts.models import Verdict
from xinglin.accounts.roles import ROLES
from xinglin.accounts.trail import AuditFilter


def _secret(label: Any, autocomplete: str, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, strip=False, max_length=128, help_text=help_text,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )  # fmt: skip


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=False, help_text=help_text, widget=widget)


class ChangePasswordForm(forms.Form):
    """The old password once, the new one twice."""

    old = _secret(_("原密码"), "current-password")
    new = _secret(_("新密码"), "new-password", _("至少 10 个字符，不用常见密码，不与最近 5 次用过的相同。"))
    again = _secret(_("再输入一次新密码"), "new-password")

    def clean_again(self) -> str:
        """The two must be the same."""
        if self.cleaned_data["again"] != self.cleaned_data.get("new"):
            raise forms.ValidationError(_("两次输入的新密码不一致。"))
        return str(self.cleaned_data["again"])


class NewUserForm(forms.Form):
    """A new account."""

    username = forms.CharField(
        label=_("用户名"), max_length=40, help_text=_("小写字母开头，可用小写字母、数字和 . _ -。")
    )
    name = forms.CharField(label=_("姓名"), max_length=40)
    title = forms.CharField(label=_("职务或职称"), max_length=40, required=False)
    facility = forms.UUIDField(label=_("所在机构"), required=False)


class GrantForm(forms.Form):
    """A role at a place for a period."""

    role = forms.ChoiceField(label=_("角色"), choices=lambda: [(role.slug, role.title) for role in ROLES.values()])
    place = forms.ChoiceField(
        label=_("范围"),
        choices=[("facility", _("一个机构")), ("division", _("一个行政区划")), ("everywhere", _("全县"))],
    )
    facility = forms.UUIDField(label=_("机构"), required=False)
    with_subordinates = forms.BooleanField(label=_("包括下级机构"), required=False)
    division_code = forms.CharField(label=_("行政区划代码"), max_length=12, required=False)
    from_on = _day(_("起始日期"), _("不填为立即生效。"))
    until_on = _day(_("截止日期（含当日）"), _("不填为长期。"))

    def period(self, at: datetime) -> tuple[datetime, datetime | None]:
        """Days as moments in the county: from the first second, to the end of the last day; today begins now."""
        first, last = self.cleaned_data["from_on"], self.cleaned_data["until_on"]
        starts = (
            at
            if first is None or first == timezone.localdate(at)
            else timezone.make_aware(datetime.combine(first, time.min))
        )
        ends = timezone.make_aware(datetime.combine(last, time.min)) + timedelta(days=1) if last else None
        return starts, ends


class TokenForm(forms.Form):
    """A token for a program."""

    label = forms.CharField(label=_("用途"), max_length=60, help_text=_("哪个系统、做什么用，例如“检验系统回传结果”。"))
    days = forms.TypedChoiceField(
        label=_("有效期"), coerce=int, initial=90,
        choices=[(30, _("30 天")), (90, _("90 天")), (180, _("180 天")), (365, _("一年"))],
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(label=_("允许的操作"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, permissions: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = permissions  # type: ignore[attr-defined]

    def life(self) -> timedelta:
        """How long it is to hold."""
        return timedelta(days=self.cleaned_data["days"])


class EmergencyForm(forms.Form):
    """Why, and for how long."""

    subject = forms.UUIDField(widget=forms.HiddenInput)
    next = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)
    reason = forms.CharField(
        label=_("紧急原因"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("至少 10 个字。写明病情和为什么必须现在查看；本人和安全管理员都会看到。"),
    )  # fmt: skip
    minutes = forms.TypedChoiceField(
        label=_("时长"), coerce=int, initial=DEFAULT_MINUTES, widget=forms.RadioSelect,
        choices=[(15, _("15 分钟")), (30, _("30 分钟")), (60, _("60 分钟"))],
    )  # fmt: skip


class ReviewForm(forms.Form):
    """What the review found."""

    verdict = forms.ChoiceField(label=_("复核结论"), choices=Verdict.choices, widget=forms.RadioSelect)
    remark = forms.CharField(
        label=_("复核意见"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("结论为不成立时必填。"),
    )  # fmt: skip


class AuditFilterForm(forms.Form):
    """What to look for in the trail."""

    actor = forms.CharField(label=_("操作人"), required=False, max_length=80)
    subject = forms.UUIDField(label=_("居民标识"), required=False)
    event = forms.CharField(label=_("事件"), required=False, max_length=60)
    outcome = forms.ChoiceField(
        label=_("结果"), required=False,
        choices=[("", _("全部")), ("ok", _("成功")), ("refused", _("被拒绝")), ("missing", _("不可见")),
                 ("failed", _("失败"))],
    )  # fmt: skip
    day = _day(_("日期"))
    emergency = forms.BooleanField(label=_("只看紧急访问"), required=False)

    def wanted(self) -> AuditFilter:
        """The filter, as the query takes it."""
        return AuditFilter(**{name: value for name, value in self.cleaned_data.items() if value})
