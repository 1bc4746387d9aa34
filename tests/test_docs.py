"""The documentation says what is so: its code runs, its clauses are the code's, its links lead somewhere."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from normspec.conformance.cases import case_of
from normspec.edition import EDITION
from normspec.layers import SPECS, all_clauses
from normspec.load import BACKENDS, findings

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = tuple(page for page in (ROOT / "README.md", *sorted(DOCS.rglob("*.md"))) if page.exists())
FINDINGS = tuple(sorted((DOCS / "findings").glob("*.py")))
GUIDE = DOCS / "add-a-backend.md"
SKELETON = (
    "Meaning",
    "Formula",
    "Parameters",
    "Inputs",
    "Outputs",
    "State",
    "Clauses",
    "Gradient",
    "Degenerate cases",
    "Definition",
    "Example",
    "Positions",
    "Verdicts",
    "Traps",
    "Porting",
    "Sources",
)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(page, language):
    """Give the blocks of a language: each one's first line on the page, counted from 0, and its text."""
    text = page.read_text(encoding="utf-8")
    return [(text.count("\n", 0, m.start(2)), m[2]) for m in BLOCK.finditer(text) if m[1] == language]


def prose(page):
    """Give a page without its code and formulas, in which brackets are no links."""
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    return re.sub(r"\$\$.*?\$\$|\$[^$\n]+\$|`[^`\n]+`", "", text, flags=re.DOTALL)


