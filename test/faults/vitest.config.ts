import { labSuite } from '../harness/suite.ts'

// One real lab for all parts. A part that fails does not keep the others from being tried.
export default labSuite('faults', 1)
