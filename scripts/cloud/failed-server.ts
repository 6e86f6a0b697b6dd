/** What to do about an instance in ERROR. */

interface FailedServer {
  id: string
  /** When it first ran; null of one whose launch failed. */
  'OS-SRV-USG:launched_at'?: string | null
}

/** By id: it may be of any project, and have any name. One that never ran has nothing to reboot: Nova answers 409. */
export function mendServer({ id, 'OS-SRV-USG:launched_at': launched }: FailedServer): string {
  return launched
    ? `./lab openstack server show ${id}; ./lab openstack server reboot --hard ${id}`
    : `./lab openstack server show ${id} -c fault; ./lab openstack server delete ${id}`
}
