"""Training of the generators."""


rule train_shape_generator:
    input:
        samples=of_all_batches(f"{BATCH}/samples.npy"),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
    output:
        weights=f"{TRAINED}/generator.safetensors",
        metadata=f"{TRAINED}/generator.json",
        history=f"{TRAINED}/history.csv",
    log:
        f"{LOGS}/train_shape_generator/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/train_shape_generator/{{category}}_{{method}}_{{seed}}.tsv"
    priority: 10  # the longest chain of jobs hangs on it
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        gpu=gpus(),
        mem_mb=2000,
        runtime=600,
    params:
        **settings_of("shape_generator", "device"),
        method=method_settings,
        run_seed=RUN.seed,
        checkpoints=f"{RESULTS}/checkpoints/{{category}}/{{method}}/seed{{seed}}",
    message:
        "Pretraining {wildcards.method} on {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/train_shape_generator.py"
