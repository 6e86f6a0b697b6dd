/** An instance as Nova's API gives it: what of it is read here, for all who read instances. */

export interface Server {
  id: string
  name: string
  status: string
  addresses: Record<string, { addr: string; version: number }[]>
  fault?: { message: string }
  'OS-SRV-USG:launched_at'?: string | null
  'OS-EXT-SRV-ATTR:host'?: string | null
}
