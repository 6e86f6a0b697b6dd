#!/bin/bash
# A small stand-in for systemctl: it records its calls, keeps each unit's state in a file, and runs ExecStartPre=+ of a
# unit's drop-ins when it starts it. @STATE@ and @SYSTEMD@ are set by the test. What systemd itself does is covered by e2e.
state=@STATE@ systemd=@SYSTEMD@
echo "$*" >>"$state/calls"
verb=$1; shift
options=() units=()
while (($#)); do
  case $1 in
    -p) options+=("$2"); shift ;;
    --) ;;
    -*) options+=("$1") ;;
    *) units+=("$1") ;;
  esac
  shift
done
has() { [[ -e $state/$1.$2 ]]; }
enabled() { compgen -G "$systemd/*.wants/$1" >/dev/null && echo enabled || echo disabled; }
load() { if has "$1" masked; then echo masked; elif [[ -e $state/$1 ]]; then echo loaded; else echo not-found; fi; }
active() { [[ -s $state/$1.state ]] && cat "$state/$1.state" || echo inactive; }
stamp() { cat "$systemd/$1.d"/*.conf 2>/dev/null; }
case $verb in
  show)
    for unit in "${units[@]}"; do
      [[ $unit == *.* ]] || continue
      if [[ " ${options[*]} " == *' --value '* ]]; then [[ -e $state/$unit ]] && echo "$state/$unit"; continue; fi
      reload=no; [[ ! -e $state/$unit.loaded || $(cat "$state/$unit.loaded") == "$(stamp "$unit")" ]] || reload=yes
      printf 'Names=%s\nLoadState=%s\nActiveState=%s\nUnitFileState=%s\nNeedDaemonReload=%s\n\n' \
        "$unit" "$(load "$unit")" "$(active "$unit")" "$(enabled "$unit")" "$reload"
    done ;;
  is-enabled) enabled "${units[0]}"; [[ $(enabled "${units[0]}") == enabled ]] ;;
  is-active) [[ " ${options[*]} " == *--quiet* ]] || active "${units[0]}"; [[ $(active "${units[0]}") == active ]] ;;
  daemon-reload) for unit in "$state"/*.loaded; do [[ -e $unit ]] || continue; name=${unit##*/}; stamp "${name%.loaded}" >"$unit"; done ;;
  unmask) rm -f "$state/${units[0]}.masked" ;;
  stop) echo inactive >"$state/${units[0]}.state" ;;
  disable) rm -f "$systemd"/*.wants/"${units[0]}" ;;
  restart | start)
    code=0
    for unit in "${units[@]}"; do
      [[ -e $state/$unit.loaded ]] || stamp "$unit" >"$state/$unit.loaded"
      while read -r line; do eval "${line//%%/%}"; done \
        < <(sed -n 's/^ExecStartPre=+//p' "$systemd/$unit.d"/*.conf 2>/dev/null)
      if has "$unit" broken; then echo failed >"$state/$unit.state"; echo "Job for $unit failed." >&2; code=1
      else echo active >"$state/$unit.state"; fi
    done
    exit $code ;;
esac
