/** The fields of an instance in Nova's API that are used here. */

export interface Server {
  id: string
  name: string
  status: string
  addresses: Record<string, { addr: string; version: number; 'OS-EXT-IPS:type'?: string }[]>
  fault?: { message: string }
  'OS-SRV-USG:launched_at'?: string | null
  'OS-EXT-SRV-ATTR:host'?: string | null
}
