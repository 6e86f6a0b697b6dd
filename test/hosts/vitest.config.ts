import { labSuite } from '../harness/suite.ts'

// A case that fails does not keep the others from being tried.
export default labSuite('hosts', 4)
