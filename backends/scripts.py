"""What the reproductions of all frameworks have in common: arrays in words, the order of the lines, and what is asserted at the end.

Text alone: no framework is imported. A script prints what one quantity is and must be, and fails where that is not so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, isnan
from typing import Any, NamedTuple

import numpy as np

from normspec.claim import Claim
from normspec.dialects.entry import Entry
from normspec.errors import Unsupported
from normspec.records import Case, Mode

MOST = 15
"""Lines of a script."""
LONGEST = 4000
"""Characters of a line: a few hundred numbers."""
FEW = 8
"""Equal numbers that are written one by one."""
NUMPY = "import numpy as np"
TRAINS: tuple[Mode, ...] = ("train", "observe")


Say = Callable[[str, Any], str]
"""From the name of an array, and it, to the framework's words for it."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a script is written from: the native layer, the case, the claim, what stands in the place of native layers, and `say`."""

    entry: Entry
    arguments: Mapping[str, Any]
    case: Case
    claim: Claim
    instead: Mapping[str, str]
    say: Say

    def call(self, *first: str, **more: str) -> str:
        """Give the native call as code, or that of what stands in its place, with what no meaning lies in: x, dtypes."""
        head, _, own = self.entry.call(self.arguments)[:-1].partition("(")
        told = ", ".join([*first, *([own] if own else []), *(f"{name}={value}" for name, value in more.items())])
        return f"{self.instead.get(head, head)}({told})"


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a framework says: imports and settings, how the layer is made and loaded, each step, and the gradient that is claimed.

    `array` is the one that the claim is of, `number` the number at its index, `dtype` the name of its dtype.
    """

    head: Sequence[str]
    make: Sequence[str]
    steps: Sequence[Sequence[str]]
    gradient: Sequence[str]
    array: str
    number: str
    dtype: str


class Forms(NamedTuple):
    """How a framework says an array in one row, a number of it as Python's, and the name of its dtype; {0} is the array."""

    row: str
    number: str
    dtype: str


def in_words(name: str, array: Any, claim: Claim) -> str:
    """Give an array as a list of numbers, or as NumPy makes it: drawn from a seed, of one number, or empty."""
    if name in claim.drawn:
        return claim.drawn[name]
    array = np.asarray(array)
    values = array
    if array.dtype.kind not in "iub":  # as few digits as tell the numbers of its dtype apart
        values = np.array([float(str(v)) for v in array.ravel()], np.float64).reshape(array.shape)
    if array.size and (array.size <= FEW or np.any(values != values.flat[0])):
        return _known(repr(values.tolist()))
    return f"np.full({array.shape}, {_known(repr(values.flat[0].item() if array.size else 0.0))})"


def _known(numbers: str) -> str:
    return numbers.replace("nan", "np.nan").replace("inf", "np.inf")


def variables(case: Case, name: str = "x") -> list[tuple[str, bool]]:
    """Give the variable that holds an input of each step, and whether it is that of an earlier one, with the same numbers."""
    found: list[tuple[str, bool]] = []
    for k, step in enumerate(case.steps):
        own, a = name if len(case.steps) == 1 else f"{name}{k}", step.inputs[name]
        alike = [j for j in range(k) if np.array_equal(a, case.steps[j].inputs[name], equal_nan=a.dtype != bool)]
        found.append((found[alike[0]][0], True) if alike else (own, False))
    return found


def given(draft: Draft, k: int) -> list[str]:
    """Give the lines that make the inputs of a step, unless they are there."""
    case = draft.case
    made = {name: variables(case, name)[k] for name in case.steps[k].inputs}
    return [f"{own} = {draft.say(f'{k}.{name}', case.steps[k].inputs[name])}" for name, (own, known) in made.items() if not known]


def result(case: Case, k: int) -> str:
    """Give the variable that holds y of a step."""
    return "y" if len(case.steps) == 1 else f"y{k}"


def imports(instead: Mapping[str, str]) -> list[str]:
    """Give the lines that import what stands in the place of native layers."""
    return [f"import {name.rpartition('.')[0]}" for name in instead.values()]


def has_modes(entry: Entry) -> bool:
    """Tell whether a layer is told to train or not to."""
    return entry.modes["train"] != entry.modes["evaluate"]


def at(claim: Claim, array: str, *, ravelled: str = "") -> str:
    """Give the element that is claimed: of an array that may have other axes than ours, that of `ravelled`, in which it is one row."""
    if ravelled and claim.kind == "number":
        place = int(np.ravel_multi_index(claim.index, claim.shape)) if claim.shape else 0
        return f"{ravelled}[{place}]"
    return f"{array}[{', '.join(map(str, claim.index))}]" if claim.index else array


