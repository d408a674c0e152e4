import pytest
import torch

from toposhape.learning.precision import fast_products


def test_products_are_fast_on_a_gpu_only_and_only_meanwhile():
    before = torch.get_float32_matmul_precision()
    for precision, device in (("tf32", "cpu"), ("bfloat16", "cpu"), ("float32", "cuda")):
        with fast_products(precision, device):
            assert torch.get_float32_matmul_precision() == before
    for precision in ("tf32", "bfloat16"):
        with pytest.raises(KeyError), fast_products(precision, torch.device("cuda", 1)):
            assert torch.get_float32_matmul_precision() == "high"
            raise KeyError
        assert torch.get_float32_matmul_precision() == before
