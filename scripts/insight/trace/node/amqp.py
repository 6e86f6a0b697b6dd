"""AMQP 0-9-1 as RabbitMQ and oslo.messaging speak it: who published what for which queue, and who was given it."""

import json
import struct

import redact

METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
END = 0xCE
PUBLISH, DELIVER, CONSUME = (60, 40), (60, 60), (60, 20)


def short_string(data, at):
    size = data[at]
    return data[at + 1 : at + 1 + size].decode('utf-8', 'replace'), at + 1 + size


class Amqp:
    """One direction of one connection. A capture begins in the midst of it: bytes are dropped until a frame fits."""

    def __init__(self, _is_request, emit, _client=None):
        self.emit = emit
        self.reset()

    def reset(self):
        self.buffer = b''
        self.pending = {}

    def feed(self, data, missing, at):
        if missing:
            self.reset()
            return
        self.buffer += data
        while len(self.buffer) >= 8:
            kind, channel, size = struct.unpack('>BHI', self.buffer[:7])
            if kind not in (METHOD, HEADER, BODY, HEARTBEAT) or size > 1 << 20:
                self.reset()
                return
            if len(self.buffer) < size + 8:
                return
            payload, end = self.buffer[7 : size + 7], self.buffer[size + 7]
            if end != END:
                self.reset()
                return
            self.buffer = self.buffer[size + 8 :]
            self.take(kind, channel, payload, at)

    def take(self, kind, channel, payload, at):
        if kind == METHOD:
            self.take_method(struct.unpack('>HH', payload[:4]), channel, payload, at)
        elif kind == HEADER and channel in self.pending:
            self.pending[channel]['size'] = struct.unpack('>Q', payload[4:12])[0]
        elif kind == BODY and channel in self.pending:
            message = self.pending[channel]
            message['body'] += payload
            if len(message['body']) >= message['size']:
                self.write(self.pending.pop(channel))

    def take_method(self, method, channel, payload, at):
        if method == PUBLISH:
            exchange, after = short_string(payload, 6)
            key, _ = short_string(payload, after)
            self.pending[channel] = {'kind': 'publish', 'at': at, 'exchange': exchange, 'key': key, 'body': b'', 'size': 0}
        elif method == DELIVER:
            tag, after = short_string(payload, 4)
            exchange, after = short_string(payload, after + 9)
            key, _ = short_string(payload, after)
            self.pending[channel] = {'kind': 'deliver', 'at': at, 'exchange': exchange, 'key': key, 'body': b'', 'size': 0}
        elif method == CONSUME:
            queue, _ = short_string(payload, 6)
            self.emit('consume', at, {'queue': queue})

    def write(self, message):
        shown = {'exchange': message['exchange'], 'key': message['key'], **read_message(message['body'])}
        self.emit(message['kind'], message['at'], shown)


def remote_object(arguments):
    """What Nova's conductor is asked to do for another: `Instance.save`."""
    method = arguments.get('objmethod')
    instance = arguments.get('objinst')
    name = arguments.get('objname') or (instance.get('nova_object.name') if isinstance(instance, dict) else None)
    return f'{name}.{method}' if method and name else None


def read_message(body):
    """oslo.messaging's own envelope: a call carries _msg_id and _reply_q, an answer _msg_id alone, a cast neither."""
    try:
        outer = json.loads(body)
        inner = json.loads(outer['oslo.message']) if 'oslo.message' in outer else outer
    except (ValueError, TypeError, KeyError):
        return {'bytes': len(body)}
    failure = inner.get('failure')
    if failure:
        failure = json.loads(failure) if isinstance(failure, str) else failure
        failure = f"{failure.get('class')}: {str(failure.get('message'))[:200]}"
    return {
        'bytes': len(body),
        'method': inner.get('method'),
        'object': remote_object(inner.get('args') or {}),
        'msg_id': inner.get('_msg_id'),
        'reply_q': inner.get('_reply_q'),
        'unique_id': inner.get('_unique_id'),
        'request_id': inner.get('_context_request_id'),
        'global_request_id': inner.get('_context_global_request_id'),
        'failure': failure or None,
        'ending': inner.get('ending'),
        'ids': redact.ids(body.decode('utf-8', 'replace')),
    }
