"""Entry point of every command.

The database is looked for (or the embedded one started) before Django loads, so that no command asks for a service
to be started first.
"""

import gc
import os
import sys

#: Commands a person needs; Django's own stay reachable but are not advertised.
ADVERTISED = {
    "setup": "prepare the database: roles, migrations, grants, static files, catalogues",
    "demo": "build a small county, play the journey, serve it (--fresh, --check)",
    "serve": "web server and job worker on 127.0.0.1",
    "dicom": "DICOM listener only: images, work list, performed steps",
    "hl7": "HL7 v2 listener (MLLP) on 127.0.0.1, for the county's HIS, LIS and RIS",
    "worker": "job worker only: outbox, jobs, sealing of the audit chain",
    "audit": "verify the audit chain, seal what is open, anchor its head",
    "synth": "generate a synthetic county of any size",
    "facilities": "import and export the network as Excel or CSV",
    "diagnoses": "import an official diagnosis table from Excel or CSV",
    "programmes": "check or preview a definition of a disease programme",
    "facts": "extract facts and compute the county board; compute published figures again",
    "indicators": "check definitions of indicators, with their worked examples",
    "user": "create the first administrators, on a fresh installation",
    "token": "create an API token for an account",
    "code": "the one-time code of a demonstration account",
    "docs": "regenerate docs/reference",
}


def main(argv: list[str]) -> int:
    """Run one command; the exit code is the command's own."""
    if len(argv) < 2 or argv[1] in {"help", "--help", "-h"} and len(argv) == 2:
        sys.stdout.write("usage: python -m xinglin COMMAND [--help]\n\n")
        for name, meaning in ADVERTISED.items():
            sys.stdout.write(f"  {name:<12}{meaning}\n")
        return 0
    gc.set_threshold(50_000, 20, 20)  # a start makes many objects and drops few: a sixth of its time was spent looking
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.project.settings")
    from xinglin.project import database  # noqa: PLC0415 - settings must not be read before the URL is known

    if argv[1] == "demo":
        os.environ["XINGLIN_TLS"] = "off"  # plain HTTP on loopback
        if "--fresh" in argv:
            database.wipe_home()
    database.ensure_url()
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    execute_from_command_line(argv)
    return 0
