"""Each term of joint training moves what it should, and nothing else."""

import pytest
import torch
from joint_runs import JOINT, OURS, PLAIN, PRETRAINING, history, phi, same, settings_of, train
from safetensors.torch import load_file

from toposhape.generators.joint import anchor, diagram_terms, shape_terms
from toposhape.generators.joint.state import JointState
from toposhape.generators.joint.training import joint_schedule
from toposhape.settings.implicit import Regularisation, Variant


def test_without_weights_the_diagram_generator_stays_as_it_was(start, tmp_path):
    frozen = OURS.model_copy(
        update={"diagram_weight": 0.0, "smoothness_weight": 0.0, "pull_weight": 0.0}
    )
    train(tmp_path, start, settings_of(frozen, {"steps": 4}))
    assert same(phi(start.diagrams), phi(tmp_path / "diagrams.safetensors"))
    row = history(tmp_path)[-1]
    assert float(row["consistency"]) > 0
    assert float(row["code_fit"]) == 0


@pytest.mark.parametrize("weight", ["diagram_weight", "smoothness_weight", "pull_weight"])
def test_each_weight_alone_moves_the_diagram_generator(start, tmp_path, weight):
    none = {"diagram_weight": 0.0, "smoothness_weight": 0.0, "pull_weight": 0.0}
    terms = OURS.model_copy(update={**none, weight: 0.5})
    train(tmp_path, start, settings_of(terms, {"steps": 2}))
    assert not same(phi(start.diagrams), phi(tmp_path / "diagrams.safetensors"))


def test_the_anchor_holds_fresh_shapes(start, tmp_path):
    changes = []
    for weight in (1e-6, 1e3):
        terms = OURS.model_copy(update={"anchor_weight": weight})
        rows = history(train(tmp_path / str(weight), start, settings_of(terms)))
        changes.append(sum(float(row["anchor"]) for row in rows))
    assert 0 < changes[1] < 0.5 * changes[0]


@pytest.mark.parametrize(
    ("module", "function", "weight"),
    [
        (anchor, "near_surface", "anchor_weight"),
        (anchor, "former_points", "anchor_weight"),
        (shape_terms, "critical_points", "consistency_weight"),
        (shape_terms, "field_diagrams", "consistency_weight"),
        (diagram_terms, "smoothness_loss", "smoothness_weight"),
    ],
)
def test_nothing_is_computed_for_a_term_that_is_off(
    start, tmp_path, monkeypatch, module, function, weight
):
    """And everything of one that is on: the functions watched here are those that it calls."""
    calls, true_function = [], getattr(module, function)
    monkeypatch.setattr(module, function, lambda *given: calls.append(1) or true_function(*given))
    on = settings_of(OURS.model_copy(update={"anchor_weight": 1.0}), {"steps": 2})
    train(tmp_path / "on", start, on)
    assert calls
    calls.clear()
    off = PLAIN if weight == "consistency_weight" else on.terms.model_copy(update={weight: 0.0})
    train(tmp_path / "off", start, settings_of(off, {"steps": 2}))
    assert not calls


def test_the_eikonal_value_is_the_mean_of_the_steps_that_take_it(start, tmp_path):
    """In every second step: the first of two, in an epoch whose other step has none."""
    smooth = Variant(activation="silu", regularisation=Regularisation(weight=1e-9))
    values = {}
    for every in (1, 2):
        shapes = PRETRAINING.model_copy(
            update={"regularise_every": every, "regularised_shapes": 64, "regularised_points": 64}
        )
        settings = settings_of(PLAIN, {"steps": 2, "learning_rate": 1e-9}, shapes, variant=smooth)
        values[every] = float(history(train(tmp_path / str(every), start, settings))[0]["eikonal"])
    assert values[1] > 0
    assert values[2] == pytest.approx(values[1], rel=0.1)


def test_the_warped_term_shares_the_fields_and_alone_it_teaches_too(start, tmp_path, monkeypatch):
    calls = []
    for name in ("field_diagrams", "critical_points"):
        true_function = getattr(shape_terms, name)
        monkeypatch.setattr(
            shape_terms, name, lambda *given, f=true_function: calls.append(1) or f(*given)
        )
    both = OURS.model_copy(update={"warped_consistency_weight": 2.0})
    alone = both.model_copy(update={"consistency_weight": 0.0})
    rows = {}
    for name, terms in (("both", both), ("alone", alone)):
        rows[name] = history(train(tmp_path / name, start, settings_of(terms, {"steps": 2})))[0]
        assert len(calls) == 2 * 2  # two steps
        calls.clear()
        assert float(rows[name]["warped_consistency"]) > 0
    assert float(rows["alone"]["consistency"]) == 0
    ratio = float(rows["both"]["warped_consistency"]) / float(rows["both"]["consistency"])
    assert ratio < 0.5  # what is deeper than 0.03 counts alike
    assert float(rows["alone"]["consistency_gradient_norm"]) > 0


def test_independent_targets_belong_to_other_codes(start, tmp_path, monkeypatch):
    asked, true_targets = [], shape_terms.generated_diagrams
    fields, true_fields = [], shape_terms.field_diagrams

    def watched_targets(generator, codes, threshold):
        asked.append(codes.clone())
        return true_targets(generator, codes, threshold)

    def watched_fields(decoder, codes, *rest):
        fields.append(codes.clone())
        return true_fields(decoder, codes, *rest)

    monkeypatch.setattr(shape_terms, "generated_diagrams", watched_targets)
    monkeypatch.setattr(shape_terms, "field_diagrams", watched_fields)
    train(tmp_path / "own", start, settings_of(joint={"steps": 2}))
    assert all(map(torch.equal, asked, fields))
    assert not torch.equal(fields[0], fields[1])  # fresh codes in every step
    asked.clear(), fields.clear()
    terms = OURS.model_copy(update={"independent_targets": True})
    train(tmp_path / "other", start, settings_of(terms, {"steps": 2}))
    assert len(asked) == len(fields) == 2
    assert all((a != b).all() for a, b in zip(asked, fields, strict=True))


