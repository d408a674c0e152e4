"""Property tests draw the same examples every time and take the time that they need."""

from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")
