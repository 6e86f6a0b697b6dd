/** The environment in which the launcher calls npm: the user's settings for reaching the registry, and no others. */

/** By npm's own names: where packages come from, through what, with whose rights, kept where, and what is said. */
const kept = [
  /^(.*:)?registry$/,
  /^\/\//,
  /^(https?-|no)?proxy$/,
  /^(ca|cafile|cert|key|strict-ssl|local-address|replace-registry-host)$/,
  /^(_auth|_authtoken|username|_password|email|otp|always-auth)$/,
  /^(userconfig|globalconfig)$/,
  /^(cache|offline|prefer-offline|prefer-online|maxsockets|fetch-.*)$/,
  /^(logs-dir|logs-max|progress|color|unicode|timing)$/,
]

function isKept(name) {
  if (/^(npm_(lifecycle|package|command|execpath|node_execpath)|node_env$|init_cwd$)/i.test(name)) return false
  const setting = /^npm_config_(.*)$/i.exec(name)?.[1]
  if (setting === undefined) return true
  // npm takes _ for -, but at the beginning.
  const named = setting.startsWith('//') ? setting : setting.toLowerCase().replace(/(?!^)_/g, '-')
  return kept.some((pattern) => pattern.test(named))
}

/** `root`: the checkout, which .npmrc finds by PWD. */
export function npmEnvironment(given, root) {
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => isKept(name)))
  return { ...rest, PWD: root, COREPACK_ENABLE_DOWNLOAD_PROMPT: '0' }
}
