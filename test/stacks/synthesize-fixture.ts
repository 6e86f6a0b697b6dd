/** A program: synthesizes the fixture's lab into the folder that it is given, with whatever library is loaded. */

import { buildApp } from '../../stacks/app.ts'
import { fixtureSecrets } from '../fixtures/lab.ts'
import { labOf } from './synthesized.ts'

const [outdir = ''] = process.argv.slice(2)
buildApp(labOf('qemu', 'none'), fixtureSecrets, { outdir }).synth()
