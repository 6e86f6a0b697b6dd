# Turns the debug logging of a service on or off on one node. Expects $service, $state (on or off), $config (a file that
# all its daemons read), $seconds (how long a daemon may take to say that it has done it), $run_directory, $etc, $logs and
# the arrays `units` and `deaf` (units that do not follow SIGHUP). Prints `reloaded UNIT` or `restarted UNIT`.

mkdir -p -- "$run_directory"
# The sender of an earlier one may have been killed: two never work side by side.
exec 8>"$run_directory/debug-$service.lock"
flock -w 600 8

name=duostack-debug.conf
folders=("$etc/$service/$service.conf.d")
# Where a daemon of Neutron is started with such a folder, it reads only that one.
for folder in "$etc/$service"/{agent,server}.conf.d; do [[ ! -d $folder ]] || folders+=("$folder"); done

# drop_in FIRST_LINE [KEY]: read by whatever starts from now on. The first line tells whether all daemons follow it.
drop_in() {
  local folder
  for folder in "${folders[@]}"; do
    mkdir -p -- "$folder"
    printf '%s\n' "$1" '[DEFAULT]' ${2+"$2"} >"$folder/.$name.part"
    mv -fT -- "$folder/.$name.part" "$folder/$name"
  done
}

# A daemon that runs looks only into the files that it knew at its start: its own file says it too, for a moment. If this
# is cut off, the next run puts it back, or `./lab up`, which sees a changed file.
kept=$run_directory/debug-$service.conf
put_back() {
  [[ -e $kept ]] || return 0
  cp -p -- "$kept" "$config.duostack" && mv -fT -- "$config.duostack" "$config" && rm -f -- "$kept"
}
trap put_back EXIT
put_back

if [[ $state == on ]]; then
  drop_in '# unfinished' 'debug = true'
  cp -p -- "$config" "$kept.part" && mv -fT -- "$kept.part" "$kept"
  cp -p -- "$config" "$config.duostack"
  printf '\n[DEFAULT]\ndebug = true\n' >>"$config.duostack"
  mv -fT -- "$config.duostack" "$config"
else
  drop_in '# unfinished'
fi

declare -A size=()
waiting=() again=()
for unit in "${units[@]}"; do
  systemctl is-active --quiet -- "$unit" || continue
  process=$(systemctl show -p MainPID --value -- "$unit")
  caught=$(sed -n 's/^SigCgt:.*\(.\)$/\1/p' "/proc/$process/status")
  if [[ " ${deaf[*]} " != *" $unit "* ]] && ((16#${caught:-0} & 1)); then
    log=$logs/$service/$unit.log
    size[$unit]=$(stat -c %s -- "$log" 2>/dev/null || echo 0)
    kill -HUP "$process"
    # uWSGI loads the application again, with all of its configuration.
    if [[ $(readlink "/proc/$process/exe") == *uwsgi* ]]; then echo "reloaded $unit"; else waiting+=("$unit"); fi
  else
    # SIGHUP would end it, or would not change its level.
    again+=("$unit")
  fi
done

# Each daemon of oslo.service logs it.
has_followed() {
  tail -c "+$((size[$1] + 1))" -- "$logs/$service/$1.log" 2>/dev/null | grep 'Option DEFAULT.debug changed from' >/dev/null
}
end=$((SECONDS + seconds))
while ((${#waiting[@]})) && ((SECONDS < end)); do
  sleep 0.5
  still=()
  for unit in "${waiting[@]}"; do
    if has_followed "$unit"; then echo "reloaded $unit"; else still+=("$unit"); fi
  done
  waiting=("${still[@]}")
done
# Its workers read the file a moment later.
sleep 1
put_back

again+=("${waiting[@]}")
if ((${#again[@]})); then
  systemctl restart -- "${again[@]}"
  printf 'restarted %s\n' "${again[@]}"
fi

if [[ $state == on ]]; then
  drop_in '# in effect' 'debug = true'
else
  rm -f -- "${folders[@]/%//$name}"
  rmdir --ignore-fail-on-non-empty -- "${folders[0]}"
fi
