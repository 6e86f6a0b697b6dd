/**
 * The schema of the files in ansible-vars/: every key, its type and its range. For checks across keys see across-*.ts.
 */

import { z } from 'zod'
import { formatAddress, parseAddress, parseSubnet } from './addresses.ts'
import { hypervisors, isolations, networkings, provisionings } from './lab.ts'
import { byService, profileOf } from './service-profiles.ts'

// The message of a check says what is allowed: check.ts adds where and what was given.

function whole(minimum: number, maximum: number, unit = '') {
  const allowed = `a whole number from ${minimum} to ${maximum}${unit && ` (${unit})`}`
  return z.int(allowed).min(minimum, allowed).max(maximum, allowed)
}

const text = (pattern: RegExp, allowed: string) => z.string(allowed).regex(pattern, allowed)

const choice = <const Words extends readonly string[]>(words: Words) => z.enum(words, `one of: ${words.join(', ')}`)

function mapping<Shape extends z.core.$ZodLooseShape>(shape: Shape, what = 'these keys') {
  return z.strictObject(shape, `${what}: ${Object.keys(shape).join(', ')}`)
}

/** `key:` without a value counts as an empty mapping, as in Ansible. */
const orEmpty = <Schema extends z.ZodType>(schema: Schema) => z.preprocess((value) => value ?? {}, schema)

/** An RFC 1123 label, short enough that `<lab name>-<node name>` is one too. */
export const labelRule = {
  pattern: /^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/,
  allowed:
    'lower-case letters, digits and hyphens, beginning with a letter, not ending with a hyphen, at most 20 characters',
}
const label = text(labelRule.pattern, labelRule.allowed)

const openstackName = text(/^[\w.-]{1,64}$/, 'letters, digits, dots, hyphens and underscores, at most 64 characters')

const address = z
  .string('an IPv4 address such as 10.0.0.11')
  .refine((given) => parseAddress(given) !== undefined, 'an IPv4 address such as 10.0.0.11')

const subnetRule = 'an IPv4 subnet such as 10.0.0.0/24, prefix /16 to /28'
const subnet = z.string(subnetRule).refine((given) => refuseSubnet(given) === undefined, {
  error: ({ input }) => refuseSubnet(String(input)) ?? subnetRule,
})

/** Ranges in which no lab can live: this host's loopback, link-local (metadata), multicast and above, "this network". */
const unusable = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'].map((cidr) => parseSubnet(cidr)!)

function refuseSubnet(given: string): string | undefined {
  const parsed = parseSubnet(given)
  if (!parsed || parsed.prefixLength < 16 || parsed.prefixLength > 28) return subnetRule
  if (unusable.some(({ first, last }) => parsed.first >= first && parsed.first <= last)) {
    return 'a subnet outside 0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16 and 224.0.0.0/3'
  }
  const own = `${formatAddress(parsed.first)}/${parsed.prefixLength}`
  return own === given ? undefined : `the subnet's own address: ${own}`
}

const rangeRule = 'an IPv4 range such as 192.168.0.0/16, prefix /1 to /32'
const range = z.string(rangeRule).refine((given) => refuseRange(given) === undefined, {
  error: ({ input }) => refuseRange(String(input)) ?? rangeRule,
})

function refuseRange(given: string): string | undefined {
  const parsed = parseSubnet(given)
  if (!parsed || parsed.prefixLength < 1) return rangeRule
  const own = `${formatAddress(parsed.first)}/${parsed.prefixLength}`
  return own === given ? undefined : `the range's own address: ${own}`
}

const serversRule = 'a list of 1 to 3 IPv4 addresses'

const vlanId = whole(1, 4094, 'VLAN ID')
const cpus = whole(1, 64, 'virtual CPUs')
const controllerMemory = whole(2048, 1_048_576, 'MiB')
const computeMemory = whole(1024, 1_048_576, 'MiB')
const disk = whole(10, 2000, 'GiB')
const volumeDisk = whole(2, 2000, 'GiB')

const service = z.boolean('true or false')
/** Services that are not optional are needed by the rest: there is no lab without them. */
const mandatoryService = z.literal(true, 'true: every lab has it')
const services = byService((name): z.ZodDefault<z.ZodBoolean> => {
  const { optional } = profileOf(name)
  if (optional) return service.default(optional === 'on')
  return mandatoryService.default(true) as unknown as z.ZodDefault<z.ZodBoolean>
})

const overridePath = text(/^(?!.*\/\.{1,2}(\/|$))(\/[\w.@+-]+)+$/, 'the absolute path of a file on the node')
const overrideSection = text(/^[^[\]\r\n]{1,100}$/, 'a section name without brackets')
const overrideKey = text(/^[\w./:-]{1,100}$/, 'a key: letters, digits, and any of _ . / : -')
const overrideRule =
  "text in one line, a number, true or false ('' for empty); or a list of them, which repeats the key"
