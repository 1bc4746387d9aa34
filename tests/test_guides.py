"""Every command of every guide runs, in the order of its page, in a folder of its own, and prints what the page shows.

On a page, a block whose first line is `# save as NAME` is saved as that file. A console block is run by bash, which stops at the first
command that fails; a text block after it, if that is the next, is what it prints, `...` standing for lines that are left out. A comment
above a console block, `<!-- exit code 1 -->`, says how it ends, and `<!-- not run: WHY -->` that it is not run here.
README's commands are run by .ci/run.
"""

import math
import os
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"
BLOCK = re.compile(r"(?:^<!-- (?P<told>[^\n]*) -->\n\n?)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
SAVED = re.compile(r"# save as (\S+)\n")
FIGURE = re.compile(r"\d+\.\d+(?:e[+-]?\d+)?")
NUMBER = re.compile(rf"\d+\.\d+\.\d+\S*|about \d+ s|to [\d.]+ bounds|{FIGURE.pattern}")
PAGES = {page.name: page.read_text(encoding="utf-8") for page in sorted(DOCS.rglob("*.md"))}
GUIDES = {name: text for name, text in PAGES.items() if "```console\n" in text}
NOT_RUN = {
    "judge-a-kernel.md": ["it needs a GPU", "it installs the kernels, which tests/test_kernels.py judges where they are"],
    "write-a-check.md": ["it writes files of the clone, after they have been changed"],
}


def blocks(text):
    return [(found["told"] or "", found["language"], found["text"]) for found in BLOCK.finditer(text)]


def ran(commands, folder):
    """Give the exit code of commands, and what they print."""
    path = f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "110", "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    command = ["bash", "-e", "-c", commands]
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def is_alike(shown, said):
    """Tell whether two lines are the same, but for seconds, versions, rounding, and, in a table, errors that are a share of a bound."""
    if NUMBER.sub("#", shown.rstrip()) != NUMBER.sub("#", said.rstrip()):
        return False
    pairs = [(float(a), float(b)) for a, b in zip(NUMBER.findall(shown), NUMBER.findall(said), strict=True) if FIGURE.fullmatch(a)]
    return all(math.isclose(a, b, rel_tol=1e-3) or ("│" in shown and max(a, b) <= 1) for a, b in pairs)


def missing(shown, said):
    """Give the first part of a shown text that was not said, in order; parts stand between `...`, and their lines one after another."""
    lines, at = [line for line in said.splitlines() if line.strip()], 0
    for part in re.split(r"^\.\.\.\n", shown, flags=re.MULTILINE):
        want = [line for line in part.splitlines() if line.strip()]
        fits = (k for k in range(at, len(lines) - len(want) + 1) if all(map(is_alike, want, lines[k:])))
        found = next(fits, None)
        if found is None:
            return part
        at = found + len(want)
    return ""


def play(text, folder):
    """Do what a page tells; give what was not run."""
    left, said = [], None
    for told, language, block in blocks(text):
        if saved := SAVED.match(block):
            (folder / saved[1]).write_text(block, encoding="utf-8")
        if language == "text" and said is not None:
            assert not missing(block, said), f"{missing(block, said)}\nis not in\n{said}"
        said = None
        if language == "console" and told.startswith("not run: "):
            left.append(told.removeprefix("not run: "))
        elif language == "console":
            code, said = ran(block, folder)
            asked = int(told.removeprefix("exit code ")) if told.startswith("exit code ") else 0
            assert code == asked, f"{block}ended with {code}, must end with {asked}:\n{said}"
    return left


@pytest.mark.parametrize("page", GUIDES)
def test_every_command_of_a_guide_runs_and_prints_what_is_shown(page, tmp_path):
    assert play(GUIDES[page], tmp_path) == NOT_RUN.get(page, [])


def test_every_guide_says_first_what_it_takes_and_gives():
    section = (DOCS.parent / "README.md").read_text(encoding="utf-8").partition("\n## Guides\n")[2].partition("\n## ")[0]
    guides = re.findall(r"\]\(docs/([\w-]+\.md)\)", section)
    assert set(GUIDES) <= set(guides)
    for guide in guides:
        head = " ".join(PAGES[guide][:1500].split())
        assert all(words in head for words in ("What you need: ", "What you get: ", "How long it takes: ")), guide


WRONG = {
    "a command that fails": "```console\nfalse\ntrue\n```\n",
    "another exit code": "<!-- exit code 1 -->\n```console\nexit 2\n```\n",
    "another line": "```console\necho one\n```\n\nprints\n\n```text\ntwo\n```\n",
    "another order": "```console\necho one; echo two\n```\n```text\ntwo\n...\none\n```\n",
    "a line left out silently": "```console\nprintf 'one\\ntwo\\nthree\\n'\n```\n```text\none\nthree\n```\n",
    "another count": "```console\necho 3 checks\n```\n```text\n4 checks\n```\n",
    "an error beyond the bound": "```console\necho '│ 1.30 │'\n```\n```text\n│ 0.30 │\n```\n",
    "another figure": "```console\necho rate = 0.01\n```\n```text\nrate = 0.1\n```\n",
    "a file under another name": "```python\n# save as one.py\n```\n```console\ntest -f two.py\n```\n",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_page_is_noticed(wrong, tmp_path):
    with pytest.raises(AssertionError):
        play(WRONG[wrong], tmp_path)


def test_a_right_page_is_right(tmp_path):
    script = "print('about 2 s, 1.0.1 has 0.25 of 3\\n│ 0.25 │ 5 checks, equals x to 0.2 bounds\\nmore\\n\\nend')"
    shown = "about 3 s, 1.0.2 has 0.25 of 3\n│ 0.5 │ 5 checks, equals x to 0.31 bounds\n...\nend\n"
    page = f"```python\n# save as one.py\n{script}\n```\n```console\npython one.py\n```\nIt prints\n```text\n{shown}```\n"
    page += "<!-- not run: it has no end -->\n\n```console\ncat /dev/zero\n```\n"
    assert play(page, tmp_path) == ["it has no end"]
