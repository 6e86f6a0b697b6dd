"""
Patches of installed Python on one node. The caller sets `request`; the answer is one line of JSON. A patch is applied to
copies first; what it replaces is kept in a record beside it, so that it can be put back byte for byte.
"""

import fcntl
import hashlib
import json
import os
import py_compile
import shutil
import subprocess
import tempfile

site = request.get('site', '/usr/lib/python3/dist-packages')
kept = request.get('kept', '/var/lib/duostack/patches')


class Refused(Exception):
    pass


def sha256(path):
    with open(path, 'rb') as file:
        return hashlib.sha256(file.read()).hexdigest()


def write(path, data):
    part = path + '.part'
    with open(part, 'wb') as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


class Record:
    def __init__(self, service, folder):
        self.service, self.path = service, os.path.join(kept, service, folder)
        self.number, self.name = folder.split('-', 1)
        self.done = os.path.exists(self.path + '/done')
        with open(self.path + '/files') as file:
            # Path -> SHA-256 afterwards, null of a removed file, '' of one that was not reached yet.
            self.files = json.load(file)

    def before(self, path):
        return os.path.join(self.path, 'before', path)


def records(service=None):
    services = [service] if service else sorted(os.listdir(kept)) if os.path.isdir(kept) else []
    found = []
    for one in services:
        folder = os.path.join(kept, one)
        names = sorted(name for name in os.listdir(folder) if name[0] != '.') if os.path.isdir(folder) else []
        found += [Record(one, name) for name in names]
    return found


def expect_inside(path):
    """No link leads out of the packages, and no link is replaced."""
    own = os.path.join(os.path.realpath(site), path.split('/')[0])
    folder = os.path.realpath(os.path.join(site, os.path.dirname(path)))
    if folder != own and not folder.startswith(own + '/'):
        raise Refused(f'{path} leads to {folder}, out of {own}')
    if not os.path.isdir(own):
        raise Refused(f'{own} is not there')
    if os.path.islink(os.path.join(site, path)):
        raise Refused(f'{path} is a link to {os.readlink(os.path.join(site, path))}')


