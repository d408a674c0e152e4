"""Tables, figures and what the report shows."""


rule table1:
    output:
        report(
            f"{PUBLICATION}/table1.html",
            caption="../report/table1.rst",
            category="Tables",
            labels={"table": "1: PD-LAP and CD-mean"},
        ),
        report(
            f"{PUBLICATION}/details.html",
            caption="../report/details.rst",
            category="Tables",
            labels={"table": "details: every score"},
        ),
        expand(f"{PUBLICATION}/{{table}}.{{format}}", table=["table1", "details"], format=["csv", "md", "tex"]),
    input:
        scores=table_scores(),
        manifests=expand(f"{SHAPES}/manifest.csv", category=CATEGORIES),
        splits=expand(f"{SHAPES}/split.json", category=CATEGORIES),
        trainings=every_training(f"{TRAINED}/generator.json", CATEGORIES),
    params:
        categories=CATEGORIES,
        config_digest=RUN.digest(),
        training_seeds=list(RUN.training_seeds),
        **settings_of("methods"),
    resources:
        mem_mb=1000,
        runtime=10,
    log:
        f"{LOGS}/table1.log",
    conda:
        "../envs/publication.yaml"
    message:
        "Table 1 and the table of every score"
    script:
        "../workflow_scripts/table1.py"
