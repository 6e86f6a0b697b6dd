#!/bin/bash
# Installs from this bundle, without a network, all that a lab needs of this machine: host packages, node modules,
# Terraform with its providers, the node image. Needs Debian's base and Node.js. Safe to repeat.
set -euo pipefail
offline=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
root=$(dirname -- "$offline")
# shellcheck source=/dev/null
. "$offline/about"
# shellcheck source=/dev/null
. "$root/scripts/host/check-node.sh"
check_node "$root" /etc/os-release || exit 1

# shellcheck disable=SC2154
here=$(. /etc/os-release && echo "$ID $VERSION_ID")
if [ "$here" != "$system" ]; then
  echo "install: this machine has $here
    needed: $system, for which the packages of this bundle were made
    hint: make a bundle on a machine with $here" >&2
  exit 1
fi

say() { echo "install: $1" >&2; }

# A bash script on stdin, as root, with arguments.
as_root() {
  if [ "$(id -u)" = 0 ]; then bash -euo pipefail -s -- "$@"; else sudo -- bash -euo pipefail -s -- "$@"; fi
}

# Into a folder that is emptied before.
unpack() {
  rm -rf --one-file-system "$2"
  mkdir "$2"
  zstd -q -dc -- "$1" | tar --no-same-owner -xf - -C "$2"
}

say 'host packages'
# This machine's package sources and lists are neither used nor changed. apt takes no blank in a path: a link has none.
as_root "$offline/packages" <<'root'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ln -s "$1" "$work/packages"
mkdir "$work/lists"
echo "deb [trusted=yes] file:$work/packages ./" >"$work/sources.list"
apt() {
  DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -q -o "Dir::Etc::SourceList=$work/sources.list" \
    -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$work/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
    -o APT::Sandbox::User=root -o DPkg::Lock::Timeout=300 "$@" </dev/null >&2
}
apt update
mapfile -t names <"$1/names"
apt install -y --no-install-recommends "${names[@]}"
root

say 'node modules'
unpack "$offline/modules.tar.zst" "$offline/work"
rm -rf --one-file-system "$root/node_modules" "$root/terraform-providers/gen"
mv "$offline/work/terraform-providers/gen" "$root/terraform-providers/gen"
mv "$offline/work/node_modules" "$root/node_modules"
node --require "$root/scripts/environment.cjs" "$root/scripts/translate.mjs"

say 'Terraform and its providers'
unpack "$offline/terraform.tar.zst" "$offline/work"
mkdir -p ~/.cache/duostack/providers
for mirror in "$offline"/work/providers/*; do
  to=~/.cache/duostack/providers/$(basename "$mirror")
  if [ ! -e "$to" ]; then mv -T "$mirror" "$to"; fi
done
if ! command -v terraform >/dev/null && ! command -v tofu >/dev/null; then
  as_root "$offline"/work/bin/* <<<'install -D -m 0755 -t /usr/local/bin -- "$1"'
fi
rm -rf --one-file-system "$offline/work"

say 'node image'
# Under the lock of those who build images. It appears under its name when it is complete.
# shellcheck disable=SC2154
as_root "$offline/image.tar.zst" "$image" <<'root'
umask 022
images=/var/cache/duostack/images
install -d -m 0755 "$(dirname "$images")" "$images"
umask 077
exec 9>>"$images/lock"
flock 9
umask 022
if [ -L "$images/$2/root" ]; then exit 0; fi
partial=$images/.$2.partial
rm -rf --one-file-system "$partial"
mkdir "$partial"
zstd -q -dc -- "$1" | tar --xattrs --xattrs-include=security.capability --numeric-owner -xpf - -C "$partial"
mv -T "$partial" "$images/$2"
root

say "done. Next, in $root:"
for save in "$offline"/saves/*.tar.zst; do
  if [ ! -e "$save" ]; then continue; fi
  name=$(basename "$save" .tar.zst)
  say "  ./lab import offline/saves/$name.tar.zst --trust && ./lab restore $name"
done
say '  ./lab up'
say '  rm -r offline   when nothing of it is needed any more'
