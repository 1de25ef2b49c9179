#!/bin/sh
# Makes what compose.yaml needs to start: secrets of this installation, and an .env with its names.
#
#   deploy/compose/init.sh API_HOST SITES_DOMAIN [FOLDER]        (default folder: deploy)
#
# Guarantees: what exists is kept, so that a second run changes no password. The folder of the secrets is its owner's alone;
# the files within can be read by every user of the one container that is given them, whatever its number is.
set -eu

api_host=${1:?the host name of the API, such as api.example.com}
domain=${2:?the domain of the sites, such as sites.example.net}
folder=${3:-$(cd "$(dirname "$0")/.." && pwd)}
here=$(cd "$(dirname "$0")" && pwd)
secrets=$folder/secrets

random() { head -c 64 /dev/urandom | base64 | tr -dc 'A-Za-z0-9' | head -c 40; }

# Writes standard input to a secret, unless it is there.
keep() { [ -s "$secrets/$1" ] || { cat >"$secrets/$1" && chmod 0444 "$secrets/$1"; }; }

mkdir -p "$secrets"
chmod 0700 "$secrets"
for name in token writer_key writer_secret reader_key reader_secret; do
    random | keep "$name"
done
echo "requirepass $(random)" | keep redis_password
echo "redis://:$(cut -d' ' -f2 "$secrets/redis_password")@redis:6379" | keep redis_url
sed -e "s/@WRITER_KEY@/$(cat "$secrets/writer_key")/" -e "s/@WRITER_SECRET@/$(cat "$secrets/writer_secret")/" \
    -e "s/@READER_KEY@/$(cat "$secrets/reader_key")/" -e "s/@READER_SECRET@/$(cat "$secrets/reader_secret")/" \
    "$here/s3_identities.json" | keep s3_identities

# Every setting of docs/configuration.md can stand here; it reaches all three services.
[ -e "$folder/settings.env" ] || : >"$folder/settings.env"
socket=${DOCKER_SOCKET:-/var/run/docker.sock}
[ -e "$folder/.env" ] || cat >"$folder/.env" <<END
COMPOSE_PROJECT_NAME=shipstack
SHIPSTACK_API_HOST=$api_host
SHIPSTACK_DOMAIN=$domain
SHIPSTACK_SECRETS=$secrets
SHIPSTACK_SETTINGS=$folder/settings.env
DOCKER_SOCKET=$socket
DOCKER_GID=$(stat -c %g "$socket")
END
echo "$folder/.env and $secrets are ready"
