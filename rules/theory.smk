"""Section 4 and the appendices of the paper, verified: `snakemake --cores all theory`."""

from toposhape.settings.theory import KEYS as THEORY_KEYS
from toposhape.theory import PARTS

THEORY = PATHS.theory
THEORY_ORIGIN = {"digest": digest(RUN.theory), "seeds": RUN.theory.seeds}


wildcard_constraints:
    part=alternatives(PARTS),


localrules:
    theory,


rule theory:
    input:
        f"{PUBLICATION}/theory.html",
        expand(f"{PUBLICATION}/theory_{{part}}.png", part=PARTS),


rule run_theory:
    output:
        numbers=f"{THEORY}.csv",
        pictures=f"{THEORY}.npz",
    log:
        f"{LOGS}/run_theory/{{part}}.log",
    benchmark:
        f"{TIMES}/run_theory/{{part}}.tsv"
    conda:
        "../envs/generators.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        theory=lambda wildcards: Parameters(  # the keys that it depends on
            RUN.theory,
            leave_out=set(type(RUN.theory).model_fields)
            - {"seeds", *THEORY_KEYS[wildcards.part]},
        ),
    message:
        "Theory: {wildcards.part}"
    script:
        "../workflow_scripts/run_theory.py"


rule theory_table:
    input:
        expand(f"{THEORY}.csv", part=PARTS),
    output:
        published_table("theory", "claims", category="Theory"),
    log:
        f"{LOGS}/theory_table.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **THEORY_ORIGIN,
    message:
        "The paper's theory beside what computation finds"
    script:
        "../workflow_scripts/theory_table.py"


rule theory_figure:
    input:
        f"{THEORY}.npz",
    output:
        png=report(
            f"{PUBLICATION}/theory_{{part}}.png",
            caption="../report/theory_part.rst",
            category="Theory",
            labels={"part": "{part}"},
        ),
        pdf=f"{PUBLICATION}/theory_{{part}}.pdf",
    log:
        f"{LOGS}/theory_figure/{{part}}.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **THEORY_ORIGIN,
    message:
        "Figure of the theory, {wildcards.part}"
    script:
        "../workflow_scripts/theory_figure.py"
