# Checks whether the Node.js on PATH is a version that the lab supports, and says how to install one. Sourced by the
# launcher.

# How the system of the os-release file $2 gets it, by the table $1. The archives of the others have Node.js 12 or 18.
node_install() {
  # shellcheck disable=SC1090
  system=$(. "$2" 2>/dev/null && echo "${ID-} ${VERSION_ID-}") || system=
  while read -r id version command; do
    case "$id $version" in
      "$system" | '* *') echo "$command" && return ;;
    esac
  done <"$1"
}

# $1: the checkout, $2: the os-release file. Says what does not fit and what to do.
check_node() {
  found="Node.js $(node --version 2>/dev/null) ($(command -v node))" || found='no Node.js'
  if node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit((major === 20 && minor >= 19) || major === 22 ? 0 : 1)' 2>/dev/null; then
    command -v npm >/dev/null 2>&1 && return
    found="$found without npm"
  fi
  echo "lab: found $found
    needed: Node.js 20.19 or later, or 22, with npm (the CDKTF command line runs on these alone)
    hint: $(node_install "$1/scripts/host/node-install.txt" "$2")" >&2
  return 1
}
