/** When a node's memory counts as full: above this, it is about to lose processes. */

interface Memory {
  usedMiB: number
  memoryMiB: number
}

export const isMemoryFull = ({ usedMiB, memoryMiB }: Memory): boolean => usedMiB > 0.95 * memoryMiB
