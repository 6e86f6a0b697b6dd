import { labSuite } from '../harness/suite.ts'

// Each test is a step of a lab's life: order matters.
export default labSuite('e2e', 4, { bail: 1 })
