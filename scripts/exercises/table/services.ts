/** Exercises in which one service does not do its work. */

import { urlOf } from '../../declaration/endpoints.ts'
import { consoleCheck } from '../../health/verify/console.ts'
import { dashboardCheck } from '../../health/verify/dashboard.ts'
import { nodeBreaks } from '../breaks.ts'
import { observeImages, observeOnce, observeSignIn, observeVolume } from '../checks.ts'
import { imageEndpointWrong, volumeServicesDisabled } from '../cloud-changes.ts'
import type { Exercise } from '../exercise.ts'
import { editedFile } from '../node-changes.ts'
import { onController } from '../solutions.ts'

export const services = {
  'no-sign-in': {
    kind: 'repair',
    level: 2,
    texts: {
      title: 'Nobody can sign in',
      task: '"No command works any more, neither as admin nor as demo: the answer is an error of the server, not of my password. The dashboard does not let me in, either."',
      hints: [
        'Every command begins with a token from Keystone. So it is Keystone that fails: ./lab logs keystone --level ERROR.',
        'Keystone answers, finds its database and your user, and fails when it makes the token. What does it make tokens with?',
        'Fernet tokens are encrypted with keys. Keystone reads them from /etc/keystone/fernet-keys on the controller. Look what is there, and what is beside it.',
      ],
      answer:
        'The folder with the Fernet keys had another name. Keystone encrypts every token with the newest key and stores none of them, so without keys there are no tokens. Moving the folder back helps; so do new keys (keystone-manage fernet_setup), but then the tokens of before are worthless.',
    },
    changes: [nodeBreaks['keystone-keys']],
    check: observeSignIn,
    solution: (lab) => onController(lab, 'mv /etc/keystone/fernet-keys.away /etc/keystone/fernet-keys'),
  },
  'no-images-1': {
    kind: 'repair',
    level: 1,
    texts: {
      title: 'No images, part 1',
      task: '"./lab openstack image list fails: the connection is refused. All other lists work. The status says that glance-api is active."',
      hints: [
        'Does the service listen at all? ./lab ssh controller ss -ltn shows the ports; Glance has 9292.',
        'It listens, and on the controller itself it answers. From another node it does not. What stands between?',
        'Read the packet filter of the controller: ./lab ssh controller iptables -S INPUT.',
      ],
      answer:
        'A rule of the packet filter on the controller rejected all packets to port 9292 that come through eth0. The service is active and listens, and whoever asks from outside is told that nobody does.',
    },
    changes: [nodeBreaks['api-silent']],
    check: observeImages,
    solution: (lab) => onController(lab, 'iptables -D INPUT -i eth0 -p tcp --dport 9292 -j REJECT'),
  },
  'no-images-2': {
    kind: 'repair',
    level: 2,
    texts: {
      title: 'No images, part 2',
      task: '"./lab openstack image list fails: the connection is refused. But glance-api is active, listens on port 9292, and answers when I ask it with curl."',
      hints: [
        'Compare the address in the error with the one at which Glance listens.',
        'From where does the client know the address? Lesson 1 explains the catalog: ./lab openstack catalog show glance.',
        'One of the three endpoints of Glance has a wrong URL: ./lab openstack endpoint list --service glance, then ./lab openstack endpoint set --url URL ID.',
      ],
      answer:
        "The public endpoint of Glance in Keystone's catalog had the wrong port. A client gets the catalog with its token and asks where the catalog says. The services use the internal endpoint, so they noticed nothing.",
    },
    changes: [imageEndpointWrong],
    check: observeImages,
    solution: (lab) => [
      `./lab openstack endpoint set --url ${urlOf(lab, 'glance')} $(./lab openstack endpoint list --service glance --interface public -f value -c ID)`,
    ],
  },
  'no-volumes': {
    kind: 'repair',
    level: 1,
    needs: ['cinder'],
    texts: {
      title: 'Volumes that cannot be made',
      task: '"Every new volume goes to the state error within seconds. The volumes that exist work, and there is enough room."',
      hints: [
        'Who decides where a volume is put? Lesson 3 names the services of Cinder. Read their logs: ./lab logs cinder --since 15m.',
        'The scheduler finds no backend, although one is there. What does Cinder say about its services? ./lab openstack volume service list.',
        'Look at the column Status, not only at State: a service can be up and disabled. ./lab openstack volume service set --help.',
      ],
      answer:
        'The volume service was disabled. An operator does this before maintenance: what exists goes on working, and nothing new is put there. The scheduler had no other backend, so every new volume failed.',
    },
    changes: [volumeServicesDisabled],
    check: observeVolume,
    solution: () => [
      'for host in $(./lab openstack volume service list --service cinder-volume -f value -c Host); do ./lab openstack volume service set --enable $host cinder-volume; done',
    ],
  },
  'no-console': {
    kind: 'repair',
    level: 2,
    texts: {
      title: 'A console that stays black',
      task: '"Nova gives me the address of the console of SERVER, but there is no page. The server runs and answers ping."',
      hints: [
        'The address leads to a proxy on the controller. Which unit is it, and does it run? ./lab status, and ./lab openstack console url show SERVER.',
        'It runs, or tries to. What does it say when it starts? ./lab ssh controller journalctl -u nova-novncproxy.',
        'The package can start one of several proxies. Which one is chosen in /etc/default/nova-consoleproxy?',
      ],
      answer:
        'In /etc/default/nova-consoleproxy the proxy for SPICE was chosen. The servers here offer VNC, and Nova hands out addresses of the VNC proxy, where nobody listened.',
    },
    changes: [nodeBreaks['console-proxy']],
    check: observeOnce(consoleCheck),
    solution: (lab) =>
      onController(
        lab,
        `'sed -i s/spicehtml5/novnc/ /etc/default/nova-consoleproxy; systemctl restart nova-novncproxy'`,
      ),
  },
  'no-dashboard': {
    kind: 'repair',
    level: 2,
    needs: ['horizon'],
    texts: {
      title: 'A dashboard that lets nobody in',
      task: '"The login page of the dashboard opens. With the right password it says that it cannot sign me in, or shows an error. With the client I can sign in."',
      hints: [
        'The dashboard is a client like any other. Which service does it ask when you sign in, and at which address?',
        'Its errors are in the log of Apache on the controller: /var/log/apache2/error.log.',
        'Look for OPENSTACK_KEYSTONE_URL in the settings of the dashboard below /etc/openstack-dashboard, and compare the port with the one in ./lab openstack catalog show keystone.',
      ],
      answer:
        "OPENSTACK_KEYSTONE_URL in the dashboard's settings had the wrong port. The page itself needs nothing but Apache; only the sign-in asks Keystone.",
    },
    changes: [
      editedFile(
        'controller',
        '/etc/openstack-dashboard/local_settings.d/_0100_duostack.py',
        's/^\\(OPENSTACK_KEYSTONE_URL = .*\\):5000/\\1:5999/',
        'apache2',
      ),
    ],
    check: observeOnce(dashboardCheck),
    solution: (lab) =>
      onController(
        lab,
        `'sed -i s/:5999/:5000/ /etc/openstack-dashboard/local_settings.d/_0100_duostack.py; systemctl restart apache2'`,
      ),
  },
} as const satisfies Record<string, Exercise>
