"""Where shapes come from, and how a mesh becomes signed distance (knows no other room).

Only what planning needs is imported here; `toposhape.shapes.preparation` does the work.
"""

from toposhape.shapes.batches import assign_batches
from toposhape.shapes.requests import ShapeRequest, list_requests
from toposhape.shapes.split_files import read_split_files

__all__ = ["ShapeRequest", "assign_batches", "list_requests", "read_split_files"]
