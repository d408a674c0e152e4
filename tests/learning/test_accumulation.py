"""Parts of a batch give the values and gradients of the whole, whatever the weights are."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from toposhape.learning.accumulation import in_parts, weighted_sum

ROWS = 7


class Case:
    """Terms that depend on the network, the rows' codes (with a graph of their own) and data."""

    def __init__(self, terms: int, seed: int) -> None:
        random = torch.Generator().manual_seed(seed)
        draw = lambda *form: torch.randn(*form, generator=random, dtype=torch.float64)  # noqa: E731
        self.weight, self.means = draw(3, terms).requires_grad_(), draw(5, 3).requires_grad_()
        self.places, self.data = torch.randint(5, (ROWS,), generator=random), draw(ROWS, terms)
        self.noise, self.terms = draw(ROWS, 3), terms

    def share(self, rows: slice, codes: Tensor, data: Tensor) -> Tensor:
        each = (codes @ self.weight + data).sin().square() + codes.norm(dim=1, keepdim=True)
        values = each.sum(dim=0) / ROWS
        return values if self.terms > 1 else values[0]

    def step(self, size: int | None, weights: list[float]) -> list[Tensor]:
        """Values and gradients of an objective that the codes have another part in."""
        self.weight.grad = self.means.grad = None
        codes = self.means[self.places].exp() + 0.3 * self.noise
        given_ = weights if self.terms > 1 else weights[0]
        values = in_parts(self.share, ROWS, size, given_, codes, self.data)
        (weighted_sum(values, given_) + 0.1 * codes.square().sum()).backward()
        return [values.detach(), self.weight.grad, self.means.grad]


weight = st.floats(-10, 10) | st.sampled_from([0.0, 1.0, 1e-6, 1e6])


@given(
    weights=st.lists(weight, min_size=1, max_size=4),
    size=st.integers(1, ROWS + 1),
    seed=st.integers(0, 1 << 30),
)
def test_parts_have_the_values_and_gradients_of_the_whole(weights, size, seed):
    case = Case(len(weights), seed)
    for ours, expected in zip(case.step(size, weights), case.step(None, weights), strict=True):
        scale = float(expected.abs().max())
        torch.testing.assert_close(ours, expected, rtol=1e-11, atol=1e-13 * max(scale, 1.0))


def test_a_weight_of_a_tenth_by_hand():
    """The term is the mean of (w x)^2 over x = 1, 2, 3: its slope at w = 2 is 4 * 14 / 3."""
    w = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    x = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    value = in_parts(lambda rows, x: (w * x).square().sum() / 3, 3, 1, 0.1, x)
    assert float(value.detach()) == pytest.approx(4 * 14 / 3)
    assert float(w.grad) == pytest.approx(0.1 * 4 * 5 / 3)  # of the first two parts
    (0.1 * value).backward()
    assert float(w.grad) == pytest.approx(0.1 * 4 * 14 / 3)


@pytest.mark.parametrize("size", [None, ROWS, ROWS + 5])
def test_a_whole_batch_is_taken_as_it_is(size):
    seen = []
    codes, data = torch.zeros(ROWS, 2, requires_grad=True), torch.zeros(ROWS, 1)
    in_parts(lambda *given_: seen.append(given_), ROWS, size, 1.0, codes, data)
    ((rows, *inputs),) = seen
    assert rows == slice(0, ROWS)
    assert inputs[0] is codes
    assert inputs[1] is data


def test_parts_are_consecutive_and_cover_every_row_once():
    parts = []

    def terms(rows: slice, values: Tensor) -> Tensor:
        parts.append(list(range(ROWS)[rows]))
        assert values.tolist() == parts[-1]
        return values.sum()

    total = in_parts(terms, ROWS, 3, 1.0, torch.arange(ROWS, dtype=torch.float64))
    assert parts == [[0, 1, 2], [3, 4, 5], [6]]
    assert float(total) == sum(range(ROWS))


def test_without_gradients_only_values_are_summed():
    case = Case(2, 0)
    whole = case.step(None, [1.0, 1.0])[0]
    case.weight.grad = case.means.grad = None
    with torch.no_grad():
        codes = case.means[case.places].exp() + 0.3 * case.noise
        values = in_parts(case.share, ROWS, 2, (1.0, 1.0), codes, case.data)
    torch.testing.assert_close(values, whole)
    assert case.weight.grad is None
    assert case.means.grad is None


def test_a_weight_for_each_term_is_needed():
    with pytest.raises(ValueError, match="longer|shorter"):
        weighted_sum(torch.zeros(3), (1.0, 2.0))
