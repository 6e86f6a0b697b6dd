/** The shape of a step of the text, and of what Zed does differently. */

export const flowNames = ['nova', 'network', 'image', 'volume'] as const
export type FlowName = (typeof flowNames)[number]

export type StepKind = 'REST' | 'RPC call' | 'RPC cast' | 'RPC reply' | 'queue' | 'SQL' | 'libvirt' | 'dnsmasq'

export interface TextStep {
  /** `nova-5`: flow and number, as the text counts. */
  id: `${FlowName}-${number}`
  flow: FlowName
  number: number
  /** What the text says. */
  text: string
  /** By what, as the text has it. */
  kind: StepKind
  zed?: {
    does: string
    why: string
    /** Release of OpenStack. */
    since: string
  }
}

export type StepId = TextStep['id']
