"""The gallery: every component in its variants, with invented samples. Shows nothing of the database."""

import re
from pathlib import Path

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from xinglin.platform import clock
from xinglin.web import samples

COMPONENTS = Path(__file__).parent / "templates" / "cotton"
SPRITE = Path(__file__).parent / "static" / "web" / "icons.svg"
#: Pages that an error shows; see `templates/errors/`.
ERRORS = ("400", "401", "403", "404", "409", "413", "422", "500", "503", "offline")
FRUITS = {"A01": "杏", "A02": "银杏", "A03": "杏仁", "B01": "桃", "B02": "李", "C01": "山楂", "C02": "海棠"}


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """All components on one page."""
    return render(request, "web/gallery.html", content())


@require_GET
def options(request: HttpRequest) -> HttpResponse:
    """Answers of the sample combobox."""
    query = request.GET.get("q", "").strip().upper()
    rows = [(code, word) for code, word in FRUITS.items() if query and (query in code or query in word)]
    return render(request, "web/gallery/options.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def echo(request: HttpRequest) -> HttpResponse:
    """Where the sample forms go: says thank you and comes back."""
    if request.method == "POST":
        messages.success(request, _("示例表单已收到，什么都没有保存。"))
    return redirect("web:gallery")


@require_GET
def error(request: HttpRequest, status: str) -> HttpResponse:
    """One error page as it looks."""
    if status not in ERRORS:
        raise Http404
    fields = {"phone": _("请填写11位手机号码")} if status == "422" else {}
    context = {"status": status, "code": "sample", "message": "", "fields": fields}
    return render(request, f"errors/{status}.html", context)


@require_GET
def shortcuts(request: HttpRequest) -> HttpResponse:
    """The keyboard shortcuts as a page, for browsers without script."""
    return render(request, "web/shortcuts.html")


def component_names() -> list[str]:
    """Names of all components as written in templates: ``data-table`` for ``cotton/data_table.html``."""
    return sorted(path.stem.replace("_", "-") for path in COMPONENTS.glob("*.html"))


def usage(name: str) -> str:
    """The head comment of a component: what it is and how to write it."""
    source = (COMPONENTS / f"{name.replace('-', '_')}.html").read_text(encoding="utf-8")
    return source.split("{% comment %}", 1)[1].split("{% endcomment %}", 1)[0].strip()


def icon_names() -> list[str]:
    """Names in the icon sprite."""
    return re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text(encoding="utf-8"))


class SampleForm(forms.Form):
    """A Django form in the house style."""

    note = forms.CharField(label=gettext_lazy("备注"), help_text=gettext_lazy("可不填"), required=False)
    period = forms.ChoiceField(
        label=gettext_lazy("时段"),
        choices=[("1", gettext_lazy("上午")), ("2", gettext_lazy("下午"))],
        widget=forms.RadioSelect,
    )
    agreed = forms.BooleanField(label=gettext_lazy("已核对"))


def content() -> dict[str, object]:
    """What the gallery shows."""
    return {
        "components": [(name, usage(name)) for name in component_names()],
        "errors": ERRORS,
        "icons": icon_names(),
        "django_form": SampleForm(),
        **samples.build(clock.now()),
    }
