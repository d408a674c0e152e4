"""Profiles speak of rules and resources that exist, and are explained."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
PROFILES = {path.parent.name: path for path in (ROOT / "profiles").glob("*/config.yaml")}
RULES = "\n".join(path.read_text() for path in sorted((ROOT / "rules").glob("*.smk")))


def options(profile):
    return yaml.safe_load(PROFILES[profile].read_text())


def test_memory_and_time_are_of_rules_that_exist_and_of_all_with_networks():
    rules = set(re.findall(r"^rule (\w+):|^use rule \w+ as (\w+) with:", RULES, re.MULTILINE))
    names = {first or second for first, second in rules}
    slurm = options("slurm")
    assert set(slurm["set-resources"]) | set(slurm["set-threads"]) <= names
    blocks = re.findall(r"^rule (\w+):(.*?)(?=^rule |\Z)", RULES, re.MULTILINE | re.DOTALL)
    with_gpu = {name for name, body in blocks if "gpu=gpus()" in body}
    assert with_gpu and with_gpu <= set(slurm["set-resources"])


def test_trainings_keep_their_threads():
    changed = options("slurm")["set-threads"]
    assert not [rule for rule in changed if rule.startswith("train_")]  # or weights would differ


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_says_what_the_default_one_says(profile):
    assert options("default").items() <= options(profile).items()


@pytest.mark.parametrize("profile", PROFILES)
def test_every_key_is_explained(profile):
    page = (ROOT / "docs" / "cluster.md").read_text()
    assert not [key for key in options(profile) if f"`{key}`" not in page]
