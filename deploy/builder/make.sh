#!/bin/sh
# Makes the builder image without any container registry: Debian by debootstrap, the tools from their npm packages.
#
#   deploy/builder/make.sh [TAG]              (default shipstack/builder:dev)
#
# For: closed networks, CI and development. Where a registry is in reach, the Dockerfile beside this makes the same image.
# Guarantees: the same inputs make no second image; a run that finds its image present takes about a second. Only the
# egress proxy is laid on top of a base that holds everything slow, so a change of the proxy costs seconds.
# Needs root (debootstrap), docker, npm, tar, and cargo unless SHIPSTACK_EGRESS_BINARY names the proxy.
#
# SHIPSTACK_DEBIAN_MIRROR   where Debian's packages come from (default http://deb.debian.org/debian)
# SHIPSTACK_EGRESS_BINARY   a shipstack-egress built for Debian 12 or older; default: built here by cargo
set -eu

tag=${1:-shipstack/builder:dev}
mirror=${SHIPSTACK_DEBIAN_MIRROR:-http://deb.debian.org/debian}
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
made=''
trap 'rm -rf "$scratch"; [ -z "$made" ] || docker rm -f "$made" >/dev/null' EXIT

digest() { cat "$@" | sha256sum | cut -c1-16; }

# The label of an image, empty when the image is not there.
label() { docker image inspect --format "{{index .Config.Labels \"$2\"}}" "$1" 2>/dev/null || true; }

find_egress() {
    if [ -n "${SHIPSTACK_EGRESS_BINARY:-}" ]; then
        cp "$SHIPSTACK_EGRESS_BINARY" "$scratch/shipstack-egress"
        return
    fi
    (cd "$here" && cargo build --quiet --locked --package shipstack-egress)
    target=$(cd "$here" && cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
    cp "$target/debug/shipstack-egress" "$scratch/shipstack-egress"
    strip "$scratch/shipstack-egress" 2>/dev/null || true # smaller, no more than that
}

make_base() {
    root=$scratch/root
    debootstrap --variant=minbase --include=ca-certificates,git bookworm "$root" "$mirror" >"$scratch/debootstrap.log" ||
        { tail -n 20 "$scratch/debootstrap.log" >&2 && return 1; }
    sh "$here/tools.sh" "$here/versions" "$root"
    sh "$here/trim.sh" "$root"
    tar -C "$root" -c . | docker import \
        -c "LABEL shipstack.builder.base=$base_digest" \
        -c "LABEL shipstack.tools=$(grep -v '^#' "$here/versions" | cut -d' ' -f1 | tr '\n' ' ' | sed 's/ $//; s/^/"/; s/$/"/')" \
        -c "ENV PATH=/opt/node/22/bin:/opt/pnpm/10/bin:/opt/yarn/1/bin:/opt/bun/1/bin:/usr/local/bin:/usr/bin:/bin" \
        -c "USER node" -c "WORKDIR /workspace" - "$base" >/dev/null
}

lay_egress_on_base() {
    made=$(docker create "$base" true)
    chmod 0755 "$scratch/shipstack-egress"
    docker cp -q "$scratch/shipstack-egress" "$made:/usr/local/bin/shipstack-egress"
    docker commit -c "LABEL shipstack.builder.inputs=$inputs" "$made" "$tag" >/dev/null
}

base_digest=$(digest "$here/versions" "$here/tools.sh" "$here/trim.sh")
base=shipstack/builder-base:$base_digest
find_egress
inputs=$base_digest-$(digest "$scratch/shipstack-egress")
if [ "$(label "$tag" shipstack.builder.inputs)" != "$inputs" ]; then
    [ "$(label "$base" shipstack.builder.base)" = "$base_digest" ] || make_base
    lay_egress_on_base
fi
echo "$tag $(docker image inspect --format '{{.Id}}' "$tag")"
