# The gateway: `raabta serve` with /etc/raabta/raabta.toml, as a user without rights, on port 8400.
#
#   docker build -t raabta .
#   docker run --read-only --tmpfs /tmp -p 8400:8400 -v /srv/raabta/etc:/etc/raabta:ro -v raabta-var:/var/lib/raabta raabta
#
# Where packages come from is pip's configuration: pass one as a build secret named pip.conf if you need a mirror.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/raabta
COPY requirements.lock ./
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf,required=false \
    /opt/raabta/bin/python -m pip install --quiet --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY gateway gateway
COPY adapters adapters
COPY mappings mappings
COPY auth auth
COPY conformance conformance
RUN /opt/raabta/bin/python -m pip install --quiet --no-deps --no-build-isolation --no-index .

FROM python:3.11-slim-bookworm
RUN groupadd --system --gid 10001 raabta \
 && useradd --system --uid 10001 --gid raabta --home-dir /var/lib/raabta --no-create-home --shell /usr/sbin/nologin raabta \
 && install -d -o raabta -g raabta -m 0700 /var/lib/raabta \
 && install -d -m 0755 /etc/raabta
COPY --from=build /opt/raabta /opt/raabta
ENV PATH=/opt/raabta/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# A container is reached from outside itself; everything else stands in raabta.toml.
ENV RAABTA_GATEWAY_HOST=0.0.0.0 \
    RAABTA_GATEWAY_DATABASE=/var/lib/raabta/raabta.sqlite \
    RAABTA_GATEWAY_KEYS=/var/lib/raabta/keys
USER raabta
WORKDIR /var/lib/raabta
VOLUME /var/lib/raabta
EXPOSE 8400
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8400/healthz', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["raabta"]
CMD ["serve", "--config", "/etc/raabta/raabta.toml"]
