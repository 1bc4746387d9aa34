"""Reproductions with Flax and NumPy only. Imports no framework: it writes text.

Of a wrapper, x is the weight of a dense layer, which gives it back where it is called with an identity.
"""

from collections.abc import Mapping

from normspec.backends.dropin import offered
from normspec.backends.flax_linen_script import linen
from normspec.backends.flax_nnx_script import nnx
from normspec.backends.jax_reproduction import FORMS, HEAD, sayer
from normspec.backends.scripts import Draft, Words, imports, worded
from normspec.claim import Claim
from normspec.dialects.entry import native
from normspec.dialects.flax import ENTRIES
from normspec.errors import Unsupported
from normspec.records import Case

WRAPS = ("weight_norm", "spectral_norm")
MATRIX = 2


def words(variant: str, case: Case, claim: Claim, instead: Mapping[str, str]) -> Words:
    """Give the words of a claim about a layer of Flax.

    Raises
    ------
    Unsupported
        Where a wrapper's weight has one axis: then no dense layer has it. Where a derivative along a direction of it is claimed.
    """
    variant = variant or "nnx"
    entry, arguments = native(offered(ENTRIES, instead), variant, case.spec, case.situation)
    wraps = entry.layer in WRAPS
    if wraps and len(case.situation.shape) < MATRIX:
        raise Unsupported(f"a reproduction of {entry.native} is for a weight of rank 2 or more, not {len(case.situation.shape)}")
    if wraps and claim.along:
        raise Unsupported(f"a reproduction of {entry.native} has words for gradients, and none for derivatives along a direction")
    write = linen if variant == "linen" else nnx
    draft = Draft(entry=entry, arguments=arguments, case=case, claim=claim, instead=instead, say=sayer(claim))
    make, steps, owned = write(draft, wraps=wraps)
    head = [*HEAD, f"import flax.{variant}", *imports(instead)]
    return worded(draft, FORMS, owned=owned, head=head, make=make, steps=steps, gradient=[])
