"""Reproductions with Haiku and NumPy only. Imports no framework: it writes text."""

from collections.abc import Mapping

from normspec.backends.dropin import offered
from normspec.backends.jax_reproduction import FORMS, HEAD, pulled, sayer
from normspec.backends.scripts import TRAINS, Draft, Words, given, imports, result, variables, worded
from normspec.claim import Claim
from normspec.dialects.entry import native
from normspec.dialects.haiku import ENTRIES
from normspec.errors import Unsupported
from normspec.records import Case

TOLD = {"batch_norm": "is_training", "spectral_norm": "update_stats"}
"""The argument by which a layer is told to train."""
AVERAGES = {"running_mean": "mean_ema", "running_variance": "var_ema"}


def words(variant: str, case: Case, claim: Claim, instead: Mapping[str, str]) -> Words:
    """Give the words of a claim about a layer of Haiku."""
    entry, arguments = native(offered(ENTRIES, instead), variant, case.spec, case.situation)
    draft = Draft(entry=entry, arguments=arguments, case=case, claim=claim, instead=instead, say=sayer(claim))
    trained = ", **told" if entry.layer in TOLD else ""
    make = [f"f = haiku.transform_with_state(lambda x{trained}: {draft.call(name=repr('layer'))}(x{trained}))", *_loaded(draft)]
    owned = {name: f'p["layer"]["{entry.names[name]}"]' for name in ("scale", "shift") if name in entry.names}
    owned |= {f"d{name}": f"d{place}" for name, place in owned.items()}
    owned |= {name: f's["layer/~/{module}"]["average"]' for name, module in AVERAGES.items() if name in entry.names}
    owned |= {"count": 's["layer/~/mean_ema"]["counter"]', "u": 's["layer"]["u0"]'}
    steps = [_step(draft, k) for k in range(len(case.steps))]
    return worded(draft, FORMS, owned=owned, head=[*HEAD, "import haiku", *imports(instead)], make=make, steps=steps, gradient=[])


def _loaded(draft: Draft) -> list[str]:
    """Give the lines that make parameters and state.

    Raises
    ------
    Unsupported
        Where nothing is loaded: what is born takes a call of `init`, which scripts do not make.
    """
    case, names, say = draft.case, draft.entry.names, draft.say
    if not case.values and case.spec.slots(case.situation.shape):
        raise Unsupported("a reproduction of haiku has words for what is loaded, and none for what is born")
    wide = _lying(draft)
    own = ", ".join(f'"{names[name]}": {say(name, a)}{wide}' for name, a in case.values.items() if name in ("scale", "shift"))
    lines = [f'p = {{"layer": {{{own}}}}}' if own else "p = {}"]
    if "u" in case.values:
        return [*lines, f's = {{"layer": {{"u0": {say("u", case.values["u"])}[None], "sigma": 1.0}}}}']
    if "count" not in case.values:
        return [*lines, "s = {}"]
    left = f"(1 - {draft.arguments['decay_rate']!r}**k)"
    averages = {module: f"{say(name, case.values[name])}{wide}" for name, module in AVERAGES.items()}
    told = ", ".join(f'"layer/~/{module}": {{"counter": k, "hidden": {left} * {a}, "average": {a}}}' for module, a in averages.items())
    return [*lines, f"k = {say('count', case.values['count'])}", f"s = {{{told}}}"]


def _lying(draft: Draft) -> str:
    """Give the index that puts what lies along axes of x in the shape that Haiku has it in."""
    spec, shape = draft.case.spec, draft.case.situation.shape
    rank = len(shape)
    if draft.entry.lie == "short":
        after = rank - 1 - spec.at_rank(rank).channel_axes[0]
        return f"[:{', None' * after}]" if after else ""
    lie = spec.geometry(shape).lie
    alone = draft.entry.lie == "row" or (draft.entry.lie == "trailing" and lie == (rank - 1,))
    return "" if alone else f"[{', '.join(':' if axis in lie else 'None' for axis in range(rank))}]"


def _step(draft: Draft, k: int) -> list[str]:
    case, layer, x = draft.case, draft.entry.layer, variables(draft.case)[k][0]
    told = f", {TOLD[layer]}={case.steps[k].mode in TRAINS}" if layer in TOLD else ""
    call = f"f.apply(p, s, None, x{told})"
    if k == draft.claim.step and draft.claim.differentiated:
        return [*given(draft, k), pulled(draft, f"lambda p, x: {call}[0]", ("p", x), "dp, dx")]
    return [*given(draft, k), f"{result(case, k)}, s = jax.jit(lambda p, s, x: {call})(p, s, {x})"]
