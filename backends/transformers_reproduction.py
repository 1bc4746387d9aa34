"""Reproductions with Transformers, PyTorch and NumPy only. Imports no framework: it writes text."""

from collections.abc import Mapping

from normspec.backends.dropin import offered
from normspec.backends.scripts import Words
from normspec.backends.torch_reproduction import written
from normspec.claim import Claim
from normspec.dialects.entry import native
from normspec.dialects.transformers import ENTRIES
from normspec.records import Case


def words(variant: str, case: Case, claim: Claim, instead: Mapping[str, str]) -> Words:
    """Give the words of a claim about a module of a model."""
    entry, arguments = native(offered(ENTRIES, instead), variant or "llama", case.spec, case.situation)
    modules = () if instead else (entry.native.rpartition(".")[0],)
    return written(entry, arguments, variant, case, claim, instead, *modules)