def test_consistency_is_taken_without_dropout(start, tmp_path, monkeypatch):
    modes, true_points = [], shape_terms.critical_points

    def watched(decoder, *rest):
        modes.append(decoder.training)
        return true_points(decoder, *rest)

    monkeypatch.setattr(shape_terms, "critical_points", watched)
    train(tmp_path, start, settings_of(joint={"steps": 2}))
    assert modes == [False, False]


def test_without_pretrained_diagrams_a_new_generator_starts_at_the_origin(start, tmp_path):
    frozen = {"diagram_weight": 0.0, "smoothness_weight": 0.0, "pull_weight": 0.0}
    terms = OURS.model_copy(update={**frozen, "pretrained_diagrams": False})
    train(tmp_path, start, settings_of(terms, {"steps": 2}))
    found = phi(tmp_path / "diagrams.safetensors")
    assert not any(value.any() for name, value in found.items() if name.endswith("places"))
    assert not same(found, phi(start.diagrams))


def small_state(consistency_clip=1.0, gradient_clip=1.0) -> JointState:
    class Linear(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(3))
            self.other = torch.nn.Parameter(torch.zeros(2))

    settings = JOINT.model_copy(
        update={"consistency_clip": consistency_clip, "gradient_clip": gradient_clip}
    )
    return JointState(Linear(), torch.nn.Linear(1, 1), None, settings, joint_schedule(settings, 1))


def test_the_two_gradients_are_clipped_one_by_one():
    state = small_state(consistency_clip=0.5, gradient_clip=2.0)
    weight, other = state.decoder.weight, state.decoder.other
    fit = 3 * weight[0] + 4 * other[1]
    consistency = 60 * weight[1] + 80 * weight[2]
    norm, rough_norm = state.step_shapes(fit, consistency)
    assert (float(norm), float(rough_norm)) == pytest.approx((5, 100))
    assert weight.grad.tolist() == pytest.approx([3 * 2 / 5, 0.3, 0.4], rel=1e-5)
    assert other.grad.tolist() == pytest.approx([0, 4 * 2 / 5], rel=1e-5)


def test_a_consistency_without_gradient_leaves_the_fit_alone():
    for consistency in (None, torch.tensor(3.0)):
        state = small_state(gradient_clip=10.0)
        norm, rough_norm = state.step_shapes(3 * state.decoder.weight[0], consistency)
        assert (float(norm), float(rough_norm)) == (3, 0)
        assert state.decoder.weight.grad.tolist() == [3, 0, 0]


def test_a_small_bandwidth_takes_the_consistency_at_training_shapes_codes(
    start, tmp_path, monkeypatch
):
    """Those of the step's own shapes; a control's targets are others of them."""
    seen, true_function = [], shape_terms.near

    def near(means, shapes, noise, bandwidth):
        codes = true_function(means, shapes, noise, bandwidth)
        seen.append((torch.cdist(codes, means).argmin(dim=1).tolist(), shapes.tolist()))
        return codes

    monkeypatch.setattr(shape_terms, "near", near)
    terms = OURS.model_copy(update={"consistency_bandwidth": 1e-3, "independent_targets": True})
    train(tmp_path, start, settings_of(terms, {"steps": 2, "consistency_codes": 1}))
    assert len(seen) == 4
    for (shapes, batch), (targets, same_batch) in zip(seen[::2], seen[1::2], strict=True):
        assert shapes == batch[:1]
        assert targets == same_batch[:1] == batch[1:2]


def test_codes_near_those_of_training_shapes_keep_their_variance():
    means, noise = torch.randn(4000, 3), torch.randn(4000, 3)
    codes = shape_terms.near(means, torch.arange(4000), noise, 0.25)
    torch.testing.assert_close(codes.var(dim=0), torch.ones(3), atol=0.1, rtol=0)
    torch.testing.assert_close(
        shape_terms.near(means, torch.tensor([1, 2]), noise[:3], 1e-6), means[[1, 2, 1]]
    )


@pytest.mark.parametrize(
    ("name", "its", "others"),
    [("consistency_clip", 0.5, 1e-3), ("matrix_learning_rate", 0.02, None)],
)
def test_a_method_may_set_otherwise(start, tmp_path, name, its, others):
    joint = {"steps": 2, name: others}
    own = settings_of(OURS.model_copy(update={name: its}), joint)
    assert getattr(own.of_method(), name) == its
    train(tmp_path / "method", start, own)
    train(tmp_path / "all", start, settings_of(OURS, {**joint, name: its}))
    train(tmp_path / "otherwise", start, settings_of(OURS, joint))
    theta = [load_file(tmp_path / each / "generator.safetensors") for each in ("method", "all")]
    assert same(*theta)
    assert not same(theta[0], load_file(tmp_path / "otherwise" / "generator.safetensors"))


def test_a_method_may_have_more_steps(start, tmp_path):
    own = settings_of(OURS.model_copy(update={"step_factor": 2.0}), {"steps": 2})
    assert own.of_method().steps == 4
    train(tmp_path / "method", start, own)
    train(tmp_path / "all", start, settings_of(OURS, {"steps": 4}))
    theta = [load_file(tmp_path / each / "generator.safetensors") for each in ("method", "all")]
    assert same(*theta)
