/** A program that synthesizes the fixture's lab into a given folder, with whichever cdktf library is loaded. */

import { buildApp } from '../../stacks/app.ts'
import { fixtureSecrets } from '../fixtures/lab.ts'
import { labOf } from './synthesized.ts'

const [outdir = ''] = process.argv.slice(2)
buildApp(labOf('qemu', 'none'), fixtureSecrets, { outdir }).synth()
