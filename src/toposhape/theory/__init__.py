"""Section 4 and the appendices of the paper, verified by computation; `docs/theory.md` derives.

Each module but the first two has one part: ``run(settings, seed) -> Outcome``.  `PARTS` names them.
"""

from importlib import import_module
from typing import Any

PARTS = {
    "extrema": "Proposition 4.1: extrema of random trigonometric polynomials",
    "derivatives": "Lemma B.1: derivatives of critical points and values",
    "averages": "Appendix B: what its averages are",
    "weights": "The best weights of the linear problem (19)",
    "recovery": "Equation (3): a function from its diagram",
    "stability": "Equation (6): diagrams move no further than functions",
}


def run_part(name: str, settings: Any, seed: int) -> Any:
    """Run one of `PARTS` with one seed."""
    return import_module(f".{name}", __name__).run(settings, seed)
