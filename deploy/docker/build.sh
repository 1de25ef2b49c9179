#!/bin/sh
# Makes the images of the three services from programs that were built before.
#
#   deploy/docker/build.sh [FOLDER]            (default: target/release of this checkout)
#
# BASE      the image to lay them on (default debian:bookworm-slim); one without git and ca-certificates gets them by apt-get
# VERSION   the tag of shipstack/upload-service, shipstack/deploy-worker and shipstack/request-service (default: local)
set -eu

here=$(cd "$(dirname "$0")" && pwd)
programs=${1:-$here/../../target/release}
base=${BASE:-debian:bookworm-slim}
version=${VERSION:-local}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Only the program itself is sent to the engine, without its debug information.
image() {
    program=$1
    packages=$2
    context=$scratch/$program
    mkdir "$context"
    cp "$here/healthy" "$here/Dockerfile" "$context/"
    cp "$programs/$program" "$context/shipstack-service"
    strip "$context/shipstack-service" 2>/dev/null || true # smaller, no more than that
    chmod 0755 "$context/healthy" "$context/shipstack-service"
    docker build --quiet --tag "shipstack/$program:$version" --build-arg "BASE=$base" --build-arg "PACKAGES=$packages" \
        "$context" >/dev/null
    echo "shipstack/$program:$version"
}

image upload-service 'ca-certificates git'
image deploy-worker ca-certificates
image request-service ca-certificates
