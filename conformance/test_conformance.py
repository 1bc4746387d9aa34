"""The suite as pytest sees it: one test a case, for each implementation named by `--judge`."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from normspec.conformance.judge import judge
from normspec.conformance.subject import Subject
from normspec.load import deviations
from normspec.records import Case


@pytest.fixture(scope="session")
def subject(judged_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    """Give the implementation in its own process, for the whole session."""
    with (tmp_path_factory.mktemp("judge") / "subject.log").open("wb") as log, closing(Subject(judged_name, log)) as started:
        started.start()
        yield started


def test_case(subject: Subject, judged_case: Case) -> None:
    """Every quantity of the case conforms, or deviates as declared; a case that is all unsupported is skipped."""
    subject.ask(judged_case)
    checks = list(judge(judged_case, subject.answer(), deviations(subject.name)))
    failing = [f"{', '.join(c.clauses)}: {c.quantity} {c.detail}" for c in checks if c.verdict == "fails"]
    assert not failing, "\n".join(failing)
    if all(check.verdict == "unsupported" for check in checks):
        pytest.skip(checks[0].detail)
