"""Tables and figures of the ShapeGF paper: `snakemake --cores all point_clouds`."""

from toposhape.settings.run import digest

CHAPTER = RUN.point_clouds
POINT_METHODS = list(POINT_ROWS)
POINTS_CATEGORY = CHAPTER.category or CATEGORIES[0]
POINTS_SEED = RUN.training_seeds[0]
POINT_FIGURES = ("letters", "steps", "clouds", "between")
CLOUD_SCORES = f"{SCORES}/{{method}}_seed{{seed}}_clouds.csv"
FLOOR_SCORES = f"{SCORES}/references_clouds.csv"
POINT_CLOUDS = f"{RESULTS}/point_clouds"
OF_CATEGORY = f"{POINT_CLOUDS}/{{category}}_seed{{seed}}"
CLOUD_INPUTS = {
    "surfaces": of_all_batches(f"{BATCH}/surface.npy"),
    "manifest": f"{SHAPES}/manifest.csv",
    "split": f"{SHAPES}/split.json",
}
LETTER_PARTS = (
    "encoder",
    "denoiser",
    "training",
    "diffusion_training",
    "sampler",
    "surface",
)
CHAPTER_ORIGIN = {
    "digest": digest(RUN.gradient_fields),
    "seeds": [POINTS_SEED],
    "draws": CHAPTER.draws,
}


localrules:
    point_clouds,


rule point_clouds:
    input:
        f"{PUBLICATION}/point_clouds.html",
        expand(f"{PUBLICATION}/point_clouds_{{figure}}.png", figure=POINT_FIGURES),
        f"{PUBLICATION}/point_clouds_steps.gif",


use rule synthesise as synthesise_from_clouds with:
    input:
        generator=chapter_generator,
        split=f"{SHAPES}/split.json",
    output:
        codes=f"{SYNTHETIC}/codes.npy",
        diagrams=f"{SYNTHETIC}/diagrams.parquet",
        surfaces=f"{SYNTHETIC}/surfaces.npy",
        topology=f"{SYNTHETIC}/topology.csv",
        meshes=directory(f"{SYNTHETIC}/meshes"),
    log:
        f"{LOGS}/synthesise_from_clouds/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/synthesise_from_clouds/{{category}}_{{method}}_{{seed}}.tsv"
    wildcard_constraints:
        method=alternatives(POINT_METHODS),
    params:
        **settings_of("topology", "device"),
        resolution=RUN.shapes.resolution,
        run_seed=RUN.seed,
        draws=CHAPTER.draws,
        shapes_per_draw=RUN.evaluation.shapes_per_draw,
        surface_points=RUN.evaluation.chamfer_points,
        prior="normal",
        sampling=gradient_fields("sampler", "surface"),
    message:
        "Outer sheets of {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"


use rule score_generator as score_outer_sheets with:
    input:
        **TRUTH,
        synthetic=[f"{SYNTHETIC}/{file}" for file in SCORED],
        posterior=[],
        generated=[],
        reconstruction=[],
    output:
        scores=f"{SCORES}/{{method}}_seed{{seed}}.csv",
    log:
        f"{LOGS}/score_outer_sheets/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/score_outer_sheets/{{category}}_{{method}}_{{seed}}.tsv"
    wildcard_constraints:
        method=alternatives(POINT_METHODS),
    message:
        "Topology of {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"


rule draw_clouds:
    input:
        generator=chapter_generator,
        codes=f"{SYNTHETIC}/codes.npy",
    output:
        clouds=f"{SYNTHETIC}/clouds.npy",
    log:
        f"{LOGS}/draw_clouds/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/draw_clouds/{{category}}_{{method}}_{{seed}}.tsv"
    wildcard_constraints:
        method=alternatives(POINT_METHODS),
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        gpu=gpus(),
        mem_mb=2000,
        runtime=60,
    params:
        **settings_of("device"),
        points=CHAPTER.points,
        sampling=gradient_fields("sampler", "surface"),
    message:
        "Clouds of {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/draw_clouds.py"


rule score_clouds:
    input:
        **CLOUD_INPUTS,
        clouds=clouds_of,
    output:
        scores=CLOUD_SCORES,
    log:
        f"{LOGS}/score_clouds/{{category}}_{{method}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/score_clouds/{{category}}_{{method}}_{{seed}}.tsv"
    wildcard_constraints:
        method=alternatives([*POINT_METHODS, *METHODS]),
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        draws=CHAPTER.draws,
        points=CHAPTER.points,
        earth_mover_points=CHAPTER.earth_mover_points,
    message:
        "Scores of clouds of {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/score_clouds.py"


use rule score_clouds as score_training_clouds with:
    input:
        **CLOUD_INPUTS,
    output:
        scores=FLOOR_SCORES,
    log:
        f"{LOGS}/score_training_clouds/{{category}}.log",
    benchmark:
        f"{TIMES}/score_training_clouds/{{category}}.tsv"
    message:
        "What clouds of training shapes would score, {wildcards.category}"


