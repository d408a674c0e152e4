"""Exact partial matching of two diagrams: a sparse Jonker-Volgenant with a diagonal slot each.

A point ``(death, birth)`` is written in the frame of the diagonal: its ``height`` above it,
``(birth - death) / sqrt(2)``, and its position ``along`` it, ``(birth + death) / sqrt(2)``.
Sending it to the diagonal costs ``height^2``, so matching points i and j instead *saves*

    saving(i, j) = height_i^2 + height_j^2 - |i - j|^2 = 2 height_i height_j - (along_i - along_j)^2

and equation (1) is the sum of all squared heights minus the largest total saving of a matching.
Pairs without a positive saving are never matched.  With the points sorted along the diagonal, the
positive savings of a point lie in a short window, outside which nothing is looked at.

The problem is solved by duality: a column (a point of the larger diagram) has a ``price >= 0``, a
row (a point of the smaller one) a ``profit >= 0``, what its best offer ``saving - price`` brings,
or zero for staying alone.  Every stage keeps, for all rows but those that wait: no offer beats the
row's profit; a matched row has its best offer; a row alone has profit zero; and an unmatched column
costs nothing.  When no row waits, these are the conditions of optimality.  The stages are bidding,
in which a row outbids the owner of its best column, and shortest paths for the rows that bidding
left.

Reference: Jonker and Volgenant, A shortest augmenting path algorithm for dense and sparse linear
assignment problems, Computing 38 (1987).
"""

from .memory import ALONE, Frame, Packed
from .solving import fill_matrix, match_pair

__all__ = ["ALONE", "Frame", "Packed", "fill_matrix", "match_pair"]
