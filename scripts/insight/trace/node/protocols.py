"""HTTP, memcached and MariaDB as they pass on the wire; each parser reads one direction of one connection."""

import re

import redact

VERBS = (b'GET ', b'POST ', b'PUT ', b'PATCH ', b'DELETE ', b'HEAD ')
REQUEST = re.compile(rb'(GET|POST|PUT|PATCH|DELETE|HEAD) (\S+) HTTP/1\.[01]\r\n')
ANSWER = re.compile(rb'HTTP/1\.[01] (\d{3})')
SHOWN_BODIES = ('/os-server-external-events',)


def headers_of(head):
    lines = (line.split(':', 1) for line in head.decode('latin-1').split('\r\n')[1:] if ':' in line)
    return {name.strip().lower(): value.strip() for name, value in lines}


class Http:
    """Heads of requests and answers. Bodies pass by unread, but for those that say which event is told."""

    def __init__(self, is_request, emit, _client=None):
        self.is_request = is_request
        self.emit = emit
        self.reset()

    def reset(self):
        self.head = b''
        self.skip = 0
        self.at = 0

    def feed(self, data, missing, at):
        """`missing`: bytes of this segment beyond what was captured."""
        passed = min(self.skip, len(data) + missing)
        self.skip -= passed
        data = data[passed:]
        if not data:
            return
        pattern = REQUEST if self.is_request else ANSWER
        if not self.head:
            if not self.begins(data):
                return
            self.at = at
        self.head += data
        end = self.head.find(b'\r\n\r\n')
        if end < 0:
            if len(self.head) > 65536:
                self.reset()
            return
        head, body, began = self.head[:end], self.head[end + 4 :], self.at
        headers, line = headers_of(head), pattern.match(head + b'\r\n')
        if not line:
            self.reset()
            return
        size = int(headers['content-length']) if headers.get('content-length', '').isdigit() else 0
        if self.is_request and line[2].decode('latin-1').endswith(SHOWN_BODIES) and len(body) + missing < min(size, 4096):
            return
        self.reset()
        self.skip = max(0, size - len(body) - missing)
        self.write(line, headers, body, began)

    def begins(self, data):
        """Whether a head may begin so; a segment may end within its first word."""
        starts = VERBS if self.is_request else (b'HTTP/1.',)
        return any(data.startswith(start) or start.startswith(data) for start in starts)

    def write(self, line, headers, body, at):
        shared = {
            'request_id': headers.get('x-openstack-request-id') or headers.get('x-compute-request-id'),
            'bytes': int(headers['content-length']) if headers.get('content-length', '').isdigit() else None,
        }
        if not self.is_request:
            code = int(line[1])
            if code >= 200:
                self.emit('answer', at, {'status': code, **shared})
            return
        path = line[2].decode('latin-1')
        self.emit(
            'request',
            at,
            {
                'method': line[1].decode(),
                'path': path,
                **shared,
                'token': redact.token(headers.get('x-auth-token')),
                'subject': redact.token(headers.get('x-subject-token')),
                'service_token': redact.token(headers.get('x-service-token')),
                'agent': headers.get('user-agent'),
                'body': body.decode('utf-8', 'replace')[:400] if path.endswith(SHOWN_BODIES) else None,
            },
        )


KEY = re.compile(rb'(get|gets|set|add|delete) (\S+)')
FOUND = re.compile(rb'VALUE (\S+)')


class Memcached:
    """Which key was asked for, and whether it was there. Values are never read."""

    def __init__(self, is_request, emit, _client=None):
        self.is_request = is_request
        self.emit = emit

    def reset(self):
        pass

    def feed(self, data, _missing, at):
        if self.is_request:
            asked = KEY.match(data)
            if asked:
                self.emit('cache', at, {'verb': asked[1].decode(), 'key': shorten(asked[2])})
            return
        found = FOUND.match(data)
        if found:
            self.emit('cached', at, {'key': shorten(found[1]), 'hit': True})
        elif data.startswith(b'END\r\n'):
            self.emit('cached', at, {'hit': False})


def shorten(key):
    """A token is kept under its whole SHA-256; half of it is enough to know it again."""
    return re.sub(r'(tokens/[0-9a-f]{32})[0-9a-f]{32}', r'\1', key.decode('latin-1'))[:120]


QUIET = re.compile(r'(ROLLBACK|COMMIT|BEGIN|SET |SELECT 1$|SELECT @@|SHOW )', re.I)
QUERY = 3


class MariaDb:
    """Statements, from client to server; the server's side is not recorded. Of all but Nova only those that change
    something: what the others read is much, and tells nothing of a launch."""

    def __init__(self, _is_request, emit, client=None):
        self.emit = emit
        self.reads = client is None or client.startswith('nova-')
        self.reset()

    def reset(self):
        self.buffer = b''
        self.at = 0

    def feed(self, data, missing, at):
        if missing:
            self.reset()
            return
        self.at = at if not self.buffer else self.at
        self.buffer += data
        while len(self.buffer) >= 5:
            size = int.from_bytes(self.buffer[:3], 'little')
            if len(self.buffer) < size + 4:
                if size > 4 << 20:
                    self.reset()
                return
            sequence, packet = self.buffer[3], self.buffer[4 : size + 4]
            self.buffer = self.buffer[size + 4 :]
            if sequence == 0 and packet[:1] == bytes([QUERY]) and (self.reads or packet[1:7].upper() != b'SELECT'):
                self.write(packet[1:].decode('utf-8', 'replace'))
            self.at = at

    def write(self, text):
        if not QUIET.match(text):
            self.emit('sql', self.at, {'sql': redact.statement(text), 'ids': redact.ids(text)})
