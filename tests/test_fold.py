"""Folding: the one layer is the two, in the loops of linear.py and the definition of batch norm; what is not the same is refused."""

import subprocess
import sys
from dataclasses import replace

import mpmath
import numpy as np
import pytest
from agreement import AGREE, PRECISION, indexed
from definitions import batch_norm
from linear import convolution, transposed

import normspec
from normspec import InvalidInput, InvalidSpec, Unsupported
from normspec.reference import quad
from normspec.reference.channels import Channels
from normspec.reference.fold import fold_after, fold_before, padding

RNG = np.random.default_rng(11)
SPEC = replace(normspec.read("torch.nn.BatchNorm2d(6, eps=0.25)", dtype="float64"), statistics_dtype="input")
VARIANTS = [
    SPEC,
    replace(SPEC, epsilon_place="outside"),
    replace(SPEC, shift=False),
    replace(SPEC, scale=False),
    replace(SPEC, scale=False, shift=False, epsilon=0.0),
]

CONVOLUTIONS = {
    # name: (the layout, how the loops index it, the weight's shape, taps, outputs, inputs, groups)
    "dense": (Channels(outputs=0, inputs=1), "O i taps", (4, 6), (), 4, 6, 1),
    "dense, inputs first": (Channels(outputs=1, inputs=0), "taps i O", (6, 4), (), 4, 6, 1),
    "one axis": (Channels(outputs=0, inputs=1), "O i taps", (4, 6, 3), (3,), 4, 6, 1),
    "grouped": (Channels(outputs=0, inputs=1, groups=2), "O i taps", (4, 3, 2, 3), (2, 3), 4, 6, 2),
    "grouped, taps first": (Channels(outputs=-1, inputs=-2, groups=2), "taps i O", (2, 3, 3, 4), (2, 3), 4, 6, 2),
    "depthwise": (Channels(outputs=0, inputs=1, groups=6), "O i taps", (12, 1, 3), (3,), 12, 6, 6),
    "depthwise, taps first": (
        Channels(outputs=-1, inputs=-2, groups=6, through="inputs"),
        "taps I o",
        (3, 6, 2),
        (3,),
        12,
        6,
        6,
    ),
}
TRANSPOSED = {
    "one group": (Channels(outputs=1, inputs=0), "I o taps", (6, 4, 3), (3,), 4, 6, 1),
    "grouped": (Channels(outputs=1, inputs=0, groups=3, through="inputs"), "I o taps", (6, 2, 2, 3), (2, 3), 6, 6, 3),
    "depthwise": (Channels(outputs=1, inputs=0, groups=6, through="inputs"), "I o taps", (6, 1, 3), (3,), 6, 6, 6),
    "taps first": (Channels(outputs=-2, inputs=-1), "taps O I", (2, 3, 4, 6), (2, 3), 4, 6, 1),
}
PLACES = [{}, {"stride": 2, "padding": 1}, {"dilation": 2, "padding": 2}]


def drawn(shape):
    return quad.asarray(RNG.normal(size=shape))


def owned(spec, n):
    """Give what a batch norm of n channels owns, all of it far from what is born."""
    own = {"running_mean": drawn(n), "running_variance": quad.asarray(RNG.uniform(0.1, 3, n)), "scale": drawn(n), "shift": drawn(n)}
    return {name: a for name, a in own.items() if getattr(spec, name, True)}


def batch_normed(spec, x, values):
    """Give y in evaluation by the definition, of one sample whose first axis is its channels."""
    exact = {name: {(c,): a for (c,), a in indexed(values[name]).items()} for name in values}
    y, _ = batch_norm.forward(spec, "evaluate", {(0, *index): a for index, a in x.items()}, exact, exact)
    return {index[1:]: a for index, a in y.items()}


def of_bias(bias, n):
    return {c: mpmath.mpf(0) if bias is None else indexed(bias)[c,] for c in range(n)}


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    most = max(map(abs, expected.values()))
    assert max(abs(found[i] - expected[i]) for i in expected) <= AGREE * most


