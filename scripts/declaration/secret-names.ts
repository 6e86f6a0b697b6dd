/** The names of a lab's secrets, which are generated once into ansible-vars/secrets.yml (mode 0600, ignored by git). */

import { profileOf, serviceNames, type serviceProfiles } from './service-profiles.ts'

const admin = 'admin_password'
/** Key of the digests in Terraform's state, so that they reveal nothing about the secrets. */
const digestKey = 'digest_key'

type SecretsOf<Profile> = Profile extends { secrets: readonly (infer Name)[] } ? Name : never
type Profiles = typeof serviceProfiles
export type SecretName =
  | typeof admin
  | typeof digestKey
  | { [Name in keyof Profiles]: SecretsOf<Profiles[Name]> }[keyof Profiles]

export const secretNames = [
  admin,
  ...serviceNames.flatMap((name) => profileOf(name).secrets ?? []),
  digestKey,
] as SecretName[]

/** What encrypts data that is kept: another value would lose it. */
export const dataKeys = serviceNames.flatMap((name) => profileOf(name).dataKeys ?? []) as SecretName[]

/** Each value: 32 characters of [A-Za-z0-9] (190 bits), safe in a URL, an ini file and a shell. */
export type Secrets = Readonly<Record<SecretName, string>>
