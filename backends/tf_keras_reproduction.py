"""Reproductions with Keras 2 and NumPy only. Imports no framework: it writes text."""

from collections.abc import Mapping

from normspec.backends.dropin import offered
from normspec.backends.keras_script import layer_of
from normspec.backends.scripts import Draft, Forms, Words, imports, leaf_of, worded
from normspec.backends.tensorflow_reproduction import pulled, sayer, taped
from normspec.claim import Claim
from normspec.dialects.entry import native
from normspec.dialects.tf_keras import ENTRIES
from normspec.records import Case

FORMS = Forms("np.ravel({0})", "float({0})", "tf.as_dtype({0}.dtype).name")


def words(variant: str, case: Case, claim: Claim, instead: Mapping[str, str]) -> Words:
    """Give the words of a claim about a layer of Keras 2."""
    entry, arguments = native(offered(ENTRIES, instead), variant, case.spec, case.situation)
    draft = Draft(entry=entry, arguments=arguments, case=case, claim=claim, instead=instead, say=sayer(claim))
    said = layer_of(draft)
    leaf = leaf_of(draft, said.owned)
    steps = [[*own[:-1], *taped(draft, k, own[-1:], leaf)] for k, own in enumerate(said.steps)]
    wraps = ('import os; os.environ["TF_USE_LEGACY_KERAS"] = "1"',) if entry.layer == "spectral_norm" else ()
    head = [*wraps, "import tensorflow as tf", "import tf_keras", *imports(instead)]
    return worded(draft, FORMS, owned=said.owned, head=head, make=said.make, steps=steps, gradient=pulled(draft, leaf))
