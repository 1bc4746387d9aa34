"""The commands that measure: what a layer is, how accurate it is, what a test suite notices, how far running statistics lag."""

from pathlib import Path
from typing import Any

import rich_click as click

from normspec.cli.options import LIKE, POSITIVE, NumberRange

IDENTIFY = """Identify a layer: from its outputs, gradients and states alone, what it computes, field by field.

Examples:

- `normspec identify 'torch.nn.BatchNorm1d(3, momentum=0.3)'` measures it, and compares it with what the documentation promises.
- `normspec identify torch batch_norm`: the layer as it is by default; `normspec identify torch`: every layer, a row for each.
- `normspec identify mykernels:FastLayerNorm --like torch.nn.LayerNorm`, `normspec identify mykernels:implementation layer_norm`.

Exit 0: it is what was asked for. 1: it is another point, or none that is known. 2: it could not be run as asked.
"""


@click.command(help=IDENTIFY)
@click.argument("implementation", help="A native call in quotes, a framework, or `module:object`.")
@click.argument("layer", required=False, help="The layer, or a native name, where none is said yet.")
@click.option("--like", default="", show_default=False, help=LIKE)
@click.option("--rank", type=click.IntRange(1, 6), help="The rank of x.")
@click.option("--timeout", type=POSITIVE, default=60, help="Seconds that one probe may take.")
def identify(implementation: str, layer: str | None, like: str, rank: int | None, timeout: float) -> None:
    """Identify: see IDENTIFY."""
    from normspec.cli.identify import identify_one  # noqa: PLC0415 - --help needs none of it

    raise SystemExit(identify_one(implementation, layer, like, rank, timeout))


GRADE = """Grade the accuracy of layers that take the mean away: how the error grows with mean / deviation of x, per layer and dtype.

Examples:

- `normspec grade torch flax:nnx --dtype float32`
- `normspec grade mykernels:implementation --layer layer_norm`
- `normspec grade mykernels:FastLayerNorm --like torch.nn.LayerNorm --out grades.jsonl` keeps the figures, beside those that are there.

Exit 0: all are robust, standard or fast. 1: an error grows faster than with the square. 2: it could not be run as asked.
"""


@click.command(help=GRADE)
@click.argument(
    "implementations", metavar="IMPLEMENTATION...", nargs=-1, required=True, help="Names as `normspec list` shows them, or `module:object`."
)
@click.option("--layer", help="One layer. Default: all that take the mean away.")
@click.option("--dtype", help="One dtype of x. Default: all four.")
@click.option("--like", default="", show_default=False, help=LIKE)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A file of JSON lines that the figures are added to.")
def grade(implementations: tuple[str, ...], layer: str | None, dtype: str | None, like: str, out: Path | None) -> None:
    """Grade: see GRADE."""
    from normspec.cli.grade import grade_all  # noqa: PLC0415 - --help needs none of it

    raise SystemExit(grade_all(implementations, layer, dtype, like, out))


@click.group(help="Known-wrong layers, to score any test of normalization layers.")
def mutants() -> None:
    """Hold the commands about mutants."""


LIST = """List the known-wrong layers: id, the clause that each breaks, what is wrong, and the report that it was taken from.

Example: `normspec mutants list --layer batch_norm`
"""


@mutants.command(name="list", help=LIST)
@click.option("--layer", help="One layer, with the generated ones.")
def list_of_mutants(layer: str | None) -> None:
    """List: see LIST."""
    from normspec.cli.mutants import list_mutants  # noqa: PLC0415 - --help needs none of it

    list_mutants(layer)


RUN = """Run a pytest command once for each mutant, planted in the framework, and tell which it notices.

Examples:

- `normspec mutants run --native torch.nn.functional.layer_norm pytest tests/test_layer_norm.py`
- `normspec mutants run --native F.batch_norm --mutant updated-twice --mutant epsilon-outside pytest -x tests`

Exit 0: all are killed. 1: some survive. 2: the command fails without a fault, or does not call the function.
"""


@mutants.command(name="run", help=RUN, context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument(
    "command", metavar="COMMAND...", nargs=-1, required=True, type=click.UNPROCESSED, help="A pytest command, with its options."
)
@click.option("--native", required=True, help="The function, which modules call too: torch.nn.functional.layer_norm.")
@click.option("--mutant", "ids", multiple=True, help="The id of a mutant; may be given several times. Default: all.")
def run_command(command: tuple[str, ...], native: str, ids: tuple[str, ...]) -> None:
    """Run: see RUN."""
    from normspec.cli.mutants import run_mutants  # noqa: PLC0415 - --help needs none of it

    raise SystemExit(run_mutants(command, native, ids))


LAG = """Tell how far running statistics are from their limit after some steps, and what evaluation then divides by.

Examples:

- `normspec lag --rate 0.01 --steps 125`
- `normspec lag 'keras.layers.BatchNormalization(momentum=0.99)' --steps 125 --variance 6e-4`
- `normspec lag --rate 0.1 --steps 40 --tolerance 0.05`

Exit 0: of what they were born with at most the tolerance is left. 1: more is. 2: the call cannot be read, or keeps none.
"""


@click.command(help=LAG)
@click.argument("call", required=False, help="One call of a layer, in quotes, which is parsed and never executed.")
@click.option("--rate", type=NumberRange(0, 1), help="Without a call: the weight of a new batch.")
@click.option("--start", type=click.Choice(["initial", "first", "debiased"]), help="Without a call: how the first steps weigh; `initial`.")
@click.option("--steps", type=click.IntRange(0, 10**9), required=True, help="How many steps of training there are.")
@click.option("--tolerance", type=NumberRange(1e-12, 0.999), default=1e-3, help="The share that may be left.")
@click.option("--variance", "variances", type=NumberRange(1e-30, 1e30), multiple=True, help="The variance of every batch. Several: each.")
def lag(call: str | None, variances: tuple[float, ...], **told: Any) -> None:
    """Lag: see LAG."""
    from normspec.cli.lag import tell_lag  # noqa: PLC0415 - --help needs none of it

    raise SystemExit(tell_lag(call, variances=variances, **told))
