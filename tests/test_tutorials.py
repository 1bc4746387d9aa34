"""The page of what tutorials get wrong: every erratum has a source, a clause, and code that stands alone."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"
TEXT = (DOCS / "tutorials.md").read_text(encoding="utf-8")
ERRATA = tuple(re.findall(r"^### (.+)$", TEXT, re.MULTILINE))


@pytest.fixture(scope="module")
def sections():
    """Give the module that reads the page, which stands beside it."""
    sys.path.insert(0, str(DOCS))
    try:
        spec = importlib.util.spec_from_file_location("sections.tutorials", DOCS / "sections/tutorials.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(DOCS))
    return module


@pytest.fixture(scope="module")
def errata(sections):
    """Give the errata by their titles."""
    return {erratum.title: erratum for erratum in sections.errata(TEXT)}


def namespace():
    """Give what the page's first block defines, for the others."""
    names = {}
    exec(re.search(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)[1], names)  # noqa: S102 - a page of ours
    return names


@pytest.mark.parametrize("title", ERRATA)
def test_the_code_of_an_erratum_stands_alone(errata, title):
    exec("".join(errata[title].blocks), namespace())  # noqa: S102 - a page of ours


@pytest.mark.parametrize("title", ERRATA)
def test_the_code_of_an_erratum_notices_a_reference_that_is_wrong(errata, title, monkeypatch):
    names = namespace()
    for k, name in enumerate(name for name in names if name.endswith("_norm")):
        monkeypatch.setitem(names, name, wrong(names[name], 0.1 * (k + 1)))
    with pytest.raises(AssertionError):
        exec("".join(errata[title].blocks), names)  # noqa: S102 - a page of ours


def wrong(layer, leak):
    """Give a layer into whose y, where there is one, its x leaks, and whose state moves too far."""

    def leaking(x, *rest, **told):
        y, *others = layer(x, *rest, **told)
        if isinstance(others[0], dict):
            others[0] = {name: value if name == "count" else value * (1 + leak) for name, value in others[0].items()}
        return (y if y is None else y + leak * x**2, *others)

    return leaking


def test_every_source_is_there_and_cited(errata):
    cited = {anchor for e in errata.values() for anchor in re.findall(r"\(#(\w+)\)", e.sources)}
    assert cited == set(re.findall(r'^- <a id="(\w+)">', TEXT, re.MULTILINE))
    assert len(cited) == 5


def test_a_source_has_one_name(errata):
    names = {link for e in errata.values() for link in re.findall(r"\[[^\]]+\]\(#\w+\)", e.sources)}
    assert len(names) == 5


PARTS = {
    "a claim": ("**Said** (", "Said ("),
    "a statement": ("**So it is**", "So it is"),
    "a python block that asserts": ("assert ", "passed = "),
    "a clause": ("spec/layer_norm.md#layer-norm.axes", "spec/layer_norm.md#layer-norm.axis"),
}


@pytest.mark.parametrize("part", PARTS)
def test_an_erratum_without_a_part_is_refused(sections, part):
    whole = re.search(r'(<a id="layer-norm-feature">.*?)(?=<a id=)', TEXT, re.DOTALL)[1]
    assert [e.title for e in sections.errata(whole)] == ["Layer norm, by feature"]
    there, instead = PARTS[part]
    assert there in whole
    with pytest.raises(ValueError, match=f"'layer-norm-feature' lacks: .*{part}"):
        sections.errata(whole.replace(there, instead))


def test_an_erratum_without_an_anchor_is_refused(sections):
    with pytest.raises(ValueError, match="must follow its anchor"):
        sections.errata(TEXT.replace('<a id="bias"></a>\n', ""))