def patched(work):
    """The patch on copies of its files, in the folder `work`."""
    for path in request['files']:
        expect_inside(path)
        os.makedirs(os.path.join(work, os.path.dirname(path)), exist_ok=True)
        if os.path.exists(os.path.join(site, path)):
            shutil.copy2(os.path.join(site, path), os.path.join(work, path))
    command = ['patch', '-p1', '--batch', '--forward', '--fuzz=0', '--no-backup-if-mismatch', '--reject-file=-']
    if not shutil.which('patch'):
        raise Refused('the program patch is not installed')
    done = subprocess.run(
        command + ['-d', work], input=request['patch'].encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode:
        raise Refused('it does not apply: ' + done.stdout.decode(errors='replace').strip())
    for path in request['files']:
        copy = os.path.join(work, path)
        if path.endswith('.py') and os.path.exists(copy):
            try:
                py_compile.compile(copy, cfile=os.path.join(work, '.pyc'), dfile=path, doraise=True)
            except py_compile.PyCompileError as error:
                raise Refused(f'{path} does not compile afterwards: {str(error).strip()}')


def put(path, source):
    """`source` in its place, null: nothing; with its byte code, which the service's user cannot write itself."""
    target = os.path.join(site, path)
    if source is None:
        if os.path.lexists(target):
            os.remove(target)
    else:
        make_folders(os.path.dirname(path))
        shutil.copy2(source, target + '.part')
        os.replace(target + '.part', target)
    if not path.endswith('.py'):
        return
    code = os.path.join(site, os.path.dirname(path), '__pycache__')
    stem = os.path.basename(path)[:-3] + '.'
    for name in os.listdir(code) if os.path.isdir(code) else []:
        if name.startswith(stem):
            os.remove(os.path.join(code, name))
    if source is not None:
        py_compile.compile(target)


def make_folders(folder):
    if not os.path.isdir(os.path.join(site, folder)):
        make_folders(os.path.dirname(folder))
        os.mkdir(os.path.join(site, folder), 0o755)


def remove_empty(folder):
    """Folders that a patch made; an installed package has none that are empty."""
    while folder:
        full = os.path.join(site, folder)
        names = os.listdir(full) if os.path.isdir(full) else ['']
        if names == ['__pycache__'] and not os.listdir(full + '/__pycache__'):
            os.rmdir(full + '/__pycache__')
        elif names:
            return
        os.rmdir(full)
        folder = os.path.dirname(folder)


def write_sums():
    """What each record should find in its files, as sha256sum reads it. A file is looked at for its newest patch."""
    every, newest = records(), {}
    for record in every:
        for path in record.files:
            newest[path] = record
    for record in every:
        mine = [(path, sum) for path, sum in record.files.items() if newest[path] is record and sum]
        lines = [f'{sum}  {os.path.join(site, path)}\n' for path, sum in mine]
        write(record.path + '/sums', ''.join(lines).encode())


def find(name):
    for record in records(request['service']):
        if record.name == name:
            return record
    return None


def check(work):
    """True where the same patch is in place already."""
    known = find(request['name'])
    if known:
        with open(known.path + '/patch', 'rb') as file:
            same = file.read() == request['patch'].encode()
        if same and known.done:
            return True
        if known.done:
            raise Refused('another patch of this name is in place: revert that one first')
    for record in records(request['service']):
        if not record.done:
            raise Refused(f'{record.name} was cut off in the middle: revert it first')
    patched(work)
    return False


def apply(work):
    if check(work):
        return {'same': True}
    others = records(request['service'])
    number = int(others[-1].number) + 1 if others else 1
    folder = os.path.join(kept, request['service'])
    os.makedirs(folder, mode=0o700, exist_ok=True)
    shutil.rmtree(os.path.join(folder, '.part'), ignore_errors=True)
    part = os.path.join(folder, '.part')
    os.mkdir(part)
    for path in request['files']:
        if os.path.exists(os.path.join(site, path)):
            os.makedirs(os.path.join(part, 'before', os.path.dirname(path)), exist_ok=True)
            shutil.copy2(os.path.join(site, path), os.path.join(part, 'before', path))
    files = {}
    for path in request['files']:
        copy = os.path.join(work, path)
        files[path] = sha256(copy) if os.path.exists(copy) else None
        if files[path] and not os.path.exists(os.path.join(site, path)):
            os.chmod(copy, 0o644)
    write(part + '/files', json.dumps(files).encode())
    write(part + '/patch', request['patch'].encode())
    write(part + '/sums', b'')
    record = os.path.join(folder, f'{number:03}-{request["name"]}')
    os.replace(part, record)
    for path in request['files']:
        put(path, os.path.join(work, path) if files[path] else None)
    write_sums()
    write(record + '/done', b'')
    return {'same': False}


def expect_last(record):
    """What a later patch builds on stays."""
    mine = False
    for other in records(record.service):
        if mine and set(other.files) & set(record.files):
            raise Refused(f'{other.name} changes the same file and came later: revert that one first')
        mine = mine or other.path == record.path


def check_revert():
    record = find(request['name'])
    if record:
        expect_last(record)
    return {'there': record is not None}


def revert():
    """Files that were changed since by somebody else, as by an update of the package, are left as they are."""
    record = find(request['name'])
    if not record:
        return {'there': False, 'left': []}
    expect_last(record)
    left = []
    for path, after in record.files.items():
        target = os.path.join(site, path)
        now = sha256(target) if os.path.exists(target) else None
        before = record.before(path) if os.path.exists(record.before(path)) else None
        if record.done and now != after and now != (sha256(before) if before else None):
            left.append(path)
            continue
        put(path, before)
        if not before:
            remove_empty(os.path.dirname(path))
    gone = os.path.join(kept, record.service, '.part')
    shutil.rmtree(gone, ignore_errors=True)
    os.replace(record.path, gone)
    shutil.rmtree(gone)
    write_sums()
    for folder in (os.path.join(kept, record.service), kept, os.path.dirname(kept)):
        if not os.listdir(folder):
            os.rmdir(folder)
    return {'there': True, 'left': left}


def describe(record):
    with open(record.path + '/patch') as file:
        text = file.read()
    return {
        'service': record.service,
        'name': record.name,
        'files': list(record.files),
        'patch': text,
    }


def work_in_copies(action):
    with tempfile.TemporaryDirectory(prefix='duostack-patch-') as work:
        return action(work)


actions = {
    'check': lambda: {'same': work_in_copies(check)},
    'apply': lambda: work_in_copies(apply),
    'check-revert': check_revert,
    'revert': revert,
    'list': lambda: {'patches': [describe(record) for record in records()]},
}


def answer():
    try:
        return actions[request['action']]()
    except Refused as refused:
        return {'refused': str(refused)}


os.umask(0o022)
lock = os.open(request.get('lock', '/run/duostack-patch.lock'), os.O_CREAT | os.O_WRONLY, 0o600)
fcntl.flock(lock, fcntl.LOCK_EX)
print(json.dumps(answer()))
