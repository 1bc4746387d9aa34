"""What a reader tried to break: commands and calls that cannot be, run here, with what they say; and calls that only look wrong."""

import warnings
import zipfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import normspec
from normspec import NormspecError
from normspec.reference import layer_norm
from sections.ran import ran
from sections.tables import escaped, table

LONG, HEAD, TAIL = 190, 120, 60
"""Letters of a message that are shown whole; of a longer one, the first and the last."""
NOT_AS_ASKED = 2
"""The exit code of a command that cannot be run as asked."""
FEW = "--profile quick --layer scale_norm"
COMMANDS = {
    "judge": (
        "judge torhc",
        "judge ''",
        f"judge torch:nosuch {FEW}",
        f"judge nowhere:kernel {FEW}",
        f"judge 'ünï[/b]:cödé:x' {FEW}",
        f"judge math:pi {FEW}",
        f"judge math:nosuch {FEW}",
        "judge torch --layer layernorm",
        "judge torch --dtype complex64",
        "judge torch --profile huge",
        "judge torch --device nosuch",
        "judge keras:jax --device cuda",
        "judge torch --like torch.nn.LayerNorm",
        "judge --like torch.nn.LayerNorm",
        "judge math:pi --like torch.nn.NoSuchNorm",
        "judge torch --case layer-norm.output/last-rank-2/float23",
        "judge torch --case layer-norm.output/last-rank-2/float32 --dtype float32",
        "judge torch --timeout -1",
        "judge torch --timeout nan",
        "judge torch --memory 0",
        "judge torch --jobs 0",
        "judge torch --fuzz -5",
        "judge torch --baseline none.jsonl",
        "judge torch --baseline folder",
        f"judge reference --out text.onnx {FEW}",
        f"judge reference --python no-such-python {FEW}",
        "judge --nosuch",
    ),
    "others": (
        "nosuch",
        "show nosuch",
        "show layer-norm.output/last-rank-2/float32 --on torhc",
        "show layer-norm.output/last-rank-2/float32 --quantity 0.nosuch",
        "translate 'nn.BatchNorm9d(3)' --to keras",
        "translate 'nn.BatchNorm2d(' --to keras",
        "translate 'nn.BatchNorm2d()' --to keras",
        "translate 'nn.BatchNorm2d(3, momemtum=0.1)' --to keras",
        "translate 'nn.BatchNorm2d(-3)' --to keras",
        """translate '__import__("os").remove("text.onnx")' --to keras""",
        "translate '' --to keras",
        "translate 'nn.LayerNorm(3)' --to torhc",
        "translate 'nn.LayerNorm(3)' --to flax:haiku",
        "translate 'nn.LayerNorm(3)' --to keras --rank 0",
        "translate 'nn.LayerNorm(3)'",
        "diff 'nn.LayerNorm(3)' 'nn.BatchNorm1d(3)'",
        "diff torch keras nosuch_norm",
        "explain momentun",
        "explain ''",
        "list pytorch",
        "lag --rate 2 --steps 5",
        "lag --rate 0.1 --steps -5",
        "lag --steps 5",
        "lag 'nn.LayerNorm(3)' --steps 5",
        "grade torhc",
        "identify 'torch.nn.NoSuchNorm(3)'",
        "identify torch nosuch_norm",
        "audit none.onnx",
        "audit folder",
        "audit empty.onnx",
        "audit text.onnx",
        "audit pickled.keras",
    ),
}
"""Commands that end with exit code 2, by what they are of."""

