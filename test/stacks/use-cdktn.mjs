/** Preloaded: an import of `cdktf` resolves to its successor `cdktn`, as with the alias `npm:cdktn`. */

import Module, { register } from 'node:module'

const swap = (specifier) =>
  specifier === 'cdktf' || specifier.startsWith('cdktf/') ? specifier.replace('cdktf', 'cdktn') : specifier

const resolveFilename = Module._resolveFilename
Module._resolveFilename = (request, ...rest) => resolveFilename.call(Module, swap(request), ...rest)

const hooks = `export const resolve = (specifier, context, next) => next(/^cdktf(\\/|$)/.test(specifier) ? specifier.replace('cdktf', 'cdktn') : specifier, context)`
register(`data:text/javascript,${encodeURIComponent(hooks)}`)