def leaf_of(draft: Draft, owned: Mapping[str, str]) -> str:
    """Give what a gradient is claimed of, or nothing: x of the step, unless it is owned, or what is owned."""
    claim = draft.claim
    if claim.of == "x" and "x" not in owned:
        return variables(draft.case)[claim.step][0]
    return place_of(owned, claim.of) if claim.of else ""


def following(draft: Draft) -> dict[str, str]:
    """Give the arrays that a claimed gradient is for, and a derivative along, in words: `dy` and `w`."""
    claim, step = draft.claim, draft.case.steps[draft.claim.step]
    dy = {"dy": draft.say(f"{claim.step}.dy", step.cotangent)} if claim.of else {}
    return {**dy, "w": draft.say(f"{claim.step}.direction", step.direction)} if claim.along else dy


def indented(lines: Sequence[str]) -> list[str]:
    """Give lines as they stand in a block."""
    return [f"    {line}" for line in lines]


def place_of(owned: Mapping[str, str], name: str) -> str:
    """Give where an array of the layer lies.

    Raises
    ------
    Unsupported
        Where a script has no words for it.
    """
    if name not in owned:
        raise Unsupported(f"a reproduction has words for {', '.join(owned) or 'nothing that is owned'} here, and none for {name}")
    return owned[name]


def worded(draft: Draft, forms: Forms, *, owned: Mapping[str, str], **said: Sequence[Any]) -> Words:
    """Give the words of a claim, once every line is in words: `head`, `make`, `steps` and `gradient`.

    `owned` says where parameters and state are, and those gradients that are not in a variable of their own name.
    """
    case, claim = draft.case, draft.claim
    k = max(claim.step, 0)
    shown = {"y": result(case, k), "inputs.x": variables(case)[k][0]} | ({claim.name: claim.name} if claim.of else {})
    array = place_of({**shown, **owned}, "y" if claim.kind == "refusal" else claim.name)
    row = "" if claim.name in ("y", "dx", "inputs.x") else forms.row.format(array)
    number = forms.number.format(at(claim, array, ravelled=row))
    return Words(array=array, number=number, dtype=forms.dtype.format(array), **said)


def script(case: Case, claim: Claim, words: Words) -> str:
    """Give the script of a claim.

    Raises
    ------
    Unsupported
        Where it would be longer than a reproduction is to be.
    """
    if any(step.resumes is not None or step.anew for step in case.steps[: claim.step + 1]):
        raise Unsupported("a reproduction is of one layer, which is loaded once")
    steps = [_tried(rows) if k in claim.refused else rows for k, rows in enumerate(words.steps)]
    until = len(case.steps) if case.deferred else claim.step + 1
    before = [line for rows in steps[: claim.step] for line in rows] if claim.step > 0 else []
    own = list(steps[claim.step]) if claim.step >= 0 else []
    after = [line for rows in steps[max(claim.step + 1, 0) : until] for line in rows]
    end = _refused(claim, own) if claim.kind == "refusal" else [*own, *after, *words.gradient, *_asserted(claim, words)]
    lines = [*words.make, *before, *end]
    lines = [*words.head, *([NUMPY] if any("np." in line for line in lines) else []), *lines]
    if len(lines) > MOST or max(map(len, lines)) > LONGEST:
        raise Unsupported(f"a reproduction has at most {MOST} lines of {LONGEST} characters, not {len(lines)} of {max(map(len, lines))}")
    return "\n".join(lines) + "\n"


def _tried(rows: Sequence[str]) -> list[str]:
    """Give the lines of a step that must be refused, of which the last makes the call."""
    return [*rows[:-1], "try:", f"    {rows[-1]}", "except Exception as refusal:", '    print("refused:", refusal)']


def _refused(claim: Claim, own: list[str]) -> list[str]:
    return [*_tried(own), "else:", f'    raise AssertionError("step {claim.step} must be refused")']


def _asserted(claim: Claim, words: Words) -> list[str]:
    if claim.kind == "dtype":
        must = repr((claim.dtype, claim.shape))
        said = f'print("{claim.quantity} has", got, "and must have", {must})'
        return [f"got = {words.dtype}, tuple({words.array}.shape)", said, f"assert got == {must}"]
    what, must = f"{claim.quantity}{list(claim.index) if claim.index else ''}", _known(repr(claim.must))
    said = f'print("{what} is", got, "and must be", {must}, "within", {_known(repr(claim.bound))})'
    return [f"got = {words.number}", said, f"assert {_within(claim, must)}"]


def _within(claim: Claim, must: str) -> str:
    if isnan(claim.must):
        return "np.isnan(got)"
    return f"abs(got - {must}) <= {_known(repr(claim.bound))}" if isfinite(claim.must) and claim.bound else f"got == {must}"
