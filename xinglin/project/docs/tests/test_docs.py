"""The reference is what the code says, and every document leads where it says."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from xinglin.accounts.roles import ROLES
from xinglin.project.docs import all_pages, states

_LINK = re.compile(r"\]\(([^)#\s]+)")
_FENCED = re.compile(r"```.*?```", re.DOTALL)


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    """Every page, made once: making them is slow, and they are the same each time (the first test)."""
    return all_pages()


@pytest.fixture
def _made_once(made: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xinglin.project.management.commands.docs.all_pages", lambda: made)


def _docs(folder: Path, **options: object) -> str:
    out = StringIO()
    call_command("docs", folder=folder, stdout=out, **options)
    return out.getvalue()


def test_pages_are_made_twice_alike(made: dict[str, str]):
    assert all_pages() == made


def test_every_step_of_every_table_is_an_arrow_of_its_diagram():
    pages = states.pages()

    for (capability, name), table in states.tables().items():
        text = pages[f"states/{states.MACHINES[capability, name].name}.md"]
        for was, following in table.items():
            for became in following:
                assert f"    {was.value} --> {became.value}\n" in text


def test_every_role_stands_in_the_matrix_with_its_permissions(made: dict[str, str]):
    text = made["permissions.md"]

    for role in ROLES.values():
        assert f"`{role.slug}`" in text
    rows = {line.split("|")[1].strip(): line for line in text.splitlines() if line.startswith("| `audit:read`")}
    assert rows["`audit:read`"].count("●") == 1


@pytest.mark.usefixtures("_made_once")
def test_check_says_nothing_about_pages_just_written(tmp_path: Path):
    _docs(tmp_path)

    assert "as the code says" in _docs(tmp_path, check=True)


@pytest.mark.usefixtures("_made_once")
@pytest.mark.parametrize("name", ["permissions.md", "states/referral.md"])
def test_check_names_a_page_that_differs_or_is_missing(tmp_path: Path, name: str):
    _docs(tmp_path)
    (tmp_path / name).write_text((tmp_path / name).read_text() + "changed by hand\n")
    with pytest.raises(CommandError, match=name):
        _docs(tmp_path, check=True)

    (tmp_path / name).unlink()
    with pytest.raises(CommandError, match=name):
        _docs(tmp_path, check=True)


@pytest.mark.usefixtures("_made_once")
def test_a_page_of_something_that_is_gone_is_removed_and_a_written_one_is_left_alone(tmp_path: Path):
    _docs(tmp_path)
    gone, written = tmp_path / "states" / "gone.md", tmp_path / "written.md"
    gone.write_text((tmp_path / "permissions.md").read_text())
    written.write_text("# By hand\n")

    with pytest.raises(CommandError, match="gone.md"):
        _docs(tmp_path, check=True)
    _docs(tmp_path)

    assert not gone.exists()
    assert written.exists()


def test_links_of_the_documents_lead_to_files():
    root = Path(settings.BASE_DIR)
    documents = [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("xinglin/*/README.md")]

    missing = [
        f"{path.relative_to(root)}: {target}"
        for path in documents
        for target in _LINK.findall(_FENCED.sub("", path.read_text(encoding="utf-8")))
        if "://" not in target and not (path.parent / target).exists()
    ]

    assert missing == []


def test_pictures_of_the_documents_are_all_used_and_small():
    root = Path(settings.BASE_DIR)
    text = "".join(path.read_text(encoding="utf-8") for path in [*root.glob("*.md"), *root.glob("docs/**/*.md")])

    for picture in root.glob("docs/images/*"):
        assert picture.name in text
        assert picture.stat().st_size < 150_000
