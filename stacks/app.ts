/** The cdktf app with the three stacks in order, each with its state file in the checkout. */

import { join } from 'node:path'
import { App, type AppConfig, LocalBackend } from 'cdktf'
import type { Lab } from '../scripts/declaration/lab.ts'
import type { Secrets } from '../scripts/declaration/secret-names.ts'
import { CloudStack } from './cloud.ts'
import { NodesStack } from './nodes.ts'
import { ServicesStack } from './services.ts'

/** Pure except for the lab's public key, which it reads if it exists. Nothing is written before `synth()`. */
export function buildApp(lab: Lab, secrets: Secrets, config: AppConfig = {}): App {
  // cdktf's validation runs a program called `terraform` several times for its version: it takes a second, and fails if
  // the program has another name. prepare has chosen the program and knows its version.
  const app = new App({ skipValidation: true, ...config })
  const nodes = new NodesStack(app, 'nodes', lab)
  const services = new ServicesStack(app, 'services', lab, secrets)
  const cloud = new CloudStack(app, 'cloud', lab)
  services.addDependency(nodes)
  cloud.addDependency(services)
  for (const stack of [nodes, services, cloud]) {
    // In the checkout, whatever folder cdktf runs in.
    new LocalBackend(stack, { path: join(lab.paths.terraform, `${stack.node.id}.tfstate`) })
  }
  return app
}
