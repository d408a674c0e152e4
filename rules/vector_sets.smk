"""3DShape2VecSet: an autoencoder of latent sets, diffusion on them, and what comes of both."""


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


rule synthesise_vector_sets:
    input:
        autoencoder=f"{TRAINED}/autoencoder.safetensors",
        autoencoder_metadata=f"{TRAINED}/autoencoder.json",
        weights=f"{TRAINED}/generator.safetensors",
        metadata=f"{TRAINED}/generator.json",
        split=f"{SHAPES}/split.json",
    output:
        codes=f"{SYNTHETIC}/codes.npy",
        diagrams=f"{SYNTHETIC}/diagrams.parquet",
        surfaces=f"{SYNTHETIC}/surfaces.npy",
        topology=f"{SYNTHETIC}/topology.csv",
        meshes=directory(f"{SYNTHETIC}/meshes"),
    log:
        f"{LOGS}/synthesise_vector_sets/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/synthesise_vector_sets/{{category}}_{{method}}_{{seed}}.tsv"
    wildcard_constraints:
        method=VECTOR_SETS,
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        gpu=gpus(),
        mem_mb=3000,
        runtime=120,
    params:
        **settings_of("topology", "device"),
        sampler=vector_sets("sampler")["sampler"],
        resolution=RUN.shapes.resolution,
        run_seed=RUN.seed,
        draws=RUN.evaluation.draws,
        shapes_per_draw=RUN.evaluation.shapes_per_draw,
        surface_points=RUN.evaluation.chamfer_points,
    message:
        "Synthetic shapes of {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/synthesise_vector_sets.py"


rule reconstruct_vector_sets:
    input:
        weights=f"{TRAINED}/autoencoder.safetensors",
        metadata=f"{TRAINED}/autoencoder.json",
        surfaces=of_all_batches(f"{BATCH}/surface.npy"),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
    output:
        distances=f"{SYNTHETIC}/reconstruction.csv",
        meshes=directory(f"{SYNTHETIC}/reconstructed"),
    log:
        f"{LOGS}/reconstruct_vector_sets/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/reconstruct_vector_sets/{{category}}_{{method}}_{{seed}}.tsv"
    wildcard_constraints:
        method=VECTOR_SETS,
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        gpu=gpus(),
        mem_mb=3000,
        runtime=60,
    params:
        **settings_of("device"),
        resolution=RUN.shapes.resolution,
        run_seed=RUN.seed,
        surface_points=RUN.evaluation.reconstruction.surface_points,
    message:
        "Test shapes encoded by {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/reconstruct_vector_sets.py"
