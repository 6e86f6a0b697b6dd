#!/bin/sh
# Runs inside the new tree of Tempest when all packages are in: prints the full name of every test, and tidies up.
set -eu

folder=$(mktemp -d)
cd "$folder"
# Without settings every test is listed, whatever the cloud has.
printf '[DEFAULT]\n' > tempest.conf
stestr init >&2
tempest run --config-file "$folder/tempest.conf" --list-tests | grep '^tempest\.'

cd /
rm -f /etc/apt/apt.conf.d/99mmdebstrap
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/debconf/*-old /var/lib/dpkg/*-old /tmp/* /var/tmp/*
find /var/log -type f -exec truncate -s 0 {} +
