"""Laws that hold of every x: between layers, under transformations, of moments, gradients, states and masks. Hypothesis draws the x.

They stand in modules by what they are about, one test each, whose docstring is the law. What is exact is tried in 113 bits.
"""

import re
from pathlib import Path

from laws_adaptive import *  # noqa: F403 - pytest collects the tests that have a name here
from laws_conditional import *  # noqa: F403
from laws_equivalences import *  # noqa: F403
from laws_full import *  # noqa: F403
from laws_ghosts import *  # noqa: F403
from laws_gradients import *  # noqa: F403
from laws_inputs import *  # noqa: F403
from laws_layered import *  # noqa: F403
from laws_lengths import *  # noqa: F403
from laws_local_response import *  # noqa: F403
from laws_masks import *  # noqa: F403
from laws_merging import *  # noqa: F403
from laws_moments import *  # noqa: F403
from laws_recalibration import *  # noqa: F403
from laws_renorm import *  # noqa: F403
from laws_responses import *  # noqa: F403
from laws_running import *  # noqa: F403
from laws_spectral import *  # noqa: F403
from laws_table import *  # noqa: F403
from laws_transformations import *  # noqa: F403


def test_every_law_is_here_by_a_name_of_its_own():
    modules = "".join(path.read_text() for path in Path(__file__).parent.glob("laws_*.py"))
    names = re.findall(r"^def (test_\w+)", modules, re.MULTILINE)
    assert len(names) == len(set(names)) > 80
    assert all(globals()[name].__doc__ for name in names)
