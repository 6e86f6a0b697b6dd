/** Users, locales and network services as on real machines: the lab works, or says at once what is missing. */

import { expect } from 'vitest'
import { noChange, tail } from '../harness/output.ts'
import { stopwatch } from '../harness/timing.ts'
import { install } from './firewall.ts'
import { asRoot, declareIsolation, type Host, inClone, timed, up, verified } from './host.ts'
import { live } from './life.ts'
import { expectAsBefore, readRemains } from './remains.ts'

/** A German user with a restrictive umask, then a program started without a language. */
export async function liveWithUmaskAndLocale(host: Host): Promise<string> {
  await asRoot(
    host,
    `sed -i 's/^# *\\(de_DE.UTF-8\\)/\\1/' /etc/locale.gen
locale-gen >/dev/null
echo LANG=de_DE.UTF-8 >/etc/default/locale
echo 'umask 077' >>/home/dev/.profile
chmod -R go= /home/dev/duostack`,
  )
  const session = await inClone(host, 'umask; locale 2>/dev/null | head -1; ls /none', { quiet: true })
  expect(session.all).toMatch(/^0077\nLANG=de_DE.UTF-8\n.*Datei oder Verzeichnis/)
  return live(host, async () => {
    const again = await inClone(host, `LANG=C LC_ALL=C ${up(host)}`)
    expect(again.exitCode, tail(again.all)).toBe(0)
    expect(again.all).toMatch(noChange)
    return ['with LANG=C nothing to do']
  })
}

/** What Debian's cloud images run, and libvirt's own network. */
export async function liveBesideNetworkd(host: Host): Promise<string> {
  await install(host, 'systemd-resolved', 'libvirt-daemon-system', 'libvirt-clients', 'dnsmasq-base', 'iptables')
  await asRoot(
    host,
    `cat >/etc/systemd/network/10-uplink.network <<'X'
[Match]
Name=tap0
[Network]
Address=10.0.2.100/24
Gateway=10.0.2.2
DNS=10.0.2.3
X
systemctl enable systemd-networkd systemd-resolved
virsh -q -c qemu:///system net-autostart default`,
  )
  await host.machine.reboot()
  const state = `systemctl is-active systemd-networkd systemd-resolved; readlink /etc/resolv.conf
virsh -q -c qemu:///system net-list --name; ip -br -4 addr show virbr0`
  const before = await asRoot(host, state)
  expect(before).toMatch(/^active\nactive\n.*stub-resolv.conf\ndefault\n[\s\S]*192\.168\.122\.1/)
  const lived = await live(host)
  expect(await asRoot(host, state)).toBe(before)
  return `${lived}, the default network as before`
}

/** A user in the group that may use the system's libvirtd; and a libvirtd that runs but does not answer. */
export async function liveAsLibvirtUser(host: Host): Promise<string> {
  await install(host, 'libvirt-daemon-system', 'libvirt-clients')
  await asRoot(host, 'usermod -aG libvirt dev')
  return live(host, async () => {
    // The machine's own libvirtd; a compute node has another.
    await asRoot(host, 'systemctl start libvirtd; kill -STOP "$(systemctl show -P MainPID libvirtd)"')
    const again = await inClone(host, up(host), { timeoutSeconds: 600 })
    expect(again.exitCode, tail(again.all)).toBe(0)
    expect(again.all).toMatch(/libvirtd does not answer: it is restarted/)
    return [`a libvirtd that hung was restarted, ${await verified(host)}`]
  })
}

export async function deployLiterally(host: Host): Promise<string> {
  await declareIsolation(host)
  await inClone(host, `sed -i 's/^lab_hypervisor:.*/lab_hypervisor: ${host.row.kind}/' ansible-vars/group_vars/all.yml`)
  const before = await readRemains(host)
  const install = await timed(host, 'npm ci', 'npm ci')
  const deploy = `${await timed(host, 'deploy', 'npx cdktf deploy --auto-approve')}, ${await verified(host)}`
  const destroy = await timed(host, 'destroy', 'npx cdktf destroy --auto-approve')
  return [install, deploy, destroy, await expectAsBefore(host, before)].join('; ')
}

const password = 'correct-horse'

/**
 * On a terminal on which the password is typed once; sudo discards what is typed before it asks. Standard input stays
 * open until the command has written its exit code: `script` waits for its input and loses the code, and ssh waits for
 * everybody who holds its stderr.
 */
const typedOnce = (command: string) =>
  `rm -f ~/code; script -qfc 'sudo -k; ${command}; echo $? >~/code.new; mv ~/code.new ~/code' /dev/null \\
  < <(exec 2>/dev/null; sleep 15; echo ${password}; until [ -e ~/code ]; do sleep 1; done); exit "$(cat ~/code)"`

/** Without a terminal nobody can type a password, so it must fail quickly; on one, sudo asks once. */
export async function askForPassword(host: Host): Promise<string> {
  await asRoot(host, `rm /etc/sudoers.d/dev; usermod -aG sudo dev; echo 'dev:${password}' | chpasswd`)
  // Installing the node modules takes a minute, which has nothing to do with sudo.
  await timed(host, 'version', './lab version')
  const first = stopwatch()
  const refused = await inClone(host, up(host), { timeoutSeconds: 90 })
  const soon = first.shown()
  expect(refused.exitCode, tail(refused.all)).toBe(1)
  expect(refused.all).toMatch(/sudo: needs a password/)
  await declareIsolation(host)
  const done: string[] = []
  for (const command of [up(host), './lab down --yes']) {
    const took = stopwatch()
    const asked = await inClone(host, typedOnce(command), { timeoutSeconds: 800 })
    expect(asked.exitCode, tail(asked.all)).toBe(0)
    expect(asked.all.match(/\[sudo\]/g), tail(asked.all)).toHaveLength(1)
    done.push(`${command} asked once, ${took.shown()}`)
  }
  return [`refused within ${soon} without a terminal`, ...done].join('; ')
}
