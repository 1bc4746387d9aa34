"""The commands and their options."""

import gc
from pathlib import Path
from typing import Any

import rich_click as click

from normspec.cli.measures import grade, identify, lag, mutants
from normspec.cli.options import LIKE, POSITIVE

click.rich_click.TEXT_MARKUP = "markdown"
click.rich_click.PADDING_HELPTEXT_FIRST_LINE = (0, 0, 1, 0)


class Interruptible(click.RichGroup):
    """A group whose commands end with 130 where they are interrupted: 1 is a verdict."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("\nnormspec: interrupted", err=True)
            raise SystemExit(130) from None


@click.group(cls=Interruptible, context_settings={"show_default": True}, help="What normalization layers mean, computed and judged.")
def app() -> None:
    """Hold the commands."""


JUDGE = """Judge implementations against the quadruple-precision oracle.

Examples:

- `normspec judge torch` judges PyTorch's modules in every dtype.
- `normspec judge torch --profile quick --layer layer_norm` is a first look, in seconds.
- `normspec judge mykernels:implementation` judges yours: docs/add-a-backend.md.
- `normspec judge mykernels:FastLayerNorm --like torch.nn.LayerNorm` judges a drop-in of the same signature.
- `normspec judge torch --case batch-norm.running.correction/first-few/float32` judges one case.
- `normspec judge mykernels:implementation --fuzz 2000 --seed 1` judges cases drawn by chance, and shrinks what fails.

Exit 0: all conforms. 1: something fails. 2: it could not be run as asked.
"""


@app.command(help=JUDGE)
@click.argument(
    "implementations",
    metavar="[NAME]...",
    nargs=-1,
    help="Names (`torch`, `torch:compile`, `reference:jax`) or `module:object`. Default: the reference and all installed.",
)
@click.option("--like", default="", show_default=False, help=LIKE)
@click.option("--layer", "layers", multiple=True, help="A layer: batch_norm, group_norm; `normspec list` has all. Several times: each.")
@click.option("--dtype", "dtypes", multiple=True, help="A dtype of x: float64, float32, float16, bfloat16. Several times: each.")
@click.option("--device", default="cpu", help="The device, by the library's own name: cpu, cuda.")
@click.option("--profile", default="full", help="quick or full.")
@click.option("--case", "ids", multiple=True, help="The id of a case; may be given several times.")
@click.option("--timeout", type=POSITIVE, default=60, help="Seconds that one case may take.")
@click.option("--memory", type=POSITIVE, default=8, help="GiB that the subject may allocate (Linux).")
@click.option(
    "--python",
    default="",
    show_default=False,
    help="The interpreter that runs the subject; normspec is installed there too. Default: this one.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=1, help="Processes that play cases side by side: of several implementations first."
)
@click.option("--fuzz", type=click.IntRange(0, 10**7), default=0, help="Judge so many cases drawn by chance, and not the suite's own.")
@click.option("--seed", type=click.IntRange(0), default=0, help="With --fuzz: the same seed draws the same cases.")
@click.option(
    "--numbers",
    type=click.IntRange(1, 10**4),
    default=1,
    help="With --fuzz: cases of each spec and script drawn, of other numbers; more where each is compiled.",
)
@click.option("--baseline", type=click.Path(path_type=Path), help="Results of an earlier run: only what is worse than there makes exit 1.")
@click.option("--strict", is_flag=True, help="Declared deviations fail, too.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("results"),
    help="The folder of results: one .jsonl and one .log for each implementation.",
)
def judge(**wanted: Any) -> None:
    """Judge: see JUDGE."""
    try:
        from normspec.cli.judge import Wanted, judge_all  # noqa: PLC0415 - --help needs none of it

        asked = Wanted(**wanted)
        if asked.fuzz:
            from normspec.cli.fuzz import fuzz_all  # noqa: PLC0415 - likewise

            raise SystemExit(fuzz_all(asked))
        code = judge_all(asked)
    except KeyboardInterrupt:
        click.echo("\nnormspec: interrupted; every finished check is in the results file", err=True)
        code = 130
    raise SystemExit(code)


SHOW = """Show a case: its script, what is expected, and a reproduction with the framework and NumPy only, which has been run.

Example: `normspec show batch-norm.running.correction/first-few/float32 --on keras:jax`
"""


@app.command(help=SHOW)
@click.argument("case", help="The id of a case, as the table of failures and the results have it.")
@click.option("--on", "implementation", default="torch", help="The implementation of which a reproduction is written.")
@click.option("--like", default="", show_default=False, help=LIKE)
@click.option("--quantity", default="", show_default=False, help="What it asserts: 0.dx. Default: what fails first, or else y.")
def show(case: str, implementation: str, like: str, quantity: str) -> None:
    """Show: see SHOW."""
    from normspec.cli.show import show_case  # noqa: PLC0415 - --help needs none of it

    show_case(case, implementation, like, quantity)


TRANSLATE = """Translate a layer to another framework: the call, the names of the arrays, what is lost, and by how much.

