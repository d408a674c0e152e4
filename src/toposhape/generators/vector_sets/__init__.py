"""3DShape2VecSet: an autoencoder of latent sets and diffusion on them."""
