# The head of every script that the engine sends to a node: batched reads, and how one operation is checked, applied and
# reported. It runs as root under bash 5 and expects $dry (0 or 1), $run_directory, $systemd_directory, $policy_file and
# $lock_name to be set.

cd /
umask 022
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive SYSTEMD_PAGER= SYSTEMD_COLORS=0
# Under errexit a check that says "not yet" would end the script; each operation gets its own errexit in a subshell.
set +e
declare -A file_state file_sum package_state unit_state
recheck=0 comparing=0

mkdir -p -- "$run_directory"
work=$(mktemp -d -- "$run_directory/run.XXXXXX") || exit 1
trap 'rm -rf -- "$work"' EXIT
# Here-documents that do not fit into a pipe become files; they may hold secrets, so they stay in this 0700 folder.
TMPDIR=$work

# An earlier run whose ssh was lost may still be at its last operation: two writers never work side by side.
if ((!dry)); then
  exec 8>"$run_directory/$lock_name.lock"
  flock -w 600 8 || { echo "another run of $lock_name still holds $run_directory/$lock_name.lock" >&2; exit 1; }
fi

# report KIND INDEX [CODE] <text on stdin, base64 on the wire so that one report is one line>
report() { printf '%s %s %s %s\n' "$1" "$2" "${3:-0}" "$(base64 -w0)"; }

# What stands at each path: "owner:group mode<TAB>type", and the SHA-256 of each regular file.
read_files() {
  local path owner kind sum regular=()
  for path; do file_state[$path]='' file_sum[$path]=''; done
  while IFS=$'\t' read -r path owner kind; do
    file_state[$path]=$owner$'\t'$kind
    [[ $kind == regular* ]] && regular+=("$path")
  done < <(stat --printf '%n\t%U:%G %a\t%F\n' -- "$@" 2>/dev/null)
  ((${#regular[@]})) || return 0
  while read -r sum path; do file_sum[$path]=$sum; done < <(sha256sum -- "${regular[@]}" 2>/dev/null)
}

read_packages() {
  local name status
  package_state=()
  while read -r name status; do package_state[$name]=$status; done \
    < <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' 2>/dev/null)
}

# unit_state[NAME.service.Property] of each unit, under all its names, from one call.
read_units() {
  local key value name names=''
  while IFS='=' read -r key value; do
    [[ $key != Names ]] || names=$value
    for name in $names; do unit_state[$name.$key]=$value; done
  done < <(systemctl show -p Names -p LoadState -p ActiveState -p UnitFileState -p NeedDaemonReload -- "$@" 2>/dev/null)
}

# compare INDEX: a check alone. Nothing depends on its order, so in a dry run several are made at the same time; a report
# is kept short enough to be written at once.
compare() {
  local out=$work/out.$1 code
  (set -euo pipefail; check) >"$out" 2>&1 </dev/null
  code=$?
  if ((code)); then tail -n 5 -- "$out" | tail -c 2000 | report differs "$1" "$code"; else printf 'ok %s \n' "$1"; fi
}

# operation INDEX: functions `check` and `apply` have just been defined.
operation() {
  local index=$1 code reason
  if ((dry)); then
    compare "$index" &
    ((++comparing < 4)) || { wait -n; ((comparing--)); }
    return
  fi
  printf 'start %s \n' "$index"
  (set -euo pipefail; check) >"$work/out" 2>&1 </dev/null 8>&-
  code=$?
  if ((code == 0)); then printf 'ok %s \n' "$index"; return; fi
  reason=$(tail -n 5 -- "$work/out")
  (set -euo pipefail; apply) >"$work/out" 2>&1 </dev/null 8>&-
  code=$?
  if ((code)); then tail -n 40 -- "$work/out" | report failed "$index" "$code"; exit 0; fi
  (recheck=1; set -euo pipefail; check) >"$work/again" 2>&1 </dev/null 8>&-
  code=$?
  if ((code)); then
    { tail -n 30 -- "$work/out"; echo 'done, but the check still reports:'; tail -n 9 -- "$work/again"; } |
      report failed "$index" "$code"
    exit 0
  fi
  printf '%s' "$reason" | report changed "$index"
}

# run_as USER SECONDS <script on stdin>, USER - being who we are: the text reaches bash through descriptor 3, so it stands in no argv, and what it
# runs finds an empty stdin (rabbitmqctl and others would eat the rest of the script otherwise).
run_as() {
  local user=$1 seconds=$2 as=()
  [[ $user == - ]] || as=(runuser -u "$user" --)
  timeout -k 10 "$seconds" "${as[@]}" bash -c 'script=$(cat <&3); exec 3<&-; set -euo pipefail; eval "$script"' \
    3<&0 </dev/null || {
    local code=$?
    ((code != 124)) || echo "stopped after $seconds s"
    return "$code"
  }
}
