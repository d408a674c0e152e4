"""`python -m toposhape.settings` (make config): what is written from the models, in a checkout."""

import json
from pathlib import Path

from .config_file import with_comments
from .page import with_tables
from .schema import config_schema

CONFIG = Path("config.yaml")
PAGE = Path("docs/configuration.md")
SCHEMA = Path("schemas/config.schema.json")


def written(root: Path) -> dict[Path, str]:
    """The content of each file, by its path in the checkout."""
    return {
        CONFIG: with_comments((root / CONFIG).read_text(encoding="utf-8")),
        PAGE: with_tables((root / PAGE).read_text(encoding="utf-8")),
        SCHEMA: json.dumps(config_schema(), indent=1, ensure_ascii=False) + "\n",
    }


def main() -> None:
    """Write them in the current folder."""
    for path, text in written(Path()).items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
