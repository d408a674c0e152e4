"""Training, validation and test shapes of a category."""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from .requests import safe_id
from .signature import near_duplicates
from .split_files import PARTS

Split = dict[str, list[str]]


def split_shapes(
    manifest: pd.DataFrame,
    shares: Mapping[str, float],
    seed: int,
    given: Mapping[str, Sequence[str]] | None = None,
) -> Split:
    """Split the accepted shapes; copies of the same geometry never stand in two parts.

    Without a given split, groups of copies are shuffled by the seed and dealt to the parts. A
    given split is obeyed. If it has no validation part, one is cut from its training part in the
    proportion of the shares. Copies across given parts stay in the part that comes first in
    test, validation, training, and are dropped from the others with a warning.

    Args:
        manifest: of the category, all batches.
        shares: of ``training``, ``validation`` and ``test``; their sum is 1.
        seed: of the shuffling.
        given: ids of each part, from `read_split_files`.

    Returns:
        sorted ids of each part.

    Raises:
        ValueError: if a part that has a share ends up empty.
    """
    accepted = manifest[manifest["status"] == "ok"].sort_values("shape")
    group = dict(
        zip(accepted["shape"], near_duplicates(list(accepted["geometry_hash"])), strict=True)
    )
    rng = np.random.default_rng(seed)
    if given is None:
        split = _deal(group, {part: shares[part] for part in PARTS}, rng)
    else:
        split = _obey(group, given)
        if not split["validation"] and shares["validation"] > 0:
            known = shares["training"] + shares["validation"]
            cut = {part: shares[part] / known for part in PARTS[:2]}
            split |= _deal({shape: group[shape] for shape in split["training"]}, cut, rng)
    empty = [part for part in PARTS if shares[part] > 0 and not split[part]]
    if empty:
        raise ValueError(
            f"no shapes for {' and '.join(empty)}: {len(accepted)} accepted shapes are too few "
            "for the shares, or the split files name none that was accepted"
        )
    return {part: sorted(split[part]) for part in PARTS}


def _deal(group: Mapping[str, int], shares: Mapping[str, float], rng: np.random.Generator) -> Split:
    """Deal whole groups, shuffled, each to the part that lacks most of its share."""
    members: dict[int, list[str]] = {}
    for shape, number in group.items():
        members.setdefault(int(number), []).append(shape)
    split: Split = {part: [] for part in shares}
    goal = {part: share * len(group) for part, share in shares.items()}
    order = [members[number] for number in rng.permutation(sorted(members))]
    for shapes in sorted(order, key=len, reverse=True):
        neediest = max(shares, key=lambda part: goal[part] - len(split[part]))
        split[neediest] += shapes
    return split


def _obey(group: Mapping[str, int], given: Mapping[str, Sequence[str]]) -> Split:
    """The accepted shapes of given parts, without copies across parts."""
    split: Split = {part: [] for part in PARTS}
    owner: dict[int, str] = {}
    dropped: list[str] = []
    for part in reversed(PARTS):
        for name in given.get(part, ()):
            shape = safe_id(name)
            if shape not in group:
                shape = safe_id(name.rpartition(".")[0])  # split files may name suffixes too
            if shape not in group:
                continue
            if owner.setdefault(group[shape], part) == part:
                split[part].append(shape)
            else:
                dropped.append(f"{shape} from {part} (a copy is in {owner[group[shape]]})")
    if dropped:
        warnings.warn(
            f"{len(dropped)} copies across given parts were dropped: {', '.join(dropped)}",
            stacklevel=2,
        )
    return split
