"""The commands, from their own parsers."""

import argparse

from django.core.management import get_commands, load_command_class

from xinglin.project.cli import ADVERTISED
from xinglin.project.docs.text import page, table

#: Options every Django command has; they say nothing about ours.
_EVERYWHERE = {
    "help",
    "version",
    "verbosity",
    "settings",
    "pythonpath",
    "traceback",
    "no_color",
    "force_color",
    "skip_checks",
}


def pages() -> dict[str, str]:
    """``commands.md``."""
    ours = sorted(name for name, app in get_commands().items() if str(app).startswith("xinglin."))
    parts = [
        "Run as `.venv/bin/python -m xinglin COMMAND`. The database is found by `DATABASE_URL`, or the embedded one is "
        "started. Django's own commands (`migrate`, `shell`, `makemigrations` …) work too.",
        table(
            ("command", "what for"), [(f"[`{name}`](#{name})", ADVERTISED.get(name) or _help(name)) for name in ours]
        ),
    ]
    for name in ours:
        parser = load_command_class(str(get_commands()[name]), name).create_parser("xinglin", name)
        parts += [f"## {name}", _help(name), *_parser(parser)]
    return {"commands.md": page("Commands", *parts)}


def _help(name: str) -> str:
    return load_command_class(str(get_commands()[name]), name).help


def _parser(parser: argparse.ArgumentParser) -> list[str]:
    own = [action for action in parser._actions if action.dest not in _EVERYWHERE]
    parts = []
    rows = [_row(action) for action in own if not isinstance(action, argparse._SubParsersAction)]
    if rows:
        parts.append(table(("argument", "meaning", "default"), rows))
    for action in own:
        if isinstance(action, argparse._SubParsersAction):
            meanings = {choice.dest: choice.help for choice in action._choices_actions}
            for name, below in action.choices.items():
                parts += [f"**`{parser.prog.split()[-1]} {name}`**: {meanings.get(name, '')}", *_parser(below)]
    return parts


def _row(action: argparse.Action) -> tuple[str, str, str]:
    spelt = ", ".join(action.option_strings) or str(action.metavar or action.dest)
    takes_value = action.option_strings and action.nargs != 0
    if takes_value:
        spelt += f" {action.metavar or action.dest.upper()}"
    choices = f"one of {', '.join(map(str, action.choices))}" if action.choices else ""
    default = "" if action.default in (None, False, "", argparse.SUPPRESS) else str(action.default)
    return f"`{spelt}`", "; ".join(part for part in (action.help or "", choices) if part), default
