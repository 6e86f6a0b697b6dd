#!/bin/sh
# Runs inside the new tree before the packages come: nothing is started, and slow work is kept for the end, once.
set -eu

printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod 0755 /usr/sbin/policy-rc.d

# Byte code is made for all packages at once, not by a process for each. dpkg configures them on one processor, and those
# that ask for byte code are unpacked: the other processors begin to make it, one such run at a time.
cat > /usr/local/sbin/byte-code <<'END'
#!/bin/sh
exec flock "$@" "$0" nice \
  python3 -m compileall -q -j "$(nproc)" /usr/lib/python3/dist-packages /usr/share/openstack-dashboard
END
chmod 0755 /usr/local/sbin/byte-code
dpkg-divert --quiet --local --rename --add /usr/bin/py3compile
cat > /usr/bin/py3compile <<'END'
#!/bin/sh
/usr/local/sbin/byte-code --nonblock > /dev/null 2>&1 &
END
chmod 0755 /usr/bin/py3compile

# The dashboard's static files would be built twice: by the package and again by its triggers.
dpkg-statoverride --add root root 0644 /usr/share/openstack-dashboard/manage.py
