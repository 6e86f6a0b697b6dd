/** Starts the recorder for five seconds and goes away, as a trace that is killed: nobody ends it but the nodes themselves. */

import { resolve } from 'node:path'
import { loadLab } from '../../scripts/declaration/load.ts'
import { startRecorder } from '../../scripts/insight/trace/recorder.ts'
import { disconnect } from '../../scripts/run/ssh.ts'

await startRecorder(loadLab(resolve(import.meta.dirname, '../..')), `kill${Date.now() % 10000}`, 5)
disconnect()
