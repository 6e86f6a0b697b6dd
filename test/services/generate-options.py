"""Lists the options that the packages of a node know, as JSON: config file -> section -> keys.

Run inside a node image's tree, the second time for the names that a service reads as well: an option's earlier ones,
and those of sign-in plug-ins that the lab does not use.

    tree=/var/cache/duostack/images/<digest>/root
    generate() {
      unshare --mount --pid --fork sh -c "mount -t proc proc $tree/proc && exec chroot $tree python3 -B - $1" \\
        < test/services/generate-options.py
    }
    generate > scripts/declaration/known-options.json
    generate others > scripts/declaration/other-options.json
"""

import importlib
import json
import logging
import multiprocessing
import os
import re
import subprocess
import sys

logging.disable(logging.CRITICAL)
# Defaults that are read from the machine (host name, cores) are not of interest, and nothing else is listed.
os.environ['PATH'] = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

from keystoneauth1 import loading as keystoneauth
from oslo_config import cfg, generator
from oslo_privsep import priv_context

SHARED = [
    'keystonemiddleware.auth_token', 'oslo.cache', 'oslo.concurrency', 'oslo.config', 'oslo.db',
    'oslo.limit', 'oslo.log', 'oslo.messaging', 'oslo.middleware', 'oslo.policy', 'oslo.reports',
    'oslo.service.periodic_task', 'oslo.service.service', 'oslo.service.sslutils', 'oslo.service.wsgi',
]
NEUTRON = ['neutron', 'neutron.agent', 'neutron.base.agent', 'neutron.db', 'neutron.experimental', 'neutron.extensions',
           'nova.auth', 'placement.auth', 'ironic.auth']

HEAT = ['heat.api.aws.ec2token', 'heat.common.config', 'heat.common.context', 'heat.common.crypt', 'heat.common.wsgi',
        'heat.engine.clients', 'heat.engine.clients.os.keystone.heat_keystoneclient', 'heat.engine.notification',
        'heat.engine.resources']

# Each file with the entry points of oslo.config whose options a service looks for in it.
NAMESPACES = {
    'keystone.conf': ['keystone', *SHARED],
    'glance-api.conf': ['glance', 'glance.api', 'glance.store', 'glance.multi_store', *SHARED],
    'placement.conf': ['placement.conf', *SHARED],
    'nova.conf': ['nova.conf', 'castellan.config', 'os_vif', *SHARED],
    'neutron.conf': [*NEUTRON, *SHARED],
    'ml2_conf.ini': ['neutron.ml2', 'oslo.log'],
    'linuxbridge_agent.ini': ['neutron.ml2.linuxbridge.agent', 'neutron.base.agent', 'oslo.log'],
    'dhcp_agent.ini': ['neutron.dhcp.agent', 'neutron.base.agent', 'oslo.log'],
    'l3_agent.ini': ['neutron.l3.agent', 'neutron.base.agent', 'oslo.log'],
    'metadata_agent.ini': ['neutron.metadata.agent', 'oslo.log', 'oslo.cache'],
    'cinder.conf': ['cinder', 'castellan.config', 'os_brick', *SHARED],
    'heat.conf': [*HEAT, *SHARED],
}

# Contexts that register their options only when a daemon is first started.
PRIVSEP_MODULES = {
    'nova.conf': ['nova.privsep', 'os_brick.privileged', 'vif_plug_linux_bridge.privsep', 'vif_plug_ovs.privsep'],
    'neutron.conf': ['neutron.privileged'],
    'cinder.conf': ['cinder.privsep', 'os_brick.privileged'],
}

# What the plug-in `password` reads, which is registered only once `auth_type` has named it.
PASSWORD = [option.dest for option in keystoneauth.get_auth_plugin_conf_options('password')]
PASSWORD += [option.dest for option in keystoneauth.get_auth_common_conf_options()]
# What a client of another service reads from the same section.
CLIENT = [option.dest for option in keystoneauth.get_session_conf_options() + keystoneauth.get_adapter_conf_options()]


def oslo_options(name):
    if name == 'glance-api.conf':
        # Glance looks for its policy file while it is imported; the others register command lines then.
        cfg.CONF([], project='glance')
    sections = {}
    for _, groups in generator._list_opts(NAMESPACES[name]):
        for group, options in groups:
            section = sections.setdefault(str(group or 'DEFAULT'), set())
            section.update(option.dest for option in options)
    for section in sections.values():
        if 'auth_type' in section:
            section.update(PASSWORD)
    for module in PRIVSEP_MODULES.get(name, []):
        for context in vars(importlib.import_module(module)).values():
            if isinstance(context, priv_context.PrivContext):
                sections.setdefault(context.cfg_section, set()).update(o.dest for o in priv_context.OPTS)
    return sections


def words(command, pattern):
    text = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return set(re.findall(pattern, text, re.MULTILINE))


def other_options(name):
    if name == 'glance-api.conf':
        cfg.CONF([], project='glance')
    plugins = keystoneauth.get_available_plugin_names()
    signing_in = {option.dest for plugin in plugins for option in keystoneauth.get_auth_plugin_conf_options(plugin)}
    sections = {}
    for _, groups in generator._list_opts(NAMESPACES[name]):
        for group, options in groups:
            own = str(group or 'DEFAULT')
            for option in options:
                # `group` None: that of the option itself; a name may have dashes, which a file has not.
                for old in option.deprecated_opts:
                    sections.setdefault(old.group or own, set()).add((old.name or option.dest).replace('-', '_'))
            if any(option.dest == 'auth_type' for option in options):
                sections.setdefault(own, set()).update(signing_in)
    return sections


if sys.argv[1:] == ['others']:
    collect = other_options
else:
    collect = oslo_options

# A process for each: the services register options of the same name in one global registry.
with multiprocessing.get_context('fork').Pool(1, maxtasksperchild=1) as pool:
    files = dict(zip(NAMESPACES, pool.map(collect, NAMESPACES, chunksize=1)))
if collect is oslo_options:
    # Nova and Cinder register these for the sections in which they log in to another service.
    for name, section in [('nova.conf', 'placement'), ('nova.conf', 'neutron'), ('nova.conf', 'service_user'),
                          ('neutron.conf', 'nova'), ('cinder.conf', 'nova'), ('cinder.conf', 'service_user')]:
        files[name].setdefault(section, set()).update(PASSWORD + CLIENT)
    files['uwsgi.ini'] = {'uwsgi': words(['uwsgi_python311', '--help'], r'^\s+(?:-\w\|)?--([\w.-]+)')
                          | words(['uwsgi_python311', '--help'], r'\|--([\w.-]+)')}
    files['mariadb.cnf'] = {'mysqld': words(
        ['mariadbd', '--no-defaults', '--verbose', '--help'], r'^\s+(?:-\w, )?--([\w-]+)')}

print('{')
for number, (name, sections) in enumerate(files.items()):
    print(f' {json.dumps(name)}: {{')
    lines = [f'  {json.dumps(section)}: {json.dumps(sorted(keys), separators=(",", ":"))}'
             for section, keys in sorted(sections.items())]
    print(',\n'.join(lines))
    print(' }' + (',' if number < len(files) - 1 else ''))
print('}')
