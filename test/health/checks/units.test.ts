import { execaSync } from 'execa'
import { describe, expect, test } from 'vitest'
import { judgeUnit, parseUnits, showUnits, stateOfUnit } from '../../../scripts/health/checks/units.ts'
import { unitsOf } from '../../../scripts/services/units-of.ts'
import { fixtureLab } from '../../fixtures/lab.ts'

test('the services themselves say which units belong on which node', () => {
  const units = unitsOf(fixtureLab('lxc'))
  const names = (node: string) => units.get(node)?.map(({ unit }) => unit)
  expect(names('controller')).toEqual(expect.arrayContaining(['keystone', 'neutron-dhcp-agent']))
  expect(names('compute1')).toEqual(expect.arrayContaining(['nova-compute', 'neutron-linuxbridge-agent']))
  expect(names('compute1')).not.toContain('keystone')
})

/** As systemd 252 prints them. */
const shown = `LoadState=loaded
ActiveState=active
UnitFileState=enabled
MainPID=${process.pid}
Id=keystone.service
ActiveEnterTimestamp=@1700000000

MainPID=0
Id=glance-api.service
LoadState=loaded
ActiveState=failed
UnitFileState=disabled
ActiveEnterTimestamp=@1600000000

Id=apache2.service
MainPID=0
LoadState=not-found
ActiveState=inactive
UnitFileState=
ActiveEnterTimestamp=`

const wanted = [
  { service: 'keystone', unit: 'keystone' },
  { service: 'glance', unit: 'glance-api' },
  { service: 'horizon', unit: 'apache2' },
] as const

describe('what systemd says of units', () => {
  const systemctl = `systemctl() { cat <<'end'\n${shown}\nend\n}\nsay() { echo "down $1"; }\n`
  const text = execaSync('bash', ['-s'], { input: `${systemctl}${showUnits(wanted, 'say')}` }).stdout

  test('is one line each, in whichever order systemd prints them', () => {
    expect(parseUnits(text, wanted)).toMatchObject([
      { unit: 'keystone', load: 'loaded', active: 'active', file: 'enabled', since: 1_700_000_000 },
      { unit: 'glance-api', active: 'failed', file: 'disabled', process: '-', since: 1_600_000_000 },
      { unit: 'apache2', load: 'not-found', file: '-' },
    ])
    expect(parseUnits(text, wanted)[0]?.process).toMatch(/^[RSD]$/)
    expect(parseUnits(text, wanted.slice(1)).map(({ unit }) => unit)).toEqual(['glance-api', 'apache2'])
  })

  test('is read in more detail for those that do not run', () => {
    expect([...text.matchAll(/^down (.*)$/gm)].map(([, unit]) => unit)).toEqual(['glance-api', 'apache2'])
  })

  test('a unit that systemd does not know is missing', () => {
    const states = parseUnits(text, wanted).map(stateOfUnit)
    expect(states).toEqual(['active', 'failed', 'missing'])
    expect(stateOfUnit(undefined)).toBe('missing')
    expect(judgeUnit('controller', 'apache2', 'missing')).toMatchObject({ id: 'unit/controller/apache2', ok: false })
  })

  test('is not asked without units', () => {
    expect(execaSync('bash', ['-s'], { input: showUnits([]) }).stdout).toBe('')
  })
})
