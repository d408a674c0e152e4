"""Persistence of point clouds: which simplices give the points of Rips and alpha diagrams.

All functions take one cloud ``(n, d)`` float64 and return for each degree the ``(m, 2, k)`` indices
of points of the simplices where classes are born and die; a simplex of fewer than k points repeats
its last one.  The class that never dies and points of length zero are left out.
"""
