#!/bin/bash
# A small stand-in for the mariadb client: databases, users and rights as files under @STATE@. The real one is met by e2e.
state=@STATE@
if [[ " $* " == *' -u '* ]]; then
  echo "$* $MYSQL_PWD" >>"$state/logins"
  while (($#)); do case $1 in -u) user=$2 ;; -D) name=$2 ;; esac; shift; done
  [[ -e $state/database.$name && $(cat "$state/password.$user") == "$MYSQL_PWD" ]]
  exit
fi
sql=$(cat)
quoted="'([^']*)'" name='`([^`]*)`'
if [[ $sql == *'SHOW GRANTS'* ]]; then
  [[ $sql =~ schema_name\ =\ $quoted ]]
  [[ ! -e $state/database.${BASH_REMATCH[1]} ]] || printf 'character set\t%s\n' "$(cat "$state/database.${BASH_REMATCH[1]}")"
  [[ $sql =~ FOR\ $quoted ]] && cat "$state/rights.${BASH_REMATCH[1]}" 2>/dev/null
  exit 0
fi
while read -r line; do
  if [[ $line =~ ^CREATE\ DATABASE.*$name\ CHARACTER\ SET\ ([a-z0-9]*) ]]; then
    [[ -e $state/database.${BASH_REMATCH[1]} ]] || echo "${BASH_REMATCH[2]}" >"$state/database.${BASH_REMATCH[1]}"
  elif [[ $line =~ ^ALTER\ DATABASE\ $name\ CHARACTER\ SET\ ([a-z0-9]*) ]]; then echo "${BASH_REMATCH[2]}" >"$state/database.${BASH_REMATCH[1]}"
  elif [[ $line =~ ^ALTER\ USER\ $quoted@.*BY\ $quoted ]]; then echo "${BASH_REMATCH[2]}" >"$state/password.${BASH_REMATCH[1]}"
  elif [[ $line =~ ^(GRANT\ ALL\ PRIVILEGES\ ON\ $name.*)\ TO\ $quoted@ ]]; then echo "${BASH_REMATCH[1]} TO \`${BASH_REMATCH[3]}\`@\`%\`" >>"$state/rights.${BASH_REMATCH[3]}"
  fi
done <<<"$sql"
