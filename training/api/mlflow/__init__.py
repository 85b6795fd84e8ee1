"""/mlflow: MLflow's REST API, read only, over jobs and models: `MLFLOW_TRACKING_URI=<base URL>/mlflow`.

A task is an experiment and a registered model, named by its name (of several of one name the newest) or its id; a
fine-tuning job is a run; a model is a model version, its aliases are aliases. Shapes: MLflow REST API 2.0.
"""
