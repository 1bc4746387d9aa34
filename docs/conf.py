"""How the site is built: `sphinx-build -W docs build/site`. The pages are those of this folder, and nothing is fetched."""  # noqa: INP001 - read by Sphinx

import sys
from pathlib import Path

import ziamath

sys.path.insert(0, str(Path(__file__).parent))  # the extension stands beside this file

project = "normspec"
author = "the normspec authors"
copyright = "the normspec authors, MIT licence"  # noqa: A001 - Sphinx's name for it
extensions = ["myst_parser", "sphinx_copybutton", "site_extension"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
nitpicky = True
exclude_patterns = ["findings/*", "kernels/*"]
highlight_language = "none"
smartquotes = False  # messages and values stand in sentences, too, as they are written

html_theme = "pydata_sphinx_theme"
html_title = "normspec"
html_static_path = ["static", str(Path(ziamath.__file__).parent / "fonts" / "STIXTwoMath-Regular.ttf")]
html_context = {"default_mode": "auto"}
html_css_files = ["normspec.css"]
html_math_renderer = "mathml"
html_show_sourcelink = False
html_copy_source = False
html_show_search_summary = False  # it would fetch pages, which browsers forbid to what is opened from a folder
html_theme_options = {
    "logo": {"text": "normspec"},
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "show_prev_next": False,
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
