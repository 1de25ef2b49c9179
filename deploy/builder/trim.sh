#!/bin/sh
# Turns a fresh Debian folder into the builder's root: the build user, the workspace's mount point, nothing setuid.
#
#   trim.sh ROOT
#
# For: the Dockerfile (ROOT is /) and make.sh. Builds run as uid 1000 without capabilities; removing the setuid bits as well
# means that no-new-privileges is not the only thing between a build and root.
set -eu

root=$1
grep -q '^node:' "$root/etc/passwd" || {
    echo 'node:x:1000:1000:build user:/workspace/home:/bin/sh' >>"$root/etc/passwd"
    echo 'node:x:1000:' >>"$root/etc/group"
}
mkdir -p "$root/workspace"
find "$root" -xdev -perm /6000 -type f -exec chmod ug-s {} +
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* \
    "$root"/usr/share/man/* "$root"/usr/share/locale/* "$root"/var/log/*