rule reconstruct_clouds:
    input:
        **CLOUD_INPUTS,
        generator=f"{TRAINED}/generator.safetensors".replace(
            "{method}", POINT_METHODS[0]
        ),
        metadata=f"{TRAINED}/generator.json".replace("{method}", POINT_METHODS[0]),
    output:
        reconstruction=f"{OF_CATEGORY}_reconstruction.csv",
        shown=f"{OF_CATEGORY}_clouds.npz",
    log:
        f"{LOGS}/reconstruct_clouds/{{category}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/reconstruct_clouds/{{category}}_{{seed}}.tsv"
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        gpu=gpus(),
        mem_mb=2000,
        runtime=60,
    params:
        **settings_of("device"),
        points=CHAPTER.points,
        resolution=RUN.shapes.resolution,
        sampling=gradient_fields("sampler", "surface"),
    message:
        "Shapes of {wildcards.category} auto-encoded as clouds, seed {wildcards.seed}"
    script:
        "../workflow_scripts/reconstruct_clouds.py"


rule measure_sheets:
    input:
        **TRUTH,
        grids=of_all_batches(f"{BATCH}/grid.npy"),
        generator=f"{TRAINED}/generator.safetensors".replace(
            "{method}", POINT_METHODS[0]
        ),
        metadata=f"{TRAINED}/generator.json".replace("{method}", POINT_METHODS[0]),
    output:
        sheets=f"{OF_CATEGORY}_sheets.csv",
    log:
        f"{LOGS}/measure_sheets/{{category}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/measure_sheets/{{category}}_{{seed}}.tsv"
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        gpu=gpus(),
        mem_mb=2000,
        runtime=60,
    params:
        **settings_of("topology", "device"),
        sampling=gradient_fields("sampler", "surface"),
    message:
        "What outer sheets cost, {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/measure_sheets.py"


rule learn_letters:
    output:
        numbers=f"{POINT_CLOUDS}/letters.csv",
        pictures=f"{POINT_CLOUDS}/letters.npz",
    log:
        f"{LOGS}/learn_letters.log",
    benchmark:
        f"{TIMES}/learn_letters.tsv"
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        gradient_fields=gradient_fields(*LETTER_PARTS),
        epochs=CHAPTER.letter_epochs,
        run_seed=RUN.seed,
        checkpoints=f"{CHECKPOINTS}/letters",
    message:
        "A gradient field of letters"
    script:
        "../workflow_scripts/learn_letters.py"


rule ablate_letters:
    output:
        numbers=f"{POINT_CLOUDS}/letter_ablation.csv",
    log:
        f"{LOGS}/ablate_letters.log",
    benchmark:
        f"{TIMES}/ablate_letters.tsv"
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        gradient_fields=gradient_fields(*LETTER_PARTS),
        epochs=CHAPTER.ablation_epochs,
        run_seed=RUN.seed,
        checkpoints=f"{CHECKPOINTS}/letter_ablation",
    message:
        "Fields of letters by levels and weights of noise"
    script:
        "../workflow_scripts/ablate_letters.py"


rule point_clouds_table:
    input:
        reconstruction=of_chapter(f"{OF_CATEGORY}_reconstruction.csv"),
        sheets=of_chapter(f"{OF_CATEGORY}_sheets.csv"),
        letters=f"{POINT_CLOUDS}/letters.csv",
        ablation=f"{POINT_CLOUDS}/letter_ablation.csv",
        clouds=[
            *of_chapter(CLOUD_SCORES, method=[*POINT_METHODS, *CHAPTER.compared]),
            *expand(FLOOR_SCORES, category=POINTS_CATEGORY),
        ],
        topology=[
            *of_chapter(PATHS.generator_scores, method=POINT_METHODS),
            *of_chapter(PATHS.generator_scores, method=CHAPTER.compared),
            *expand(PATHS.reference_scores, category=POINTS_CATEGORY),
        ],
    output:
        published_table("point_clouds", "all", category="Point clouds"),
    log:
        f"{LOGS}/point_clouds_table.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **CHAPTER_ORIGIN,
        points=CHAPTER.points,
        earth_mover_points=CHAPTER.earth_mover_points,
        without_meshes=POINTS_CATEGORY in CLOUD_CATEGORIES,
    message:
        "The ShapeGF paper's tables beside our numbers"
    script:
        "../workflow_scripts/point_clouds_table.py"


rule point_clouds_figures:
    input:
        letters=f"{POINT_CLOUDS}/letters.npz",
        shown=of_chapter(f"{OF_CATEGORY}_clouds.npz"),
        clouds=of_chapter(f"{SYNTHETIC}/clouds.npy", method=POINT_METHODS),
        meshes=of_chapter(f"{SYNTHETIC}/meshes", method=POINT_METHODS),
    output:
        png=[
            report(
                f"{PUBLICATION}/point_clouds_{figure}.png",
                caption=f"../report/point_clouds_{figure}.rst",
                category="Point clouds",
                labels={"figure": figure},
            )
            for figure in POINT_FIGURES
        ],
        pdf=expand(f"{PUBLICATION}/point_clouds_{{figure}}.pdf", figure=POINT_FIGURES),
        film=report(
            f"{PUBLICATION}/point_clouds_steps.gif",
            caption="../report/point_clouds_steps.rst",
            category="Point clouds",
            labels={"figure": "steps, as a film"},
        ),
    log:
        f"{LOGS}/point_clouds_figures.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=20,
    params:
        **CHAPTER_ORIGIN,
        methods=POINT_METHODS,
    message:
        "Letters, clouds and their ways"
    script:
        "../workflow_scripts/point_clouds_figures.py"
