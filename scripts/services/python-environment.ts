/** Environment variables of every Python process of a node: all of OpenStack is Python, and its imports are most of a start. */

import type { ConfigFile } from '../engine/service.ts'

/**
 * `SETUPTOOLS_USE_DISTUTILS`: whoever imports distutils, and eventlet does, gets Python's own in place of setuptools, a
 * third of the start of a service and two thirds of that of a privsep daemon.
 * `EVENTLET_NO_GREENDNS`: names are looked up by the C library, in /etc/hosts, without a name server's client in memory.
 * The node image's sshd_config has them too, for what runs over ssh.
 */
const pythonEnvironment = { SETUPTOOLS_USE_DISTUTILS: 'stdlib', EVENTLET_NO_GREENDNS: 'yes' }

/** `SETUPTOOLS_USE_DISTUTILS=stdlib …`, as systemd and sshd read it. */
export const environmentWords = Object.entries(pythonEnvironment).map(([name, value]) => `${name}=${value}`)

/** sudo, which starts the privsep daemons, passes on what it is told to. */
export const environmentThroughSudo: ConfigFile = {
  path: '/etc/sudoers.d/duostack-environment',
  mode: '0440',
  content: `Defaults env_keep += "${Object.keys(pythonEnvironment).join(' ')}"\n`,
}
