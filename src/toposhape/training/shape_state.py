"""All that changes while a shape generator is trained."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from toposhape.config import ShapeGenerator, Variant
from toposhape.generators import ImplicitDecoder, VariationalCodes

from .checkpoints import Checkpoint
from .muon import Muon
from .optimiser_state import optimiser_tensors, restore_optimiser
from .processes import Team
from .randomness import derived_seed, random_source
from .schedule import Schedule

VALIDATION_RATE = 5.0  # times the codes' rate: a validation code takes fewer steps in an epoch


class ShapeTrainingState:
    """Networks, codes, optimisers and schedule of one training.

    Attributes:
        decoder: f.
        codes: posteriors of the training shapes.
        validation_codes: codes of shapes that the decoder never learns from, (n, d).
        optimiser: Adam, of decoder and codes, in that order of parameter groups.
        matrix_optimiser: Muon, of the decoder's hidden matrices; None if Adam has them too.
        validation_optimiser: of the validation codes.
        schedule: where training is.
        team: the processes that share this training.
    """

    def __init__(
        self,
        settings: ShapeGenerator,
        variant: Variant,
        counts: tuple[int, int],
        seed: tuple[int, ...],
        device: torch.device,
        team: Team = Team(),  # noqa: B008 (a tuple of two numbers)
    ) -> None:
        """Start anew.

        Args:
            settings: of decoder and training.
            variant: which activation, and whether layers have a Lipschitz bound.
            counts: numbers of training and validation shapes.
            seed: of the initial weights and codes.
            device: where networks and codes live.
            team: the processes that share this training.
        """
        training, prior = settings.training, settings.training.codes
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(derived_seed(seed, "decoder"))  # not a GPU's
            self.decoder = ImplicitDecoder(
                settings.decoder, variant.activation, lipschitz=variant.lipschitz_weight > 0
            ).to(device)
        self.codes = VariationalCodes(
            counts[0],
            settings.decoder.latent_size,
            mean_deviation=prior.initial_mean_deviation,
            deviation=prior.initial_deviation,
            generator=random_source(seed, "codes"),
        ).to(device)
        zeros = torch.zeros(counts[1], settings.decoder.latent_size, device=device)
        self.validation_codes = nn.Parameter(zeros)
        matrices = self._hidden_matrices(settings)
        self.matrix_optimiser = Muon(matrices, training.matrix_learning_rate) if matrices else None
        others = set(self.decoder.parameters()) - set(matrices)
        ordered = [weight for weight in self.decoder.parameters() if weight in others]
        self.optimiser = torch.optim.Adam(
            [
                {"params": ordered, "lr": training.learning_rate},
                {"params": list(self.codes.parameters()), "lr": training.code_learning_rate},
            ],
            fused=True,
        )
        self.validation_optimiser = torch.optim.Adam(
            [self.validation_codes], lr=VALIDATION_RATE * training.code_learning_rate
        )
        self.schedule = Schedule()
        self.team = team
        self._settings = training

    def set_learning_rates(self) -> float:
        """Set the coming epoch's learning rates; returns Adam's for the decoder."""
        factor = self.schedule.factor(self._settings)
        adam, codes = self.optimiser.param_groups
        adam["lr"] = self._settings.learning_rate * factor
        codes["lr"] = self._settings.code_learning_rate * factor
        if self.matrix_optimiser:
            self.matrix_optimiser.param_groups[0]["lr"] = (
                self._settings.matrix_learning_rate * factor
            )
        return adam["lr"]

    def clear_gradients(self) -> None:
        """Forget the gradients of the step before."""
        for _, optimiser in self._optimisers():
            optimiser.zero_grad(set_to_none=True)

    def step(self, loss: Tensor) -> Tensor:
        """Minimise the loss by one step; returns the norm of the decoder's gradient.

        The loss is this process's part, and gradients of micro-batches may be there already.
        """
        loss.backward()
        weights = list(self.decoder.parameters())
        self.team.sum_gradients([*weights, *self.codes.parameters()])
        norm = nn.utils.clip_grad_norm_(weights, self._settings.gradient_clip)
        self.optimiser.step()
        if self.matrix_optimiser:
            self.matrix_optimiser.step()
        return norm

    def step_validation(self, loss: Tensor) -> None:
        """Minimise the loss of the validation codes by one step; the decoder learns nothing."""
        loss.backward()
        self.team.sum_gradients([self.validation_codes])
        self.validation_optimiser.step()

    def checkpoint(self) -> Checkpoint:
        """Everything that going on needs."""
        tensors = dict(self._named_tensors())
        for name, optimiser in self._optimisers():
            tensors |= optimiser_tensors(name, optimiser)
        return Checkpoint(self.schedule.epoch, tensors, {"schedule": self.schedule.state()})

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to a checkpoint of the same training."""
        for name, tensor in self._named_tensors():
            with torch.no_grad():
                tensor.copy_(checkpoint.tensors[name])
        for name, optimiser in self._optimisers():
            restore_optimiser(name, optimiser, checkpoint.tensors)
        self.schedule = Schedule.from_state(checkpoint.state["schedule"])

    def _named_tensors(self) -> Iterator[tuple[str, Tensor]]:
        yield from ((f"decoder.{name}", value) for name, value in self.decoder.state_dict().items())
        yield from ((f"codes.{name}", value) for name, value in self.codes.state_dict().items())
        yield "validation_codes", self.validation_codes

    def _optimisers(self) -> Iterator[tuple[str, torch.optim.Optimizer]]:
        yield "optimiser", self.optimiser
        yield "validation_optimiser", self.validation_optimiser
        if self.matrix_optimiser:
            yield "matrix_optimiser", self.matrix_optimiser

    def _hidden_matrices(self, settings: ShapeGenerator) -> list[nn.Parameter]:
        normalised = settings.decoder.weight_norm or self.decoder.bounds is not None
        if settings.training.optimiser == "adam" or normalised:
            return []  # a normalised weight's direction is not a matrix to step along
        return [layer.weight for layer in self.decoder.hidden]
