"""The commands that measure what a layer is, how accurate it is, and what a test suite notices."""

from pathlib import Path
from typing import Annotated

import typer

measures = typer.Typer(rich_markup_mode="markdown")

IDENTIFY = """Identify a layer: from its outputs, gradients and states alone, what it computes, field by field.

Examples:

- `normspec identify 'torch.nn.BatchNorm1d(3, momentum=0.3)'` measures it, and compares it with what the documentation promises.
- `normspec identify torch batch_norm`: the layer as it is by default; `normspec identify torch`: every layer, a row for each.
- `normspec identify mykernels:FastLayerNorm --like torch.nn.LayerNorm`, `normspec identify mykernels:implementation layer_norm`.

Exit 0: it is what was asked for. 1: it is another point, or none that is known. 2: it could not be run as asked.
"""


@measures.command(help=IDENTIFY)
def identify(
    implementation: Annotated[str, typer.Argument(help="A native call in quotes, a framework, or `module:object`.")],
    layer: Annotated[str | None, typer.Argument(help="The layer, or a native name, where none is said yet.")] = None,
    like: Annotated[str, typer.Option(help="The native layer whose signature and promises a drop-in has.")] = "",
    rank: Annotated[int | None, typer.Option(min=1, max=6, help="The rank of x.")] = None,
    timeout: Annotated[float, typer.Option(min=0.001, max=1e6, help="Seconds that one probe may take.")] = 60,
) -> None:
    """Identify: see IDENTIFY."""
    from normspec.cli.identify import identify_one  # noqa: PLC0415 - --help needs none of it

    raise typer.Exit(identify_one(implementation, layer, like, rank, timeout))


GRADE = """Grade the accuracy of layers that take the mean away: how the error grows with mean / deviation of x, per layer and dtype.

Examples:

- `normspec grade torch flax:nnx --dtype float32`
- `normspec grade mykernels:implementation --layer layer_norm`
- `normspec grade mykernels:FastLayerNorm --like torch.nn.LayerNorm --out grades.jsonl` keeps the figures, beside those that are there.

Exit 0: all are robust, standard or fast. 1: an error grows faster than with the square. 2: it could not be run as asked.
"""


@measures.command(help=GRADE)
def grade(
    implementation: Annotated[list[str], typer.Argument(help="Names as `normspec list` shows them, or `module:object`.")],
    layer: Annotated[str | None, typer.Option(help="One layer. Default: all that take the mean away.")] = None,
    dtype: Annotated[str | None, typer.Option(help="One dtype of x. Default: all four.")] = None,
    like: Annotated[str, typer.Option(help="The native layer whose signature and promises a drop-in has.")] = "",
    out: Annotated[Path | None, typer.Option(help="A file of JSON lines that the figures are added to.")] = None,
) -> None:
    """Grade: see GRADE."""
    from normspec.cli.grade import grade_all  # noqa: PLC0415 - --help needs none of it

    raise typer.Exit(grade_all(tuple(implementation), layer, dtype, like, out))


mutants = typer.Typer(help="Known-wrong layers, to score any test of normalization layers.", no_args_is_help=True)
measures.add_typer(mutants, name="mutants")


@mutants.command(name="list")
def list_of_mutants(layer: Annotated[str | None, typer.Option(help="One layer, with the generated ones.")] = None) -> None:
    """List the known-wrong layers: id, the clause that each breaks, what is wrong, and the report that it was taken from.

    Example: `normspec mutants list --layer batch_norm`
    """
    from normspec.cli.mutants import list_mutants  # noqa: PLC0415 - --help needs none of it

    list_mutants(layer)


RUN = """Run a pytest command once for each mutant, planted in the framework, and tell which it notices.

Examples:

- `normspec mutants run --native torch.nn.functional.layer_norm pytest tests/test_layer_norm.py`
- `normspec mutants run --native F.batch_norm --mutant updated-twice --mutant epsilon-outside pytest -x tests`

Exit 0: all are killed. 1: some survive. 2: the command fails without a fault, or does not call the function.
"""


@mutants.command(name="run", help=RUN, context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def run_command(
    command: Annotated[list[str], typer.Argument(help="A pytest command, with its options.")],
    native: Annotated[str, typer.Option(help="The function, which modules call too: torch.nn.functional.layer_norm.")],
    mutant: Annotated[list[str] | None, typer.Option(help="The id of a mutant; may be given several times. Default: all.")] = None,
) -> None:
    """Run: see RUN."""
    from normspec.cli.mutants import run_mutants  # noqa: PLC0415 - --help needs none of it

    raise typer.Exit(run_mutants(tuple(command), native, tuple(mutant or ())))
