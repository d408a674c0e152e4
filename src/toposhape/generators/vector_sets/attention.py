"""Pre-norm attention layers, the bricks of vector sets and of their denoiser.

Vaswani et al., NeurIPS 2017; gated feed-forward layers: Shazeer, arXiv 2002.05202.
"""

from torch import Tensor, nn
from torch.nn import functional


class Attention(nn.Module):
    """Multi-head attention from a set to a context, which may be the set itself.

    Keys and values of the context are a call of their own, so that many blocks of queries can
    share them.
    """

    def __init__(self, width: int, heads: int) -> None:
        """Build for sets of vectors of `width` numbers.

        Raises:
            ValueError: if the heads do not share the width evenly.
        """
        super().__init__()
        if width % heads:
            raise ValueError(f"width {width} is no multiple of {heads} heads")
        self.heads = heads
        self.queries = nn.Linear(width, width, bias=False)
        self.keys_values = nn.Linear(width, 2 * width, bias=False)
        self.output = nn.Linear(width, width)

    def project(self, context: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values (B, heads, M, width / heads) of a context (B, M, width)."""
        keys, values = self.keys_values(context).chunk(2, dim=-1)
        return self._split(keys), self._split(values)

    def forward(self, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """Attend from (B, N, width) to projected keys and values: (B, N, width)."""
        found = functional.scaled_dot_product_attention(
            self._split(self.queries(queries)), keys, values
        )
        attended: Tensor = self.output(found.transpose(1, 2).flatten(2))
        return attended

    def _split(self, vectors: Tensor) -> Tensor:
        heads: Tensor = vectors.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        return heads


class FeedForward(nn.Module):
    """Two affine maps with a GELU gate between them."""

    def __init__(self, width: int, factor: int) -> None:
        """Build with factor * width gated units."""
        super().__init__()
        self.rise = nn.Linear(width, 2 * factor * width)
        self.fall = nn.Linear(factor * width, width)

    def forward(self, vectors: Tensor) -> Tensor:
        """Map (..., width) to (..., width)."""
        values, gates = self.rise(vectors).chunk(2, dim=-1)
        mapped: Tensor = self.fall(values * functional.gelu(gates))
        return mapped


class SelfAttentionLayer(nn.Module):
    """Attention within a set and a feed-forward layer, each added to what comes in.

    With a condition, both normalisations are scaled and shifted by an affine map of it.
    """

    def __init__(
        self, width: int, heads: int, factor: int, condition_width: int | None = None
    ) -> None:
        super().__init__()
        plain = condition_width is None
        self.attention_norm = nn.LayerNorm(width, elementwise_affine=plain)
        self.attention = Attention(width, heads)
        self.feed_norm = nn.LayerNorm(width, elementwise_affine=plain)
        self.feed = FeedForward(width, factor)
        self.modulation = None if condition_width is None else nn.Linear(condition_width, 4 * width)

    def forward(self, vectors: Tensor, condition: Tensor | None = None) -> Tensor:
        """Map (B, M, width) to the same form; condition (B, condition_width)."""
        scales = (None, None)
        if self.modulation is not None:
            scales = self.modulation(condition).unsqueeze(1).chunk(2, dim=-1)
        normal = _modulate(self.attention_norm(vectors), scales[0])
        vectors = vectors + self.attention(normal, *self.attention.project(normal))
        mapped: Tensor = vectors + self.feed(_modulate(self.feed_norm(vectors), scales[1]))
        return mapped


def _modulate(vectors: Tensor, modulation: Tensor | None) -> Tensor:
    if modulation is None:
        return vectors
    scale, shift = modulation.chunk(2, dim=-1)
    return vectors * (1 + scale) + shift


def layer_matrices(network: nn.Module) -> list[Tensor]:
    """Weights of the affine maps within attention and feed-forward layers."""
    return [
        affine.weight
        for module in network.modules()
        if isinstance(module, (Attention, FeedForward))
        for affine in module.children()
        if isinstance(affine, nn.Linear)
    ]
