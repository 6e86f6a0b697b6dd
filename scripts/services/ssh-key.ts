/** A key pair derived from a secret: the same secret always gives the same pair. */

import { createHmac, createPrivateKey, createPublicKey } from 'node:crypto'

export interface SshKey {
  /** `ssh-ed25519 AAAA…` */
  public: string
  /** OpenSSH's own format, the only one in which Debian 12's OpenSSH reads ed25519 keys. */
  private: string
}

/** `name` distinguishes several pairs derived from the same secret. */
export function deriveSshKey(secret: string, name: string): SshKey {
  const seed = createHmac('sha256', secret).update(name).digest()
  // DER of PKCS#8: everything before the 32 bytes of an ed25519 key.
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const { x } = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })).export({ format: 'jwk' })
  const point = Buffer.from(x!, 'base64url')
  const publicBlob = Buffer.concat([field(type), field(point)])
  return { public: `${type} ${publicBlob.toString('base64')}`, private: armor(publicBlob, seed, point, name) }
}

const type = 'ssh-ed25519'

/** The format in OpenSSH's PROTOCOL.key: not encrypted, one key. */
function armor(publicBlob: Buffer, seed: Buffer, point: Buffer, comment: string): string {
  // The same number twice, by which a reader checks the decryption; here nothing is encrypted.
  const check = Buffer.alloc(8)
  const pair = [check, field(type), field(point), field(Buffer.concat([seed, point])), field(comment)]
  const content = Buffer.concat(pair)
  const padding = Buffer.from(Array.from({ length: -content.length & 7 }, (_, index) => index + 1))
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[field('none'), field('none'), field('')],
    ...[uint32(1), field(publicBlob), field(Buffer.concat([content, padding]))],
  ])
  const lines = whole.toString('base64').match(/.{1,70}/g)!
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n')
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

const field = (content: Buffer | string) => Buffer.concat([uint32(Buffer.byteLength(content)), Buffer.from(content)])
