"""Critical sets: all vertices that must move for one end of a point to go to another value.

A step of descent on a critical vertex alone hands its part on to the next vertex.  A critical set
holds all of them.  Source: Nigmetov and Morozov, Topological optimization with big steps, 2024.
They read critical sets off reduced matrices; here those of components, of holes of the highest
dimension and of saddles are found by walking over the grid.
"""
