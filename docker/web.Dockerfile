# The control plane, without torch: web, courier, clock, and the one-off steps of manage.py.
# Build it from the root of the checkout: docker build -f docker/web.Dockerfile -t landfall-web:0.1.0 .
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
# Editable: the two source roots of /app as in a checkout, and a layer that lasts until a dependency changes.
COPY pyproject.toml constraints.txt README.md ./
RUN pip install --no-cache-dir -c constraints.txt -e . && pip uninstall --yes pip
COPY manage.py ./
COPY docker/healthy.py docker/base_models.json docker/
COPY platform platform/
COPY tenants tenants/
COPY training training/
COPY inference inference/
COPY workers workers/
# Collecting needs settings that can be read, but neither a database nor a secret.
RUN python -m compileall -q . && LANDFALL_MODE=development DATABASE_URL=postgresql://nobody@localhost/none \
    LANDFALL_STATIC_ROOT=/app/static python manage.py collectstatic --no-input

FROM base
RUN useradd --uid 10001 --home-dir /state landfall && install --directory --owner=10001 --group=10001 /state
COPY --from=build /venv /venv
COPY --from=build /app /app
# Uploads are spooled in TMPDIR: on disk, where compose's /tmp is memory.
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 TMPDIR=/state LANDFALL_STATE=/state LANDFALL_STATIC_ROOT=/app/static \
    LANDFALL_BASE_MODELS=/app/docker/base_models.json
WORKDIR /app
VOLUME /state
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "docker/healthy.py", "8000"]
# No access log: an address may hold a key that a customer put there by mistake.
CMD ["uvicorn", "config.onebox:app", "--host", "0.0.0.0", "--port", "8000", "--no-access-log", \
     "--timeout-graceful-shutdown", "5"]
