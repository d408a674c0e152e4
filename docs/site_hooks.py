"""What `mkdocs build` does beyond Markdown (mkdocs.yml names this file).

Files of the repository that pages link to come along, so that the site needs no host; the names
that a room of the package exports become entries of the reference; formulas become MathML, which
browsers draw without a script.
"""

import ast
import html
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from latex2mathml.converter import convert

ROOT = Path(__file__).parents[1]
OUTSIDE = "repository/"  # in the site: what does not come from docs/
IN_NAVIGATION = ("benchmarks/README.md", "CONTRIBUTING.md", "CHANGELOG.md")
"""Files outside docs/ that are pages, whether a page links to them or not."""
LINK = re.compile(r"\]\(([^)\s#]+)(#[^)\s]*)?\)")
NAMES = re.compile(r"^<!-- names of ([\w.]+) -->$", re.MULTILINE)
PRIME = re.compile(r"<msup>(<mi>[^<]*</mi>)<mi>(&#x0203[23];)</mi></msup>")
FUNCTION = re.compile(r"(</(?:mi|mn|msub)>)?(<mi>(?:cos|sin|tan|exp|log)</mi>)(?=<mi>)")
SPACE = '<mspace width="0.167em" />'
FORMULA = re.compile(r'<(span|div) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', re.DOTALL)


def in_repository(uri: str) -> str:
    """Path in the repository of what has this address in the site."""
    return uri.removeprefix(OUTSIDE) if uri.startswith(OUTSIDE) else f"docs/{uri}"


def in_site(path: str) -> str:
    """Address in the site of a path in the repository."""
    return path.removeprefix("docs/") if path.startswith("docs/") else OUTSIDE + path


def target_of(page: str, link: str) -> str | None:
    """Path in the repository that a page's link means; None of an address elsewhere."""
    if ":" in link:
        return None
    return os.path.normpath(PurePosixPath(in_repository(page)).parent / link)


def with_links_of_the_site(markdown: str, page: str) -> str:
    """A page whose links mean the same files as in the repository."""

    def mended(match: re.Match[str]) -> str:
        target = target_of(page, match[1])
        if target is None or not (ROOT / target).is_file():
            return match[0]  # mkdocs says if it leads nowhere
        address = os.path.relpath(in_site(target), PurePosixPath(page).parent)
        return f"]({address}{match[2] or ''})"

    return LINK.sub(mended, markdown)


def linked_outside(markdown: str, page: str) -> Iterator[str]:
    """Addresses in the site of the files outside docs/ that a page links to."""
    for link, _ in LINK.findall(markdown):
        target = target_of(page, link)
        if target and not target.startswith("docs/") and (ROOT / target).is_file():
            yield in_site(target)


def exported(package: str) -> Iterator[str]:
    """Full names of what a package exports, where they are defined: of its stub, or its table."""
    folder = ROOT / "src" / Path(*package.split("."))
    stub = folder / "__init__.pyi"
    file = stub if stub.exists() else folder / "__init__.py"
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.level == 1 and file == stub:
            yield from (f"{package}.{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_LOADED_ON_USE":
            table = ast.literal_eval(node.value)
            yield from (f"{package}.{module}.{name}" for name, module in table.items())


def with_entries(markdown: str) -> str:
    """A page of the reference with an entry for each exported name that it does not have yet."""

    def entries(match: re.Match[str]) -> str:
        found = (f"::: {name}\n" for name in exported(match[1]))
        return "\n".join(entry for entry in found if entry not in markdown)

    return NAMES.sub(entries, markdown)


def on_files(files: Any, config: Any) -> Any:
    """Take in the files outside docs/ that pages link to, and those that these link to."""
    from mkdocs.structure.files import File

    pages = [(page.src_uri, page.content_string) for page in files.documentation_pages()]
    wanted = [in_site(path) for path in IN_NAVIGATION]
    wanted += [address for uri, text in pages for address in linked_outside(text, uri)]
    while wanted:
        address = wanted.pop()
        if address in files.src_uris:
            continue
        path = ROOT / in_repository(address)
        files.append(File.generated(config, address, abs_src_path=str(path)))
        if path.suffix == ".md":
            wanted += linked_outside(path.read_text(encoding="utf-8"), address)
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Mend links, name what packages export."""
    return with_entries(with_links_of_the_site(markdown, page.file.src_uri))


def on_page_content(content: str, **_: Any) -> str:
    """Formulas as MathML."""

    def drawn(match: re.Match[str]) -> str:
        display = "block" if match[1] == "div" else "inline"
        made = convert(html.unescape(match[2]), display=display)
        made = PRIME.sub(
            r'<mrow>\1<mo lspace="0" rspace="0">\2</mo></mrow>', made
        )  # not raised twice
        return FUNCTION.sub(lambda m: f"{m[1]}{SPACE}{m[2]}{SPACE}" if m[1] else m[2] + SPACE, made)

    return FORMULA.sub(drawn, content)
