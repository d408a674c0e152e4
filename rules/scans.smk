"""Surfaces from scans by IGR: `snakemake --cores all scans`."""

from toposhape.settings.run import digest

SCANS_ORIGIN = {"digest": digest(RUN.scans), "seeds": RUN.scans.seeds}


localrules:
    scans,


rule scans:
    input:
        f"{SCANS}/manifest.csv",
        f"{PUBLICATION}/scans.html",
        f"{PUBLICATION}/scans_levels.png",
        f"{PUBLICATION}/scans_distances.html",
        f"{PUBLICATION}/scans_plane.png",
        f"{PUBLICATION}/scans_space.html",
        f"{PUBLICATION}/scans_new.png",
        of_usable_scans(f"{PUBLICATION}/scan_{{scan}}.png"),


checkpoint check_scans:
    input:
        lambda wildcards: files_of_scans(),
    output:
        f"{SCANS}/manifest.csv",
    log:
        f"{LOGS}/check_scans.log",
    conda:
        "../envs/scans.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        seed=RUN.seed,
        folder=RUN.scans.folder,
        scans=scan_settings(),
    message:
        "Which point clouds can be scans"
    script:
        "../workflow_scripts/check_scans.py"


rule prepare_scan:
    input:
        lambda wildcards: files_of_scans(wildcards.scan),
    output:
        SCAN_FILE,
    log:
        f"{LOGS}/prepare_scan/{{scan}}.log",
    conda:
        "../envs/scans.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        seed=RUN.seed,
        folder=RUN.scans.folder,
        scans=lambda wildcards: scan_settings(wildcards.scan),
    message:
        "Points of {wildcards.scan} in the shape frame"
    script:
        "../workflow_scripts/prepare_scan.py"


rule fit_surface:
    input:
        SCAN_FILE,
    output:
        weights=f"{SURFACE}/network.safetensors",
        metadata=f"{SURFACE}/network.json",
        history=f"{SURFACE}/history.csv",
    log:
        f"{LOGS}/fit_surface/{{scan}}_{{surface}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/fit_surface/{{scan}}_{{surface}}_{{seed}}.tsv"
    wildcard_constraints:
        surface=alternatives(SURFACE_METHODS),
    conda:
        "../envs/scans.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=240,
        gpu=gpus(),
    params:
        run_seed=RUN.seed,
        device=RUN.device,
        checkpoints=f"{CHECKPOINTS}/surfaces/{{scan}}/{{surface}}/seed{{seed}}",
        fitting=as_parameters(RUN.scans.fitting),
        method=lambda wildcards: as_parameters(RUN.scans.methods[wildcards.surface]),
        betti=lambda wildcards: RUN.scans.betti.get(wildcards.scan),
    message:
        "Surface of {wildcards.scan} by {wildcards.surface}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/fit_surface.py"


rule draw_surface:
    input:
        scan=SCAN_FILE,
        weights=f"{SURFACE}/network.safetensors",
        metadata=f"{SURFACE}/network.json",
    output:
        mesh=f"{SURFACE}/surface.ply",
        middle=f"{SURFACE}/middle.npy",
    log:
        f"{LOGS}/draw_surface/{{scan}}_{{surface}}_{{seed}}.log",
    wildcard_constraints:
        surface=alternatives(SURFACE_METHODS),
    conda:
        "../envs/scans.yaml"
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        resolution=RUN.scans.resolution,
    message:
        "Level set of {wildcards.scan} by {wildcards.surface}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/draw_surface.py"


rule reconstruct_by_peer:
    input:
        SCAN_FILE,
    output:
        f"{SURFACE}/surface.ply",
    log:
        f"{LOGS}/reconstruct_by_peer/{{scan}}_{{surface}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/reconstruct_by_peer/{{scan}}_{{surface}}_{{seed}}.tsv"
    wildcard_constraints:
        surface=alternatives(PEERS),
    conda:
        "../envs/scans.yaml"
    resources:
        mem_mb=3000,
        runtime=60,
    message:
        "Surface of {wildcards.scan} by {wildcards.surface}"
    script:
        "../workflow_scripts/reconstruct_by_peer.py"


rule score_surface:
    input:
        scan=SCAN_FILE,
        mesh=f"{SURFACE}/surface.ply",
    output:
        f"{SURFACE}/scores.json",
    log:
        f"{LOGS}/score_surface/{{scan}}_{{surface}}_{{seed}}.log",
    conda:
        "../envs/scans.yaml"
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        samples=RUN.scans.samples,
    message:
        "Scores of {wildcards.scan} by {wildcards.surface}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/score_surface.py"


rule scans_table:
    input:
        of_usable_scans(surfaces_of(f"{SURFACE}/scores.json")),
    output:
        published_table("scans", "surfaces from scans", category="Scans"),
    log:
        f"{LOGS}/scans_table.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **SCANS_ORIGIN,
    message:
        "Distances of surfaces to the truth and to their scans"
    script:
        "../workflow_scripts/scans_table.py"


rule scans_figure:
    input:
        scan=SCAN_FILE,
        surfaces=surfaces_of(f"{SURFACE}/surface.ply", RUN.scans.seeds[:1]),
    output:
        png=report(
            f"{PUBLICATION}/scan_{{scan}}.png",
            caption="../report/scan.rst",
            category="Scans",
            labels={"scan": "{scan}"},
        ),
        pdf=f"{PUBLICATION}/scan_{{scan}}.pdf",
    log:
        f"{LOGS}/scans_figure/{{scan}}.log",
    conda:
        "../envs/scans.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        **SCANS_ORIGIN,
        surfaces=[*SURFACE_METHODS, *PEERS],
        pixels=RUN.publication.picture_pixels,
    message:
        "Scan, surfaces and errors of {wildcards.scan}"
    script:
        "../workflow_scripts/scans_figure.py"


rule scans_levels_figure:
    input:
        surface_file("middle.npy"),
    output:
        png=report(
            f"{PUBLICATION}/scans_levels.png",
            caption="../report/scans_levels.rst",
            category="Scans",
            labels={"figure": "level sets"},
        ),
        pdf=f"{PUBLICATION}/scans_levels.pdf",
    log:
        f"{LOGS}/scans_levels_figure.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **SCANS_ORIGIN,
    message:
        "Level sets of all surfaces"
    script:
        "../workflow_scripts/scans_levels_figure.py"
