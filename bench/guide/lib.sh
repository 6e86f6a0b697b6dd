# Functions for all scripts of the guide's way: setting keys, waiting, and talking to the cloud as a person would.
export OS_USERNAME=admin OS_PASSWORD=$PASS OS_PROJECT_NAME=admin OS_USER_DOMAIN_NAME=Default
export OS_PROJECT_DOMAIN_NAME=Default OS_AUTH_URL=http://controller:5000/v3 OS_IDENTITY_API_VERSION=3
export LC_ALL=C.UTF-8

# set_keys FILE SECTION KEY=VALUE...: one crudini a key.
set_keys() {
  local file=$1 section=$2 pair
  shift 2
  for pair; do crudini --set "$file" "$section" "${pair%%=*}" "${pair#*=}"; done
}

# credentials FILE SECTION USER: how one service signs in for itself.
credentials() {
  set_keys "$1" "$2" auth_url=http://controller:5000 auth_type=password project_domain_name=Default \
    user_domain_name=Default project_name=service "username=$3" "password=$PASS" region_name=RegionOne
}

# authtoken FILE USER
authtoken() {
  set_keys "$1" keystone_authtoken www_authenticate_uri=http://controller:5000 memcached_servers=controller:11211
  credentials "$1" keystone_authtoken "$2"
}

# database NAME USER
database() {
  mariadb -e "CREATE DATABASE $1 CHARACTER SET utf8mb3; GRANT ALL ON $1.* TO '$2'@'localhost' IDENTIFIED BY '$PASS'; GRANT ALL ON $1.* TO '$2'@'%' IDENTIFIED BY '$PASS';"
}

# register USER TYPE NAME URL: user, role, service, three endpoints.
register() {
  openstack user create --domain default --password "$PASS" "$1" >/dev/null
  openstack role add --project service --user "$1" admin
  openstack service create --name "$3" "$2" >/dev/null
  local interface
  for interface in public internal admin; do
    openstack endpoint create --region RegionOne "$2" $interface "$4" >/dev/null
  done
}

# as USER COMMAND...
as() {
  runuser -u "$1" -- "${@:2}"
}

# until_true SECONDS COMMAND...: asks every second.
until_true() {
  local end=$((SECONDS + $1 * TIME_SCALE))
  shift
  until "$@"; do
    ((SECONDS < end)) || { echo "gave up waiting: $*" >&2; return 1; }
    sleep 1
  done
}

answers() { curl -s -o /dev/null "$1"; }

# start UNIT...: what was not enabled by its package is.
start() {
  systemctl -q enable "$@" 2>/dev/null
  systemctl restart "$@"
}
