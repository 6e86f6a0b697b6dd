/** The secrets of a lab, by name; generated once into ansible-vars/secrets.yml (0600, git-ignored). */

export const secretNames = [
  'admin_password',
  'demo_password',
  'rabbitmq_password',
  'rabbitmq_erlang_cookie',
  'metadata_proxy_secret',
  'horizon_secret_key',
  'keystone_database_password',
  'glance_database_password',
  'placement_database_password',
  'nova_database_password',
  'neutron_database_password',
  'cinder_database_password',
  'glance_password',
  'placement_password',
  'nova_password',
  'neutron_password',
  'cinder_password',
  /** The compute nodes' ssh keys are made of it, for disks that go from one to another. */
  'nova_migration_key',
  /** Key of the digests that stand in Terraform's state, so that they tell nothing of the secrets. */
  'digest_key',
] as const
export type SecretName = (typeof secretNames)[number]

/** Each value: 32 characters of [A-Za-z0-9] (190 bits), safe in a URL, an ini file and a shell. */
export type Secrets = Readonly<Record<SecretName, string>>
