/** Measured times of one whole `up`, for the estimate on a machine that has built no lab yet. */

/**
 * Seconds by `stack/name`, as in .lab/timings.json: container nodes, everything in the cache, 3 min 50 s in all. The
 * machine (AMD EPYC, 24 GB) had other work beside it.
 */
export const measured: { where: string; seconds: Readonly<Record<string, number>> } = {
  where: '2 cores, 2026-11',
  seconds: {
    'nodes/whole': 6.2,
    'services/base': 1.8,
    'services/chrony': 12,
    'services/mariadb': 7.3,
    'services/rabbitmq': 29.2,
    'services/memcached': 6.6,
    'services/keystone': 22,
    'services/glance': 23.9,
    'services/placement': 19.1,
    'services/nova': 121.2,
    'services/neutron': 84.9,
    'services/cinder': 82.8,
    'services/horizon': 12.5,
    'services/demo': 4.3,
    'cloud/whole': 24.7,
    'verify/all': 13.2,
  },
}
