"""What the site needs beyond Sphinx: formulas as MathML, our anchors as targets, pictures in both themes."""  # noqa: INP001 - an extension of Sphinx

import re
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx

ANCHOR = re.compile(r'<a id="([^"]+)">')


def inline(translator: Any, node: nodes.Element) -> None:
    """Write a formula within a line."""
    translator.body.append(tex2mathml(node.astext()))
    raise nodes.SkipNode


def block(translator: Any, node: nodes.Element) -> None:
    """Write a formula that stands alone; it scrolls where it is wider than the page."""
    translator.body.append(f'<div class="formula" tabindex="0">{tex2mathml(node.astext(), as_block=True)}</div>')
    raise nodes.SkipNode


def anchored(app: Sphinx, document: nodes.document) -> None:
    """Let links lead to the anchors that pages have as `<a id="...">`, and let each show a link to itself."""
    targets = app.env.get_domain("std")
    for raw in list(document.findall(nodes.raw)):
        found = ANCHOR.fullmatch(raw.astext())
        if found:
            targets.note_hyperlink_target(found[1], app.env.docname, found[1])


def setup(app: Sphinx) -> dict[str, bool]:
    """Add all of it."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    app.connect("doctree-read", anchored)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
