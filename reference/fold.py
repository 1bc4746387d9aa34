"""Folding: a batch norm in evaluation is a multiplier and a shift for each channel, which the linear layer beside it can take over.

y = (x - mean) * scale / divisor + shift, with statistics that are constants. What is not the same to the last digit of the dtype
is refused, and never approximated. docs/fold.md has the formulas.
"""

from typing import Any, NamedTuple

from normspec.errors import InvalidInput, Unsupported
from normspec.layers import BatchNorm
from normspec.records import Array, Arrays, Mode
from normspec.reference.channels import Channels, canonical, restored
from normspec.reference.names import cast, namespace
from normspec.reference.standardize import divisor
from normspec.reference.sums import total

__all__ = ["Affine", "Channels", "Folded", "fold_after", "fold_before", "padding"]


class Folded(NamedTuple):
    """The parameters of the one layer that stands for the two: of the weight's shape, and of the shape (output channels,)."""

    weight: Array
    bias: Array


class Affine(NamedTuple):
    """What a batch norm is in evaluation: (x - mean) * multiplier + shift, in arrays of the shape (channels,)."""

    mean: Array
    multiplier: Array
    shift: Array


def fold_after(
    weight: Array, bias: Array | None, values: Arrays, *, spec: BatchNorm, channels: Channels, mode: Mode = "evaluate"
) -> Folded:
    """Fold a batch norm into the linear layer before it: whose output it normalizes.

    That is exact whatever the strides, the dilation and the padding of the layer, for the batch norm comes after all of these.

    Parameters
    ----------
    weight, bias
        Of a dense layer, a convolution or a transposed one; the bias of shape (output channels,), or None. Floating.
    values
        What the batch norm owns, by our names: `running_mean` and `running_variance`, and `scale` and `shift` as the spec has them, of
        shape (output channels,).
    spec
        What the batch norm means.
    channels
        Where the weight has its channels.
    mode
        In which the batch norm runs: evaluate or freeze.

    Returns
    -------
    Folded
        Computed in the wider of all dtypes and float32, and rounded once: the weight to its dtype, the bias to its own, or the weight's.

    Raises
    ------
    InvalidInput
        Where a shape does not fit.
    Unsupported
        Where no constant layer is the same: in training, and of a batch norm without running statistics.
    """
    xp = namespace(weight)
    kernel = canonical(xp, weight, channels)
    outputs = kernel.shape[0] * kernel.shape[1]
    norm = _evaluated(xp, values, spec, mode, outputs, weight, bias)
    along = (*kernel.shape[:2], *(1 for _ in kernel.shape[2:]))
    kernel = cast(xp, kernel, norm.mean.dtype) * xp.reshape(norm.multiplier, along)
    there = (_bias(xp, bias, norm.mean, outputs) - norm.mean) * norm.multiplier + norm.shift
    return _rounded(xp, restored(xp, kernel, weight, channels), there, weight, bias)


def fold_before(
    weight: Array, bias: Array | None, values: Arrays, *, spec: BatchNorm, channels: Channels, zeros: bool, mode: Mode = "evaluate"
) -> Folded:
    """Fold a batch norm into the linear layer after it: whose input it makes.

    Parameters
    ----------
    weight, bias, values, spec, channels, mode
        As `fold_after` has them, but that `values` are of shape (input channels,).
    zeros
        Whether the layer meets zeros that the batch norm did not make: zero padding; or, where it is a transposed convolution with more
        than one tap, those between and around its inputs. The shift reaches no such place, and the folded bias every one: so then every
        channel's shift must fold to 0, which is looked at (and so does not compile). Where not, pad the x of the batch norm with
        `padding` instead of its y with zeros, and say False. Padding by reflection, by repetition or around is no zeros either.

    Returns
    -------
    Folded
        As `fold_after` gives it.

    Raises
    ------
    InvalidInput
        Where a shape does not fit.
    Unsupported
        Where no constant layer is the same: as `fold_after` says, and where zeros are met.
    """
    xp = namespace(weight)
    kernel = canonical(xp, weight, channels)
    groups, outputs, inputs, *taps = kernel.shape
    norm = _evaluated(xp, values, spec, mode, groups * inputs, weight, bias)
    shift = norm.shift - norm.mean * norm.multiplier
    if zeros and _some(xp, shift):
        raise Unsupported(
            "a batch norm before zeros must have a shift that folds to 0 in every channel, for the bias is added where they are, too, and "
            "the shift is not; pad x with padding(...) before the batch norm, and not its y with zeros, then fold with zeros=False"
        )
    along = (groups, 1, inputs, *(1 for _ in taps))
    kernel = cast(xp, kernel, norm.mean.dtype)
    added = total(xp, kernel * xp.reshape(shift, along), tuple(range(2, len(kernel.shape))))
    there = _bias(xp, bias, norm.mean, groups * outputs) + xp.reshape(added, (groups * outputs,))
    kernel = kernel * xp.reshape(norm.multiplier, along)
    return _rounded(xp, restored(xp, kernel, weight, channels), there, weight, bias)


