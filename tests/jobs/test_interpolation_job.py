"""Figure 2 shows the same two training shapes in both rows, those that were chosen."""

import numpy as np
import pytest
import torch
from small_run import IDS, prepared

from toposhape.evaluation.frames import read_frames
from toposhape.evaluation.generated import diagrams_of_codes
from toposhape.evaluation.interpolation import choose_ends, codes_between, pieces_of_code
from toposhape.generators import DiagramGenerator, ImplicitDecoder, VariationalCodes
from toposhape.generators.implicit.generator import ImplicitGenerator
from toposhape.jobs.interpolation import interpolate_training_shapes
from toposhape.settings.diagrams import DiagramNetwork
from toposhape.settings.implicit import Decoder
from toposhape.settings.topology import Topology
from toposhape.topology import read_diagrams

SHAPES = ("nan", "NA", "007", "000")
R = 16


def generator(seed, shapes=SHAPES):
    torch.manual_seed(seed)
    decoder = ImplicitDecoder(Decoder(width=16, depth=2, latent_size=2, skip_layers=()))
    codes = VariationalCodes(len(shapes), 2, mean_deviation=1.0, deviation=0.1)
    return ImplicitGenerator(decoder.eval(), codes, shapes, {})


@pytest.fixture
def drawn(tmp_path):
    truth = prepared(tmp_path / "shapes")
    torch.manual_seed(2)
    diagrams = DiagramGenerator((2, 1, 0), 2, DiagramNetwork()).requires_grad_(False)

    def draw(lipschitz, topological):
        folders = [tmp_path / name for name in ("upper", "lower")]
        interpolate_training_shapes(
            lipschitz,
            topological,
            diagrams,
            truth.diagrams,
            truth.topology,
            folders,
            frames=3,
            resolution=R,
            settings=Topology(),
            threads=1,
        )
        return folders

    return truth, diagrams, draw


def test_both_rows_go_between_the_shapes_that_were_chosen(drawn):
    truth, diagrams, draw = drawn
    upper, lower = both = [generator(0), generator(1)]
    folders = draw(upper, lower)

    def pieces(i):
        return [1, *(pieces_of_code(g, g.codes.means[i].numpy(), R, Topology()) for g in both)]

    with torch.no_grad():
        ends = list(choose_ends(read_diagrams(truth.diagrams, SHAPES), pieces))
        for each, folder in zip(both, folders, strict=True):
            expected = codes_between(*each.codes.means.numpy()[ends], 3)
            np.testing.assert_array_equal(np.load(folder / "codes.npy"), expected)
    assert [frame.name for frame in read_frames(folders[0])] == ["000", "001", "002"]
    assert all(frame.generated is None for frame in read_frames(folders[0]))
    asked = diagrams_of_codes(diagrams, np.load(folders[1] / "codes.npy"), 0.01)
    for frame, wanted in zip(read_frames(folders[1]), asked, strict=True):
        for stored, points in zip(frame.generated.points, wanted.points, strict=True):
            np.testing.assert_array_equal(stored, points)


def test_generators_of_other_shapes_are_refused(drawn):
    with pytest.raises(ValueError, match="different shapes"):
        drawn[2](generator(0), generator(1, SHAPES[::-1]))
    assert set(SHAPES) < set(IDS)
