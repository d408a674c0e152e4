"""One offline page on which every generated shape can be turned, sorted and walked through."""