def layer_of(forward, name, kinds):
    """Give a layer's loops as a function of x, weight and bias, its layout, and the shapes of weight, bias, and inputs."""
    channels, layout, shape, *how = kinds[name]
    taps, outputs, inputs, _ = how
    return (
        lambda x, weight, bias, **places: forward(x, indexed(weight), of_bias(bias, outputs), (layout, *how), **places),
        channels,
        shape,
        outputs,
        (inputs, *(4 + d for d in range(len(taps)))),
    )


ALL = [(convolution, name, CONVOLUTIONS) for name in CONVOLUTIONS] + [(transposed, name, TRANSPOSED) for name in TRANSPOSED]
ids = lambda value: getattr(value, "__name__", value) if not isinstance(value, dict) else ""


@pytest.mark.parametrize("biased", [True, False])
@pytest.mark.parametrize(("forward", "name", "kinds"), ALL, ids=ids)
def test_after_a_linear_layer(forward, name, kinds, biased):
    layer, channels, shape, outputs, of_x = layer_of(forward, name, kinds)
    for spec in VARIANTS:
        weight, bias, values = drawn(shape), drawn(outputs) if biased else None, owned(spec, outputs)
        folded = fold_after(weight, bias, values, spec=spec, channels=channels)
        assert folded.weight.shape == shape
        assert folded.bias.shape == (outputs,)
        for places in PLACES if len(of_x) > 1 else PLACES[:1]:
            with mpmath.workprec(PRECISION):
                x = indexed(drawn(of_x))
                assert_same(layer(x, *folded, **places), batch_normed(spec, layer(x, weight, bias, **places), values))


@pytest.mark.parametrize("biased", [True, False])
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_before_a_convolution_that_meets_no_zeros_of_others(name, biased):
    layer, channels, shape, outputs, of_x = layer_of(convolution, name, CONVOLUTIONS)
    for spec in VARIANTS:
        weight, bias, values = drawn(shape), drawn(outputs) if biased else None, owned(spec, of_x[0])
        folded = fold_before(weight, bias, values, spec=spec, channels=channels, zeros=False)
        for places in ({}, {"stride": 2}) if len(of_x) > 1 else ({},):
            with mpmath.workprec(PRECISION):
                x = indexed(drawn(of_x))
                assert_same(layer(x, *folded, **places), layer(batch_normed(spec, x, values), weight, bias, **places))


@pytest.mark.parametrize(("forward", "name", "kinds"), [row for row in ALL if len(row[2][row[1]][2]) > 2], ids=ids)
def test_before_zeros_it_is_refused_unless_the_shift_folds_to_0(forward, name, kinds):
    layer, channels, shape, outputs, of_x = layer_of(forward, name, kinds)
    weight, bias, values = drawn(shape), drawn(outputs), owned(SPEC, of_x[0])
    with pytest.raises(Unsupported, match="must have a shift that folds to 0 in every channel"):
        fold_before(weight, bias, values, spec=SPEC, channels=channels, zeros=True)
    wrong = fold_before(weight, bias, values, spec=SPEC, channels=channels, zeros=False)
    centred = values | {"running_mean": 0 * values["running_mean"], "shift": 0 * values["shift"]}
    right = fold_before(weight, bias, centred, spec=SPEC, channels=channels, zeros=True)
    with mpmath.workprec(PRECISION):
        x, places = indexed(drawn(of_x)), {"stride": 2, "padding": 1}
        assert_same(layer(x, *right, **places), layer(batch_normed(SPEC, x, centred), weight, bias, **places))
        with pytest.raises(AssertionError):  # what is refused is not the same
            assert_same(layer(x, *wrong, **places), layer(batch_normed(SPEC, x, values), weight, bias, **places))


@pytest.mark.parametrize("name", [name for name, kind in CONVOLUTIONS.items() if kind[3]])
def test_before_zeros_it_is_exact_where_x_is_padded_with_what_becomes_0(name):
    layer, channels, shape, outputs, of_x = layer_of(convolution, name, CONVOLUTIONS)
    for spec in VARIANTS:
        weight, bias, values = drawn(shape), drawn(outputs), owned(spec, of_x[0])
        folded = fold_before(weight, bias, values, spec=spec, channels=channels, zeros=False)
        with mpmath.workprec(PRECISION):
            border = of_bias(padding(values, spec=spec), of_x[0])
            x = indexed(drawn(of_x))
            expected = layer(batch_normed(spec, x, values), weight, bias, stride=2, padding=1)
            assert_same(layer(x, *folded, stride=2, padding=1, border=border), expected)


