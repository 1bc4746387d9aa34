"""What the site needs beyond Sphinx: formulas as MathML, our anchors as targets, pictures in both themes."""  # noqa: INP001 - an extension of Sphinx

import re
from typing import Any, cast

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain

ANCHOR = re.compile(r'<a id="([^"]+)">')
FIRST = 400
"""The priority by which all is in place before Sphinx gathers titles and images."""


def inline(translator: Any, node: nodes.Element) -> None:
    """Write a formula within a line."""
    translator.body.append(tex2mathml(node.astext()))
    raise nodes.SkipNode


def block(translator: Any, node: nodes.Element) -> None:
    """Write a formula that stands alone; it scrolls where it is wider than the page."""
    translator.body.append(f'<div class="formula" tabindex="0">{tex2mathml(node.astext(), as_block=True)}</div>')
    raise nodes.SkipNode


def anchored(app: Sphinx, document: nodes.document) -> None:
    """Let links lead to the anchors that pages have as `<a id="...">`: of a heading, it is one more id of its section."""
    targets = cast("StandardDomain", app.env.get_domain("std"))
    for raw in list(document.findall(nodes.raw)):
        found = ANCHOR.fullmatch(raw.astext())
        if not found:
            continue
        targets.note_hyperlink_target(found[1], app.env.docname, found[1])
        if isinstance(raw.parent, nodes.title):
            raw.parent.parent["ids"].append(found[1])
            for part in [part for part in raw.parent if isinstance(part, nodes.raw)]:
                raw.parent.remove(part)
        elif isinstance(raw.parent, nodes.paragraph):  # a clause: it shows the link to itself
            link = f'<a class="headerlink" href="#{found[1]}" title="Link to {found[1]}">#</a>'
            raw.parent.append(nodes.raw("", link, format="html"))


def pictured(_: Sphinx, document: nodes.document) -> None:
    """Put two images in the place of a `<picture>`, one for each theme, so that the reader's choice counts and not the system's."""
    for raw in list(document.findall(nodes.raw)):
        source, picture, image = raw.astext().partition("<img")
        if picture and "<picture>" in source:
            pair = (("only-light", _attribute(image, "src")), ("only-dark", _attribute(source, "srcset")))
            raw.parent.replace(raw, [nodes.image(uri=uri, alt=_attribute(image, "alt"), classes=[shown]) for shown, uri in pair])


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found[1] if found else ""


def setup(app: Sphinx) -> dict[str, bool]:
    """Add all of it."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    app.connect("doctree-read", pictured, priority=FIRST)
    app.connect("doctree-read", anchored, priority=FIRST)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
