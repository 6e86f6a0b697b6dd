/** Starts the recorder for five seconds and exits, like a killed trace: only the nodes themselves end it. */

import { resolve } from 'node:path'
import { loadLab } from '../../scripts/declaration/load.ts'
import { startRecorder } from '../../scripts/insight/trace/recorder.ts'
import { disconnect } from '../../scripts/run/ssh.ts'

await startRecorder(loadLab(resolve(import.meta.dirname, '../..')), `kill${Date.now() % 10000}`, 5)
disconnect()