def test_nothing_becomes_0_where_the_scale_is_0_and_the_shift_is_not():
    values = {name: np.array([1.0, 2.0]) for name in ("running_mean", "running_variance", "shift")} | {"scale": np.array([0.0, 1.0])}
    with pytest.raises(Unsupported, match="must have no shift where its scale is 0"):
        padding(values, spec=SPEC)
    border = padding(values | {"shift": np.array([0.0, 3.0])}, spec=SPEC)
    assert border[0] == 1  # any will do
    assert border[1] == 2 - 3 * 1.5


def test_a_batch_norm_that_changes_nothing_changes_no_bit():
    one = {"running_mean": np.zeros(4), "running_variance": np.full(4, 0.75), "scale": np.ones(4), "shift": np.zeros(4)}
    weight, bias = RNG.normal(size=(4, 4, 3)), RNG.normal(size=4)
    for fold in (fold_after, lambda *given, **told: fold_before(*given, **told, zeros=True)):
        folded = fold(weight, bias, one, spec=SPEC, channels=Channels(outputs=0, inputs=1))
        assert (folded.weight == weight).all()
        assert (folded.bias == bias).all()


def test_it_is_computed_wide_and_rounded_once():
    """The multiplier, 2^20, is no float16, but the folded weight is one; bias and weight keep their dtypes."""
    spec = replace(SPEC, epsilon=2.0**-40, scale=False, shift=False)
    values = {"running_mean": np.zeros(1, np.float32), "running_variance": np.zeros(1, np.float32)}
    folded = fold_after(np.full((1, 1), 2.0**-20, np.float16), None, values, spec=spec, channels=Channels(outputs=0, inputs=1))
    assert (folded.weight.dtype, folded.weight[0, 0]) == (np.float16, 1)
    assert folded.bias.dtype == np.float16
    bias = np.ones(1, np.float32)
    folded = fold_after(np.full((1, 1), 2.0**-20, np.float16), bias, values, spec=spec, channels=Channels(outputs=0, inputs=1))
    assert folded.bias.dtype == np.float32


