"""ONNX files are read as the onnx package writes them."""

import subprocess
import sys

import numpy as np
import pytest

import normspec
from normspec.audit.audit import audit

onnx = pytest.importorskip("onnx")
helper = onnx.helper


def saved(folder, nodes, opset=21, inputs=None, outputs=("y",), functions=(), domains=()):
    """Save a model of these nodes, all of whose other inputs are initializers, and give its path."""
    inputs = {"x": (None, 4, 5, 5)} if inputs is None else inputs
    made = {name for node in nodes for name in node.output}
    others = {name for node in nodes for name in node.input} - made - set(inputs) - {""}
    value = lambda name, shape: helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
    graph = helper.make_graph(
        nodes,
        "g",
        [value(name, shape) for name, shape in inputs.items()],
        [value(name, None) for name in outputs],
        [onnx.numpy_helper.from_array(np.ones(4, np.float32), name) for name in sorted(others)],
    )
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
    path = folder / "model.onnx"
    onnx.save(helper.make_model(graph, opset_imports=opsets, functions=list(functions)), path)
    return path


def node(kind, inputs, output="y", **attributes):
    return helper.make_node(kind, inputs.split(","), [output], name=f"the {kind}", **attributes)


OPERATORS = [
    (node("BatchNormalization", "x,s,b,m,v", epsilon=0.01, momentum=0.75), 15, "onnx.BatchNormalization(epsilon=0.01, momentum=0.75)"),
    (node("LayerNormalization", "x,s,b", axis=2), 17, "onnx.LayerNormalization(x, s, b, axis=2)"),
    (node("LayerNormalization", "x,s", epsilon=1e-6), 21, "onnx.LayerNormalization(x, s, epsilon=1e-6)"),
    (node("InstanceNormalization", "x,s,b", epsilon=1e-3), 22, "onnx.InstanceNormalization(x, s, b, epsilon=1e-3)"),
    (node("GroupNormalization", "x,s,b", num_groups=2), 18, "onnx.opset18.GroupNormalization(x, s, b, num_groups=2)"),
    (node("GroupNormalization", "x,s,b", num_groups=2), 21, "onnx.opset21.GroupNormalization(x, s, b, num_groups=2)"),
    (node("RMSNormalization", "x,s", axis=-2), 23, "onnx.RMSNormalization(x, s, axis=-2)"),
    (node("LRN", "x", size=3, alpha=0.5, beta=0.25, bias=2.0), 13, "onnx.LRN(x, size=3, alpha=0.5, beta=0.25, bias=2.0)"),
    (node("LpNormalization", "x", axis=1, p=1), 22, "onnx.LpNormalization(x, axis=1, p=1)"),
    (node("MeanVarianceNormalization", "x", axes=[0, 2]), 13, "onnx.MeanVarianceNormalization(x, axes=(0, 2))"),
    (node("MeanVarianceNormalization", "x"), 13, "onnx.MeanVarianceNormalization(x)"),
]


@pytest.mark.parametrize(("of", "opset", "call"), OPERATORS, ids=[f"{row[1]}-{row[2]}" for row in OPERATORS])
def test_an_operator_means_what_its_call_does(of, opset, call, tmp_path):
    (row,) = audit(saved(tmp_path, [of], opset))
    assert row.name == of.name
    assert row.read is not None, row.reason
    assert row.read.spec == normspec.read(call, rank=4)


@pytest.mark.parametrize(
    ("of", "opset", "said"),
    [
        (node("BatchNormalization", "x,s,b,m,v"), 9, "no dialect has this operator in this opset"),
        (node("LayerNormalization", "x,s"), 40, "no dialect has this operator in this opset"),
        (node("LayerNormalization", "x,s", spatial=1), 17, "attributes that it must not have: spatial"),
        (node("LayerNormalization", "x,s", stash_type=16), 17, "stash_type=16 has no place"),
        (node("GroupNormalization", "x,s,b", num_groups=0), 21, "groups must be an integer of at least 1, got 0"),
        (node("SkipLayerNormalization", "x,x,s", domain="com.microsoft"), 17, "its domain is not that of the standard"),
    ],
)
def test_what_is_not_known_is_listed(of, opset, said, tmp_path):
    (row,) = audit(saved(tmp_path, [of], opset, domains=("com.microsoft",)))
    assert row.read is None
    assert said in row.reason


def norm(inputs, output="y"):
    return node("BatchNormalization", f"{inputs},s,b,m,v", output)


def hazards(folder, *nodes, **told):
    return [(hazard.kind, hazard.name) for row in audit(saved(folder, list(nodes), **told)) for hazard in row.hazards]


def test_hazards_follow_the_edges(tmp_path):
    conv = node("Conv", "x,w,c", "h")
    assert hazards(tmp_path, conv, norm("h")) == [("redundant-bias", "the Conv")]
    assert hazards(tmp_path, node("Conv", "x,w", "h"), norm("h")) == []
    assert hazards(tmp_path, conv, node("Relu", "h", "r"), norm("r")) == []
    assert hazards(tmp_path, conv, norm("h"), outputs=("y", "h")) == []  # something else takes it, too
    assert hazards(tmp_path, conv, norm("h", "n"), node("Add", "n,h")) == []
    assert hazards(tmp_path, node("Gemm", "x,w,c", "h"), norm("h"), inputs={"x": (None, 4)}) == [("redundant-bias", "the Gemm")]


def test_shapes_are_those_that_the_file_tells(tmp_path):
    one = {"x": (None, 4, 1, 1)}
    of = node("InstanceNormalization", "x,s,b")
    assert hazards(tmp_path, of, inputs=one) == [("one-value", "the InstanceNormalization")]
    assert hazards(tmp_path, of, inputs={"x": ("n", 4, "h", 1)}) == []
    assert hazards(tmp_path, norm("x"), inputs={"x": (1, 4)}) == [("one-value", "the BatchNormalization")]


def test_graphs_within_nodes_and_functions_are_looked_into(tmp_path):
    inner = helper.make_graph([norm("x", "z")], "inner", [], [helper.make_tensor_value_info("z", onnx.TensorProto.FLOAT, None)])
    branch = helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=inner)
    rows = audit(saved(tmp_path, [branch], inputs={"x": (None, 4, 5, 5), "c": ()}))
    assert [row.read.spec.layer for row in rows] == ["batch_norm"] * 2
    function = helper.make_function("own", "F", ["x"], ["y"], [node("LpNormalization", "x")], [helper.make_opsetid("", 21)])
    called = helper.make_node("F", ["x"], ["y"], domain="own")
    (row,) = audit(saved(tmp_path, [called], functions=[function], domains=("own",)))
    assert row.read.spec.layer == "lp_norm"


def test_the_onnx_package_is_not_used(tmp_path):
    path = saved(tmp_path, [norm("x")])
    code = f"import sys; from normspec.audit.audit import audit; print(len(audit({str(path)!r})), 'onnx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "1 False\n"
