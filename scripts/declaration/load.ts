/** Loads the lab: ansible-vars/ becomes the Declaration, and together with .lab/lab.json the typed, frozen Lab. */

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkNodeImage } from './across-image.ts'
import { checkWorkers } from './across-memory.ts'
import { checkNetworks } from './across-networks.ts'
import { checkNodes } from './across-nodes.ts'
import { checkNameServers } from './across-outbound.ts'
import { checkOverrides } from './across-overrides.ts'
import { checkSizes } from './across-sizes.ts'
import { parseSubnet } from './addresses.ts'
import { composeDeclaration } from './compose.ts'
import type { Declaration, DeclaredNetwork, DeclaredNode, DeclaredVlan } from './declaration.ts'
import { type Finding, LabError } from './errors.ts'
import { findUnknownFiles, readFiles } from './files-of-declaration.ts'
import { type Identity, previewIdentity, readIdentity } from './identity.ts'
import type { Isolation, Lab, LabHandle, LabNetwork, LabNode, LabPaths, LibvirtDriver, VlanNetwork } from './lab.ts'
import { emulationFactor } from './node-traits.ts'

const checkout = fileURLToPath(new URL('../..', import.meta.url))

/** Reads and checks ansible-vars/. Throws one LabError with every mistake in it. */
export function loadDeclaration(root: string): Declaration {
  const files = readFiles(root)
  const ofValues = Object.values(files).flatMap(({ findings }) => findings)
  const across = [
    ...checkNodeImage(files.all),
    ...checkNetworks(files.all),
    ...checkNameServers(files.all),
    ...checkNodes(files),
    ...checkSizes(files),
    ...checkWorkers(files),
    ...checkOverrides(files.all),
  ]
  // A value that is wrong by itself is not reported again for not fitting.
  const wrong = new Set(ofValues.map(({ where }) => where))
  const findings = [...ofValues, ...across.filter(({ where }) => !wrong.has(where)), ...findUnknownFiles(root)]
  if (findings.length > 0) throw new LabError(findings.sort(byPlace))
  return composeDeclaration(files)
}

/** In the order of the files and of their lines. */
function byPlace(a: Finding, b: Finding): number {
  const [[fileA = '', ...placeA], [fileB = '', ...placeB]] = [a.where.split(':'), b.where.split(':')]
  const numbers = placeA.map((number, index) => Number(number) - Number(placeB[index] ?? 0))
  return fileA.localeCompare(fileB) || (numbers[0] ?? 0) || (numbers[1] ?? 0)
}

/**
 * The lab of this checkout. What its identity fixes comes from there, also where the declaration says otherwise by
 * now (prepare refuses that with `checkIdentity`), so that `./lab down` finds what was built. Without a
 * .lab/lab.json it is a preview: id 00000000, `auto` read as kvm and none, and `preview` over that.
 */
export function loadLab(root: string = checkout, preview: Partial<Identity> = {}): Lab {
  const declaration = loadDeclaration(root)
  return composeLab(root, declaration, readIdentity(root) ?? previewIdentity(declaration, preview))
}

/** For the commands that remove: if ansible-vars/ is broken, the lab as far as its identity describes it. */
export function loadLabToRemove(root: string): LabHandle {
  try {
    return loadLab(root)
  } catch (error) {
    const identity = error instanceof LabError ? readIdentity(root) : undefined
    if (!identity) throw error
    return { ...handleOf(root, identity), name: identity.name }
  }
}

/** A lab of which only the id is left. Its paths in the checkout are those of `root` and must not be used. */
export function loadLabOfId(root: string, id: string): LabHandle {
  const isolation = existsSync(`${dataOf(id)}/libvirt`) ? 'netns' : 'none'
  return handleOf(root, { id, isolation })
}

function handleOf(root: string, { id, isolation }: Pick<Identity, 'id' | 'isolation'>): LabHandle {
  const paths = { ...statesOf(resolve(root)), data: dataOf(id) }
  return { id, isolation, root: resolve(root), paths, libvirtUris: urisOf(id, isolation), nodes: [] }
}

