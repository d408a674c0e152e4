"""A shape space over virtual scans, of the chapter of scans."""


rule train_scan_space:
    output:
        weights=f"{SPACE}/network.safetensors",
        metadata=f"{SPACE}/network.json",
        history=f"{SPACE}/history.csv",
    log:
        f"{LOGS}/train_scan_space/{{seed}}.log",
    benchmark:
        f"{TIMES}/train_scan_space/{{seed}}.tsv"
    conda:
        "../envs/scans.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=240,
        gpu=gpus(),
    params:
        run_seed=RUN.seed,
        device=RUN.device,
        checkpoints=f"{CHECKPOINTS}/scan_space/seed{{seed}}",
        space=as_parameters(RUN.scans.space),
    message:
        "Shape space of scans, seed {wildcards.seed}"
    script:
        "../workflow_scripts/train_scan_space.py"


rule score_scan_space:
    input:
        weights=rules.train_scan_space.output.weights,
        metadata=rules.train_scan_space.output.metadata,
    output:
        scores=f"{SPACE}/scores.csv",
        fields=f"{SPACE}/fields.npz",
    log:
        f"{LOGS}/score_scan_space/{{seed}}.log",
    benchmark:
        f"{TIMES}/score_scan_space/{{seed}}.tsv"
    conda:
        "../envs/scans.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=120,
    params:
        run_seed=RUN.seed,
        samples=RUN.scans.samples,
        space=as_parameters(RUN.scans.space),
    message:
        "New scans in the shape space, seed {wildcards.seed}"
    script:
        "../workflow_scripts/score_scan_space.py"


rule scan_space_table:
    input:
        expand(rules.score_scan_space.output.scores, seed=RUN.scans.seeds),
    output:
        published_table("scans_space", "shape space", category="Scans"),
    log:
        f"{LOGS}/scan_space_table.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **SCANS_ORIGIN,
    message:
        "Quantiles of the shape space of scans"
    script:
        "../workflow_scripts/scan_space_table.py"


rule scan_space_figures:
    input:
        expand(rules.score_scan_space.output.fields, seed=RUN.scans.seeds[0]),
    output:
        space_png=report(
            f"{PUBLICATION}/scans_new.png",
            caption="../report/scans_new.rst",
            category="Scans",
            labels={"figure": "new scans"},
        ),
        space_pdf=f"{PUBLICATION}/scans_new.pdf",
        ways_png=report(
            f"{PUBLICATION}/scans_ways.png",
            caption="../report/scans_ways.rst",
            category="Scans",
            labels={"figure": "interpolation"},
        ),
        ways_pdf=f"{PUBLICATION}/scans_ways.pdf",
    log:
        f"{LOGS}/scan_space_figures.log",
    conda:
        "../envs/scans.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        **SCANS_ORIGIN,
        run_seed=RUN.seed,
        space=as_parameters(RUN.scans.space),
        pixels=RUN.publication.picture_pixels,
    message:
        "New scans and ways between their codes"
    script:
        "../workflow_scripts/scan_space_figures.py"
