"""The commands and their options."""

from pathlib import Path
from typing import Annotated, Literal

import typer

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
            help="Names (`torch`, `torch:functional`, `reference:jax`) or `module:object`. Default: the reference and all installed."
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
    implementation: Annotated[str, typer.Option("--for", help="The framework of the reproduction.")] = "torch",
) -> None:
    """Show a case: its script, what is expected, and a reproduction with the framework and NumPy only.

    Example: `normspec show batch-norm.running.correction/first-few/float32`
    """
    from normspec.cli.show import show_case  # noqa: PLC0415 - --help needs none of it

    show_case(case, implementation)


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


IDENTIFY = """Identify a layer: from its outputs, gradients and states alone, what it computes, field by field.

Examples:

- `normspec identify 'torch.nn.BatchNorm1d(3, momentum=0.3)'` measures it, and compares it with what the documentation promises.
- `normspec identify torch batch_norm`: the layer as it is by default.
- `normspec identify mykernels:FastLayerNorm --like torch.nn.LayerNorm`, `normspec identify mykernels:implementation layer_norm`.

Exit 0: it is what was asked for. 1: it is another point, or none that is known. 2: it could not be run as asked.
"""


@app.command(help=IDENTIFY)
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


mutants = typer.Typer(help="Known-wrong layers, to score any test of normalization layers.", no_args_is_help=True)
app.add_typer(mutants, name="mutants")


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
