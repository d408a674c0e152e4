# %% [markdown]
# # Topological losses on an image, a volume and a network
#
# Three small problems, each solved by gradients of persistence diagrams.

# %%
import matplotlib.pyplot as plt
import torch
from torch import nn

from toposhape.topology import (
    BettiMatching,
    LevelSetPersistence,
    betti_matching_loss,
    diagram_energy,
    wasserstein_loss,
)

torch.manual_seed(0)

# %% [markdown]
# ## An image: which hole?
#
# The mask has one ring, on the left.  The prediction has it too, but faint in one place; on the
# right it sees a ring that is not there.  A distance of diagrams only asks for *a* hole of the
# mask's values, and the wrong ring is nearer to them: it keeps that one and fills the true one.
# Betti matching closes the gap and fills the wrong hole.  (In training, terms on pixels do the
# rest.)

# %%
y, x = torch.meshgrid(torch.linspace(-1, 1, 32), torch.linspace(-2, 2, 64), indexing="ij")


def ring_at(centre):
    return torch.sigmoid(40 * (0.16 - ((x - centre).hypot(y) - 0.55).abs()))


mask = ring_at(-0.9)
gap = ((x + 0.9) > 0.2) & (y.abs() < 0.2)
prediction = 0.9 * torch.where(gap, 0.3 * mask, mask) + 0.8 * ring_at(0.9)

matching = BettiMatching(dim=2, gradient="sets")
layer = LevelSetPersistence(dim=2, essential="range", gradient="sets")
goals = [layer(mask).of_degree(degree).points for degree in (0, 1)]


def by_place(image):
    matched = matching(image, mask[None])
    return sum(betti_matching_loss(matched, degree).sum() for degree in (0, 1))


def by_diagram(image):
    diagrams = layer(image)
    return sum(wasserstein_loss(diagrams, k, [goals[k]]).sum() for k in (0, 1))


def descended(loss, image, steps=40, rate=0.1):
    image = image[None].clone().requires_grad_()
    for _ in range(steps):
        (gradient,) = torch.autograd.grad(loss(image), image)
        image = (image - rate * gradient).detach().requires_grad_()
    return image[0].detach()


results = {"start": prediction} | {
    name: descended(loss, prediction)
    for name, loss in (("Wasserstein", by_diagram), ("Betti matching", by_place))
}
faults = {}
for name, image in results.items():
    matched = matching(image, mask)
    faults[name] = sum(betti_matching_loss(matched, degree).item() for degree in (0, 1))
    left, right = image[16, 26].item(), image[(x - 0.9).hypot(y) < 0.8].max().item()
    print(f"{name:15} gap {left:.2f}  wrong ring {right:.2f}  misplaced {faults[name]:.3f}")
assert faults["Betti matching"] < 0.1 < faults["Wasserstein"]

figure, axes = plt.subplots(1, 4, figsize=(12, 2))
for axis, (name, image) in zip(axes, ({"mask": mask} | results).items(), strict=True):
    axis.imshow(image.numpy(), vmin=0, vmax=1, cmap="gray")
    axis.set_title(name)
    axis.axis("off")
plt.show()

# %% [markdown]
# ## A volume: one piece
#
# A bar with a gap.  The finite bars of degree 0 are what keeps the pieces apart; their sum goes to
# zero.  With critical sets one step builds the whole bridge, with critical vertices it takes
# several.  Only deaths are asked to move: both ends would dissolve the smaller piece as well.

# %%
z, y, x = torch.meshgrid(*[torch.linspace(-1, 1, 24)] * 3, indexing="ij")
bar = torch.minimum(0.3 - y.hypot(z), torch.minimum(0.8 - x.abs(), x.abs() - 0.15))
steps = {}
for gradient in ("vertices", "sets"):
    field, layer = bar[None].clone(), LevelSetPersistence(3, degrees=(0,), gradient=gradient)
    steps[gradient] = 0
    while True:
        field.requires_grad_()
        crossing = layer(field).points
        crossing = crossing[(crossing[:, 0] < 0) & (crossing[:, 1] > 0)]
        if not len(crossing):  # no piece of its own at level 0
            break
        (moved,) = torch.autograd.grad((0.02 - crossing[:, 0]).square().sum(), field)
        field = (field - 0.5 * moved).detach()
        steps[gradient] += 1
print("steps to one piece:", steps)
assert steps["sets"] < steps["vertices"]

# %% [markdown]
# ## A network: a prior for its outputs
#
# A network learns a shape from few samples of its signed distance, and makes crumbs where it knows
# nothing.  A term on the diagrams of what it makes takes them away: the gradient goes through the
# diagram into the weights.

# %%
y, x = torch.meshgrid(torch.linspace(-1, 1, 40), torch.linspace(-1, 1, 40), indexing="ij")
grid = torch.stack([x, y], dim=-1)
samples = 2 * torch.rand(160, 2) - 1
distances = 0.2 - (samples.norm(dim=1) - 0.6).abs()  # an annulus
layer = LevelSetPersistence(2)


def trained(weight):
    torch.manual_seed(1)
    frequencies = 9.0 * torch.randn(2, 64)
    network = nn.Sequential(nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))

    def field(points):
        angles = points @ frequencies
        return network(torch.cat([angles.sin(), angles.cos()], dim=-1))[..., 0]

    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    for _ in range(300):
        optimiser.zero_grad()
        loss = (field(samples) - distances).square().mean()
        if weight:
            diagrams = layer(field(grid))
            terms = diagram_energy(diagrams, 0) + diagram_energy(diagrams, 1, skip=1)
            loss = loss + weight * terms.sum()
        loss.backward()
        optimiser.step()
    return field(grid).detach()


def betti_numbers(field):
    points = layer(field).unbind()[0].points
    alive = [int(((p[:, 0] < 0) & (p[:, 1] >= 0)).sum()) for p in points]
    return alive[0] + 1, alive[1]


found = {weight: betti_numbers(trained(weight)) for weight in (0.0, 1e-3)}
print("pieces and holes without and with the prior:", found)
assert found[1e-3] == (1, 1) != found[0.0]
