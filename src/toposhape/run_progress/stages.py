"""The stages of a run as people name them, and what a job of each rule usually takes."""

STAGES: dict[str, dict[str, float]] = {
    "shapes": {
        "prepare_shapes": 20,
        "prepare_clouds": 20,
        "prepare_true_shapes": 20,
        "scan_shapes": 150,
        "compute_diagrams": 5,
        "gather_shapes": 3,
        "split_shapes": 3,
        "export_examples": 5,
    },
    "pretraining": {"train_shape_generator": 300, "train_diagram_generator": 40},
    "joint training": {"train_jointly": 150},
    "3DShape2VecSet": {"train_vector_set_autoencoder": 200, "train_set_diffusion": 100},
    "ShapeGF": {
        "train_gradient_field": 150,
        "train_code_prior": 20,
        "synthesise_from_clouds": 150,
        "draw_clouds": 25,
        "reconstruct_clouds": 150,
        "measure_sheets": 80,
        "learn_letters": 60,
        "score_clouds": 60,
        "score_training_clouds": 60,
    },
    "synthetic shapes": {
        "filter_codes": 100,
        "synthesise": 40,
        "synthesise_from_posterior": 20,
        "reconstruct": 40,
        "generate_diagrams": 5,
    },
    "scores": {"score_generator": 15, "score_references": 15, "compare_with_training": 10},
    "interpolations": {"interpolate_shapes": 8, "interpolate_training_shapes": 10},
    "pictures": {"picture_shapes": 8},
    "surfaces of scans": {
        **{"fit_surface": 60, "draw_surface": 5, "score_surface": 6, "reproduce_plane": 60},
        **{"train_scan_space": 120, "score_scan_space": 60},
    },
    "tables and figures": {},
}
"""By stage its rules, with seconds of a job of the default run; only their ratios matter."""

LAST = "tables and figures"
SECONDS = 4.0
"""Of a rule that is not named: it reads and draws."""

_STAGE = {rule: stage for stage, rules in STAGES.items() for rule in rules}
_SECONDS = {rule: seconds for rules in STAGES.values() for rule, seconds in rules.items()}


def stage_of(rule: str) -> str:
    """The stage of a rule."""
    return _STAGE.get(rule, LAST)


def usual_seconds(rule: str) -> float:
    """What a job of a rule takes in the default run [s], where nothing better is known."""
    return _SECONDS.get(rule, SECONDS)
