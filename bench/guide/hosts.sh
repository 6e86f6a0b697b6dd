# On every node: the names of the others.
printf '127.0.0.1 localhost\n%s\n' "$HOSTS" >/etc/hosts
