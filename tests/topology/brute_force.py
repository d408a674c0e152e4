"""Persistence of small grids by the definitions: all cells, dense matrices, loops."""

import itertools

import numpy as np


class Cells(list):
    """Cells of a grid by dimension; each is the frozenset of its vertices, as flat indices."""

    def boundary(self, cell):
        """The faces of a cell: the cells one dimension lower that it holds."""
        return self.faces[cell]


def all_cells(shape, complex):
    """The cells of a small grid."""
    cells = [set() for _ in range(4)]
    for corner in np.ndindex(*shape):
        cube = [
            np.add(corner, step)
            for step in itertools.product((0, 1), repeat=len(shape))
            if (np.add(corner, step) < shape).all()
        ]
        if complex == "cubical":
            for far in cube:
                inside = [v for v in cube if (v <= far).all()]
                cells[int(np.sum(far - corner))].add(flat(inside, shape))
        else:
            for k in range(1, len(shape) + 2):
                for some in itertools.combinations(cube, k):
                    if (some[0] == corner).all() and all(
                        (a <= b).all() for a, b in itertools.pairwise(some)
                    ):
                        cells[k - 1].add(flat(some, shape))
    found = Cells(sorted(own, key=sorted) for own in cells)
    found.faces = {c: set() for c in found[0]} | {
        c: {face for face in below if face < c}
        for below, own in itertools.pairwise(found)
        for c in own
    }
    return found


def flat(vertices, shape):
    return frozenset(int(np.ravel_multi_index(v, shape)) for v in vertices)


def image_pairs(f, g, cells, degree):
    """Reduce boundaries in the order of g, rows in the order of f; (death, birth) vertices.

    Superlevel sets; f <= g.  Classes that live for no time in these values are left out.
    """
    f_rank, g_rank = (np.argsort(np.argsort(-x.ravel(), kind="stable")) for x in (f, g))
    row = {
        c: i for i, c in enumerate(sorted(cells[degree], key=lambda c: max(f_rank[v] for v in c)))
    }
    columns = sorted(cells[degree + 1], key=lambda c: max(g_rank[v] for v in c))
    pivots, pairs = {}, []
    for cell in columns:
        column = cells.boundary(cell)
        while column and (last := max(column, key=row.__getitem__)) in pivots:
            column = column ^ pivots[last]
        if column:
            pivots[last] = column
            death, birth = max(cell, key=g_rank.__getitem__), max(last, key=f_rank.__getitem__)
            if f.ravel()[birth] > g.ravel()[death]:
                pairs.append((death, birth))
    return pairs


def image_rank(f, g, cells, degree, high, low):
    """The rank of H({f >= high}) -> H({g >= low}), by linear algebra."""
    inside = [c for c in cells[degree] if all(f.ravel()[v] >= high for v in c)]
    cycles = cycle_basis(inside, cells, degree)
    filling = [c for c in cells[degree + 1] if all(g.ravel()[v] >= low for v in c)]
    boundaries = [cells.boundary(c) for c in filling]
    return rank(boundaries + cycles) - rank(boundaries)


def cycle_basis(inside, cells, degree):
    """Chains of some cells without boundary."""
    found, pivots = [], {}
    for cell in inside:
        edge, chain = cells.boundary(cell), {cell}
        while edge and (last := max(edge, key=sorted)) in pivots:
            edge, chain = edge ^ pivots[last][0], chain ^ pivots[last][1]
        if edge:
            pivots[last] = edge, chain
        else:
            found.append(chain)
    return found


def rank(chains):
    pivots = {}
    for chain in chains:
        while chain and (last := max(chain, key=sorted)) in pivots:
            chain = chain ^ pivots[last]
        if chain:
            pivots[last] = chain
    return len(pivots)


def matched(f, g, cells, degree):
    """Pairs of points (death, birth) of f and of g that are the same point of their maximum."""
    both = np.maximum(f, g)
    common = image_pairs(both, both, cells, degree)
    met = []
    for x in (f, g):
        own, image = image_pairs(x, x, cells, degree), image_pairs(x, both, cells, degree)
        x_rank, b_rank = (np.argsort(np.argsort(-y.ravel(), kind="stable")) for y in (x, both))
        to_own, to_common = {}, {}
        for vertex in {birth for _, birth in image}:
            ends = [
                sorted((p for p in pairs if p[1] == vertex), key=lambda p: -r[p[0]])
                for pairs, r in ((image, b_rank), (own, x_rank))
            ]
            to_own |= dict(zip(ends[0], ends[1], strict=False))
        for vertex in {death for death, _ in image}:
            ends = [
                sorted((p for p in pairs if p[0] == vertex), key=lambda p: r[p[1]])
                for pairs, r in ((image, x_rank), (common, b_rank))
            ]
            to_common |= dict(zip(ends[0], ends[1], strict=False))
        met.append({to_common[p]: to_own[p] for p in image})
    return sorted((met[0][p], met[1][p]) for p in met[0].keys() & met[1].keys())
