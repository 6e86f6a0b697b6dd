/** IPv4 arithmetic: addresses and subnets as numbers. */

import { isIPv4 } from 'node:net'

export interface Subnet {
  first: number
  last: number
  prefixLength: number
}

/** The address as a number; undefined if the text is not an address. */
export function parseAddress(text: string): number | undefined {
  return isIPv4(text) ? text.split('.').reduce((number, octet) => number * 256 + Number(octet), 0) : undefined
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}

/** The subnet of `cidr` without host bits; undefined if the text is not a CIDR. */
export function parseSubnet(cidr: string): Subnet | undefined {
  const match = /^([\d.]+)\/(\d{1,2})$/.exec(cidr)
  const address = parseAddress(match?.[1] ?? '')
  const prefixLength = Number(match?.[2])
  if (address === undefined || prefixLength > 32) return undefined
  const size = 2 ** (32 - prefixLength)
  const first = address - (address % size)
  return { first, last: first + size - 1, prefixLength }
}

/** True if a machine can have the address: in the subnet, and neither its network nor its broadcast address. */
export function isUsable(subnet: Subnet, address: number): boolean {
  return address > subnet.first && address < subnet.last
}

export function overlap(a: Subnet, b: Subnet): boolean {
  return a.first <= b.last && b.first <= a.last
}

/** `10.0.0.1 to 10.0.0.254`: what a machine in the subnet may have. */
export function spanOf({ first, last }: Subnet): string {
  return `${formatAddress(first + 1)} to ${formatAddress(last - 1)}`
}
