"""Persistence of images and of functions on a line: two union-finds, no reduction.

In the plane a hole of a superlevel set is a bounded component of its complement (Alexander
duality), so degree 1 is degree 0 once more, upside down, with all that lies outside the image as
its eldest component.  A batch is one tall image: rows of padding keep its fields apart.
"""
