"""Training of 3DShape2VecSet: an autoencoder of latent sets, then diffusion on them."""


rule train_vector_set_autoencoder:
    input:
        samples=of_all_batches(f"{BATCH}/samples.npy"),
        grids=of_all_batches(f"{BATCH}/grid.npy"),
        surfaces=of_all_batches(f"{BATCH}/surface.npy"),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
    output:
        weights=f"{TRAINED}/autoencoder.safetensors",
        metadata=f"{TRAINED}/autoencoder.json",
        history=f"{TRAINED}/autoencoder_history.csv",
    log:
        f"{LOGS}/train_vector_set_autoencoder/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/train_vector_set_autoencoder/{{category}}_{{method}}_{{seed}}.tsv"
    wildcard_constraints:
        method=VECTOR_SETS,
    priority: 10
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        gpu=gpus(),
        mem_mb=2000,
        runtime=600,
    params:
        **settings_of("device"),
        vector_sets=vector_sets("autoencoder", "autoencoder_training"),
        run_seed=RUN.seed,
        checkpoints=f"{CHECKPOINTS}/vector_sets/{{category}}/{{method}}/seed{{seed}}",
    message:
        "Autoencoder of {wildcards.method} on {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/train_vector_set_autoencoder.py"


rule train_set_diffusion:
    input:
        autoencoder=f"{TRAINED}/autoencoder.safetensors",
        autoencoder_metadata=f"{TRAINED}/autoencoder.json",
        samples=of_all_batches(f"{BATCH}/samples.npy"),
        grids=of_all_batches(f"{BATCH}/grid.npy"),
        surfaces=of_all_batches(f"{BATCH}/surface.npy"),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
    output:
        weights=f"{TRAINED}/generator.safetensors",
        metadata=f"{TRAINED}/generator.json",
        history=f"{TRAINED}/history.csv",
    log:
        f"{LOGS}/train_set_diffusion/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/train_set_diffusion/{{category}}_{{method}}_{{seed}}.tsv"
    wildcard_constraints:
        method=VECTOR_SETS,
    priority: 10
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        gpu=gpus(),
        mem_mb=2000,
        runtime=600,
    params:
        **settings_of("device"),
        vector_sets=vector_sets("denoiser", "diffusion_training"),
        run_seed=RUN.seed,
        checkpoints=f"{CHECKPOINTS}/set_diffusion/{{category}}/{{method}}/seed{{seed}}",
    message:
        "Diffusion of {wildcards.method} on {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/train_set_diffusion.py"
