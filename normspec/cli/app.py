"""The commands and their options."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from normspec.cli.measures import measures

app = typer.Typer(
    name="normspec",
    help="What normalization layers mean, computed and judged.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)

Purpose = Literal["evaluation", "training"]

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
def judge(
    implementations: Annotated[
        list[str] | None,
        typer.Argument(
            help="Names (`torch`, `torch:compile`, `reference:jax`) or `module:object`. Default: the reference and all installed."
        ),
    ] = None,
    like: Annotated[str, typer.Option(help="The native layer whose signature and promises a drop-in has: torch.nn.LayerNorm.")] = "",
    layer: Annotated[str | None, typer.Option(help="One layer: batch_norm, group_norm; `normspec list` has all.")] = None,
    dtype: Annotated[str | None, typer.Option(help="One dtype of x: float64, float32, float16, bfloat16.")] = None,
    device: Annotated[str, typer.Option(help="The device, by the library's own name: cpu, cuda.")] = "cpu",
    profile: Annotated[str, typer.Option(help="quick or full.")] = "full",
    case: Annotated[list[str] | None, typer.Option(help="The id of a case; may be given several times.")] = None,
    timeout: Annotated[float, typer.Option(min=0.001, max=1e6, help="Seconds that one case may take.")] = 60,
    memory: Annotated[float, typer.Option(min=0.001, max=1e6, help="GiB that the subject may allocate (Linux).")] = 8,
    python: Annotated[
        str, typer.Option(help="The interpreter that runs the subject; normspec is installed there too. Default: this one.")
    ] = "",
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Processes that play cases side by side.")] = 1,
    fuzz: Annotated[int, typer.Option(min=0, max=10**7, help="Judge so many cases drawn by chance, and not the suite's own.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="With --fuzz: the same seed draws the same cases.")] = 0,
    numbers: Annotated[
        int,
        typer.Option(
            min=1, max=10**4, help="With --fuzz: cases of each spec and script drawn, of other numbers; more where each is compiled."
        ),
    ] = 1,
    baseline: Annotated[Path | None, typer.Option(help="Results of an earlier run: only what is worse than there makes exit 1.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Declared deviations fail, too.")] = False,  # noqa: FBT002 - a flag of the command
    out: Annotated[Path, typer.Option(help="The folder of results: one .jsonl and one .log for each implementation.")] = Path("results"),
) -> None:
    """Judge: see JUDGE."""
    try:
        from normspec.cli.judge import Wanted, judge_all  # noqa: PLC0415 - --help needs none of it

        wanted = Wanted(
            names=tuple(implementations or ()),
            layer=layer,
            dtype=dtype,
            profile=profile,
            ids=tuple(case or ()),
            device=device,
            timeout=timeout,
            memory=memory,
            jobs=jobs,
            python=python,
            like=like,
            fuzz=fuzz,
            seed=seed,
            numbers=numbers,
            baseline=baseline,
            strict=strict,
            out=out,
        )
        if fuzz:
            from normspec.cli.fuzz import fuzz_all  # noqa: PLC0415 - likewise

            raise typer.Exit(fuzz_all(wanted))
        code = judge_all(wanted)
    except KeyboardInterrupt:  # here, for Typer would end without a word
        typer.echo("\nnormspec: interrupted; every finished check is in the results file", err=True)
        code = 130
    raise typer.Exit(code)


@app.command()
def show(
    case: Annotated[str, typer.Argument(help="The id of a case, as the table of failures and the results have it.")],
    implementation: Annotated[str, typer.Option("--on", help="The implementation of which a reproduction is written.")] = "torch",
    like: Annotated[str, typer.Option(help="The native layer whose signature and promises a drop-in has: torch.nn.LayerNorm.")] = "",
    quantity: Annotated[str, typer.Option(help="What it asserts: 0.dx. Default: what fails first, or else y.")] = "",
) -> None:
    """Show a case: its script, what is expected, and a reproduction with the framework and NumPy only, which has been run.

    Example: `normspec show batch-norm.running.correction/first-few/float32 --on keras:jax`
    """
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
def translate(
    call: Annotated[str, typer.Argument(help="One call of a layer, in quotes.")],
    to: Annotated[str, typer.Option(help="A framework (`torch`, `flax:linen`) or a native layer.")],
    rank: Annotated[
        int | None, typer.Option(min=1, max=64, help="The rank of x. Default: 4 for images, 2 for weights and features, else 3, or near.")
    ] = None,
    purpose: Annotated[Purpose, typer.Option("--for", help="What must be the same.")] = "training",
    as_json: Annotated[bool, typer.Option("--json", help="All of it as JSON.")] = False,  # noqa: FBT002 - a flag of the command
) -> None:
    """Translate: see TRANSLATE."""
    from normspec.cli.translate import translate_call  # noqa: PLC0415 - --help needs none of it

    raise typer.Exit(translate_call(call, to, rank, purpose, as_json=as_json))


DIFF = """Tell how two layers differ: field by field, whose argument it is, and what it does to numbers alone.

Examples:

- `normspec diff 'nn.BatchNorm2d(64)' 'keras.layers.BatchNormalization(axis=1)'`
- `normspec diff keras torch batch_norm` compares the defaults of two frameworks.
"""


@app.command(help=DIFF)
def diff(
    first: Annotated[str, typer.Argument(help="A call in quotes, or a framework.")],
    second: Annotated[str, typer.Argument(help="Another.")],
    layer: Annotated[str | None, typer.Argument(help="The layer, where frameworks are given.")] = None,
    rank: Annotated[int | None, typer.Option(min=1, max=64, help="The rank of x. Default: 4 for frameworks, else what suits both.")] = None,
) -> None:
    """Diff: see DIFF."""
    from normspec.cli.diff import diff_calls  # noqa: PLC0415 - --help needs none of it

    diff_calls(first, second, layer, rank)


@app.command(name="list")
def list_() -> None:
    """List the layers of every framework, the versions that are supported, and what is installed.

    Example: `normspec list`
    """
    from normspec.cli.list import list_all  # noqa: PLC0415 - --help needs none of it

    list_all()


EXPLAIN = """Explain a word: its sentence and formula, and where each framework stands.

Examples:

- `normspec explain momentum`, or any other argument: `use_fast_variance`, `axis`.
- `normspec explain BatchNorm2d`: every argument of a layer and what it decides.
- `normspec explain gamma`, `freeze`, `ddof`: an array, a mode, a word that people use.
- `normspec explain batch-norm.running.correction`: a clause.
"""


@app.command(help=EXPLAIN)
def explain(word: Annotated[str, typer.Argument(help="A clause, a field, a layer, or a framework's word for one.")]) -> None:
    """Explain: see EXPLAIN."""
    from normspec.cli.explain import explain_word  # noqa: PLC0415 - --help needs none of it

    explain_word(word)


app.add_typer(measures)  # without a name: its commands stand beside these
