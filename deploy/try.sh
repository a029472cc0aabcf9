#!/bin/sh
# Tries the compose file for real, TLS included, and removes everything again: build, start, wait until healthy, chat
# through the proxy on both replicas, kill one, drain the other. Needs Docker (or Podman), openssl, Python and make.
#   deploy/try.sh                              COMPOSE="podman-compose" deploy/try.sh
# Its own project name, ports (8080, 8443), secrets and volumes: an installation beside it is not touched.
set -eu
cd "$(dirname "$0")/.."

trial=var/trial
: "${COMPOSE:=docker compose}" "${HTTP_PORT:=8080}" "${HTTPS_PORT:=8443}" "${OPEN_FILES:=65536}"
origin=https://localhost:$HTTPS_PORT
started=$(date +%s)

say() { printf '\n[%3d s] %s\n' $(($(date +%s) - started)) "$1"; }
compose() { $COMPOSE --project-name carillon-trial --env-file "$trial/env" "$@"; }

# What the shell happens to have would win over the file.
unset SECRET_KEY POSTGRES_PASSWORD REDIS_PASSWORD DOMAIN PUBLIC_ORIGIN HTTPS PROXY_SITE TLS_DIR TRUSTED_PROXY \
    CARILLON_VERSION LOG_LEVEL DATABASE_POOL_SIZE WORKER_CONCURRENCY WEB_MEMORY WORKER_MEMORY POSTGRES_MEMORY

say "Secrets and a certificate of its own"
mkdir -p "$trial/certificates"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout "$trial/certificates/privkey.pem" -out "$trial/certificates/fullchain.pem" 2>/dev/null
(umask 077 && cat >"$trial/env" <<END
SECRET_KEY=$(openssl rand -hex 32)
POSTGRES_PASSWORD=$(openssl rand -hex 16)
REDIS_PASSWORD=$(openssl rand -hex 16)
DOMAIN=localhost
PUBLIC_ORIGIN=$origin
TLS_DIR=./$trial/certificates
HTTP_PORT=$HTTP_PORT
HTTPS_PORT=$HTTPS_PORT
OPEN_FILES=$OPEN_FILES
CARILLON_VERSION=trial
END
)

say "Build"
compose build

say "Start"
finish() {
    status=$?
    if [ "$status" -ne 0 ]; then
        say "Failed; the last lines of every log:"
        for service in migrate web1 web2 urgent worker beat proxy postgres redis; do
            compose logs --tail 20 "$service" 2>&1 || true
        done
    fi
    say "Stop, and remove containers, volumes and secrets"
    compose down --volumes
    rm -rf "$trial"
    say "Done, status $status"
    exit "$status"
}
trap finish EXIT
trap 'exit 1' INT TERM
compose up --detach

tools/setup test
python=.venv/bin/python

say "Wait until every service's own health check passes"
export COMPOSE_COMMAND="$COMPOSE --project-name carillon-trial --env-file $trial/env"
"$python" deploy/wait_healthy.py

say "Django's checks for deployment, in the container"
compose exec -T web1 python manage.py check --deploy --fail-level WARNING

say "Chat through the proxy"
PYTHONPATH=. SSL_CERT_FILE=$trial/certificates/fullchain.pem "$python" deploy/chat_through_proxy.py "$origin"
