/** What is known of a service before there is a lab, by everybody who has to know it: one table, service-profiles.ts. */

export interface ServiceProfile {
  /** A sentence for the reference of the declaration. */
  note: string
  /** Its row in docs/reference/features.md: what it is for, and in which words of the OpenStack client. */
  feature?: { what: string; words: string }
  /** It can be switched in `lab_services`, and is this where nothing is said. Absent: every lab has it. */
  optional?: 'on' | 'off'
  /** TCP ports on the controller's management address, by the name of the listener. */
  ports?: Readonly<Record<string, number>>
  /** Its names in ansible-vars/secrets.yml; tests expect `<user>_password` and `<user>_database_password`. */
  secrets?: readonly string[]
  /** Of them, those that encrypt what is kept: they cannot be rotated without losing it. */
  dataKeys?: readonly string[]
  /** Packages for the node image. Their dependencies come by themselves. */
  packages: readonly string[]
  /** What a person would ask the version of, and the package that tells it. */
  versions?: Readonly<Record<string, string>>
  /** The package with its client on this machine. */
  client?: string
  /** Roles that an ordinary user needs for it; the project demo's has them. */
  userRoles?: readonly string[]
  /** Its panels in the dashboard: a package, and lines of Python for the dashboard's settings. */
  dashboard?: { package: string; settings: readonly string[] }
  /** Its own Python packages, which no other service loads: `./lab patch` changes these alone. */
  python?: readonly string[]
  /** Log files on its nodes, as shell patterns. */
  logs?: readonly string[]
  /** Folders on its nodes that grow with use: the doctor looks whether their disk is full. */
  folders?: readonly string[]
  /**
   * Every INI file that it writes, whatever the nodes are, which lab_config_overrides may change; with its list in
   * known-options.json, null where there is none to ask. Its daemons may read several of one kind as if they were one.
   */
  iniFiles?: Readonly<Record<string, string | null>>
  /** What answers over HTTP; the first one stands for the service. */
  apis?: readonly Api[]
  /** Its entries in the catalog, and a request to each that needs the database and a valid token. */
  catalog?: readonly CatalogProfile[]
  /** Daemons that report to it, and where it says so. */
  daemons?: DaemonsProfile
  /** MiB of one worker process, as docs/dev/speed.md has measured the unit with one; it runs `lab_api_workers` of them. */
  workerMiB?: number
  /** Measured time of its part in a whole `up`, in containers. */
  seconds?: number
}

export interface Api {
  listener: string
  unit: string
  /** A path that answers below 500 without a token. */
  path: string
  /** Its log; default `/var/log/<service>/<unit>.log`. */
  log?: string
}

export interface CatalogProfile {
  /** `image` */
  type: string
  /** Absent: an API that no token opens. Any answer below 500 is a good one then. */
  question?: string
}

export interface DaemonsProfile {
  /** Of the check that observes them, and how a person calls them: `volumes`, `volume services`. */
  id: string
  what: string
  /** Catalog type and path of the list. */
  type: string
  path: string
  /** What the list calls a daemon -> its unit: expected wherever the service's own data has that unit. */
  units: Readonly<Record<string, string>>
}
