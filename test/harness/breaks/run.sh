#!/bin/bash
# Breaks a running lab in one way, or undoes that: run.sh CHECKOUT NAME break|undo
# Plain commands alone: it shares no code with the doctor, whose rules it is there to try.
set -euo pipefail
lab=$1 name=$2 verb=$3
here=$(dirname "$(realpath "$0")")
id=$(sed -n 's/.*"id": "\([0-9a-f]*\)".*/\1/p' "$lab/.lab/lab.json" | head -n 1)
domain=duostack-compute1
management=$id-mgmt provider=$id-prov
libvirt="lxc+unix:///system?socket=/var/lib/duostack/$id/libvirt/run/libvirt-sock"

# inside COMMAND...: where the lab can be reached.
inside() {
  if [ -e "/run/netns/duostack-$id" ]; then nsenter --net="/run/netns/duostack-$id" "$@"; else "$@"; fi
}

# on NODE SCRIPT: bash there.
on() { inside ssh -F "$lab/.lab/ssh/ssh_config" -o ServerAliveInterval=5 "$1" bash -s <<<"set -eu
$2"; }

# sql NAME=VALUE... : one statement on the controller.
sql() { on controller "mariadb -N -B <<'SQL'
$1
SQL"; }

# api METHOD PORT PATH [BODY [HEADER]]: a request as admin, from the controller.
api() {
  local password
  password=$(sed -n 's/^admin_password: *//p' "$lab/ansible-vars/secrets.yml" | tr -d "\"'")
  on controller "
token=\$(curl -sf -o /dev/null -D - -H 'Content-Type: application/json' -d '{\"auth\": {\"identity\": {\"methods\": [\"password\"],
  \"password\": {\"user\": {\"name\": \"admin\", \"domain\": {\"id\": \"default\"}, \"password\": \"$password\"}}},
  \"scope\": {\"project\": {\"name\": \"admin\", \"domain\": {\"id\": \"default\"}}}}}' http://controller:5000/v3/auth/tokens |
  sed -n 's/^[Xx]-[Ss]ubject-[Tt]oken: *//p' | tr -d '\r')
curl -s --fail-with-body -X $1 -H \"X-Auth-Token: \$token\" -H 'Content-Type: application/json' ${5:+-H '$5'} ${4:+-d '$4'} 'http://controller:$2$3'"
}

# edit NODE FILE SED-EXPRESSION UNIT...: changes a file, keeps the old one beside it, restarts what reads it.
edit() {
  local node=$1 file=$2 expression=$3
  shift 3
  on "$node" "cp -p $file $file.before-break; sed -i '$expression' $file
if cmp -s $file $file.before-break; then echo 'nothing was changed in $file' >&2; exit 1; fi
${*:+systemctl restart $* || true}"
}

# restore NODE FILE UNIT...: what edit kept.
restore() {
  local node=$1 file=$2
  shift 2
  on "$node" "mv -f $file.before-break $file; ${*:+systemctl restart $*}"
}

# shellcheck source=/dev/null
. "$here/$name.sh"
case $verb in
  break) break_it ;;
  undo) undo ;;
  *) echo "break or undo, not $verb" >&2; exit 2 ;;
esac