def name(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_python_block_runs(page):
    namespace = {"__name__": page.stem}
    for line, text in blocks(page, "python"):
        exec(compile("\n" * line + text, page, "exec"), namespace)  # noqa: S102 - so that a traceback has the page's own lines


def test_what_is_generated_is_fresh():
    done = subprocess.run([sys.executable, DOCS / "generate.py", "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_is_stale_is_named(tmp_path):
    copy = tmp_path / "docs"
    shutil.copytree(DOCS, copy)
    shutil.copytree(ROOT / "tests" / "definitions", tmp_path / "tests" / "definitions")
    for name in ("README.md", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    page = copy / "spec" / "layer_norm.md"
    page.write_text(page.read_text(encoding="utf-8").replace("MUST", "may"), encoding="utf-8")
    command = [sys.executable, copy / "generate.py", page, copy / "index.md"]
    done = subprocess.run([*command, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip().endswith(": docs/spec/layer_norm.md")
    subprocess.run(command, check=True)
    assert page.read_text(encoding="utf-8") == (DOCS / "spec" / "layer_norm.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("layer", SPECS)
def test_the_pages_have_one_skeleton(layer):
    text = BLOCK.sub("", (DOCS / "spec" / f"{layer}.md").read_text(encoding="utf-8"))
    assert tuple(re.findall(r"^## (.*)$", text, re.MULTILINE)) == SKELETON


@pytest.mark.parametrize("clause", all_clauses().values(), ids=all_clauses())
def test_every_clause_has_its_anchor_and_its_sentence(clause):
    page = DOCS / "spec" / f"{clause.id.partition('.')[0].replace('-', '_')}.md"
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if f'<a id="{clause.id}">' in line]
    assert [line.partition("<br>")[0] for line in lines] == [f'- <a id="{clause.id}"></a> **{clause.id}** {clause.sentence}']


def published():
    """Give every clause that was ever published, by its id."""
    with (DOCS / "spec" / "clauses.tsv").open(encoding="utf-8", newline="") as lines:
        return {row["clause"]: row for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)}


def test_no_published_clause_disappears_and_new_ones_are_published():
    known, current = published(), {clause: row for clause, row in published().items() if not row["superseded by"]}
    assert list(known) == sorted(known)
    assert set(current) - set(all_clauses()) == set(), "published ids are permanent: they are cited elsewhere"
    assert set(all_clauses()) - set(known) == set(), "to be added to docs/spec/clauses.tsv, with the edition"
    assert {row["superseded by"] for row in known.values()} - {""} <= set(current), "what supersedes is a clause that holds"


def test_no_published_clause_changes_its_meaning():
    changed = {
        clause: row["sentence"]
        for clause, row in published().items()
        if clause in all_clauses() and row["sentence"] != all_clauses()[clause].sentence
    }
    assert changed == {}, (
        "add a clause that supersedes it; or, if its meaning stays, change docs/spec/clauses.tsv and list it in docs/spec/changes.md"
    )


def test_the_edition_is_the_last_one_that_brought_clauses():
    assert max(row["since"] for row in published().values()) == EDITION
    assert f"## {EDITION}" in (DOCS / "spec" / "changes.md").read_text(encoding="utf-8")


def anchors(page):
    """Give what a #fragment may name on a page: its explicit anchors and its headings, as GitHub names them."""
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)">', text))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page):
    targets = re.findall(r"\]\(([^)\s]+)\)", prose(page))
    for target in targets:
        if "://" in target:
            continue
        path, _, fragment = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        assert ROOT in (there, *there.parents), f"{target} leaves the repository"
        assert not fragment or fragment in anchors(there), target


def judged(folder, text):
    """Judge the guide's module, saved as mykernels.py in a folder, by the command that the guide gives."""
    (folder / "mykernels.py").write_text(text, encoding="utf-8")
    command = shutil.which("normspec", path=sysconfig.get_path("scripts"))
    asked = [command, "judge", "mykernels:implementation", "--profile", "quick", "--layer", "layer_norm"]
    return subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False)


def guide_module():
    """Give the one complete module of the guide."""
    (text,) = (text for _, text in blocks(GUIDE, "python") if "normspec.Implementation(" in text)
    return text


def test_the_guides_module_conforms_and_its_results_are_as_shown(tmp_path):
    done = judged(tmp_path, guide_module())
    assert done.returncode == 0, done.stdout + done.stderr
    shown = next(text for _, text in blocks(GUIDE, "text") if text.startswith("mykernels"))
    told = {line for line in shown.splitlines() if "checks" in line or "planned" in line}
    assert told
    assert told <= set(done.stdout.splitlines())
    rows = [json.loads(line) for line in (tmp_path / "results" / "mykernels-implementation.jsonl").read_text().splitlines()]
    assert {row["verdict"] for row in rows} == {"conforms", "unsupported"}
    ((_, shown),) = blocks(GUIDE, "json")
    assert list(json.loads(shown)) == list(rows[0])


def test_a_wrong_copy_of_the_guides_module_fails_by_its_clause(tmp_path):
    right = guide_module()
    wrong = right.replace(" - h.mean(-1, keepdims=True)", "")
    assert wrong != right
    done = judged(tmp_path, wrong)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "fails layer-norm.gradient.x: " in done.stdout
    assert "normspec show layer-norm." in done.stdout


ROWS = [row for backend in BACKENDS for row in findings(backend)]
RUNS = sorted(
    {
        (row.reproduction, name.partition(":")[2] if row.id.startswith("keras") else "")
        for row in ROWS
        for name in row.implementations or ("",)
    }
)
"""Every reproduction, with the backend of Keras that its row is of."""


@pytest.mark.parametrize(("script", "backend"), RUNS)
def test_every_finding_still_happens(script, backend):
    environment = {**os.environ, "KERAS_BACKEND": backend} if backend else dict(os.environ)
    done = subprocess.run([sys.executable, ROOT / script], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_script_belongs_to_a_row():
    assert {row.reproduction for row in ROWS} == {name(script) for script in FINDINGS}


def test_what_was_seen_of_earlier_releases_is_of_rows_that_there_are_and_of_other_versions():
    seen = json.loads((DOCS / "earlier.json").read_text(encoding="utf-8"))
    versions = {row.id: row.versions for row in ROWS}
    for key, ran in seen.items():
        assert versions[key.partition("@")[0]] not in ran["release"]
        assert ran["happens"] in ("yes", "no") or ran["happens"].startswith("it ends at `assert ")
    assert {key.partition("@")[0] for key in seen} == {row.id for row in ROWS}, "python docs/earlier.py, under the releases before"


@pytest.mark.parametrize("deviation", ROWS, ids=lambda row: row.id)
def test_every_deviation_has_its_reproduction(deviation):
    assert ROOT / deviation.reproduction in FINDINGS


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_case_that_a_page_names_is_there(page):
    for case in re.findall(r"(?<![\w/.~-])[a-z-]+\.[a-z.-]+/[a-z0-9-]+/b?float(?:64|32|16)(?![\w.])", page.read_text(encoding="utf-8")):
        assert "/mine/" in case or case_of(case).id == case  # which a guide adds
