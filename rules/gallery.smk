"""The gallery: a page on which generated shapes can be turned, and ways between two of them."""

WALK = f"{SYNTHETIC}/interpolation"
GALLERY_SHAPES = 300  # about so many on the page; more would make it slow to open


rule interpolate_shapes:
    input:
        weights=f"{TRAINED}/generator.safetensors",
        metadata=f"{TRAINED}/generator.json",
        codes=f"{SYNTHETIC}/codes.npy",
    output:
        folder=directory(WALK),
    log:
        f"{LOGS}/interpolate_shapes/{{category}}_{{method}}_{{seed}}.log",
    wildcard_constraints:
        method=IMPLICIT,
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        gpu=gpus(),
        mem_mb=2000,
        runtime=30,
    params:
        **settings_of("topology", "device"),
        resolution=RUN.shapes.resolution,
        frames=13,
    message:
        "From one code to another with {wildcards.method}, {wildcards.category}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/interpolate_shapes.py"


rule gallery:
    input:
        meshes=of_first_seed(f"{SYNTHETIC}/meshes"),
        diagrams=of_first_seed(f"{SYNTHETIC}/diagrams.parquet"),
        topology=of_first_seed(f"{SYNTHETIC}/topology.csv"),
        trainings=of_first_seed(f"{TRAINED}/generator.json"),
        walks=of_first_seed(WALK, method=IMPLICIT_METHODS),
        test_diagrams=expand(f"{SHAPES}/diagrams.parquet", category=CATEGORIES),
        manifests=expand(f"{SHAPES}/manifest.csv", category=CATEGORIES),
        splits=expand(f"{SHAPES}/split.json", category=CATEGORIES),
    output:
        page=report(
            f"{PUBLICATION}/gallery.html",
            caption="../report/gallery.rst",
            category="Gallery",
            labels={"page": "shapes to turn"},
        ),
    log:
        f"{LOGS}/gallery.log",
    conda:
        "../envs/gallery.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        title=RUN.name,
        categories=CATEGORIES,
        generators=[(c, m) for c in CATEGORIES for m in METHODS],
        walking=[(c, m) for c in CATEGORIES for m in IMPLICIT_METHODS],
        shapes=max(8, GALLERY_SHAPES // (len(CATEGORIES) * len(METHODS))),
        side=RUN.topology.side,
        config_digest=RUN.digest(),
        training_seeds=RUN.training_seeds[:1],
    message:
        "The gallery of generated shapes"
    script:
        "../workflow_scripts/gallery.py"
