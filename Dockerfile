# One image for web, worker, scheduler and listener: docker-compose.yml gives each its command and its health check.
# The wheel is built in one stage and installed in another, so that the image holds Hub and nothing that built it.
FROM python:3.11.13-slim-bookworm AS build
WORKDIR /hub
COPY requirements.txt requirements-build.txt ./
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements-build.txt
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc frontend/
COPY scripts/npm scripts/
RUN scripts/npm ci
COPY . .
RUN scripts/npm run build && .venv/bin/python scripts/phrases.py compile && .venv/bin/python -m hatchling build -t wheel

FROM python:3.11.13-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /data hub && install --directory --owner=hub --mode=700 /backups /data/blobs
COPY requirements.txt /tmp/
RUN pip install --no-cache-dir --require-hashes -r /tmp/requirements.txt
COPY --from=build /hub/dist/*.whl /tmp/
RUN pip install --no-cache-dir --no-deps /tmp/*.whl && rm /tmp/*.whl /tmp/requirements.txt
USER hub
ENV HUB_DATA_DIR=/data PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["hub"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
