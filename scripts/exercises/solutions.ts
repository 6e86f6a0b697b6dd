/** The solutions of several exercises have these commands in common. */

import { controllerOf, type Lab, nodesWith } from '../declaration/lab.ts'

/** `command` is already quoted where it needs to be. */
export const onController = (lab: Lab, command: string): string[] => [`./lab ssh ${controllerOf(lab).name} ${command}`]

/** On every compute node. */
export const onComputes = (lab: Lab, command: string): string[] =>
  nodesWith(lab, 'compute').map(({ name }) => `./lab ssh ${name} ${command}`)

/** Until a volume or a snapshot is made; the client has no option for it. */
export const whileCreating = (kind: 'volume' | 'volume snapshot', name: string): string =>
  `while [ "$(./lab openstack ${kind} show ${name} -f value -c status)" = creating ]; do sleep 1; done`
