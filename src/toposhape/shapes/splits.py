"""Training, validation and test shapes of a category."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from .signature import near_duplicates
from .split_files import LEAST, PARTS

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
    test, validation, training, and are dropped from the others. `account_of_split` tells what
    became of every given id.

    Args:
        manifest: of the category, all batches.
        shares: of ``training``, ``validation`` and ``test``; their sum is 1.
        seed: of the shuffling.
        given: ids of each part, from `toposhape.shapes.requests.request_shapes`.

    Returns:
        sorted ids of each part.

    Raises:
        ValueError: if a part that has a share ends up empty, or a given id was never requested.
    """
    accepted = manifest[manifest["status"] == "ok"].sort_values("shape")
    group = dict(
        zip(accepted["shape"], near_duplicates(list(accepted["geometry_hash"])), strict=True)
    )
    rng = np.random.default_rng(seed)
    _require_requested(given or {}, set(manifest["shape"]))
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
            f"({sum(LEAST.values())} different ones are the least), or the split files name none "
            "that was accepted"
        )
    return {part: sorted(split[part]) for part in PARTS}


def _deal(group: Mapping[str, int], shares: Mapping[str, float], rng: np.random.Generator) -> Split:
    """Deal whole groups, shuffled, each to the part that lacks most of its share.

    Of a handful of shapes a part may get less than its least: the largest part that can spare a
    group gives one.
    """
    members: dict[int, list[str]] = {}
    for shape, number in group.items():
        members.setdefault(int(number), []).append(shape)
    dealt: dict[str, list[list[str]]] = {part: [] for part in shares}
    goal = {part: share * len(group) for part, share in shares.items()}
    order = [members[number] for number in rng.permutation(sorted(members))]
    for shapes in sorted(order, key=len, reverse=True):
        neediest = max(shares, key=lambda part: goal[part] - _count(dealt[part]))
        dealt[neediest].append(shapes)
    for part in (each for each in reversed(PARTS) if shares.get(each, 0) > 0):
        while _count(dealt[part]) < LEAST[part]:
            can = [p for p in shares if p != part and _count(dealt[p][:-1]) >= LEAST[p]]
            if not can:
                break
            dealt[part].append(dealt[max(can, key=lambda p: _count(dealt[p]))].pop())
    return {part: [shape for shapes in dealt[part] for shape in shapes] for part in shares}


def _count(groups: Sequence[Sequence[str]]) -> int:
    return sum(map(len, groups))


def _obey(group: Mapping[str, int], given: Mapping[str, Sequence[str]]) -> Split:
    """The accepted shapes of given parts, without copies across parts."""
    split: Split = {part: [] for part in PARTS}
    owner: dict[int, str] = {}
    for part in reversed(PARTS):
        accepted = [shape for shape in given.get(part, ()) if shape in group]
        split[part] = [s for s in accepted if owner.setdefault(group[s], part) == part]
    return split


def _require_requested(given: Mapping[str, Sequence[str]], requested: set[str]) -> None:
    """Refuse ids of which the manifest says nothing: they would be lost without a word."""
    for part, shapes in given.items():
        if lost := [shape for shape in shapes if shape not in requested]:
            raise ValueError(
                f"the split files put {_listed(lost)} into {part}, which the category does not "
                "have: mend the split files"
            )


def account_of_split(
    manifest: pd.DataFrame, split: Mapping[str, Sequence[str]], given: Mapping[str, Sequence[str]]
) -> list[str]:
    """What became of the shapes of a given split, in lines for people.

    Args:
        manifest: of the category.
        split: from `split_shapes`.
        given: what that was given.

    Returns:
        A line for each part, each with the rejected shapes and their reasons and the copies that
        were dropped, all by name; and one for accepted shapes that the split files do not name.
    """
    reasons = manifest[manifest["status"] != "ok"].set_index("shape")["reason"]
    used = {shape for shapes in split.values() for shape in shapes}
    lines = []
    for part, shapes in given.items():
        rejected = [f"{shape} ({reasons[shape]})" for shape in shapes if shape in reasons]
        copies = [shape for shape in shapes if shape not in used and shape not in reasons]
        line = f"{part}: {len(shapes)} given, {len(shapes) - len(rejected) - len(copies)} used"
        for what, lost in (("rejected", rejected), ("copies of shapes in other parts", copies)):
            line += f"; {len(lost)} {what}: {', '.join(lost)}" if lost else ""
        lines.append(line)
    named = {shape for shapes in given.values() for shape in shapes}
    accepted = manifest["shape"][manifest["status"] == "ok"]
    if unnamed := [shape for shape in accepted if shape not in named]:
        lines.append(f"left out, since no split file names them: {_listed(unnamed)}")
    return lines


def _listed(shapes: Sequence[str], most: int = 20) -> str:
    more = f" and {len(shapes) - most} more" if len(shapes) > most else ""
    return ", ".join(shapes[:most]) + more
