"""Persistence of complexes that are given cell by cell: union-finds, and a matrix for the rest.

In a complex of dimension d that can be laid into a sphere of dimension d, degree 0 is a union-find
of its vertices over edges, degree d - 1 one of its d-cells over their sides (Alexander duality).
What is left is a matrix over the field of two elements, without the rows that join components and
the columns that close cavities.
"""