The call is parsed, and never executed. Examples:

- `normspec translate 'keras.layers.BatchNormalization(momentum=0.99)' --to torch`
- `normspec translate 'nn.LayerNorm(768, eps=1e-12)' --to flax:linen --for evaluation`
- `normspec translate 'nn.BatchNorm2d(64)' --to keras.layers.BatchNormalization --json`

Exit 0: what it is for is met. 1: it is not. 2: it cannot be read.
"""


@app.command(help=TRANSLATE)
@click.argument("call", help="One call of a layer, in quotes.")
@click.option("--to", required=True, help="A framework (`torch`, `flax:linen`) or a native layer.")
@click.option(
    "--rank", type=click.IntRange(1, 64), help="The rank of x. Default: 4 for images, 2 for weights and features, else 3, or near."
)
@click.option("--for", "purpose", type=click.Choice(["evaluation", "training"]), default="training", help="What must be the same.")
@click.option("--json", "as_json", is_flag=True, help="All of it as JSON.")
def translate(call: str, to: str, rank: int | None, purpose: str, *, as_json: bool) -> None:
    """Translate: see TRANSLATE."""
    from normspec.cli.translate import translate_call  # noqa: PLC0415 - --help needs none of it

    raise SystemExit(translate_call(call, to, rank, purpose, as_json=as_json))


DIFF = """Tell how two layers differ: field by field, whose argument it is, and what it does to numbers alone.

Examples:

- `normspec diff 'nn.BatchNorm2d(64)' 'keras.layers.BatchNormalization(axis=1)'`
- `normspec diff keras torch batch_norm` compares the defaults of two frameworks.
"""


@app.command(help=DIFF)
@click.argument("first", help="A call in quotes, or a framework.")
@click.argument("second", help="Another.")
@click.argument("layer", required=False, help="The layer, where frameworks are given.")
@click.option("--rank", type=click.IntRange(1, 64), help="The rank of x. Default: 4 for frameworks, else what suits both.")
def diff(first: str, second: str, layer: str | None, rank: int | None) -> None:
    """Diff: see DIFF."""
    from normspec.cli.diff import diff_calls  # noqa: PLC0415 - --help needs none of it

    diff_calls(first, second, layer, rank)


LIST = """List which framework has which layers, and what is installed; or the native layers of one, their versions, and what lacks.

Examples:

- `normspec list`

- `normspec list batch_norm`

- `normspec list onnx`
"""


@app.command(name="list", help=LIST)
@click.argument("what", required=False, help="A layer or a framework. Default: all, as a table.")
def list_(what: str | None) -> None:
    """List: see LIST."""
    from normspec.cli.list import list_all, list_some  # noqa: PLC0415 - --help needs none of it

    list_all() if what is None else list_some(what)


EXPLAIN = """Explain a word: its sentence and formula, and where each framework stands.

Examples:

- `normspec explain momentum`, or any other argument: `use_fast_variance`, `axis`.
- `normspec explain BatchNorm2d`: every argument of a layer and what it decides.
- `normspec explain gamma`, `freeze`, `ddof`: an array, a mode, a word that people use.
- `normspec explain batch-norm.running.correction`: a clause.
"""


@app.command(help=EXPLAIN)
@click.argument("word", help="A clause, a field, a layer, or a framework's word for one.")
def explain(word: str) -> None:
    """Explain: see EXPLAIN."""
    gc.disable()  # what is made is needed to the end, which is soon: to look through it would take a tenth of the time
    try:
        from normspec.cli.explain import explain_word  # noqa: PLC0415 - --help needs none of it

        explain_word(word)
    finally:
        gc.enable()


AUDIT = """List every normalization layer of a model in neutral terms, with its hazards, each with the clause that it rests on.

The model is an `.onnx` or `.keras` file, which is parsed and never executed; or `module:object` that gives a live model of PyTorch,
Keras or Flax (nnx), for which the module is imported.

Examples:

- `normspec audit model.onnx`
- `normspec audit model.keras --to torch` says where PyTorch's defaults differ.
- `normspec audit mymodels:net --steps 500` looks at running statistics after so many steps, too.

Exit 0: no hazards. 1: hazards, or layers that are not known. 2: it cannot be read.
"""


@app.command(help=AUDIT)
@click.argument("model", help="A file, or `module:object`, which is a model or a function without arguments that gives one.")
@click.option("--to", default=None, help="A framework (`torch`, `flax:linen`): the fields in which its defaults differ are listed.")
@click.option("--steps", type=click.IntRange(0), default=None, help="How many steps of training there are.")
@click.option("--json", "as_json", is_flag=True, help="All of it as JSON.")
def audit(model: str, to: str | None, steps: int | None, *, as_json: bool) -> None:
    """Audit: see AUDIT."""
    from normspec.cli.audit import audit_model  # noqa: PLC0415 - --help needs none of it

    raise SystemExit(audit_model(model, to, steps, as_json=as_json))


for command in (identify, grade, mutants, lag):
    app.add_command(command)
