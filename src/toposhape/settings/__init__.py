"""Every setting of a run, its type and its bounds: a module for each room and family."""
