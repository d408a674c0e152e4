"""The diagram generator PD(z): network, pretraining by equation (12)."""
