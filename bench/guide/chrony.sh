# On every node: the compute nodes follow the controller. A container must not set the clock, because it is its host's.
if [ "$HYPERVISOR" = lxc ]; then
  echo 'DAEMON_OPTS="-F 1 -x"' >/etc/default/chrony
  mkdir -p /etc/systemd/system/chrony.service.d
  printf '[Unit]\nConditionCapability=\n' >/etc/systemd/system/chrony.service.d/container.conf
  systemctl daemon-reload
fi
if [ "$(hostname)" = controller ]; then
  printf 'local stratum 10\nallow %s\ndriftfile /var/lib/chrony/chrony.drift\nmakestep 1.0 3\nrtcsync\n' "$MANAGEMENT"
else
  printf 'server controller iburst\ndriftfile /var/lib/chrony/chrony.drift\nmakestep 1.0 3\nrtcsync\n'
fi >/etc/chrony/chrony.conf
start chrony
