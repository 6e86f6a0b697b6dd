/** Measured times of one whole `up`, for the estimate on a machine that has built no lab yet. */

/** Seconds by `stack/name`, as in .lab/timings.json; container nodes, everything in the cache. */
export const measured: { where: string; seconds: Readonly<Record<string, number>> } = {
  where: 'a machine with 2 cores',
  seconds: {
    'nodes/whole': 10,
    'services/base': 3,
    'services/chrony': 4,
    'services/mariadb': 12,
    'services/rabbitmq': 20,
    'services/memcached': 4,
    'services/keystone': 15,
    'services/glance': 25,
    'services/placement': 18,
    'services/nova': 60,
    'services/neutron': 60,
    'services/cinder': 60,
    'services/horizon': 10,
    'services/demo': 8,
    'cloud/whole': 50,
    'verify/all': 10,
  },
}
