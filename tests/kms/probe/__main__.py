"""List the behaviours and their sources, or ask an AWS account.

    python -m tests.kms.probe                          the table
    python -m tests.kms.probe --live PROFILE           the safe probes, against AWS
    python -m tests.kms.probe --live PROFILE --create  all that suit an account: creates keys,
                                                       schedules their deletion at the end

`--create` costs money (keys are charged for until they are deleted, in 7 days) and needs, of IAM,
every kms: action.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Sequence

from tests.kms.probe.catalogue import PROBES
from tests.kms.probe.lab import Lab
from tests.kms.probe.places import AccountPlace
from tests.kms.probe.registry import Probe


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.kms.probe", description=__doc__)
    parser.add_argument("--live", metavar="PROFILE", help="ask AWS, with this profile")
    parser.add_argument("--region", help="the Region to ask; the profile's own when not given")
    parser.add_argument(
        "--create", action="store_true", help="also run what creates keys (costs money)"
    )
    parser.add_argument("--only", metavar="TEXT", default="", help="probes whose name has this")
    chosen = parser.parse_args(arguments)
    probes = [found for found in PROBES.values() if chosen.only in found.name]
    if chosen.live is None:
        _print_table(probes)
        return 0
    suited = [found for found in probes if found.safe or (chosen.create and not found.bulk)]
    place = AccountPlace(chosen.live, chosen.region)
    lab = Lab(place, create=chosen.create, patience=90)
    try:
        return _run(suited, lab)
    finally:
        lab.close()
        place.close()


def _print_table(probes: Sequence[Probe]) -> None:
    width = max((len(found.states) for found in probes), default=0)
    for found in probes:
        print(f"{found.states:{width}} | {found.source}")
    print(f"{len(probes)} behaviours")


def _run(probes: Sequence[Probe], lab: Lab) -> int:
    failed = 0
    for found in probes:
        try:
            found.run(lab)
        except Exception:  # noqa: BLE001 - whatever goes wrong is this probe's result
            failed += 1
            print(f"DIFFERS {found.name}: {found.states} [{found.source}]")
            traceback.print_exc(limit=-2)
        else:
            print(f"as said {found.name}")
    print(f"{len(probes) - failed} of {len(probes)} as said")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
