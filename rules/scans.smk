"""Surfaces from scans by IGR: `snakemake --cores all scans`."""


localrules:
    scans,


rule scans:
    input:
        f"{SCANS}/manifest.csv",
        of_usable_scans(SCAN_FILE),


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
