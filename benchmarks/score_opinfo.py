"""Scores PyTorch's own tests of normalization functions: how many known-wrong layers its samples, references and gradient checks notice.

These are what PyTorch ships as `torch.testing._internal` (OpInfo): the reference inputs in float32 against its NumPy reference, and the
gradient check of every differentiable argument in float64. Run `python benchmarks/score_opinfo.py`; it needs the package expecttest and a
few minutes.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from torch.autograd import gradcheck
from torch.testing._internal.common_methods_invocations import op_db

from normspec import mutants

NAMES = ("layer_norm", "group_norm")
"""Functions whose OpInfo has a reference; the others are compared with themselves on other devices."""


def call(name: str, *arguments: Any, **named: Any) -> torch.Tensor:
    """Call the function as it is at the time: a fault may stand in its place."""
    result: torch.Tensor = getattr(torch.nn.functional, name)(*arguments, **named)
    return result


def tests_of(name: str) -> Callable[[], None]:
    """Give PyTorch's own tests of a function as one function that raises where one fails."""
    op: Any = next(op for op in op_db if op.name == f"nn.functional.{name}")

    def test() -> None:
        for sample in op.reference_inputs("cpu", torch.float32):
            same = sample.numpy()
            must = torch.as_tensor(op.ref(same.input, *same.args, **same.kwargs))
            torch.testing.assert_close(call(name, sample.input, *sample.args, **sample.kwargs), must)
        for sample in op.sample_inputs("cpu", torch.float64, requires_grad=True):
            names = tuple(sample.kwargs)  # weight and bias are differentiated, too, however they are given

            def positional(x: torch.Tensor, *rest: Any, names: tuple[str, ...] = names, n: int = len(sample.args)) -> torch.Tensor:
                return call(name, x, *rest[:n], **dict(zip(names, rest[n:], strict=True)))

            assert gradcheck(positional, (sample.input, *sample.args, *sample.kwargs.values()), fast_mode=True)

    return test


def main() -> None:
    """Print the table."""
    table = Table("function", "killed", "survive", "not reached", title=f"PyTorch {torch.__version__}, OpInfo")
    console = Console()
    for name in NAMES:
        with console.status(f"scoring the tests of {name}"):
            fates = mutants.score(tests_of(name), f"torch.nn.functional.{name}")
        of = Counter(fates.values())
        judged = of["killed"] + of["survives"]
        killed = f"{of['killed']} of {judged} ({of['killed'] / judged:.0%})"
        table.add_row(name, killed, str(of["survives"]), str(of["not reached"]))
        console.print(f"{name} survive: {', '.join(sorted(m for m, fate in fates.items() if fate == 'survives'))}", soft_wrap=True)
    console.print(table)


if __name__ == "__main__":
    main()
