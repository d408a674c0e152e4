"""One offline page on which every generated shape can be turned, sorted and walked through."""

from .page import GalleryShape, GalleryWalk, gallery_page

__all__ = ["GalleryShape", "GalleryWalk", "gallery_page"]
