"""Cases drawn by chance: the right layers pass, a wrong one is found and shrunk, and what is found can be asked for again."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from planted_faults import frozen_late, long_wrong

import normspec
from normspec.cli.app import app
from normspec.conformance.bounds import bounds
from normspec.conformance.cases import case_of as by_name
from normspec.conformance.cases.batch_norm import FIRST as BATCH
from normspec.conformance.cases.draw import FLOAT32, HALF, Difficulty, Noise
from normspec.conformance.cases.layer_norm import difficulties
from normspec.conformance.cases.spectral_norm import FLOORED as SPECTRAL
from normspec.conformance.child import answer_to
from normspec.conformance.expectation import expectation, tolerated
from normspec.conformance.fuzzing.draws import Space, case_of
from normspec.conformance.fuzzing.judgeable import judgeable
from normspec.conformance.fuzzing.run import Chance, fuzz, left_out
from normspec.conformance.fuzzing.search import Search, search
from normspec.conformance.judge import judge
from normspec.conformance.oracle import truth
from normspec.conformance.run import Asked
from normspec.conformance.subject import Answer
from normspec.layers import SPECS, LpNorm
from normspec.load import deviations

REFERENCE = normspec.load("reference:numpy")
RUN = CliRunner()


def looking(implementation, layers=("batch_norm",), dtypes=("float32",), *, tangents=False):
    def judged(case):
        with np.errstate(all="ignore"):
            return tuple(judge(case, Answer(*answer_to(case, implementation))))

    return Search(judged, Space(layers, dtypes, implementation.layouts, implementation.shards, tangents=tangents))


@pytest.mark.parametrize("layer", SPECS)
def test_the_reference_does_not_fail(layer):
    looked = looking(REFERENCE, (layer,), ("float64", "float32", "float16", "bfloat16"))
    assert list(search(looked, 25, start=11)) == []
    assert looked.cases == 25
    assert looked.verdicts["conforms"] > 100
    assert set(looked.verdicts) == {"conforms"}


def test_the_same_seed_draws_the_same_cases():
    def ids(start):
        seen = []
        looked = Search(lambda case: seen.append(case.id) or (), Space(("batch_norm", "lp_norm"), ("float32",)))
        assert list(search(looked, 25, start)) == []
        return seen

    assert ids(3) == ids(3)
    assert ids(3) != ids(4)
    assert len(set(ids(3))) > 15


def test_a_case_comes_back_from_its_name():
    seen = []
    looked = Search(lambda case: seen.append(case) or (), Space(tuple(SPECS), ("float32", "bfloat16"), ("strided", "expanded", "permuted")))
    looked.numbers = 2
    assert list(search(looked, 60, 5)) == []
    assert any(case.id.endswith("#1") for case in seen)
    assert {layout for case in seen for _, layout in case.situation.layout} == {"strided", "permuted"}
    for case in seen:
        again = by_name(case.id)
        assert (again.id, again.spec, again.situation, again.deferred) == (case.id, case.spec, case.situation, case.deferred)
        assert again.values.keys() == case.values.keys()
        for step, other in zip(again.steps, case.steps, strict=True):
            assert step.mode == other.mode
            assert all(np.array_equal(a, other.inputs[name]) for name, a in step.inputs.items())


def test_each_kind_of_failure_is_given_once_and_shrunk_to_what_it_needs():
    found = list(search(looking(frozen_late, dtypes=("float64", "float32")), 500, start=1))
    case, checks = found[0]
    assert [step.mode for step in case.steps][-1] == "freeze"
    assert len(case.steps) == 3
    assert case.steps[0].inputs["x"].size <= 4
    assert case.spec.running is not None
    assert {check.verdict for check in checks} == {"fails"}
    kinds = [{(c.layer, c.dtype, c.quantity.partition(".")[2]) for c in checks} for _, checks in found]
    assert len(set().union(*kinds)) == sum(map(len, kinds))
    assert {("batch_norm", "float64", "y"), ("batch_norm", "float32", "y")} <= set().union(*kinds)


def test_a_fault_of_long_axes_alone_is_none_of_these():
    """What no draw reaches is the suite's own to have."""
    assert list(search(looking(long_wrong), 50)) == []


def test_the_command_says_what_it_found_and_how_to_see_it_again(tmp_path, monkeypatch):
    monkeypatch.chdir(Path(__file__).parent)  # where the subject looks for modules
    asked = ["--fuzz", "150", "--seed", "2", "--layer", "layer_norm", "--dtype", "float32", "--out", str(tmp_path)]
    wrong = RUN.invoke(app, ["judge", "planted_faults:halved", *asked])
    assert wrong.exit_code == 1, wrong.output
    assert "kinds of failure" in wrong.output
    (again, *_) = re.findall(r"again: normspec judge planted_faults:halved --case '(.+)'", wrong.output)
    assert RUN.invoke(app, ["judge", "planted_faults:halved", "--case", again, "--out", str(tmp_path)]).exit_code == 1
    assert RUN.invoke(app, ["judge", "reference", "--case", again, "--out", str(tmp_path)]).exit_code == 0
    assert (tmp_path / "planted_faults-halved.fuzz.jsonl").read_text().count("\n") >= 1
    right = RUN.invoke(app, ["judge", "reference", *asked])
    assert (right.exit_code, "0 kinds of failure" in right.output) == (0, True)


def test_a_framework_is_drawn_what_its_usual_variant_can_say(tmp_path):
    asked = Asked(name="flax", cases=(), out=tmp_path, kind="fuzz")
    seen = []
    chance = Chance(n=3, seed=0, layers=("rms_norm",), dtypes=("float32",))
    assert list(fuzz(asked, chance, lambda _: None, seen.append)) == []
    assert seen[-1].cases == 3
    assert seen[-1].verdicts["conforms"]


