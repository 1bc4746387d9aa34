"""The plan: how many cases and checks each layer has, committed, so that a suite that was shortened is noticed and judges nothing.

`python -m normspec.conformance.plan` writes it anew, where cases were added or taken away on purpose.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from normspec.conformance.cases import cases
from normspec.conformance.expectation import expectation
from normspec.errors import NormspecError
from normspec.layers import SPECS
from normspec.records import Case

PLAN = Path(__file__).with_name("plan.json")


class Shortened(NormspecError):  # noqa: N818 - reads as what it says
    """The suite is not the one that was planned."""


def planned() -> dict[str, dict[str, Any]]:
    """Give the committed plan, by layer."""
    found: dict[str, dict[str, Any]] = json.loads(PLAN.read_text(encoding="utf-8"))
    return found


def require_complete() -> None:
    """Raise `Shortened` where the cases are not those of the plan."""
    plan = planned()
    wrong = [layer for layer in plan.keys() | SPECS.keys() if {**plan.get(layer, {}), **_cases(layer)} != plan.get(layer)]
    if wrong:
        told = "; ".join(f"{layer} has {_cases(layer).get('cases', 0)} of {plan.get(layer, {}).get('cases', 0)}" for layer in sorted(wrong))
        raise Shortened(f"the cases must be those of {PLAN.name}, and are not: {told}; reinstall, or write the plan anew")


def written() -> str:
    """Give the plan as it must be."""
    plan = {layer: {**_cases(layer), "checks": sum(len(expectation(case)) for case in cases(layer=layer))} for layer in SPECS}
    return json.dumps(plan, indent=2) + "\n"


def _cases(layer: str) -> dict[str, Any]:
    found = cases(layer=layer) if layer in SPECS else ()
    return {"cases": len(found), "quick": sum(case.quick for case in found), "ids": _of(found)}


def _of(found: tuple[Case, ...]) -> str:
    """Give what stands for all ids."""
    return sha256("\n".join(sorted(case.id for case in found)).encode()).hexdigest()[:16]


if __name__ == "__main__":
    PLAN.write_text(written(), encoding="utf-8", newline="\n")
