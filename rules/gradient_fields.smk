"""Training of ShapeGF: a denoiser of points, then a prior of codes."""

PRIOR_PARTS = {
    "gan": ("gan", "gan_training"),
    "diffusion": ("diffusion", "diffusion_training", "diffusion_sampler"),
    "gaussian": ("diffusion_training",),  # as often encoded
}


rule train_gradient_field:
    input:
        surfaces=of_all_batches(f"{BATCH}/surface.npy"),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
    output:
        weights=f"{GRADIENT_FIELD}.safetensors",
        metadata=f"{GRADIENT_FIELD}.json",
        history=f"{GRADIENT_FIELD}_history.csv",
    log:
        f"{LOGS}/train_gradient_field/{{category}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/train_gradient_field/{{category}}_{{seed}}.tsv"
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
        gradient_fields=gradient_fields("encoder", "denoiser", "training"),
        run_seed=RUN.seed,
        checkpoints=f"{CHECKPOINTS}/gradient_field/{{category}}/seed{{seed}}",
    message:
        "Gradient field of {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/train_gradient_field.py"


rule train_code_prior:
    input:
        field=f"{GRADIENT_FIELD}.safetensors",
        metadata=f"{GRADIENT_FIELD}.json",
        surfaces=of_all_batches(f"{BATCH}/surface.npy"),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
    output:
        weights=f"{TRAINED}/generator.safetensors",
        metadata=f"{TRAINED}/generator.json",
        history=f"{TRAINED}/history.csv",
    log:
        f"{LOGS}/train_code_prior/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/train_code_prior/{{category}}_{{method}}_{{seed}}.tsv"
    wildcard_constraints:
        method=GRADIENT_FIELDS,
    priority: 10
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        gpu=gpus(),
        mem_mb=2000,
        runtime=120,
    params:
        **settings_of("device"),
        prior=code_prior,
        gradient_fields=lambda wildcards: gradient_fields(
            *PRIOR_PARTS[code_prior(wildcards)]
        ),
        run_seed=RUN.seed,
        checkpoints=f"{CHECKPOINTS}/code_prior/{{category}}/{{method}}/seed{{seed}}",
    message:
        "Prior of {wildcards.method} on {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/train_code_prior.py"