FULL = {"running_mean": np.zeros(4), "running_variance": np.ones(4), "scale": np.ones(4), "shift": np.zeros(4)}
REFUSED = {
    "training": ({"mode": "train"}, Unsupported, "mode must be 'evaluate' or 'freeze', got 'train': in training the statistics are those"),
    "nothing kept": ({"spec": replace(SPEC, running=None)}, Unsupported, "must have running statistics to be folded"),
    "another layer": ({"spec": normspec.read("nn.LayerNorm(4)")}, Unsupported, "must be a batch norm, whose statistics can be constants"),
    "missing": ({"values": {"scale": np.ones(4)}}, InvalidInput, "got none of running_mean, running_variance, shift"),
    "lengths": ({"values": FULL | {"shift": np.zeros(3)}}, InvalidInput, r"shift must have shape \(4,\), .* got \(3,\)"),
    "bias": ({"bias": np.zeros(3)}, InvalidInput, r"bias must have shape \(4,\), a value for each output channel, got \(3,\)"),
    "groups": ({"channels": Channels(outputs=0, inputs=1, groups=3)}, InvalidInput, "groups must divide the outputs, which are 4 "),
    "axes": ({"channels": Channels(outputs=0, inputs=0)}, InvalidInput, "outputs and inputs must be different axes"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_is_not_exact_or_does_not_fit_is_refused(why):
    changed, error, said = REFUSED[why]
    told = {"bias": None, "values": FULL, "spec": SPEC, "channels": Channels(outputs=0, inputs=1)} | changed
    for fold, more in ((fold_after, {}), (fold_before, {"zeros": False})):
        with pytest.raises(error, match=said):
            fold(np.ones((4, 4)), **told, **more)


def test_a_layout_must_be_one():
    with pytest.raises(InvalidSpec, match="groups must be a positive integer, got 0; through must be 'outputs' or 'inputs', got 'all'"):
        Channels(outputs=0, inputs=1, groups=0, through="all")


# ---- PyTorch's own utilities, and its layers and Keras' with what is folded

torch = pytest.importorskip("torch")


def of_torch(layer, norm):
    """Give what the fold takes of a layer and a batch norm of PyTorch."""
    names = {"running_mean": "running_mean", "running_variance": "running_var", "scale": "weight", "shift": "bias"}
    values = {ours: getattr(norm, theirs).detach() for ours, theirs in names.items() if getattr(norm, theirs) is not None}
    return layer.weight.detach(), None if layer.bias is None else layer.bias.detach(), values


def shaken(module):
    """Give a module in evaluation with numbers of its own in everything that it owns."""
    for name, a in module.state_dict().items():
        a.copy_(torch.tensor(RNG.uniform(0.5, 2.0, tuple(a.shape)) if name.endswith("var") else RNG.normal(size=tuple(a.shape))))
    return module.eval()


OF_TORCH = {
    "linear": (lambda: torch.nn.Linear(6, 4), (3, 6), Channels(outputs=0, inputs=1)),
    "conv": (lambda: torch.nn.Conv2d(6, 4, 3, 2, 1, bias=False), (2, 6, 7, 5), Channels(outputs=0, inputs=1)),
    "grouped": (lambda: torch.nn.Conv1d(6, 4, 3, 1, 2, 2, groups=2), (2, 6, 9), Channels(outputs=0, inputs=1, groups=2)),
    "transposed": (lambda: torch.nn.ConvTranspose2d(6, 4, 3, 2, 1, 1), (2, 6, 3, 4), Channels(outputs=1, inputs=0)),
    "transposed, grouped": (
        lambda: torch.nn.ConvTranspose2d(6, 4, 3, 2, 1, 1, groups=2),
        (2, 6, 3, 4),
        Channels(outputs=1, inputs=0, groups=2, through="inputs"),
    ),
}


@pytest.mark.parametrize("name", OF_TORCH)
def test_layers_of_torch_and_its_own_fusion(name):
    """PyTorch's own is right but for transposed convolutions in groups, where it raises: a finding."""
    from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval  # noqa: PLC0415 - optional

    make, shape, channels = OF_TORCH[name]
    layer = shaken(make().double())
    norm = shaken((torch.nn.BatchNorm1d if len(shape) < 4 else torch.nn.BatchNorm2d)(4).double())
    folded = fold_after(*of_torch(layer, norm), spec=normspec.read(norm), channels=channels)
    alone = make().double()
    alone.weight, alone.bias = (torch.nn.Parameter(a) for a in folded)
    x = torch.tensor(RNG.normal(size=shape))
    assert torch.allclose(alone(x), norm(layer(x)), rtol=1e-12, atol=1e-12)
    fuse = fuse_linear_bn_eval if name == "linear" else lambda *given: fuse_conv_bn_eval(*given, transpose="transposed" in name)
    if "transposed, grouped" in name:
        with pytest.raises(RuntimeError, match="must match the size of tensor"):
            fuse(layer, norm)
        return
    theirs = fuse(layer, norm)
    assert torch.allclose(theirs.weight, folded.weight, rtol=1e-12, atol=1e-12)
    assert torch.allclose(theirs.bias, folded.bias, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ["linear", "conv"])
def test_without_scale_and_shift_torch_folds_into_a_convolution_alone(name):
    """Into a linear layer it raises, where y is well defined: a finding."""
    from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval  # noqa: PLC0415 - optional

    make, shape, channels = OF_TORCH[name]
    layer = shaken(make().double())
    norm = shaken((torch.nn.BatchNorm1d if name == "linear" else torch.nn.BatchNorm2d)(4, affine=False).double())
    folded = fold_after(*of_torch(layer, norm), spec=normspec.read(norm), channels=channels)
    if name == "linear":
        x = torch.tensor(RNG.normal(size=shape))
        assert torch.allclose(x @ folded.weight.T + folded.bias, norm(layer(x)), rtol=1e-12, atol=1e-12)
        with pytest.raises(TypeError, match="NoneType"):
            fuse_linear_bn_eval(layer, norm)
    else:
        assert torch.allclose(fuse_conv_bn_eval(layer, norm).weight, folded.weight, rtol=1e-12, atol=1e-12)


OF_KERAS = """
import keras, numpy as np, normspec
from normspec.reference.channels import Channels
from normspec.reference.fold import fold_after, fold_before
rng = np.random.default_rng(0)
of = lambda layer: [rng.uniform(0.5, 2.0, w.shape).astype("float32") for w in layer.get_weights()]
first = Channels(outputs=-1, inputs=-2)
for layer, channels, zeros in (
    (keras.layers.Dense(4), first, False),
    (keras.layers.Conv2D(4, (2, 3), groups=2), Channels(outputs=-1, inputs=-2, groups=2), False),
    (keras.layers.Conv2D(4, 3, padding="same"), first, True),
    (keras.layers.DepthwiseConv2D((2, 3), depth_multiplier=2), Channels(outputs=-1, inputs=-2, groups=6, through="inputs"), False),
    (keras.layers.Conv2DTranspose(4, 3, strides=2), Channels(outputs=-2, inputs=-1), True),
):
    x = rng.normal(size=(2, 7, 5, 6)).astype("float32")
    for before in (False, True):
        if before and zeros:
            continue
        norm = keras.layers.BatchNormalization()
        both = keras.Sequential([norm, layer] if before else [layer, norm])
        both(x)
        for one in both.layers:
            one.set_weights(of(one))
        y = np.asarray(both(x, training=False))
        values = dict(zip(("scale", "shift", "running_mean", "running_variance"), norm.get_weights()))
        weight, bias = layer.get_weights()
        told = {"spec": normspec.read(norm, rank=4), "channels": channels}
        layer.set_weights(fold_before(weight, bias, values, **told, zeros=False) if before else fold_after(weight, bias, values, **told))
        assert np.allclose(np.asarray(layer(x)), y, rtol=1e-4, atol=1e-4), (layer, before)
print("alike")
"""


def test_layers_of_keras():
    pytest.importorskip("tensorflow")
    done = subprocess.run([sys.executable, "-c", OF_KERAS], capture_output=True, text=True, check=False)
    assert done.stdout == "alike\n", done.stderr


def test_it_runs_on_every_library():
    """One function for NumPy, PyTorch, JAX under jit, TensorFlow, Dask, and what has the listed names alone."""
    import dask.array  # noqa: PLC0415 - slow to import
    import jax  # noqa: PLC0415 - likewise
    import tensorflow as tf  # noqa: PLC0415 - likewise
    from only import Only  # noqa: PLC0415 - beside it

    channels = Channels(outputs=1, inputs=0, groups=2, through="inputs")
    weight, bias = RNG.normal(size=(4, 2, 3)).astype("float32"), RNG.normal(size=4).astype("float32")
    values = {name: RNG.uniform(0.5, 2, 4).astype("float32") for name in FULL}
    folds = (fold_after, lambda *given, **told: fold_before(*given, **told, zeros=False))
    for fold in folds:
        of = lambda weight, bias, values, fold=fold: tuple(fold(weight, bias, values, spec=SPEC, channels=channels))
        expected = of(weight, bias, values)
        for asarray, back, run in (
            (torch.from_numpy, np.asarray, of),
            (jax.numpy.asarray, np.asarray, jax.jit(of)),
            (tf.constant, np.asarray, of),
            (dask.array.from_array, np.asarray, of),
            (Only, lambda a: a.hidden, of),
        ):
            found = run(asarray(weight), asarray(bias), {name: asarray(a) for name, a in values.items()})
            for a, must in zip(found, expected, strict=True):
                np.testing.assert_allclose(back(a), must, rtol=1e-5, atol=1e-6)
