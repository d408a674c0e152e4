"""How large a job is beside those of the default run, whose seconds `run_progress.stages` knows."""

from toposhape.settings.code_filter import CodeFilter
from toposhape.settings.evaluation import Evaluation
from toposhape.settings.implicit import ShapeGenerator
from toposhape.settings.joint import JointTraining
from toposhape.settings.methods import ImplicitMethod
from toposhape.settings.run import Config
from toposhape.settings.shapes import Shapes

SHAPES = 160
"""Of the category of the default run."""
WITHOUT_TERMS = 0.2
"""What a joint training costs without topological terms, of one with them."""
OF_WIDTH = 1.4
"""Of a network twice as wide trainings, codes that are tried and reconstructions take 2.6 times as
long; shapes that are drawn take twice as long, in proportion to the width."""


def relative_size(
    rule: str, run: Config, *, category: str, shapes: int, batch: int, method: str = ""
) -> float:
    """The work of a job, that of the default run's jobs of this rule being 1.

    Args:
        rule: of the workflow.
        run: the configuration.
        category: of the job; another name, or none, counts as one of the usual settings.
        shapes: of the job's category.
        batch: shapes of the job's batch, if it has one.
        method: of the job, if it has one.
    """
    share = shapes / SHAPES
    drawn = run.evaluation.draws / Evaluation().draws * share
    posterior = run.evaluation.posterior_draws / Evaluation().posterior_draws * share
    known = category in run.categories
    generator = run.shape_generator_of(category) if known else run.shape_generator
    epochs = generator.training.max_epochs / ShapeGenerator().training.max_epochs
    width = generator.decoder.width / ShapeGenerator().decoder.width
    network: float = width**OF_WIDTH
    fitting = run.evaluation.reconstruction.steps / Evaluation().reconstruction.steps
    sizes = {
        "prepare_shapes": batch / Shapes().batch_size,
        "compute_diagrams": batch / Shapes().batch_size,
        "train_shape_generator": epochs * share * network,
        "train_jointly": _joint_training(run, method) * network,
        "filter_codes": run.code_filter.wanted / CodeFilter().wanted * share * network,
        "train_vector_set_autoencoder": share,
        "train_set_diffusion": share,
        "train_gradient_field": share,
        "synthesise": drawn * width,
        "synthesise_otherwise": drawn * width,
        "synthesise_from_posterior": posterior * width,
        "reconstruct": fitting * share * network,
        "score_generator": drawn,
    }
    return sizes.get(rule, 1.0)


def _joint_training(run: Config, method: str) -> float:
    row, joint, cost = run.methods.get(method), run.joint_training, 1.0
    if isinstance(row, ImplicitMethod):
        joint = joint.of_method(row.topology)
        cost = 1.0 if row.topology.uses_diagrams else WITHOUT_TERMS
    return joint.steps / JointTraining().steps * cost
