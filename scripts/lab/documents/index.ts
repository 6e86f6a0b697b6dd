/** Every document that a command prints for programs. */

import { classDocument, projectDocument } from './class.ts'
import type { Document } from './document.ts'
import { exerciseDocument } from './exercise.ts'
import { doctorDocument, hostDocument, statusDocument, verifyDocument } from './health.ts'
import { pathDocument, topologyDocument } from './network.ts'
import { envDocument, errorDocument, logLineDocument, savesDocument, versionDocument } from './others.ts'
import { planDocument } from './plan.ts'
import { tempestDocument } from './tempest.ts'
import { traceDocument } from './trace.ts'

export const documents: readonly Document[] = [
  statusDocument,
  verifyDocument,
  doctorDocument,
  hostDocument,
  planDocument,
  traceDocument,
  tempestDocument,
  exerciseDocument,
  classDocument,
  projectDocument,
  topologyDocument,
  pathDocument,
  logLineDocument,
  versionDocument,
  envDocument,
  savesDocument,
  errorDocument,
] as unknown as readonly Document[]
