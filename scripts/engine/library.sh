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
  if ! flock -n 8; then
    printf 'waiting 0 \n'
    flock -w 600 8 || { echo "another run of $lock_name still holds $run_directory/$lock_name.lock" >&2; exit 1; }
  fi
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
    { tail -n 30 -- "$work/out"; echo 'done, but the check still says:'; tail -n 9 -- "$work/again"; } |
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

# file_right PATH SHA256|directory "OWNER:GROUP MODE": says what differs.
file_right() {
  local path=$1 sum=$2 want=$3 kind owner wrong=()
  IFS=$'\t' read -r owner kind <<<"${file_state[$path]}" || true
  [[ -n $owner ]] || { echo 'is missing'; return 1; }
  if [[ $sum == directory ]]; then
    [[ $kind == directory ]] || { echo "is a $kind, not a directory"; return 1; }
  else
    [[ $kind == regular* ]] || { echo "is a $kind, not a file"; return 1; }
    [[ ${file_sum[$path]} == "$sum" ]] || wrong+=('its content differs')
  fi
  [[ $owner == "$want" ]] || wrong+=("it is $owner, not $want")
  ((!${#wrong[@]})) || { printf '%s\n' "${wrong[@]}"; return 1; }
}

# A link could lead the write anywhere, and what stands in its place was put there by somebody else.
refuse_other() {
  [[ ! -L $1 ]] || { echo "$1 is a symbolic link to $(readlink -- "$1"); it is not replaced: remove it if it is not yours"; return 1; }
  [ ! -e "$1" ] || [ "$2" "$1" ] || { echo "$1 is $(stat -c %F -- "$1"); it is not replaced"; return 1; }
}

# write_file PATH SHA256 OWNER:GROUP MODE <base64 on stdin>: whole or not at all, never readable by others in between.
write_file() {
  local path=$1 sum=$2 owner=$3 mode=$4 folder=${1%/*} name=${1##*/} temporary
  refuse_other "$path" -f
  # Only the owner is wrong: the content, and with it the file's time, stays.
  if [[ -f $path && $(sha256sum <"$path") == "$sum "* ]]; then
    chown -- "$owner" "$path"
    chmod -- "$mode" "$path"
  else
    mkdir -p -- "${folder:-/}"
    rm -f -- "$folder/.$name.duostack."??????
    temporary=$(mktemp -- "$folder/.$name.duostack.XXXXXX")
    base64 -d >"$temporary"
    chown -- "$owner" "$temporary" && chmod -- "$mode" "$temporary" && mv -fT -- "$temporary" "$path" || {
      rm -f -- "$temporary"
      return 1
    }
  fi
  [[ $path != "$systemd_directory"/* ]] || : >"$work/reload"
}

# make_directory PATH OWNER:GROUP MODE
make_directory() {
  refuse_other "$1" -d
  mkdir -p -- "$1"
  chown -- "$2" "$1"
  chmod -- "$3" "$1"
}

# unit_enabled UNIT: it will be started at the next boot.
unit_enabled() {
  local state=${unit_state[$1.UnitFileState]:-}
  case ${unit_state[$1.LoadState]:-not-found} in
    masked) echo 'is masked'; return 1 ;;
    not-found) echo 'is not known to systemd'; return 1 ;;
  esac
  # systemd keeps the state that it gives to `show` until it reads its unit files again.
  ((!recheck)) || state=$(systemctl is-enabled -- "$1") || true
  case $state in
    enabled | static | indirect | alias | generated | linked) ;;
    *) echo "is ${state:-not enabled}"; return 1 ;;
  esac
}

# enable_unit UNIT: `systemctl enable` runs update-rc.d for every unit that has an init script too, which takes seconds on
# an emulated node; the same links are made here.
enable_unit() {
  local unit=$1 fragment target
  [[ ${unit_state[$unit.LoadState]:-} != masked ]] || systemctl unmask -- "$unit"
  fragment=$(systemctl show -p FragmentPath --value -- "$unit")
  [[ -n $fragment ]] || { echo "no unit file of $unit"; return 1; }
  if grep -qE '^(Also|DefaultInstance)=.' -- "$fragment"; then
    systemctl enable --no-reload -- "$unit"
  else
    for target in $(sed -n 's/^WantedBy=//p' -- "$fragment"); do
      mkdir -p -- "$systemd_directory/$target.wants"
      ln -sfn -- "$fragment" "$systemd_directory/$target.wants/$unit"
    done
    for target in $(sed -n 's/^RequiredBy=//p' -- "$fragment"); do
      mkdir -p -- "$systemd_directory/$target.requires"
      ln -sfn -- "$fragment" "$systemd_directory/$target.requires/$unit"
    done
    for target in $(sed -n 's/^Alias=//p' -- "$fragment"); do ln -sfn -- "$fragment" "$systemd_directory/$target"; done
  fi
  : >"$work/reload"
}

# units_read UNIT...: systemd knows the unit files as they are now.
units_read() {
  local unit
  [[ ! -e $work/reload ]] || { echo 'unit files were changed'; return 1; }
  for unit; do
    [[ ${unit_state[$unit.NeedDaemonReload]:-no} == no ]] || { echo "the files of $unit were changed"; return 1; }
  done
}

# unit_current UNIT PATH...: it runs, and at its start the files were what they are now. Puts it on the list that
# start_units works off.
unit_current() {
  local unit=$1 active=${unit_state[$1.ActiveState]:-unknown} path owner record old=
  shift
  if (($#)); then
    record=$(cat -- "$run_directory/${unit%.service}.digest" 2>/dev/null) || true
    if [[ -z $record ]]; then
      old='has left no record of its start'
    else
      for path; do
        owner=${file_state[$path]%%$'\t'*}
        [[ $'\n'$record$'\n' == *$'\n'"$path $owner"$'\n'* &&
          (-z ${file_sum[$path]} || $'\n'$record$'\n' == *$'\n'"${file_sum[$path]}  $path"$'\n'*) ]] && continue
        old="$path has changed since it started"
        break
      done
    fi
  fi
  if [[ $active == active && -z $old ]]; then return 0; fi
  [[ $active == active ]] && echo "${unit%.service}: $old" || echo "${unit%.service}: is $active"
  # It is being started by a run before this one, with the right files: join that rather than begin anew.
  if [[ $active == activating && -z $old ]]; then echo "$unit" >>"$work/start"; else echo "$unit" >>"$work/restart"; fi
  return 1
}

# start_units: all that unit_current found, in one call, so that they start side by side.
start_units() {
  local units=() verb unit code=0
  for verb in restart start; do
    [[ -s $work/$verb ]] || continue
    mapfile -t units <"$work/$verb"
    # A unit that failed too often within its limit refuses to start until that is forgotten.
    systemctl reset-failed -- "${units[@]}" 2>/dev/null || true
    systemctl "$verb" -- "${units[@]}" || code=$?
    for unit in "${units[@]}"; do
      systemctl is-active --quiet -- "$unit" || show_failure "$unit"
    done
  done
  return "$code"
}

# show_failure UNIT: the last that its journal and its own log file say.
show_failure() {
  local unit=${1%.service} folder log='' candidate
  echo "--- $unit is $(systemctl is-active -- "$1" || true)"
  journalctl -u "$1" -n 6 -o cat --no-pager 2>/dev/null || true
  for folder in "/var/log/${unit%%-*}" "/var/log/$unit"; do
    [[ -d $folder ]] || continue
    if [[ -e $folder/$unit.log ]]; then log=$folder/$unit.log; break; fi
    for candidate in "$folder"/*.log; do [[ -z $log || $candidate -nt $log ]] && log=$candidate; done
  done
  [[ -z $log ]] || { echo "--- $log"; tail -n 9 -- "$log" 2>/dev/null || true; }
}

# unit_absent UNIT: neither running nor coming up at the next boot.
unit_absent() {
  case ${unit_state[$1.ActiveState]:-inactive} in
    inactive | failed) ;;
    *) echo "is ${unit_state[$1.ActiveState]}"; return 1 ;;
  esac
  local state=${unit_state[$1.UnitFileState]:-}
  ((!recheck)) || state=$(systemctl is-enabled -- "$1" 2>/dev/null) || true
  [[ $state != enabled* ]] || { echo "is $state"; return 1; }
}
