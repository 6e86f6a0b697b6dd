/** How `status` and `doctor` end: users' failures are not the lab's. */

/** 0: all is well; 3: the lab is, something that a user made is not; 1: the lab is not. */
export function healthExitCode(labIsWell: boolean, anythingFound: boolean): 0 | 1 | 3 {
  if (!labIsWell) return 1
  return anythingFound ? 3 : 0
}
