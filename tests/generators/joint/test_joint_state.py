"""Who steps what in joint training."""

import pytest
import torch
from joint_runs import DECODER, JOINT, SHAPES

from toposhape.generators.implicit.codes import VariationalCodes
from toposhape.generators.implicit.decoder import ImplicitDecoder
from toposhape.generators.joint.state import JointState
from toposhape.generators.joint.training import joint_schedule


def state_of(rate: float | None, **decoder: bool) -> JointState:
    settings = JOINT.model_copy(update={"matrix_learning_rate": rate, "warmup_share": 0.0})
    torch.manual_seed(0)
    network = ImplicitDecoder(DECODER.model_copy(update=decoder), "relu")
    codes = VariationalCodes(
        SHAPES, 2, mean_deviation=1, deviation=0.1, generator=torch.Generator()
    )
    state = JointState(network, codes, None, settings, joint_schedule(settings, 2))
    state.set_learning_rates()
    return state


def take_step(state: JointState) -> dict[str, torch.Tensor]:
    """The change of every weight by a step."""
    before = {name: p.detach().clone() for name, p in state.decoder.named_parameters()}
    state.clear_gradients()
    found = state.decoder(torch.rand(1, 64, 3), torch.rand(1, 2))
    state.step_shapes(found.square().mean(), None)
    return {name: p.detach() - before[name] for name, p in state.decoder.named_parameters()}


def test_hidden_matrices_with_a_rate_step_as_far_in_every_direction_of_their_gradient():
    """Muon's steps are orthogonal matrices, Adam's are not; all else is Adam's, and moves alike."""
    plain, muon = take_step(state_of(None)), take_step(state_of(0.01))
    for name in plain:
        if name.startswith("hidden") and name.endswith("weight"):
            lengths, adams = (torch.linalg.svdvals(change[name]) for change in (muon, plain))
            assert lengths[0] < 0.013
            assert lengths[1] > 0.005
            assert adams[1] < 0.5 * adams[0]
        else:
            torch.testing.assert_close(muon[name], plain[name])


@pytest.mark.parametrize(("weight_norm", "matrices"), [(False, DECODER.depth - 1), (True, 0)])
def test_normalised_weights_stay_with_adam(weight_norm, matrices):
    state = state_of(0.01, weight_norm=weight_norm)
    assert len(state.decoder.hidden_matrices) == matrices
    assert ("theta_matrices" in state.optimisers) == bool(matrices)
    learned = [p for o in state.optimisers.values() for g in o.param_groups for p in g["params"]]
    assert len(learned) == len(set(learned))
    assert set(learned) == {*state.decoder.parameters(), *state.codes.parameters()}
