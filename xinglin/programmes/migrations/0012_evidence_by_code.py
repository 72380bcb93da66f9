import json
import re

from django.db import migrations

DIAGNOSIS = re.compile(r"^诊断编码 (\S+)$")
DAYS = re.compile(r"^(\d+) 个不同日期的测量值达到诊断界值$")
CHECKUP = re.compile(r"^体检 (\S+) (\d{4}-\d{2}-\d{2})：(.*)$", re.DOTALL)
COMPARED = re.compile(r"^(-?[\d.]+) ([≥>≤<] .+)$")
#: Of each table what is kept, and how what was is replaced by what it becomes.
TABLES = (
    (
        "SELECT DISTINCT evidence::text FROM programmes_enrolment WHERE evidence <> '[]'::jsonb",
        """
        UPDATE programmes_enrolment SET evidence = new.became::jsonb
        FROM unnest(%s::text[], %s::text[]) AS new (was, became) WHERE evidence = new.was::jsonb
        """,
    ),
    (
        "SELECT DISTINCT reasons::text FROM programmes_screeningresult WHERE reasons <> '[]'::jsonb",
        """
        UPDATE programmes_screeningresult SET reasons = new.became::jsonb
        FROM unnest(%s::text[], %s::text[]) AS new (was, became) WHERE reasons = new.was::jsonb
        """,
    ),
)


def sentences_to_codes(apps, schema_editor):
    """Sentences become the code and values they were made of; what no rule makes stays as it was written."""
    from xinglin.programmes.rules import catalogue  # the definitions, as they are read by now

    labels, steps = labels_of(catalogue), steps_of(catalogue)
    with schema_editor.connection.cursor() as cursor:
        for kept, replace in TABLES:
            cursor.execute(kept)
            found = [(was, [piece(each, labels, steps) for each in json.loads(was)]) for (was,) in cursor.fetchall()]
            moved = [(was, json.dumps(became, ensure_ascii=False)) for was, became in found if json.loads(was) != became]
            if moved:
                cursor.execute(replace, [list(each) for each in zip(*moved, strict=True)])


def labels_of(catalogue):
    """The fact that a sentence begins with, the longest words first."""
    known = {str(text): code for code, item in catalogue.items().items() for text in (item.label.zh, item.label.en)}
    return sorted({**known, "age": "age"}.items(), key=lambda each: -len(each[0]))


def steps_of(catalogue):
    found = {}
    for version in catalogue.all_versions():
        for step in ("confirmed", "screening"):
            text = catalogue.step_said(version.version, step)
            for words in (text.zh, text.en) if text else ():
                found[words] = {"step": step, "version": version.version}
    return found


def piece(was, labels, steps):
    if not isinstance(was, str):
        return was
    if was in steps:
        return steps[was]
    if match := DIAGNOSIS.match(was):
        return {"diagnosis": match[1]}
    if match := DAYS.match(was):
        return {"high_days": int(match[1])}
    if match := CHECKUP.match(was):
        return {"checkup": match[1], "on": match[2], "words": match[3]}
    for label, code in labels:
        if was.startswith(label + " ") and (match := COMPARED.match(was[len(label) + 1 :])):
            return {"fact": code, "value": match[1], "asks": match[2]}
    return was


class Migration(migrations.Migration):
    """Why somebody was found is kept by code and value, and said in the reader's language."""

    dependencies = [("programmes", "0011_words_to_codes")]

    operations = [migrations.RunPython(sentences_to_codes, migrations.RunPython.noop)]
