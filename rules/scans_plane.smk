"""Plane reproduction, of the chapter of scans: theorems, initial spheres, known distances."""


rule reproduce_plane:
    output:
        numbers=f"{PATHS.scan_plane}/errors.csv",
        pictures=f"{PATHS.scan_plane}/pictures.npz",
    log:
        f"{LOGS}/reproduce_plane.log",
    benchmark:
        f"{TIMES}/reproduce_plane.tsv"
    conda:
        "../envs/scans.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        run_seed=RUN.seed,
        seeds=RUN.scans.seeds,
    message:
        "Plane reproduction: theorems, initial spheres, known distances"
    script:
        "../workflow_scripts/reproduce_plane.py"


rule plane_table:
    input:
        rules.reproduce_plane.output.numbers,
    output:
        published_table("scans_distances", "learned distances", category="Scans"),
    log:
        f"{LOGS}/plane_table.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **SCANS_ORIGIN,
    message:
        "Relative errors of learned distances"
    script:
        "../workflow_scripts/plane_table.py"


rule plane_figure:
    input:
        rules.reproduce_plane.output.pictures,
    output:
        png=report(
            f"{PUBLICATION}/scans_plane.png",
            caption="../report/scans_plane.rst",
            category="Scans",
            labels={"figure": "plane reproduction"},
        ),
        pdf=f"{PUBLICATION}/scans_plane.pdf",
    log:
        f"{LOGS}/plane_figure.log",
    conda:
        "../envs/scans.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **SCANS_ORIGIN,
    message:
        "Plane reproduction and initial spheres"
    script:
        "../workflow_scripts/plane_figure.py"
