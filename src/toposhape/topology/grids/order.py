"""The total order of the vertices: by value, ties by index."""

from __future__ import annotations

from toposhape.base.kernels.marks import inlined

from .links import Integers, Values


@inlined
def precedes(values: Values, u: int, v: int) -> bool:
    """Tell whether vertex u comes before v in the filtration."""
    return (values[u] < values[v]) | ((values[u] == values[v]) & (u < v))  # without branches


@inlined
def find(parent: Integers, node: int) -> int:
    """Return the root of a node's tree in a union-find forest, halving the path to it."""
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node
