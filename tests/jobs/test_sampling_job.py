"""Drawing until shapes have the wanted topology, with and without repair."""

from itertools import islice
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest
from small_run import AXIS, X, Y, Z, solid

from toposhape.generators.contract import Generator, Shape
from toposhape.generators.priors import ATTEMPTS_NEARBY
from toposhape.jobs.fitting import code_of, way_between
from toposhape.jobs.generator_files import Drawing
from toposhape.jobs.sampling import drawn_rows, drawn_shapes, write_mesh
from toposhape.jobs.synthesis import draw_codes
from toposhape.jobs.wanted import ANYTHING, Best, Wanted, until_wanted
from toposhape.publication.pictures.pieces import Mesh
from toposhape.settings.implicit import Reconstruction

NORMAL = Drawing("normal", {}, False)
AT = {"resolution": len(AXIS)}


class Solids(Generator):
    """Balls (odd numbers) and tori (even ones); a negative number is a ball with a crumb."""

    family = "vector_sets"  # whose codes cannot be fitted
    metadata = MappingProxyType({})
    latent_size = 1

    def shapes(self, codes, resolution):
        assert resolution == len(AXIS)
        for (number,) in codes.round().astype(int).tolist():
            field = solid(abs(number))
            if number < 0:
                crumb = np.sqrt((X - 0.85) ** 2 + (Y - 0.85) ** 2 + (Z - 0.85) ** 2) - 0.12
                field = np.minimum(field, crumb).astype(np.float32)
            yield Shape(field=field)

    def reconstruct(self, examples, resolution, settings, seed):
        raise NotImplementedError


class Given(Solids):
    """Solids of given numbers: of each attempt a row."""

    def __init__(self, *attempts):
        self.attempts = attempts

    @property
    def priors(self):
        def given(noise, seed, attempt=0):
            numbers = np.array(self.attempts[min(attempt, len(self.attempts) - 1)], np.float32)
            return np.broadcast_to(numbers[: noise.shape[1], None], noise.shape)

        return {"given": given}


def drawn(*attempts, wanted=ANYTHING, best=None, repair=False, solids=Given, **options):
    drawing = Drawing("given", {}, repair, wanted, best)
    return list(drawn_shapes(solids(*attempts), drawing, len(attempts[0]), 0, **AT, **options))


def test_without_a_wish_every_draw_is_taken():
    found = drawn([3, 2, -5] * 4)
    assert [shape.code for shape in found] == [[3], [2], [-5]] * 4
    assert {shape.draws for shape in found} == {1}


def test_a_shape_is_drawn_again_until_it_is_as_wanted():
    torus = Wanted(handles=1)
    found = drawn([3, 2, 5, 8], [5, 5, 7, 5], [4, 5, 6, 5], wanted=torus)
    assert [shape.code for shape in found] == [[4], [2], [6], [8]]
    assert [shape.draws for shape in found] == [3, 1, 3, 1]
    assert [shape.topology.betti for shape in found] == 4 * [(1, 1, 0)]
    few = drawn([3, 2, 5, 8], [5, 5, 7, 5], [4, 5, 6, 5], wanted=torus, most_draws=7)
    assert [(*shape.code, shape.draws) for shape in few] == [(4, 3), (2, 1), (8, 1)]
    assert drawn([3, 2], [3, 3], wanted=torus, most_draws=1) == []


def test_no_more_is_made_than_is_looked_at_and_first_attempts_fill_up():
    made = []

    def make(codes, first):
        for number in codes[:, 0].astype(int).tolist():
            made.append(number)
            yield SimpleNamespace(code=number, topology=SimpleNamespace(betti=(1, number, 0)))

    attempts = [[[3], [1], [5]], [[4], [6], [7]], [[1], [8], [9]]]

    def codes(attempt):
        return np.array(attempts[min(attempt, 2)])

    shapes = until_wanted(make, codes, Wanted(handles=1), most_draws=7)
    assert [(shape.code, draws) for shape, draws in islice(shapes, 2)] == [(1, 3), (1, 1)]
    assert made == [3, 4, 1, 1]
    assert [(shape.code, draws) for shape, draws in shapes] == [(5, 3)]
    assert made == [3, 4, 1, 1, 5, 7, 9]