LN, BN = "axes=(-1,), epsilon=0.0", 'mode="train", channel_axes=(1,), epsilon=1e-5'
CALLS = {
    "arrays": (
        f"layer_norm([[1.0, 2.0]], {LN})",
        f"layer_norm(None, {LN})",
        f"layer_norm(x.astype(int), {LN})",
        f"layer_norm(x * 1j, {LN})",
        f"layer_norm(x, np.ones(4), {LN})",
        f"layer_norm(x, np.ones(3) * 1j, {LN})",
        f"layer_norm(x, 2.0, {LN})",
        f"layer_norm(x, torch.ones(3), {LN})",
        f"layer_norm(x, {LN}, mask=np.ones((2, 3)))",
        f"layer_norm(x, {LN}, mask=np.ones((1, 2, 3), bool))",
        "group_norm(x, groups=2, channel_axes=(1,), epsilon=0.0)",
        "dynamic_tanh(x, 0.5, parameter_axes=(-1,))",
        f"batch_norm(x, None, None, 3, {BN})",
        f"batch_norm(x, {BN}, running=running)",
        f'batch_norm(x, None, None, {{"running_mean": np.zeros(2), "running_variance": np.ones(3)}}, {BN}, running=running)',
        'spectral_norm(x, {}, mode="train", channel_axes=(0,), epsilon=1e-12)',
    ),
    "values": (
        "layer_norm(x, axes=(2,), epsilon=0.0)",
        "layer_norm(x, axes=(1, -1), epsilon=0.0)",
        "layer_norm(x, axes=-1, epsilon=0.0)",
        "layer_norm(x, axes=(1.0,), epsilon=0.0)",
        "layer_norm(x, axes=(True,), epsilon=0.0)",
        'layer_norm(x, axes=(-1,), epsilon=float("nan"))',
        "layer_norm(x, axes=(-1,), epsilon=-1e-5)",
        "layer_norm(x, axes=(-1,), epsilon=10**400)",
        'layer_norm(x, axes=(-1,), epsilon="1e-5")',
        f"layer_norm(x, {LN}, correction=2)",
        f'layer_norm(x, {LN}, epsilon_place="insde")',
        f'layer_norm(x, {LN}, statistics_dtype="float8")',
        'batch_norm(x, mode="training", channel_axes=(1,), epsilon=1e-5)',
        f"batch_norm(x, {BN}, running=0.1)",
        "rms_norm(x, axes=(-1,), epsilon=0.0, fraction=0.0)",
        "lp_norm(x, axes=(-1,), epsilon=0.0, order=0.5)",
        "local_response_norm(x, channel_axes=(1,), before=-1, after=1, coefficient=1.0, exponent=0.5, bias=1.0)",
        "full_norm(x, mode='train', channel_axes=(1,), epsilon=0.0, rate=5.0)",
    ),
    "gradients": (
        "layer_norm_vjp(saved, y[:1], axes=(-1,))",
        "layer_norm_vjp(saved, y.astype(int), axes=(-1,))",
        "layer_norm_vjp(saved, 1.0, axes=(-1,))",
        "layer_norm_vjp(saved, torch.ones(2, 3), axes=(-1,))",
        "layer_norm_vjp(None, y, axes=(-1,))",
        "layer_norm_vjp(saved, y, axes=(0,))",
    ),
    "layers": (
        'build("torch.nn.LayerNorm(3)", like=x)',
        "build(spec, like=[1.0])",
        'build(spec, like=x, parameter_dtype="float8")',
        'build(spec, like=x)(x, mode="eval")',
        'build(spec, like=x).load({"weight": np.ones(3)})',
        'normspec.read("nn.BatchNorm1d(3, momemtum=0.1)")',
        "normspec.read(torch.nn.Linear(2, 3))",
        'normspec.read("nn.LayerNorm(3)", dtype="complex64")',
        'normspec.translate("nn.LayerNorm(3)", to=None)',
        'normspec.translate("nn.LayerNorm(3)", to="keras", rank=2, shape=(2, 3, 3))',
        'normspec.translate("nn.LayerNorm(3)", to="keras").convert(None)',
        'normspec.translate("nn.LayerNorm(3)", to="keras").convert({"weight": np.ones(4), "bias": np.ones(3)})',
        'list(normspec.differences(normspec.read("nn.LayerNorm(3)"), spec))',
    ),
}
"""Calls that are refused with an error of ours, by what is wrong with them."""