const overrideItem = z.union([z.string().regex(/^[^\r\n]*$/, overrideRule), z.number(), z.boolean()], overrideRule)
const overrideValue = z.union([overrideItem, z.array(overrideItem, overrideRule).min(1, overrideRule)], overrideRule)
const overrideKeys = z.record(overrideKey, overrideValue, 'a mapping: key -> value')
const overrideSections = z.record(overrideSection, overrideKeys, 'a mapping: section -> key -> value')

/** An apt source line as in sources.list; comments and deb-src would do nothing. */
const packageSource = text(
  /^deb (\[[^[\]\r\n]+\] )?[^\s[\]]+ \S+( \S+)*$/,
  'apt lines such as deb http://10.0.0.1:3142/debian bookworm main',
)
const packageSourcesRule = 'a list of one apt line or more'

const nodeImage = mapping({
  source: text(/^(https?:\/\/[^\s]+|\/[^\r\n]+)$/, 'the absolute path of a disk image, or its URL (http, https)'),
  checksum: text(
    /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/,
    'sha256: followed by 64 lower-case hex digits, or sha512: followed by 128',
  ),
  package_sources: z.array(packageSource, packageSourcesRule).min(1, packageSourcesRule),
})

export const allSchema = mapping({
  lab_name: label,
  lab_hypervisor: choice(['auto', ...hypervisors]),
  lab_isolation: choice(['auto', ...isolations]),
  lab_node_image: nodeImage.optional(),
  lab_region: text(/^[\w-]{1,64}$/, 'letters, digits, hyphens and underscores, at most 64 characters'),
  lab_management_network: mapping({ cidr: subnet, host_address: address }),
  lab_provider_network: mapping({ cidr: subnet, host_address: address, pool_start: address, pool_end: address }),
  lab_vlan_network: mapping({
    name: label,
    vlan_id: vlanId,
    cidr: subnet,
    host_address: address,
    pool_start: address,
    pool_end: address,
  }).optional(),
  lab_tenant_vlans: mapping({ first: vlanId, last: vlanId }),
  lab_networking: choice(networkings).default('provider'),
  lab_outbound: service.default(false),
  lab_outbound_deny: z.array(range, 'a list of IPv4 ranges; [] for none').default([]),
  lab_dns: z.array(address, serversRule).min(1, serversRule).max(3, serversRule).optional(),
  lab_services: mapping(services, 'these services'),
  lab_volume_backup: service.default(false),
  lab_checkpoint: service.default(false),
  lab_api_workers: whole(1, 16, 'processes'),
  lab_config_overrides: z
    .record(overridePath, overrideSections, 'a mapping: path -> section -> key -> value; {} for none')
    .optional(),
  lab_cloud: mapping({
    flavor: mapping({
      name: openstackName,
      vcpus: whole(1, 16, 'virtual CPUs'),
      ram_mib: whole(128, 65_536, 'MiB'),
      disk_gib: whole(1, 1000, 'GiB'),
    }),
    server_name: label,
    volume_gib: whole(0, 1000, 'GiB; 0: none'),
  }),
  lab_open_ports: mapping({ dashboard: whole(1024, 65_535, 'port'), console: whole(1024, 65_535, 'port') }),
  lab_demo_quota: mapping({
    instances: whole(1, 1000, 'instances'),
    cores: whole(1, 1000, 'virtual CPUs'),
    ram_mib: whole(128, 1_048_576, 'MiB'),
    volumes: whole(0, 1000, 'volumes'),
    volume_gib: whole(0, 10_000, 'GiB'),
  }),
})
export type AllVars = z.output<typeof allSchema>

const ownVars = (memory: typeof controllerMemory) => ({
  ansible_host: address,
  vcpus: cpus.optional(),
  memory_mib: memory.optional(),
  disk_gib: disk.optional(),
  volume_disk_gib: volumeDisk.optional(),
})
const hostVars = (memory: typeof controllerMemory) => mapping(ownVars(memory))
export type HostVars = z.output<ReturnType<typeof hostVars>>

/** No settings for a node that is also in another group; all but the volume disk are required for one that is only in this group. */
const storageVars = mapping({ ...ownVars(computeMemory), ansible_host: address.optional() })

const group = <Vars extends z.ZodType>(vars: Vars) =>
  orEmpty(mapping({ hosts: orEmpty(z.record(z.string(), vars, 'node names, each with its settings')) }))

export const hostsSchema = mapping({
  all: mapping({
    children: mapping(
      {
        controller: group(orEmpty(hostVars(controllerMemory))),
        compute: group(orEmpty(hostVars(computeMemory))),
        storage: group(orEmpty(storageVars)).optional(),
      },
      'these groups',
    ),
  }),
})
export type Inventory = z.output<typeof hostsSchema>['all']['children']

export const controllerSchema = mapping({ vcpus: cpus, memory_mib: controllerMemory, disk_gib: disk })
export const computeSchema = mapping({ vcpus: cpus, memory_mib: computeMemory, disk_gib: disk })
export const storageSchema = mapping({ volume_disk_gib: volumeDisk, volume_provisioning: choice(provisionings) })
export type GroupVars = z.output<typeof computeSchema>
export type StorageVars = z.output<typeof storageSchema>
