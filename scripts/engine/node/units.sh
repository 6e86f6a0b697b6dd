# systemd units on a node: what differs, and how they are brought to run. Results of read_units are in unit_state.

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
