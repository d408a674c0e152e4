"""How far a whole run is, for the person who waits: one line now and then, and a page."""
