/** Exercises in which nothing is broken and something is to be made. */

import { isSelfService, type Lab } from '../../declaration/lab.ts'
import { flatNetwork } from '../../declaration/provider-network.ts'
import { observeFixedAddress, observeOwnImage, observeProject, observeRestored } from '../built.ts'
import type { Exercise } from '../exercise.ts'
import { whileCreating } from '../solutions.ts'

/** The client's arguments for a small server. */
const small = ({ cloud }: Lab, image = 'duostack-test') => `--image ${image} --flavor ${cloud.flavor.name}`

/** The lab's clouds.yaml names a project, and wins over --os-project-name. */
const inProject = (command: string) =>
  `./lab exec -- bash -c '. .lab/admin-openrc; export OS_PROJECT_NAME=workshop; openstack ${command}'`

/** With networks of its own where projects may have some; otherwise on the provider network. */
function networkOfProject(lab: Lab): { before: string[]; network: string; after: string[] } {
  if (!isSelfService(lab)) return { before: [], network: flatNetwork, after: [] }
  return {
    before: [
      inProject('network create inside'),
      inProject('subnet create --network inside --subnet-range 192.168.77.0/24 inside'),
      inProject(`router create --external-gateway ${flatNetwork} door`),
      inProject('router add subnet door inside'),
    ],
    network: 'inside',
    after: [
      inProject(
        `server add floating ip web $(openstack floating ip create ${flatNetwork} -f value -c floating_ip_address)`,
      ),
    ],
  }
}

function solveProject(lab: Lab): string[] {
  const { before, network, after } = networkOfProject(lab)
  return [
    './lab openstack project create workshop',
    './lab openstack role add --project workshop --user admin member',
    inProject('security group create reachable'),
    inProject('security group rule create --protocol icmp reachable'),
    ...before,
    inProject(`server create --wait ${small(lab)} --network ${network} --security-group reachable web`),
    ...after,
  ]
}

export const building = {
  'first-project': {
    kind: 'build',
    level: 1,
    texts: {
      title: 'A project of its own',
      task: 'Make a project named workshop, and in it a server named web that answers ping from this machine. Where projects have networks of their own (lab_networking: self-service), the server is on a network of the project, and is reached by a floating IP.',
      hints: [
        'A project needs somebody who may work in it: a user with the role member. The admin can have it, too: ./lab openstack role add.',
        'To work in it: ./lab exec -- bash, then `. .lab/admin-openrc` and `export OS_PROJECT_NAME=workshop`; the client openstack then makes everything there. The image duostack-test and the flavor FLAVOR are there for everybody, and so is the network provider.',
        'Each project has a security group `default` of its own, which lets nothing in. Make one with a rule for ICMP and give it to the server.',
      ],
      answer:
        'A project holds servers, networks and volumes; users have roles in it. Everything belongs to the project that the client was signed in to, with its own quota and its own security groups.',
    },
    changes: [],
    wanted: { project: 'workshop' },
    check: observeProject,
    solution: solveProject,
  },
  'volume-restored': {
    kind: 'build',
    level: 2,
    needs: ['cinder'],
    texts: {
      title: 'Back to Monday',
      task: 'Make a volume named notes of 1 GiB, take a snapshot of it named monday, and attach the volume to the server SERVER. Then make a volume named notes-restored from the snapshot, which can be attached as well.',
      hints: [
        'The order matters where volumes are files on a share: take the snapshot before the volume is attached. Lesson 3 is about this.',
        './lab openstack volume create, then volume snapshot create --volume notes monday, then server add volume SERVER notes.',
        'A volume is made from a snapshot with ./lab openstack volume create --snapshot monday --size 1 notes-restored. Wait for each one to be available before the next step.',
      ],
      answer:
        'A snapshot keeps a volume as it was at one moment, on the same storage. What is restored is a new volume: the old one stays as it is, attached to its server.',
    },
    changes: [],
    wanted: { volumes: ['notes-restored', 'notes'], snapshots: ['monday'] },
    check: observeRestored,
    solution: (lab) => [
      './lab openstack volume create --size 1 notes',
      whileCreating('volume', 'notes'),
      './lab openstack volume snapshot create --volume notes monday',
      whileCreating('volume snapshot', 'monday'),
      './lab openstack volume create --snapshot monday --size 1 notes-restored',
      whileCreating('volume', 'notes-restored'),
      `./lab openstack server add volume ${lab.cloud.server.name} notes`,
    ],
  },
  'own-image': {
    kind: 'build',
    level: 2,
    texts: {
      title: 'One server becomes many',
      task: 'Make an image named golden from the server SERVER as it is now, and start a server named twin from it that answers ping.',
      hints: [
        'Nova can write the disk of a server into Glance: ./lab openstack server image create --help.',
        'The image is ready when its status is active; --wait waits for it. The twin is launched like any other server, on the network provider.',
        'To answer ping the twin needs the security group ping-and-ssh.',
      ],
      answer:
        'A server image is a copy of the root disk in Glance. It has the same content, but each server made from it has its own id, address and metadata.',
    },
    changes: [],
    wanted: { servers: ['twin'], images: ['golden'] },
    check: observeOwnImage,
    solution: (lab) => [
      `./lab openstack server image create --wait --name golden ${lab.cloud.server.name}`,
      `./lab openstack server create --wait ${small(lab, 'golden')} --network ${flatNetwork} --security-group ping-and-ssh twin`,
    ],
  },
  'fixed-address': {
    kind: 'build',
    level: 1,
    texts: {
      title: 'A server at a chosen address',
      task: 'A machine outside the cloud knows only one address: ADDRESS. Start a server named door that answers ping there, on the network provider.',
      hints: [
        'An address belongs to a port, and a port can exist before its server does.',
        './lab openstack port create --fixed-ip ip-address=ADDRESS … door reserves the address.',
        'Give the port the security group ping-and-ssh, and start the server with --port in place of --network.',
      ],
      answer:
        'Neutron takes an address from the pool when a port is made, unless the request names one. A server that is given a port of its own uses the address of this port; the port stays when the server is deleted.',
    },
    changes: [],
    wanted: { servers: ['door'], ports: ['door'] },
    check: observeFixedAddress,
    solution: (lab) => [
      `./lab openstack port create --network ${flatNetwork} --fixed-ip ip-address=${lab.providerPool.end} --security-group ping-and-ssh door`,
      `./lab openstack server create --wait ${small(lab)} --port door door`,
    ],
  },
} as const satisfies Record<string, Exercise>
