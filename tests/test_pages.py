"""What the pages of the documentation name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    path
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md"))
    if path.name not in ("evidence.md", "evidence_real.md")  # records of earlier revisions
)
NAMED = re.compile(r"`([\w./-]+\.(?:py|smk))(?:::\w+)?`")
KEPT = [
    path.relative_to(ROOT).as_posix()
    for folder in (
        "src",
        "tests",
        "rules",
        "docs",
        "benchmarks",
        "workflow_scripts",
        "envs",
        "notebooks",
    )
    for path in (ROOT / folder).rglob("*.*")
    if path.suffix in (".py", ".smk")
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_code_that_a_page_names_is_there(page):
    """By its path in the repository, or by the end of one."""
    named = set(NAMED.findall(page.read_text(encoding="utf-8")))
    missing = [name for name in named if not any(f"/{kept}".endswith(f"/{name}") for kept in KEPT)]
    assert not missing
