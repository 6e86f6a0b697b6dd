# Files on a node: what differs, and how they are put right.

# file_right PATH SHA256|directory "OWNER:GROUP MODE": says what differs.
file_right() {
  local path=$1 sum=$2 want=$3 kind owner wrong=()
  IFS=$'\t' read -r owner kind <<<"${file_state[$path]}" || true
  [[ -n $owner ]] || { echo 'is missing'; return 1; }
  if [[ $sum == directory ]]; then
    [[ $kind == directory ]] || { echo "is a $kind, not a directory"; return 1; }
  else
    [[ $kind == regular* ]] || { echo "is a $kind, not a file"; return 1; }
    [[ ${file_sum[$path]} == "$sum" ]] || wrong+=('its content differs')
  fi
  [[ $owner == "$want" ]] || wrong+=("it is $owner, not $want")
  ((!${#wrong[@]})) || { printf '%s\n' "${wrong[@]}"; return 1; }
}

# A link could lead the write anywhere, and what stands in its place was put there by somebody else.
refuse_other() {
  [[ ! -L $1 ]] || { echo "$1 is a symbolic link to $(readlink -- "$1"); it is not replaced: remove it if it is not yours"; return 1; }
  [ ! -e "$1" ] || [ "$2" "$1" ] || { echo "$1 is $(stat -c %F -- "$1"); it is not replaced"; return 1; }
}

# write_file PATH SHA256 OWNER:GROUP MODE <base64 on stdin>: whole or not at all, never readable by others in between.
write_file() {
  local path=$1 sum=$2 owner=$3 mode=$4 folder=${1%/*} name=${1##*/} temporary
  refuse_other "$path" -f
  # Only the owner is wrong: the content, and with it the file's time, stays.
  if [[ -f $path && $(sha256sum <"$path") == "$sum "* ]]; then
    chown -- "$owner" "$path"
    chmod -- "$mode" "$path"
  else
    mkdir -p -- "${folder:-/}"
    rm -f -- "$folder/.$name.duostack."??????
    temporary=$(mktemp -- "$folder/.$name.duostack.XXXXXX")
    base64 -d >"$temporary"
    chown -- "$owner" "$temporary" && chmod -- "$mode" "$temporary" && mv -fT -- "$temporary" "$path" || {
      rm -f -- "$temporary"
      return 1
    }
  fi
  [[ $path != "$systemd_directory"/* ]] || : >"$work/reload"
}

# make_directory PATH OWNER:GROUP MODE
make_directory() {
  refuse_other "$1" -d
  mkdir -p -- "$1"
  chown -- "$2" "$1"
  chmod -- "$3" "$1"
}
