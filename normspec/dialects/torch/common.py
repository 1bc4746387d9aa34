"""What several of PyTorch's layers have in common: where they are documented, what they mean, names and modes."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from normspec.dialects.entry import Name
from normspec.layers import Running

DOCS = "https://docs.pytorch.org/docs/2.13/generated/torch.nn."
FUNCTIONAL = f"{DOCS}functional."
PARAMETRIZATIONS = f"{DOCS}utils.parametrizations."

COMMON: dict[str, Any] = {
    "epsilon_place": "inside",
    "correction": 0,
    "variance": "two_pass",
    "statistics_dtype": "widened",
    "output_dtype": "input",
}
"""What every layer has in common that takes mean and variance."""

MODULE_MODES = {
    "train": "layer.train(); layer(x)",
    "evaluate": "layer.eval(); layer(x)",
    "freeze": "layer.eval() after every model.train(), which undoes it",
    "observe": "layer.train(); layer(x), whose result is not used",
}
ONE_MODE = {"train": "layer(x)", "evaluate": "layer(x)", "freeze": "layer(x)"}

PARAMETERS = {"scale": "weight", "shift": "bias"}
STATE = {"running_mean": "running_mean", "running_variance": "running_var", "count": "num_batches_tracked"}


def running(rate: float, start: Literal["initial", "debiased"] = "initial") -> Running:
    """Give running statistics as PyTorch keeps them: of the sample's variance, in the parameters' dtype."""
    return Running(rate=rate, start=start, correction=1, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")


def function_modes(flag: str) -> dict[str, str]:
    """Give how a function is told, by this argument, to take x's own statistics or the running ones."""
    return {"train": f"{flag}=True", "evaluate": f"{flag}=False", "freeze": f"{flag}=False"}


def attributes(*names: str) -> Callable[[Any], Mapping[str, Any]]:
    """Give what reads arguments off a live module: attributes of these names."""
    return lambda module: {name: getattr(module, name) for name in names}


def attributes_and_bias(*names: str) -> Callable[[Any], Mapping[str, Any]]:
    """Give what reads arguments off a live module: attributes of these names, and whether there is a bias."""
    return lambda module: {**attributes(*names)(module), "bias": module.bias is not None}


def trailing(normalized_shape: Any) -> tuple[int, ...]:
    """Give the trailing axes that a normalized shape, or the one length of it, is that of."""
    return tuple(range(-1 if isinstance(normalized_shape, int) else -len(normalized_shape), 0))


def affine(s: Any, name: str) -> dict[str, bool]:
    """Give the arguments of a module that say whether there are a scale and a shift; `name` is that of the first."""
    return {name: s.scale or s.shift, "bias": s.shift or not s.scale}


def parameters(s: Any) -> dict[str, str | None]:
    """Give the arguments of a function that are parameters: our names for them, and None where there are none."""
    return {"weight": Name("scale") if s.scale else None, "bias": Name("shift") if s.shift else None}


def state(s: Any) -> dict[str, Any]:
    """Give the arguments of a function that are running statistics: our names for them, and None where none are kept."""
    return {"running_mean": s.running and Name("running_mean"), "running_var": s.running and Name("running_variance")}
