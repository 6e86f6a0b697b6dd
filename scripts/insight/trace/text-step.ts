/** The shape of a step of the text, and of what Zed does differently. */

/** What the steps are compared with, where a trace is shown. */
export const textbook =
  'the request flow of a launch as OpenStack\'s training guides of 2013 ("VM provisioning in-depth") and many books since describe it, here in 32 steps'

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
