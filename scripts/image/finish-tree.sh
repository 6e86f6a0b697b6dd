#!/bin/sh
# Runs inside the new tree when all packages are in: turns a freshly installed system into an image for any node.
set -eu

echo 'phase: byte code and dashboard'
rm -f /usr/bin/py3compile
dpkg-divert --quiet --local --rename --remove /usr/bin/py3compile
# What was not made beside dpkg is made beside the dashboard's files. A few are for other Python versions and do not
# compile: py3compile does not mind either.
/usr/local/sbin/byte-code > /dev/null &
dpkg-statoverride --remove /usr/share/openstack-dashboard/manage.py
chmod 0755 /usr/share/openstack-dashboard/manage.py
# Horizon's first page is quick only when its static files are there and compressed.
/usr/share/openstack-dashboard/manage.py collectstatic --noinput --clear -v 0
# The compressor's threads fill one table of the style sheets' parser, and one that reads it half filled calls a sound
# sheet wrong: it is filled before they begin.
python3 - compress --force -v 0 <<'END'
import runpy
from scss.grammar.expression import SassExpressionScanner
SassExpressionScanner()
runpy.run_path('/usr/share/openstack-dashboard/manage.py', run_name='__main__')
END
# Made by the two commands above; each lab has its own.
rm -f /var/lib/openstack-dashboard/secret-key/* /var/lib/openstack-dashboard/secret-key/.secret_key_store
chown -R www-data /var/lib/openstack-dashboard/secret-key /var/lib/openstack-dashboard/static

# The byte code is made.
wait
rm -f /usr/local/sbin/byte-code

echo 'phase: units and identity'
# Daemons that nobody has configured do not run. What the packages enabled is forgotten, links of init scripts too,
# and the preset file decides.
rm -f /etc/rc[0-9S].d/[SK]*
find /etc/systemd/system -path '*.wants/*' -type l -delete
find /etc/systemd/system -path '*.requires/*' -type l -delete
systemctl preset-all > /dev/null 2>&1

# `systemctl enable` of a unit that also has an init script would run update-rc.d, seconds of perl on an emulated node.
dpkg-divert --quiet --local --rename --add /lib/systemd/systemd-sysv-install
printf '#!/bin/sh\nexit 0\n' > /lib/systemd/systemd-sysv-install
chmod 0755 /lib/systemd/systemd-sysv-install

# No login prompts that nobody can use, and no session manager for each ssh command.
mkdir -p /etc/systemd/system-generators
ln -sf /dev/null /etc/systemd/system-generators/systemd-getty-generator
if [ -e /usr/share/pam-configs/systemd ]; then pam-auth-update --package --remove systemd; fi

# openstack-dashboard-apache enables this site but not mod_ssl: apache would not start.
rm -f /etc/apache2/sites-enabled/default-ssl.conf
# libvirt's own NAT network would come up with libvirtd, and its dnsmasq answers where Neutron's should.
rm -f /etc/libvirt/qemu/networks/default.xml /etc/libvirt/qemu/networks/autostart/default.xml

# The dashboard logs an error for panels from other packages whose default policies are not beside its own.
for policies in /usr/lib/python3/dist-packages/*_dashboard/conf; do
  if [ ! -L "$policies" ]; then cp -rn "$policies/." /etc/openstack-dashboard/policy/; fi
done

# Each node makes its own.
rm -f /etc/ssh/ssh_host_* /etc/iscsi/initiatorname.iscsi /etc/hostname /etc/hosts /etc/resolv.conf
rm -f /var/lib/systemd/random-seed /var/lib/systemd/credential.secret /var/lib/rabbitmq/.erlang.cookie
# EMPTY, not absent and not "uninitialized": that would be a first boot.
: > /etc/machine-id
mkdir -p /var/lib/dbus
ln -sf /etc/machine-id /var/lib/dbus/machine-id
printf 'LANG=C.UTF-8\n' > /etc/default/locale
mkdir -p /var/log/journal

rm -f /usr/sbin/policy-rc.d /etc/apt/apt.conf.d/99mmdebstrap
printf 'APT::Install-Recommends "false";\n' > /etc/apt/apt.conf.d/90duostack
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/debconf/*-old /var/lib/dpkg/*-old /tmp/* /var/tmp/*
find /var/log -type f -exec truncate -s 0 {} +
