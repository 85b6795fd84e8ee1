# The runtime: answers predictions, holds models in memory.
# Build it from the root of the checkout: docker build -f docker/runtime.Dockerfile -t landfall-runtime:0.1.0 .
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
# The pin of constraints.txt decides the release of torch, this index its build: here for the CPU.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
# Editable: the two source roots of /app as in a checkout, and a layer that lasts until a dependency changes.
COPY pyproject.toml constraints.txt README.md ./
RUN pip install --no-cache-dir -c constraints.txt ${TORCH_INDEX:+--extra-index-url "${TORCH_INDEX}"} -e '.[runtime]' \
    && pip uninstall --yes pip
COPY docker/healthy.py docker/
COPY platform platform/
COPY tenants tenants/
COPY training training/
COPY inference inference/
COPY workers workers/
RUN python -m compileall -q .

FROM base
RUN useradd --uid 10001 --home-dir /state landfall && install --directory --owner=10001 --group=10001 /state
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 LANDFALL_STATE=/state LANDFALL_RUNTIME_HOST=0.0.0.0
WORKDIR /app
VOLUME /state
USER 10001:10001
EXPOSE 8100
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "docker/healthy.py", "8100"]
CMD ["python", "-m", "workers.runtime"]
