# %% [markdown]
# # Each layer in ten lines
#
# A layer takes a batch of functions or of point clouds and gives persistence diagrams whose points
# carry gradients.  Run this file, or open it as a notebook (VS Code, or Jupyter with jupytext).

# %%
import torch

from toposhape.topology import (
    AlphaPersistence,
    BettiMatching,
    LevelSetPersistence,
    RipsPersistence,
    SimplicialPersistence,
    betti_matching_loss,
    betti_number_loss,
    diagram_energy,
    longest,
    persistence_image,
    wasserstein_loss,
)

generator = torch.Generator().manual_seed(0)

# %% [markdown]
# ## Images: superlevel sets of a grid
# A bright ring has one component and one hole.  A point is (low, high): the hole is there for
# levels between the two.

# %%
y, x = torch.meshgrid(torch.linspace(-1, 1, 32), torch.linspace(-1, 1, 32), indexing="ij")
ring = torch.exp(-(((x.hypot(y) - 0.6) / 0.2) ** 2))
images = (ring + 0.02 * torch.rand(4, 32, 32, generator=generator)).requires_grad_()
diagrams = LevelSetPersistence(dim=2)(images)  # all four diagrams, end to end
holes = longest(diagrams, 1, 2)  # (4, 2): one long bar each, the next is noise
print("holes live for", holes.detach().numpy().round(2).tolist())
assert (holes[:, 0] > 0.8).all() and (holes[:, 1] < 0.1).all()

diagram_energy(diagrams, degree=0).sum().backward()  # the sum of all finite bars of pieces
print("vertices with a gradient:", int((images.grad != 0).sum()), "of", images.numel())

# %% [markdown]
# ## Functions on a line, and volumes

# %%
line = torch.tensor([[0.0, 3.0, 1.0, 2.0, 0.0]])
print("second maximum:", LevelSetPersistence(dim=1)(line).points.tolist())

z, y, x = torch.meshgrid(*[torch.linspace(-1, 1, 20)] * 3, indexing="ij")
shell = 0.3 - ((x**2 + y**2 + z**2).sqrt() - 0.6).abs()
cavity = LevelSetPersistence(dim=3)(shell).of_degree(2)
print("cavity:", cavity.points.numpy().round(2).tolist())
assert len(cavity.points) == 1

# %% [markdown]
# ## A graph, a mesh: functions on the vertices of any simplicial complex

# %%
wheel = SimplicialPersistence([(i, (i + 1) % 6) for i in range(6)], essential="range")
print("on a ring of six:", wheel(torch.tensor([[0.0, 5, 1, 4, 2, 3]])).points.tolist())

# %% [markdown]
# ## Point clouds: Rips and alpha

# %%
angle = 2 * torch.pi * torch.rand(40, generator=generator)
circle = torch.stack([angle.cos(), angle.sin()], dim=1).requires_grad_()
by_edges = RipsPersistence(degrees=2)(circle)
by_balls = AlphaPersistence(dim=2)(circle)
print("loop by edges ", by_edges.of_degree(1).points.detach().numpy().round(2).tolist())
print("loop by balls ", longest(by_balls, 1, 1).item())
by_balls.of_degree(1).lengths().sum().backward()
assert circle.grad.abs().sum() > 0

# %% [markdown]
# ## Features: vectors of diagrams

# %%
vectors = persistence_image(
    diagrams, 1, torch.linspace(0, 1, 8), torch.linspace(0, 1, 8), bandwidth=0.1
)
print("persistence images:", tuple(vectors.shape))

# %% [markdown]
# ## Losses: so many holes; a target diagram; the same features in the same place

# %%
print("one hole: ", betti_number_loss(diagrams, degree=1, number=1).detach().numpy().round(2))
target = [torch.tensor([[0.1, 1.0]])] * 4
print("target:   ", wasserstein_loss(diagrams, 1, target).detach().numpy().round(3))

masks = (ring > 0.5).float()
matched = BettiMatching(dim=2)(images[0], masks)
print("matching: ", betti_matching_loss(matched, degree=1).item(), matched.errors(1).tolist())
assert matched.errors(0).item() > 0  # specks of noise have no partner in the mask