def test_of_several_the_best_is_taken():
    """The cheapest is the smallest number, but for those that are no torus."""
    best = Best(3, lambda shape: shape.code[0])
    attempts = [8, 2], [3, 6], [6, 1], [4, 4], [2, 2]
    found = drawn(*attempts, wanted=Wanted(handles=1), best=best)
    assert [(*shape.code, shape.draws) for shape in found] == [(4, 4), (2, 4)]
    found = drawn(*attempts, best=best)
    assert [(*shape.code, shape.draws) for shape in found] == [(3, 3), (1, 3)]
    few = drawn([8], *[[3]] * (ATTEMPTS_NEARBY - 1), [2], wanted=Wanted(handles=1), best=best)
    assert [(*shape.code, shape.draws) for shape in few] == [(8, ATTEMPTS_NEARBY)]
    late = drawn([3], *[[3]] * ATTEMPTS_NEARBY, [2], wanted=Wanted(handles=1), best=best)
    assert [(*shape.code, shape.draws) for shape in late] == [(2, ATTEMPTS_NEARBY + 2)]


def test_what_does_not_stand_or_dangles_is_not_taken():
    """A ball stands; above a crumb it does not reach the ground."""

    class Turned(Given):
        def shapes(self, codes, resolution):
            return (Shape(field=each.field[:, ::-1]) for each in super().shapes(codes, resolution))

    for wanted, taken in ((Wanted(), [[3], [-5]]), (Wanted(stands=True), [[3], [3]])):
        found = drawn([3, -5], [3, 3], wanted=wanted, solids=Turned)
        assert [shape.code for shape in found] == taken
    (whole,) = (shape.topology for shape in drawn([3]))
    taken = [Wanted(nothing_dangles=True).accepts(whole._replace(dangling=n)) for n in (0, 1)]
    assert taken == [True, False]
    below = Wanted(one_piece=True, stands=True, nothing_dangles=True, handles=0)
    assert below.words() == "in one piece, standing, without dangling parts, with 0 handles"


def test_repair_comes_before_the_wish():
    whole = Wanted(one_piece=True)
    assert [shape.code for shape in drawn([-5, 3], [7, 7], wanted=whole)] == [[7], [3]]
    found = drawn([-5, 3], [7, 7], wanted=whole, repair=True)
    assert [shape.code for shape in found] == [[-5], [3]]
    rows = drawn_rows(found)
    assert sum(rows[0][kind] for kind in ("bridged", "removed")) == 1
    assert sum(rows[1][kind] for kind in ("bridged", "removed", "filled", "left")) == 0


def test_clouds_have_no_topology():
    class Clouds(Given):
        def shapes(self, codes, resolution):
            return (Shape(cloud=np.zeros((5, 3), np.float32)) for _ in codes)

    with pytest.raises(ValueError, match="point clouds"):
        drawn([3], solids=Clouds)


@pytest.mark.parametrize("suffix", ["glb", "ply", "obj"])
def test_an_empty_shape_is_a_file_too(tmp_path, suffix):
    empty = Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int64))
    write_mesh(tmp_path / f"e.{suffix}", empty)
    assert (tmp_path / f"e.{suffix}").stat().st_size > 0


def test_ways_of_drawn_codes_are_arcs_and_of_fitted_ones_straight():
    ends = np.array([2.0, 0]), np.array([0, 2.0])
    arc, line = (way_between(*ends, 3, drawn) for drawn in (True, False))
    assert arc[1] == "arc" and np.allclose(np.linalg.norm(arc[0], axis=1), 2)
    assert line[1] == "line" and np.allclose(line[0][1], [1, 1])


def test_a_family_without_codes_says_what_to_give_instead(tmp_path):
    import trimesh

    trimesh.creation.icosphere(2).export(tmp_path / "ball.ply")
    with pytest.raises(ValueError, match="give seeds"):
        code_of(Solids(), str(tmp_path / "ball.ply"), NORMAL, settings=Reconstruction(), **AT)


def test_a_seeds_code_is_that_of_its_first_shape_as_wanted():
    """The first code of seed 3 is a ball's; wanted are tori, codes that are rounded to 0."""
    drawing = NORMAL._replace(wanted=Wanted(handles=1))
    options = {"settings": Reconstruction(), **AT}
    first = next(drawn_shapes(Solids(), drawing, 5, 3, **AT))
    assert first.draws > 1
    assert code_of(Solids(), "3", drawing, **options) == first.code
    assert (
        code_of(Solids(), "3", NORMAL, **options) == draw_codes(Solids(), "normal", 1, 9, 3)[0, 0]
    )
    never = NORMAL._replace(wanted=Wanted(handles=9))
    with pytest.raises(ValueError, match="seed 3: none of its 40 draws is with 9 handles"):
        code_of(Solids(), "3", never, **options)


def test_an_end_that_is_neither_seed_nor_file_is_told():
    with pytest.raises(ValueError, match="nobody: neither a seed"):
        code_of(Solids(), "nobody", NORMAL, settings=Reconstruction(), **AT)
