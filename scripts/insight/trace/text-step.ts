/** The shape of a step of the text, and of what Zed does differently. */

/** What the steps are compared with, shown with a trace. */
export const textbook =
  'the request flow of a launch as OpenStack\'s training guides of 2013 ("VM provisioning in-depth") and many books since describe it, here in 32 steps'

/** `project` and `floating` are no textbook's: what a project network adds to a launch, and how a floating IP begins to work. */
export const flowNames = ['nova', 'network', 'image', 'volume', 'project', 'floating'] as const
export type FlowName = (typeof flowNames)[number]

export type StepKind =
  | 'REST'
  | 'RPC call'
  | 'RPC cast'
  | 'RPC reply'
  | 'queue'
  | 'SQL'
  | 'libvirt'
  | 'dnsmasq'
  | 'kernel'
  | 'log'

export interface TextStep {
  /** `nova-5`: flow and number, as in the text. */
  id: `${FlowName}-${number}`
  flow: FlowName
  number: number
  /** What the text says. */
  text: string
  /** The protocol, as the text calls it. */
  kind: StepKind
  zed?: {
    does: string
    why: string
    /** Release of OpenStack. */
    since: string
  }
}

export type StepId = TextStep['id']

/** A step as it is written down: its place in the list gives it its number. */
export type Line = Omit<TextStep, 'id' | 'flow' | 'number'>

export const numberSteps = (flow: FlowName, lines: readonly Line[]): TextStep[] =>
  lines.map((line, index) => ({ id: `${flow}-${index + 1}`, flow, number: index + 1, ...line }))