def test_what_a_framework_has_nothing_of_is_said_so(tmp_path):
    asked = ["judge", "jax", "--fuzz", "20", "--layer", "weight_norm", "--dtype", "float32", "--out", str(tmp_path)]
    found = RUN.invoke(app, asked)
    assert found.exit_code == 2
    assert "normspec: no case could be drawn that can be judged, of weight_norm in float32: ask for" in found.output


def test_a_name_that_was_cut_is_refused():
    case = case_of(replace(next(iter(difficulties())), dtypes=(("float32", "float32"),)))
    with pytest.raises(normspec.NotFound, match="was it cut"):
        by_name(f"{case.id.partition('/')[0]}/{case.id.split('/')[1][:-9]}/float32")


def test_powers_that_leave_the_range_of_the_statistics_are_not_judged():
    """The cube of 0.006 has two digits in float16: no bound knows of that."""
    spec = LpNorm(axes=(-1,), order=3.0, epsilon=2.0**-10, epsilon_place="floor", at_zero="zero", statistics_dtype="input")
    told = {"about": "output", "name": "", "spec": spec, "shapes": ((1,),), "modes": ("train",)}
    small, usual, large = (
        case_of(Difficulty(**told, dtypes=HALF[:1], noise=Noise(offset=offset, spread=offset / 8))) for offset in (2.0**-7, 1.0, 32.0)
    )
    assert [judgeable(case) for case in (small, usual, large)] == [False, True, False]
    wide = case_of(Difficulty(**told, dtypes=FLOAT32, noise=Noise(offset=2.0**-7, spread=2.0**-10)))
    assert judgeable(wide)


def test_a_weight_of_one_value_is_not_judged_where_its_vectors_are_iterated():
    """Roundings of sums of equal terms do not average out: one after another, 108 err as no others of as many do."""
    told = {
        "about": "output",
        "name": "",
        "spec": replace(SPECTRAL, channel_axes=(2,)),
        "shapes": ((1, 9, 24),),
        "modes": ("train",),
        "dtypes": FLOAT32,
    }
    noises = (Noise(flat=0), Noise(flat=1), Noise())
    assert [judgeable(case_of(Difficulty(**told, noise=noise))) for noise in noises] == [False, True, True]


def test_what_owns_nothing_has_no_dtype_of_parameters():
    seen = []
    looked = Search(lambda case: seen.append(case) or (), Space(("lp_norm", "layer_norm"), ("float16",)))
    assert list(search(looked, 60, 2)) == []
    mixed = [case for case in seen if case.situation.parameter_dtype != case.situation.dtype]
    assert mixed
    assert all(case.spec.slots(case.situation.shape) for case in mixed)


def test_every_difficulty_is_judged_with_as_many_sets_of_numbers_as_asked():
    seen = []
    looked = Search(lambda case: seen.append(case) or (), Space(("rms_norm",), ("float32",)), numbers=4)
    assert list(search(looked, 40, 2)) == []
    assert {case.id.rpartition("#")[2] for case in seen if "#" in case.id} == {"1", "2", "3"}
    assert len({case.id.partition("#")[0] for case in seen}) == 10
    assert len({case.steps[0].inputs["x"].tobytes() for case in seen}) == len(seen)


def test_what_a_row_can_tell_of_its_own_cases_alone_is_not_asked_of_that_framework():
    known = deviations("torch")
    counting = replace(BATCH, running=replace(BATCH.running, rate=0.0, start="debiased"))
    told = {"about": "output", "name": "", "dtypes": FLOAT32}
    refused = case_of(Difficulty(**told, spec=counting, shapes=((1, 3),), modes=("train",)))
    taken = case_of(Difficulty(**told, spec=counting, shapes=((5, 3),), modes=("train",)))
    late = case_of(Difficulty(**told, spec=BATCH, shapes=((5, 3),), modes=("evaluate", "train"), deferred=True))
    assert [left_out(known, case) for case in (refused, taken, late)] == [True, False, True]
    assert not any(left_out((), case) for case in (refused, taken, late))


def test_what_fails_comes_with_a_script_that_fails_alike(tmp_path, monkeypatch):
    monkeypatch.chdir(Path(__file__).parent)  # from where drop-ins are imported
    asked = Asked(name="drop_ins:Sample", like="torch.nn.LayerNorm", cases=(), out=tmp_path, kind="fuzz", reproductions=1)
    chance = Chance(n=200, seed=0, layers=("layer_norm",), dtypes=("float32",))
    found = [check for _, checks in fuzz(asked, chance, lambda _: None, lambda _: None) for check in checks]
    scripts = [check.reproduction for check in found if check.reproduction]
    assert len(scripts) == 1
    assert "assert" in scripts[0]
    assert len(scripts[0].splitlines()) <= 15


def test_a_row_allows_its_share_where_that_was_measured_and_the_whole_bound_where_cases_are_drawn():
    (row,) = (row for row in deviations("torch") if row.id == "torch-layer-norm-half-gradients")
    fixed = by_name("layer-norm.output/last-rank-3/float16")
    wider = bounds(replace(fixed, spec=replace(fixed.spec, statistics_dtype="input")), truth(fixed))["0.dx"]
    (expected,) = (e for e in expectation(fixed) if e.quantity == "0.dx")
    drawn = replace(fixed, id=f"{fixed.id}/fuzz~1")
    for case, share in ((fixed, 0.13), (drawn, 1.0)):
        assert np.all(tolerated(case, expected, row).bound == np.maximum(expected.bound, share * wider))
    assert np.all(expected.bound < wider)
