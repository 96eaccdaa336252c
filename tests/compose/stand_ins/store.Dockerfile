# In the place of the official images valkey and redis: Debian's redis-server, with their user and folder.
ARG BASE
FROM ${BASE}
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends redis-server \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 999 store && useradd --uid 999 --gid 999 store && install -d -o store -g store /data
WORKDIR /data
VOLUME /data