TAKEN = (
    (
        f"layer_norm(x[:, :1], {LN})[0]",
        "one value: its deviation is 0, and y is shift ([layer-norm.one-value](spec/layer_norm.md#layer-norm.one-value))",
    ),
    (f"layer_norm(x[:0], {LN})[0].shape", "no samples: a result without samples"),
    (f"layer_norm(x * 0, {LN})[0]", "no deviation, no epsilon: 0, and not 0 / 0"),
    (f"layer_norm(np.where(x > 3, np.nan, x), {LN})[0]", "what is no number stays in its own statistic"),
    (f"layer_norm(x, {LN}, mask=x < 0)[0]", "a mask that leaves no value: no mean, and so no number"),
    (f"batch_norm(x, {BN.replace('train', 'evaluate')})[0]", "no running statistics: evaluation takes the batch's"),
    ("layer_norm(x, axes=[-1], epsilon=0.0)[0]", "a list of axes is as good as a tuple"),
)
"""Calls that look wrong and are taken, with the reason."""


def tried_commands(group: str) -> str:
    """Give the table of commands and what they say, each run in a folder of its own."""
    with ThreadPoolExecutor(2) as pool:
        said = tuple(pool.map(_run, COMMANDS[group]))
    return table(
        ("`normspec` …", "says"), escaped((f"`{command}`", _short(text)) for command, text in zip(COMMANDS[group], said, strict=True))
    )


def tried_calls(group: str) -> str:
    """Give the table of calls and the errors that they end with."""
    return table(("call", "says"), escaped((f"`{call}`", _short(_refused(call))) for call in CALLS[group]))


def taken() -> str:
    """Give the table of calls that look wrong, and what they give."""
    rows = ((f"`{call}`", f"`{_one_line(_value(call))}`", why) for call, why in TAKEN)
    return table(("call", "gives", "because"), escaped(rows))


def _value(call: str) -> Any:
    x = np.array([[1.0, 2.0, 4.0], [0.0, 3.0, 9.0]])
    y, saved = layer_norm(x, np.ones(3), np.zeros(3), axes=(-1,), epsilon=0.0)
    spec = normspec.read("nn.BatchNorm1d(3)")
    names = {"np": np, "normspec": normspec, "torch": import_module("torch"), "x": x, "y": y, "saved": saved}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return eval(call, {**vars(import_module("normspec.reference")), **names, "spec": spec, "running": spec.running})  # noqa: S307 - ours


def _refused(call: str) -> str:
    try:
        got = _value(call)
    except NormspecError as error:
        return str(error)
    raise AssertionError(f"{call} must be refused, got {got!r}")


def _run(command: str) -> str:
    """Give what a command says as it ends with exit code 2, in a folder with files that are none of ours."""
    with TemporaryDirectory() as folder:
        _files(Path(folder))
        done = ran(command, columns=1000, cwd=Path(folder))
        assert (Path(folder) / "text.onnx").exists(), f"{command} removes files"
    assert done.returncode == NOT_AS_ASKED, f"{command} must end with {NOT_AS_ASKED}, got {done.returncode}: {done.stdout}{done.stderr}"
    assert "Traceback" not in done.stderr, f"{command}: {done.stderr}"
    return _one_line(_unboxed(done.stderr.splitlines()))


def _files(folder: Path) -> None:
    (folder / "folder").mkdir()
    (folder / "empty.onnx").touch()
    (folder / "text.onnx").write_text("this is text, and no model\n", encoding="utf-8")
    with zipfile.ZipFile(folder / "pickled.keras", "w") as archive:
        archive.writestr("config.json", b"\x80\x04cos\nsystem\n")


def _unboxed(lines: Iterable[str]) -> str:
    """Give the text of an error without the frame that the parser draws, and without the usage before it."""
    framed = [line.strip("│ ") for line in lines if line.startswith("│")]
    return " ".join(framed or [line.removeprefix("normspec: ") for line in lines])


def _one_line(text: object) -> str:
    return " ".join(str(text).split())


def _short(text: str) -> str:
    """Give a message in a cell: a long one without its middle, which lists what there is."""
    if len(text) > LONG:
        text = f"{text[:HEAD].rpartition(' ')[0]} … {text[-TAIL:].partition(' ')[2] or text[-TAIL:]}"
    return text.replace("<", "&lt;").replace("[", r"\[").replace("*", r"\*").replace("_", r"\_")
