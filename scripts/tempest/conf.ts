/** tempest.conf of one run: what the declaration says, and what the living cloud answered. */

import { authUrlOf } from '../cloud/client.ts'
import { urlOf } from '../declaration/endpoints.ts'
import { isSelfService, type Lab, nodesWith } from '../declaration/lab.ts'
import { flatNetwork } from '../declaration/provider-network.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import { renderContent } from '../engine/ini.ts'
import type { IniContent } from '../engine/service.ts'
import { scaled, timeouts } from '../run/timeouts.ts'
import { passwordRules } from '../services/keystone.ts'
import type { LivingCloud } from './living.ts'

/** Where the run's folder is in the tree. */
const insideTree = '/mnt'

/** oslo.config takes `$` for a reference. */
const literal = (value: string) => value.replaceAll('$', '$$$$')

const prefixed = (prefix: string, options: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(options).map(([key, value]) => [`${prefix}${key}`, value]))

function whoAndWhere(lab: Lab, secrets: Secrets): IniContent {
  const selfService = isSelfService(lab)
  return {
    DEFAULT: { log_dir: insideTree, log_file: 'tempest.log' },
    oslo_concurrency: { lock_path: `${insideTree}/lock` },
    auth: {
      admin_username: 'admin',
      admin_password: literal(secrets.admin_password),
      admin_project_name: 'admin',
      admin_domain_name: 'Default',
      use_dynamic_credentials: true,
      // Each class of tests then has a project with a network and a router.
      create_isolated_networks: selfService,
    },
    identity: {
      uri_v3: authUrlOf(lab),
      auth_version: 'v3',
      region: lab.region,
      ...(selfService ? prefixed('user_', passwordRules) : {}),
    },
    'identity-feature-enabled': { api_v2: false, api_v2_admin: false, api_v3: true, security_compliance: selfService },
    service_available: {
      cinder: lab.services.cinder,
      glance: true,
      horizon: lab.services.horizon,
      neutron: true,
      nova: true,
      swift: false,
    },
    ...(lab.services.horizon ? { dashboard: { dashboard_url: `${urlOf(lab, 'horizon')}/horizon/` } } : {}),
  }
}

function computeSections(lab: Lab, living: LivingCloud, buildSeconds: number): IniContent {
  const computes = nodesWith(lab, 'compute').length
  return {
    compute: {
      region: lab.region,
      image_ref: living.image,
      image_ref_alt: living.otherImage,
      flavor_ref: living.flavor,
      flavor_ref_alt: living.otherFlavor,
      build_timeout: buildSeconds,
      fixed_network_name: flatNetwork,
      hypervisor_type: 'QEMU',
      min_compute_nodes: computes,
      max_microversion: living.versions.compute,
    },
    'compute-feature-enabled': {
      resize: true,
      cold_migration: computes > 1,
      live_migration: false,
      // Its address is on 127.0.0.1 of who runs ./lab open.
      vnc_console: false,
      attach_encrypted_volume: false,
      change_password: false,
    },
    image: { region: lab.region, build_timeout: buildSeconds },
    placement: { region: lab.region, max_microversion: living.versions.placement },
  }
}

function networkSections(lab: Lab, living: LivingCloud, seconds: number): IniContent {
  const routers = isSelfService(lab)
  return {
    network: {
      region: lab.region,
      public_network_id: living.publicNetwork,
      floating_network_name: flatNetwork,
      project_networks_reachable: !routers,
      shared_physical_network: !routers,
      build_timeout: seconds,
    },
    'network-feature-enabled': {
      api_extensions: living.networkExtensions.join(','),
      floating_ips: routers,
      ipv6: true,
      ipv6_subnet_attributes: true,
      port_security: true,
    },
    validation: {
      run_validation: true,
      connect_method: routers ? 'floating' : 'fixed',
      network_for_ssh: flatNetwork,
      image_ssh_user: 'root',
      image_alt_ssh_user: 'root',
      ping_timeout: scaled(lab, timeouts.verify.active),
      ssh_timeout: seconds,
    },
  }
}

function volumeSections(lab: Lab, living: LivingCloud, seconds: number): IniContent {
  if (!lab.services.cinder) return {}
  return {
    volume: {
      region: lab.region,
      build_timeout: seconds,
      ...(living.versions.volume ? { max_microversion: living.versions.volume } : {}),
    },
    'volume-feature-enabled': {
      api_extensions: living.volumeExtensions.join(','),
      backup: lab.volumeBackup,
      extend_attached_volume: true,
    },
  }
}

/** The text of the file, which has the admin's password: mode 0600. */
export function renderTempestConf(lab: Lab, secrets: Secrets, living: LivingCloud): string {
  const seconds = scaled(lab, timeouts.cloud.object)
  return renderContent({
    ...whoAndWhere(lab, secrets),
    ...computeSections(lab, living, seconds),
    ...networkSections(lab, living, seconds),
    ...volumeSections(lab, living, seconds),
    scenario: { img_file: `${insideTree}/image.qcow2`, img_disk_format: 'qcow2' },
  })
}
