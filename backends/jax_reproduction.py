"""Reproductions with JAX and NumPy only; what Flax' have in common with them. Imports no framework: it writes text."""

from collections.abc import Mapping

import numpy as np

from normspec.backends.dropin import offered
from normspec.backends.scripts import Draft, Forms, Say, Words, following, given, imports, in_words, result, variables, worded
from normspec.claim import Claim
from normspec.dialects.entry import native
from normspec.dialects.jax import ENTRIES
from normspec.records import Case

HEAD = ("import jax", 'jax.config.update("jax_enable_x64", True)')
FORMS = Forms("{0}.ravel()", "float({0})", "{0}.dtype.name")


def words(variant: str, case: Case, claim: Claim, instead: Mapping[str, str]) -> Words:
    """Give the words of a claim about JAX' function."""
    entry, arguments = native(offered(ENTRIES, instead), variant, case.spec, case.situation)
    draft, steps = Draft(entry=entry, arguments=arguments, case=case, claim=claim, instead=instead, say=sayer(claim)), []
    for k in range(len(case.steps)):
        x, told = variables(case)[k][0], masked(case, k, "where")
        function = f"lambda x: {draft.call('x', **told)}"
        take = f"{result(case, k)} = jax.jit({function})({x})"
        steps.append([*given(draft, k), pulled(draft, function, (x,), "(dx,)") if k == claim.step and claim.differentiated else take])
    return worded(draft, FORMS, owned={}, head=[*HEAD, *imports(instead)], make=[], steps=steps, gradient=[])


def sayer(claim: Claim) -> Say:
    """Give what says an array in JAX' words."""
    return lambda name, a: f'jax.numpy.asarray({in_words(name, a, claim)}, "{np.asarray(a).dtype.name}")'


def masked(case: Case, k: int, name: str) -> dict[str, str]:
    """Give the argument that takes the mask of a step, where it has one."""
    return {name: variables(case, "mask")[k][0]} if "mask" in case.steps[k].inputs else {}


def pulled(draft: Draft, function: str, of: tuple[str, ...], gradients: str) -> str:
    """Give the line that takes the gradients of a function at `of`, compiled, as variables of these names; or y's derivative, as y."""
    claim, more, names = draft.claim, following(draft), function.removeprefix("lambda ").partition(":")[0]
    taken = f"jax.vjp({function}, {names})[1](dy)" if claim.of else f"({function})({names})"
    taken = f"jax.jvp(lambda x: {taken}, (x,), (w,))[1]" if claim.along else taken
    results = gradients if claim.of else result(draft.case, claim.step)
    return f"{results} = jax.jit(lambda {', '.join([names, *more])}: {taken})({', '.join([*of, *more.values()])})"
