# Runs the tests named in `selected`, `$1` at a time, in the folder of a run; what is wrong with the run itself goes to
# the file `errors`.
cd /mnt
exec 2> errors
[ -d .stestr ] || stestr init
tempest run --config-file "$PWD/tempest.conf" --load-list selected --concurrency "$1" --subunit | python3 results.py
