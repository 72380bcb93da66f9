import json

from django.db import migrations

#: The version by which a finding's visit was judged is the one that says it.
VERSIONS = """
    UPDATE programmes_alert alert SET version = result.version FROM programmes_visitresult result
    WHERE result.visit_id = alert.visit_id AND result.enrolment_id = alert.enrolment_id AND alert.version = ''
"""
ADVICE = """
    UPDATE programmes_visitresult result SET advice = new.became::jsonb
    FROM unnest(%s::text[], %s::text[], %s::text[]) AS new (version, was, became)
    WHERE result.version = new.version AND result.advice = new.was::jsonb
"""


def advice_to_codes(apps, schema_editor):
    """Words of advice become the codes of the version that said them; what no version says stays as it was written."""
    from xinglin.programmes.rules import catalogue  # the definitions, as they are read by now

    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT version, advice::text FROM programmes_visitresult WHERE advice <> '[]'::jsonb")
        found = [(version, was, codes_of(catalogue, version, json.loads(was))) for version, was in cursor.fetchall()]
        moved = [(version, was, json.dumps(codes, ensure_ascii=False)) for version, was, codes in found]
        if moved:
            cursor.execute(ADVICE, [list(column) for column in zip(*moved, strict=True)])


def codes_of(catalogue, version, words):
    try:
        rules = catalogue.programme(version.split("@")[0], version).advice
    except LookupError:
        return words
    codes = {text: each.code for each in rules for text in (each.text.zh, each.text.en)}
    return [codes.get(each, each) for each in words]


class Migration(migrations.Migration):
    """Findings and advice written before say which rule they are of."""

    dependencies = [("programmes", "0010_findings_by_code")]

    operations = [
        migrations.RunSQL(VERSIONS, migrations.RunSQL.noop),
        migrations.RunPython(advice_to_codes, migrations.RunPython.noop),
    ]
