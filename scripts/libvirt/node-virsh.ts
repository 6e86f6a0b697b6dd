/**
 * virsh on a compute node, where Nova's own libvirtd runs the instances: shell fragments for scripts that run there.
 */

/** A line `paused DOMAIN STATE (REASON)` for each that QEMU has stopped, and `error DOMAIN DISK: …` for each disk that failed. */
export const listPausedInstances = `for domain in $(virsh -q list --state-paused --name); do
  echo "paused $domain $(virsh -q domstate --reason $domain | head -n 1)"
  virsh -q domblkerror $domain | sed "s/^/error $domain /"
done`

/** A line `@@ domain STATE` for each, and its description. */
export const describeInstances = `for domain in $(virsh -q list --all --name); do
    echo "@@ domain $(virsh -q domstate "$domain" | head -1 | tr ' ' '-')"; virsh -q dumpxml "$domain"
  done`

/** libvirt's table of interfaces of each that runs; nothing where no libvirtd answers. */
export const listInstanceInterfaces = `for domain in $(timeout 20 virsh -r -c qemu:///system list --name 2>/dev/null || true); do
    timeout 20 virsh -r -c qemu:///system domiflist "$domain" 2>/dev/null || true
  done`

export const resumeInstance = (domain: string) => `virsh resume ${domain}`
