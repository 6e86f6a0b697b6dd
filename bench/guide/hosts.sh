# On every node: the others by their names.
printf '127.0.0.1 localhost\n%s\n' "$HOSTS" >/etc/hosts
