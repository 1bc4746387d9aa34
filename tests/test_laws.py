"""The laws of the layers."""
from laws_equivalences import *  # noqa: F403
from laws_transformations import *  # noqa: F403
from laws_moments import *  # noqa: F403
from laws_table import *  # noqa: F403
from laws_gradients import *  # noqa: F403
from laws_running import *  # noqa: F403
from laws_merging import *  # noqa: F403
from laws_masks import *  # noqa: F403
from laws_local_response import *  # noqa: F403
from laws_spectral import *  # noqa: F403
