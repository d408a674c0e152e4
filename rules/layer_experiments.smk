"""Experiments of the TopologyLayer paper: `snakemake --cores all layer_experiments`."""

from toposhape.layer_experiments import EXPERIMENTS
from toposhape.settings.layer_experiments import KEYS
from toposhape.settings.run import digest

LAYER_EXPERIMENT = PATHS.layer_experiment
LAYER_SEEDS = RUN.layer_experiments.seeds
LAYER_KEYS = set(type(RUN.layer_experiments).model_fields)
LAYER_ORIGIN = {"digest": digest(RUN.layer_experiments), "seeds": LAYER_SEEDS}


wildcard_constraints:
    experiment=alternatives(EXPERIMENTS),


localrules:
    layer_experiments,


rule layer_experiments:
    input:
        f"{PUBLICATION}/layer_experiments.html",
        expand(f"{PUBLICATION}/layer_{{experiment}}.png", experiment=EXPERIMENTS),


rule run_layer_experiment:
    output:
        numbers=f"{LAYER_EXPERIMENT}.json",
        pictures=f"{LAYER_EXPERIMENT}.npz",
    log:
        f"{LOGS}/run_layer_experiment/{{experiment}}_{{seed}}.log",
    benchmark:
        f"{TIMES}/run_layer_experiment/{{experiment}}_{{seed}}.tsv"
    conda:
        "../envs/scans.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=60,
    params:
        experiments=lambda wildcards: Parameters(  # the keys that it depends on
            RUN.layer_experiments,
            leave_out=LAYER_KEYS - set(KEYS[wildcards.experiment]),
        ),
    message:
        "Layer experiment {wildcards.experiment}, seed {wildcards.seed}"
    script:
        "../workflow_scripts/run_layer_experiment.py"


rule layer_experiments_table:
    input:
        numbers=expand(
            f"{LAYER_EXPERIMENT}.json", experiment=EXPERIMENTS, seed=LAYER_SEEDS
        ),
    output:
        published_table("layer_experiments", "claims", category="Layer experiments"),
    log:
        f"{LOGS}/layer_experiments_table.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **LAYER_ORIGIN,
    message:
        "The TopologyLayer paper's claims beside our numbers"
    script:
        "../workflow_scripts/layer_experiments_table.py"


rule layer_experiments_figure:
    input:
        numbers=expand(f"{LAYER_EXPERIMENT}.json", seed=LAYER_SEEDS, allow_missing=True),
        pictures=f"{LAYER_EXPERIMENT}.npz".replace("{seed}", str(LAYER_SEEDS[0])),
    output:
        png=report(
            f"{PUBLICATION}/layer_{{experiment}}.png",
            caption="../report/layer_experiment.rst",
            category="Layer experiments",
            labels={"experiment": "{experiment}"},
        ),
        pdf=f"{PUBLICATION}/layer_{{experiment}}.pdf",
    log:
        f"{LOGS}/layer_experiments_figure/{{experiment}}.log",
    conda:
        "../envs/publication.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        **LAYER_ORIGIN,
    message:
        "Before and after, {wildcards.experiment}"
    script:
        "../workflow_scripts/layer_experiments_figure.py"
