"""All that changes while a shape generator is trained."""

import torch
from torch import Tensor, nn

from toposhape.learning.muon import Muon
from toposhape.learning.optimisers import Adam
from toposhape.learning.processes import Team
from toposhape.learning.schedule import FlatThenCooldown
from toposhape.learning.seeds import derived_seed, random_source
from toposhape.learning.state import TrainingState
from toposhape.settings.implicit import ShapeGenerator, Variant

from .codes import VariationalCodes
from .decoder import ImplicitDecoder

VALIDATION_RATE = 5.0  # times the codes' rate: a validation code takes fewer steps in an epoch


class ShapeTrainingState(TrainingState):
    """Networks, codes, optimisers and schedule of one training.

    The optimisers are Adam, of decoder and codes, in that order of parameter groups; perhaps Muon,
    of the decoder's hidden matrices; and one of the validation codes, whose rate is constant.

    Attributes:
        decoder: f.
        codes: posteriors of the training shapes.
        validation_codes: codes of shapes that the decoder never learns from, (n, d).
        team: the processes that share this training.
    """

    schedule: FlatThenCooldown

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
        self.team = team
        self._gradient_clip = training.gradient_clip
        super().__init__(
            {
                "decoder": self.decoder,
                "codes": self.codes,
                "validation_codes": self.validation_codes,
            },
            self._new_optimisers(settings),
            FlatThenCooldown.of(training),
            steady=("validation",),
        )

    def step(self, loss: Tensor) -> Tensor:
        """Minimise the loss by one step; returns the norm of the decoder's gradient.

        The loss is this process's part, and gradients of micro-batches may be there already.
        """
        loss.backward()
        weights = list(self.decoder.parameters())
        self.team.sum_gradients([*weights, *self.codes.parameters()])
        norm = nn.utils.clip_grad_norm_(weights, self._gradient_clip)
        for name, optimiser in self.optimisers.items():
            if name != "validation":
                optimiser.step()
        return norm

    def step_validation(self, loss: Tensor) -> None:
        """Minimise the loss of the validation codes by one step; the decoder learns nothing."""
        loss.backward()
        self.team.sum_gradients([self.validation_codes])
        self.optimisers["validation"].step()

    def _new_optimisers(self, settings: ShapeGenerator) -> dict[str, torch.optim.Optimizer]:
        training = settings.training
        matrices = self.decoder.hidden_matrices if training.optimiser == "muon" else []
        others = set(self.decoder.parameters()) - set(matrices)
        ordered = [weight for weight in self.decoder.parameters() if weight in others]
        adam = Adam(
            [
                {"params": ordered, "lr": training.learning_rate},
                {"params": list(self.codes.parameters()), "lr": training.code_learning_rate},
            ],
            fused=True,
        )
        validation = Adam([self.validation_codes], lr=VALIDATION_RATE * training.code_learning_rate)
        muon = {"muon": Muon(matrices, training.matrix_learning_rate)} if matrices else {}
        return {"adam": adam, **muon, "validation": validation}
