"""The identities of a configuration as they were when results were made from it.

`python tests/settings/stored_run.py` stores those of today's `config.yaml` in `stored_run.json`.
That says: trainings of earlier results are no longer found, on purpose.
"""

import json
from pathlib import Path

import yaml

from toposhape.settings.run import read_config

ROOT = Path(__file__).parents[2]
STORED = Path(__file__).with_suffix(".json")


def store() -> None:
    """Write the configuration of today, with the identity of each of its sections."""
    given = yaml.safe_load((ROOT / "config.yaml").read_text())
    stored = {"given": given, "identity": read_config(given).identity()}
    STORED.write_text(json.dumps(stored, indent=1) + "\n")


if __name__ == "__main__":
    store()