def padding(values: Arrays, *, spec: BatchNorm, mode: Mode = "evaluate") -> Array:
    """Give the x that a batch norm makes 0, of shape (channels,): what x is padded with before it is what zeros are after it.

    Raises
    ------
    Unsupported
        As `fold_after` says; and where a channel's scale is 0 and its shift is not, so that no x becomes 0.
    """
    mean = _constant(values, spec, mode)["running_mean"]
    xp = namespace(mean)
    norm = _evaluated(xp, values, spec, mode, mean.shape[0], mean, None)
    still = norm.multiplier == 0
    if _some(xp, xp.where(still, norm.shift, xp.zeros_like(norm.shift))):
        raise Unsupported("a batch norm must have no shift where its scale is 0, or there no x becomes 0 and none can be padded with")
    return cast(xp, norm.mean - norm.shift / xp.where(still, xp.zeros_like(norm.shift) + 1, norm.multiplier), mean.dtype)


def _constant(values: Arrays, spec: BatchNorm, mode: Mode) -> Arrays:
    """Give the values that a batch norm runs with, where these are constants."""
    if not isinstance(spec, BatchNorm):
        raise Unsupported(f"what is folded must be a batch norm, whose statistics can be constants, got {spec!r}")
    if mode not in ("evaluate", "freeze"):
        raise Unsupported(f"mode must be 'evaluate' or 'freeze', got {mode!r}: in training the statistics are those of each batch")
    if spec.running is None:
        raise Unsupported("a batch norm must have running statistics to be folded: without, evaluation takes those of each batch")
    names = ("running_mean", "running_variance", *(name for name in ("scale", "shift") if getattr(spec, name)))
    missing = [name for name in names if values.get(name) is None]
    if missing:
        raise InvalidInput(f"values must have {', '.join(names)}, which the spec has, got none of {', '.join(missing)}")
    return {name: values[name] for name in names}


def _evaluated(xp: Any, values: Arrays, spec: BatchNorm, mode: Mode, n: int, *others: Array | None) -> Affine:
    """Give the batch norm as an affine map of n channels, in the widest dtype of all."""
    found = _constant(values, spec, mode)
    must = f"must have shape ({n},), a value for each channel"
    wrong = [f"{name} {must}, got {tuple(a.shape)}" for name, a in found.items() if tuple(a.shape) != (n,)]
    if wrong:
        raise InvalidInput("; ".join(wrong))
    dtype = xp.result_type(xp.float32, *(a.dtype for a in (*found.values(), *others) if a is not None))
    wide = {name: cast(xp, a, dtype) for name, a in found.items()}
    inverse, _ = divisor(xp, wide["running_variance"], False, epsilon=spec.epsilon, epsilon_place=spec.epsilon_place)
    none = xp.zeros_like(inverse)
    return Affine(wide["running_mean"], wide["scale"] * inverse if "scale" in wide else inverse, wide.get("shift", none))


def _bias(xp: Any, bias: Array | None, like: Array, n: int) -> Array | float:
    """Give the bias of n channels in the dtype of what is computed, 0 where there is none."""
    if bias is None:
        return 0.0
    if tuple(bias.shape) != (n,):
        raise InvalidInput(f"bias must have shape ({n},), a value for each output channel, got {tuple(bias.shape)}")
    return cast(xp, bias, like.dtype)


def _some(xp: Any, shift: Array) -> bool:
    """Tell whether any value is not 0."""
    return bool(xp.sum(xp.abs(shift), axis=0) != 0)


def _rounded(xp: Any, weight: Array, bias: Array, like: Array, before: Array | None) -> Folded:
    return Folded(cast(xp, weight, like.dtype), cast(xp, bias, like.dtype if before is None else before.dtype))
