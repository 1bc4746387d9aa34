"""Triton kernels of others, run by Triton's interpreter: what docs/judge-a-kernel.md says of them. Skipped where they are not installed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

KERNELS = Path(__file__).resolve().parent.parent / "docs/kernels"


def judged(tmp_path, name, like, *cases):
    """Give the verdicts on some cases, by case and quantity."""
    asked = [option for case in cases for option in ("--case", case)]
    command = [str(Path(sys.executable).with_name("normspec")), "judge", name, "--like", like, *asked, "--out", str(tmp_path)]
    subprocess.run(command, cwd=KERNELS, capture_output=True, timeout=300, check=False)
    rows = map(json.loads, (tmp_path / f"{name.replace(':', '-')}.jsonl").read_text().splitlines())
    return {(row["case"], row["quantity"]): row["verdict"] for row in rows}


@pytest.mark.parametrize(
    ("package", "name", "like", "case"),
    [
        ("liger_kernel", "liger_kernels:LayerNorm", "torch.nn.LayerNorm", "layer-norm.output/last-rank-3/float32"),
        ("liger_kernel", "liger_kernels:GroupNorm", "torch.nn.GroupNorm", "group-norm.groups/first-some/float32"),
        ("fla", "fla_kernels:LayerNorm", "torch.nn.LayerNorm", "layer-norm.output/last-rank-3/float16"),
        ("fla", "fla_kernels:RMSNorm", "torch.nn.RMSNorm", "rms-norm.output/last-usual/float32"),
    ],
)
def test_kernels_conform_in_a_usual_case(tmp_path, package, name, like, case):
    pytest.importorskip("triton")
    pytest.importorskip(package)
    found = judged(tmp_path, name, like, case)
    assert found
    assert set(found.values()) == {"conforms"}


def test_the_kernel_of_group_norm_squares_in_float16(tmp_path):
    pytest.importorskip("triton")
    pytest.importorskip("liger_kernel")
    case = "group-norm.statistics-dtype/first-large/float16"
    found = judged(tmp_path, "liger_kernels:GroupNorm", "torch.nn.GroupNorm", case)
    assert found[case, "0.y"] == "fails"


def test_the_kernel_of_rms_norm_overwrites_dy(tmp_path):
    pytest.importorskip("triton")
    pytest.importorskip("liger_kernel")
    case = "rms-norm.output/last-statistics-in-float32/float32"
    like = "transformers.models.llama.modeling_llama.LlamaRMSNorm"
    found = judged(tmp_path, "liger_kernels:LlamaRMSNorm", like, case)
    assert (found[case, "0.dx"], found[case, "0.inputs.dy"]) == ("conforms", "fails")
