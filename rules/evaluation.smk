"""Synthetic shapes and their scores against the test shapes."""


rule synthesise:
    input:
        generator=generator_files,
        split=f"{SHAPES}/split.json",
    output:
        codes=f"{SYNTHETIC}/codes.npy",
        diagrams=f"{SYNTHETIC}/diagrams.parquet",
        surfaces=f"{SYNTHETIC}/surfaces.npy",
        topology=f"{SYNTHETIC}/topology.csv",
        meshes=directory(f"{SYNTHETIC}/meshes"),
    log:
        f"{LOGS}/synthesise/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/synthesise/{{category}}_{{method}}_{{seed}}.tsv"
    wildcard_constraints:
        method=WITH_TRAINING,
    priority: 5  # diagrams, pictures, scores and all figures hang on it
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        gpu=gpus(),
        mem_mb=3000,
        runtime=120,
    params:
        **settings_of("topology", "device"),
        resolution=RUN.shapes.resolution,
        run_seed=RUN.seed,
        draws=RUN.evaluation.draws,
        shapes_per_draw=RUN.evaluation.shapes_per_draw,
        surface_points=RUN.evaluation.chamfer_points,
        prior="normal",
        sampling=sampling_settings,
    message:
        "Synthetic shapes of {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/synthesise.py"


use rule synthesise as synthesise_from_posterior with:
    output:
        codes=f"{POSTERIOR}/codes.npy",
        diagrams=f"{POSTERIOR}/diagrams.parquet",
        surfaces=f"{POSTERIOR}/surfaces.npy",
        topology=f"{POSTERIOR}/topology.csv",
        meshes=directory(f"{POSTERIOR}/meshes"),
    log:
        f"{LOGS}/synthesise_from_posterior/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/synthesise_from_posterior/{{category}}_{{method}}_{{seed}}.tsv"
    wildcard_constraints:
        method=WITH_CODES,
    params:
        **settings_of("topology", "device"),
        resolution=RUN.shapes.resolution,
        run_seed=RUN.seed,
        draws=RUN.evaluation.posterior_draws,
        shapes_per_draw=RUN.evaluation.shapes_per_draw,
        surface_points=RUN.evaluation.chamfer_points,
        prior="posterior",
        sampling=sampling_settings,
    message:
        "Shapes at posterior codes of {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"


use rule synthesise as synthesise_otherwise with:
    input:
        generator=generator_files,
        critic=critic_files,
        codes=filtered_codes,
        split=f"{SHAPES}/split.json",
    output:
        codes=f"{SYNTHETIC}/codes.npy",
        diagrams=f"{SYNTHETIC}/diagrams.parquet",
        surfaces=f"{SYNTHETIC}/surfaces.npy",
        topology=f"{SYNTHETIC}/topology.csv",
        meshes=directory(f"{SYNTHETIC}/meshes"),
        repairs=f"{SYNTHETIC}/repairs.csv",
    log:
        f"{LOGS}/synthesise_otherwise/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/synthesise_otherwise/{{category}}_{{method}}_{{seed}}.tsv"
    wildcard_constraints:
        method=SHARING,
    params:
        **settings_of("topology", "device"),
        resolution=RUN.shapes.resolution,
        run_seed=RUN.seed,
        draws=RUN.evaluation.draws,
        shapes_per_draw=RUN.evaluation.shapes_per_draw,
        surface_points=RUN.evaluation.chamfer_points,
        otherwise=drawn_otherwise,
        sampling=sampling_settings,
    message:
        "Other shapes of the same generator: {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"


rule reconstruct:
    input:
        generator=generator_files,
        samples=samples_of,
        surfaces=of_all_batches(f"{BATCH}/surface.npy"),
        manifest=f"{SHAPES}/manifest.csv",
        split=f"{SHAPES}/split.json",
    output:
        distances=f"{SYNTHETIC}/reconstruction.csv",
        meshes=directory(f"{SYNTHETIC}/reconstructed"),
    log:
        f"{LOGS}/reconstruct/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/reconstruct/{{category}}_{{method}}_{{seed}}.tsv"
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        gpu=gpus(),
        mem_mb=3000,
        runtime=240,
    params:
        **settings_of("device"),
        resolution=RUN.shapes.resolution,
        run_seed=RUN.seed,
        reconstruction=Parameters(RUN.evaluation.reconstruction),
    message:
        "Test shapes reconstructed by {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/reconstruct.py"


rule generate_diagrams:
    input:
        codes=f"{SYNTHETIC}/codes.npy",
        weights=f"{TRAINED}/diagrams.safetensors",
        metadata=f"{TRAINED}/diagrams.json",
    output:
        generated=f"{SYNTHETIC}/generated.parquet",
    log:
        f"{LOGS}/generate_diagrams/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/generate_diagrams/{{category}}_{{method}}_{{seed}}.tsv"
    wildcard_constraints:
        method=IMPLICIT,
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        min_persistence=RUN.topology.min_persistence,
    message:
        "Generated diagrams of {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/generate_diagrams.py"


rule score_generator:
    input:
        **TRUTH,
        synthetic=[f"{SYNTHETIC}/{file}" for file in SCORED],
        posterior=if_among(
            METHODS_WITH_CODES, *[f"{POSTERIOR}/{file}" for file in SCORED]
        ),
        generated=if_among(IMPLICIT_METHODS, f"{SYNTHETIC}/generated.parquet"),
        reconstruction=if_first_seed(f"{SYNTHETIC}/reconstruction.csv"),
    output:
        scores=f"{SCORES}/{{method}}_seed{{seed}}.csv",
    log:
        f"{LOGS}/score_generator/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/score_generator/{{category}}_{{method}}_{{seed}}.tsv"
    conda:
        "../envs/publication.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        surface_points=RUN.evaluation.chamfer_points,
    message:
        "Scores of {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/score_generator.py"


rule score_references:
    input:
        **TRUTH,
    output:
        scores=f"{SCORES}/references.csv",
    log:
        f"{LOGS}/score_references/{{category}}.log",
    benchmark:
        f"{TIMES}/score_references/{{category}}.tsv"
    conda:
        "../envs/publication.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        draws=RUN.evaluation.draws,
        shapes_per_draw=RUN.evaluation.shapes_per_draw,
        surface_points=RUN.evaluation.chamfer_points,
    message:
        "What training shapes and empty diagrams would score, {wildcards.category}"
    script:
        "../workflow_scripts/score_references.py"
