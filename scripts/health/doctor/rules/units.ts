/** What systemd says of the services' units: not running, frozen, or not coming back after a reboot. */

import { lookAtUnit } from '../../../cloud/where-to-look.ts'
import { agentUnits } from '../../checks/agents.ts'
import { parseAllUnits, units } from '../reads/units.ts'
import { rule } from '../rule.ts'

export const unitFrozen = rule({
  symptom: 'a service counts as running but does not answer',
  cause: 'its process is stopped (SIGSTOP), for example by a debugger, and was never resumed',
  remedy: 'resume it',
  reads: { units },
  judge: ({ units: answers }, around) =>
    parseAllUnits(answers, around)
      .filter(({ process }) => process === 'T' || process === 't')
      .map(({ node, unit }) => ({
        about: `${node}/${unit}`,
        evidence: [`${node}: main process of ${unit}: State: T (stopped)`],
        next: `./lab ssh ${node} systemctl kill -s CONT ${unit}`,
        fix: { node, script: `systemctl kill -s CONT ${unit}` },
        explains: [`api-silent ${node}/${unit}`, ...agentsOf(node, unit)],
      })),
})

export const unitDown = rule({
  symptom: 'a service is not running',
  cause: 'its process exited with an error; the last log lines say why',
  remedy: 'start it again; if it exits again, fix what its last log lines report',
  reads: { units },
  judge: ({ units: answers }, around) =>
    parseAllUnits(answers, around)
      .filter(({ active }) => active !== 'active')
      .map(({ node, unit, service, active, load, words }) => ({
        about: `${node}/${unit}`,
        evidence: [
          `${node}: ${unit}: ${load === 'loaded' ? active : load}`,
          ...words.map((line) => `${node}: ${unit}: ${line}`),
        ],
        // systemd says `inactive` of one that ended in order.
        ...(active === 'inactive' && load === 'loaded'
          ? {
              cause: 'it was stopped (systemctl stop), or it ended by itself',
              next: `./lab ssh ${node} systemctl start ${unit}`,
            }
          : { next: lookAtUnit(node, unit) }),
        // Masked or not known: that is for the service's own data to put right.
        fix:
          load === 'loaded'
            ? { node, script: `systemctl reset-failed ${unit} 2>/dev/null; systemctl start ${unit}` }
            : { service },
        explains: [`api-silent ${node}/${unit}`, `volume-driver ${node}`, ...agentsOf(node, unit)],
      })),
})

export const unitNotEnabled = rule({
  symptom: 'the lab works now, but will not come back after a reboot',
  cause: 'a running unit is not enabled, so nothing starts it at boot',
  remedy: 'enable it',
  reads: { units },
  judge: ({ units: answers }, around) =>
    parseAllUnits(answers, around)
      .filter(({ file }) => ['disabled', 'masked', 'masked-runtime'].includes(file))
      .map(({ node, unit, file, service }) => ({
        about: `${node}/${unit}`,
        evidence: [`${node}: systemctl is-enabled ${unit}: ${file}`],
        next: `./lab ssh ${node} systemctl enable ${unit}`,
        fix: file === 'disabled' ? { node, script: `systemctl enable --quiet ${unit} 2>/dev/null` } : { service },
      })),
})

/** What Neutron says of an agent follows from its unit. */
const agentsOf = (node: string, unit: string): string[] =>
  Object.entries(agentUnits).flatMap(([type, one]) => (one === unit ? [`agent-dead ${node}/${type}`] : []))
