"""Exact persistence of grid functions in compiled code; ``docs/persistence.md`` has the theory.

The superlevel sets of f are the sublevel sets of -f.  The stages, see `engine`:

1. `critical.pad`: copy -f into a flat array with +inf around it.
2. `bit_planes`, `candidates`: mark the vertices that may be critical, 512 at a time.
3. `critical.collect`: look at their lower links, keep the critical ones; sort them.
4. `minima`: degree 0, union-find over the critical edges.
5. `maxima`: degree 2, union-find over the critical triangles, from above.
6. `cycles`: degree 1, boundaries of the remaining triangles are pushed down to critical edges.

`geometry` has the two complexes' definitions, `freudenthal`, `cubical` and `link_tables` what
follows from them for a vertex; no other file knows in which complex it works.
"""