/** Pure: the same declaration and identity give the same lab. */
export function composeLab(root: string, declaration: Declaration, identity: Identity): Lab {
  const { id, hypervisor, isolation, imageDigest } = identity
  const { vlan, vlanRange } = declaration.networks
  const paths = pathsOf(resolve(root), id, imageDigest)
  const isContainer = hypervisor === 'lxc'
  const takenMacs = new Set<string>()
  const libvirtUris = urisOf(id, isolation)
  const capabilities = isContainer ? identity.capabilities : { vlan: true, lvm: true }
  const networks = {
    management: networkOf(identity, 'management', 'mgmt'),
    provider: networkOf(identity, 'provider', 'prov'),
    ...(vlan && capabilities.vlan ? { vlan: vlanOf(id, vlan) } : {}),
    vlanRange,
  }
  return freeze({
    id,
    name: identity.name,
    region: declaration.region,
    hypervisor,
    isolation,
    root: resolve(root),
    paths,
    ...(isolation === 'netns' ? { netns: `duostack-${id}` } : {}),
    libvirtUri: libvirtUris[isContainer ? 'lxc' : 'qemu'],
    libvirtUris,
    imageDigest,
    ...(declaration.stockImage ? { stockImage: declaration.stockImage } : {}),
    networks,
    networking: declaration.networking,
    ...(declaration.outbound ? { outbound: declaration.outbound } : {}),
    ...(declaration.dns ? { dns: declaration.dns } : {}),
    providerPool: declaration.providerPool,
    nodes: declaration.nodes.map((node) => nodeOf(id, node, isContainer, takenMacs)),
    services: declaration.services,
    volumeProvisioning: declaration.volumeProvisioning,
    volumeBackup: declaration.volumeBackup,
    capabilities,
    ...(declaration.checkpoint ? { checkpoint: true } : {}),
    apiWorkers: declaration.apiWorkers,
    timeScale: identity.timeScale ?? (hypervisor === 'qemu' ? emulationFactor : 1),
    configOverrides: declaration.configOverrides,
    cloud: declaration.cloud,
  })
}

export const dataOf = (id: string) => `/var/lib/duostack/${id}`

/** The folder of a node image, which all labs of this machine share. */
export const imageOf = (digest: string) => `/var/cache/duostack/images/${digest}`

function statesOf(root: string): Pick<LabPaths, 'state' | 'terraform'> {
  const state = join(root, '.lab')
  return { state, terraform: join(state, 'terraform') }
}

function urisOf(id: string, isolation: Isolation): Lab['libvirtUris'] {
  const socket = isolation === 'netns' ? `?socket=${dataOf(id)}/libvirt/run/libvirt-sock` : ''
  const uriOf = (driver: LibvirtDriver) => `${socket ? `${driver}+unix` : driver}:///system${socket}`
  return { qemu: uriOf('qemu'), lxc: uriOf('lxc') }
}

function pathsOf(root: string, id: string, imageDigest: string): LabPaths {
  const { state, terraform } = statesOf(root)
  const image = imageOf(imageDigest)
  return {
    state,
    data: dataOf(id),
    image,
    testImage: `${image}/duostack-test.qcow2`,
    ssh: join(state, 'ssh'),
    terraform,
    clouds: join(state, 'clouds.yaml'),
    secrets: join(root, 'ansible-vars/secrets.yml'),
    cache: join(homedir(), '.cache/duostack'),
  }
}

function networkOf({ id, name, networks }: Identity, network: keyof Identity['networks'], short: string): LabNetwork {
  const { cidr, hostAddress }: DeclaredNetwork = networks[network]
  const { prefixLength } = parseSubnet(cidr)!
  return { name: `${name}-${network}`, bridge: `${id}-${short}`, cidr, prefixLength, hostAddress }
}

function vlanOf(id: string, vlan: DeclaredVlan): VlanNetwork {
  return { ...vlan, interface: `${id}-v${vlan.vlanId}`, prefixLength: parseSubnet(vlan.cidr)!.prefixLength }
}

function nodeOf(id: string, node: DeclaredNode, isContainer: boolean, takenMacs: Set<string>): LabNode {
  const macOf = (network: string) => chooseMac(`${id}/${node.name}/${network}`, takenMacs)
  const macs = { management: macOf('management'), provider: macOf('provider') }
  return { ...node, macs, volumeDiskGiB: isContainer ? 0 : node.volumeDiskGiB }
}

/** The same for the same lab, node and network. 52:54:00 is the prefix of QEMU and KVM. */
function chooseMac(seed: string, taken: Set<string>): string {
  const digest = createHash('sha256').update(seed).digest('hex').toUpperCase()
  const mac = `52:54:00:${digest.slice(0, 6).match(/../g)!.join(':')}`
  if (taken.has(mac)) return chooseMac(`${seed}+`, taken)
  taken.add(mac)
  return mac
}

/** Deeply frozen, so that no code can change the lab for others. */
function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.values(Object.freeze(value)).forEach(freeze)
  }
  return value
}
