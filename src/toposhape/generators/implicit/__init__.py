"""DeepSDF's decoder as a variational auto-decoder: network, codes, pretraining by equation (11)."""
