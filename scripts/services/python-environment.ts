/** Environment variables for every Python process on a node; OpenStack's start is mostly Python imports. */

import type { ConfigFile } from '../engine/service.ts'

/**
 * `SETUPTOOLS_USE_DISTUTILS`: importing distutils, as eventlet does, loads Python's own instead of setuptools, which
 * saves a third of a service's start and two thirds of a privsep daemon's. `EVENTLET_NO_GREENDNS`: the C library looks
 * up names, in /etc/hosts, which saves the memory of a DNS client. The node image's sshd_config has them too, for what
 * runs over ssh.
 */
const pythonEnvironment = { SETUPTOOLS_USE_DISTUTILS: 'stdlib', EVENTLET_NO_GREENDNS: 'yes' }

/** `SETUPTOOLS_USE_DISTUTILS=stdlib …`, as systemd and sshd read it. */
export const environmentWords = Object.entries(pythonEnvironment).map(([name, value]) => `${name}=${value}`)

/** sudo, which starts the privsep daemons, passes on only what it is configured to. */
export const environmentThroughSudo: ConfigFile = {
  path: '/etc/sudoers.d/duostack-environment',
  mode: '0440',
  content: `Defaults env_keep += "${Object.keys(pythonEnvironment).join(' ')}"\n`,
}
