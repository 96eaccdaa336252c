# The two images: `webapp` (no Airflow, no numpy) and `airflow`, from one lock (constraints.txt).
# What changes seldom comes first, so that a change of code builds in seconds.
ARG PYTHON_IMAGE=python:3.12-slim-bookworm

FROM ${PYTHON_IMAGE} AS base
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python3 -m venv /opt/venv \
    && groupadd --gid 10001 batchwell \
    && useradd --uid 10001 --gid 10001 --home-dir /tmp --no-create-home batchwell
WORKDIR /app
COPY constraints.txt ./


FROM base AS webapp
COPY pyproject.toml ./
RUN python3 -c 'import tomllib; project = tomllib.load(open("pyproject.toml", "rb")); \
print(*project["build-system"]["requires"], *project["project"]["dependencies"], sep="\n")' \
        >/tmp/requirements.txt \
    && pip install --quiet -r /tmp/requirements.txt -c constraints.txt \
    && rm /tmp/requirements.txt
COPY . .
RUN pip install --quiet --no-deps --no-build-isolation --editable . \
    && python3 -m compileall -q dags plugins serving webapp
USER batchwell
ENV BATCHWELL_HOST=0.0.0.0 BATCHWELL_HOME=/tmp/batchwell BATCHWELL_METRICS_FOLDER=/tmp/metrics
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["deploy/healthcheck", "http://127.0.0.1:8000/healthz"]
ENTRYPOINT ["python3", "-m", "batchwell.container"]
CMD ["web"]


FROM base AS airflow
COPY requirements-deploy.txt ./
# The lock, but for what the login takes in another version.
RUN sed -E '/^(flask|flask-limiter|python-dateutil|rich)==/Id' constraints.txt >/tmp/constraints.txt \
    && pip install --quiet -r requirements-deploy.txt -c /tmp/constraints.txt \
    && rm /tmp/constraints.txt
COPY . .
RUN pip install --quiet --no-deps --no-build-isolation --editable . \
    && python3 -m compileall -q dags plugins \
    && install -d -o batchwell -g batchwell /var/log/airflow /var/lib/batchwell /opt/airflow \
    && ln -s /usr/bin/env /entrypoint
# (Airflow's Helm chart has its files in /opt/airflow, and its probes call /entrypoint COMMAND.)
USER batchwell
ENV AIRFLOW_HOME=/tmp/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/app/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/app/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__CORE__DAG_DISCOVERY_SAFE_MODE=False \
    AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION=False \
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=/var/log/airflow
VOLUME /var/log/airflow /var/lib/batchwell
EXPOSE 8080
# Of the api-server; docker-compose.yaml has one for each of the others.
HEALTHCHECK --interval=10s --timeout=8s --start-period=60s --retries=6 \
    CMD ["deploy/healthcheck", "http://127.0.0.1:8080/api/v2/monitor/health"]
ENTRYPOINT ["python3", "-m", "batchwell.container"]
CMD ["api-server"]
