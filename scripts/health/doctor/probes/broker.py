# Logs in to the message broker as each service of this node would, with the URL from its own configuration file, and
# sees whether it may publish. Prints one line for each URL: WORD FILES DETAIL; no password.
import configparser
import os
import socket
import sys
from urllib.parse import unquote, urlsplit

import amqp

SECONDS = float(sys.argv[1])
FILES = sys.argv[2:]


def transport_url(path):
    parser = configparser.RawConfigParser(strict=False)
    parser.read(path)
    return parser.get('DEFAULT', 'transport_url', fallback='')


def look(url):
    parts = urlsplit(url)
    at = f'{parts.hostname}:{parts.port or 5672}'
    connection = amqp.Connection(
        host=at,
        userid=unquote(parts.username or ''),
        password=unquote(parts.password or ''),
        virtual_host=unquote(parts.path[1:]) or '/',
        connect_timeout=SECONDS,
        read_timeout=SECONDS,
        write_timeout=SECONDS,
    )
    blocked = []
    connection.on_blocked = lambda reason: blocked.append(reason)
    try:
        connection.connect()
        # To a queue that does not exist: the broker drops it, but only a publisher is told that publishing is blocked.
        connection.channel().basic_publish(amqp.Message(''), routing_key='duostack-doctor')
        try:
            connection.drain_events(timeout=0.2)
        except (socket.timeout, TimeoutError):
            pass
        return ('blocked', f'{at} {blocked[0]}') if blocked else ('ok', at)
    finally:
        connection.close() if not blocked else connection.collect()


urls = {}
for path in FILES:
    if os.path.exists(path) and transport_url(path):
        urls.setdefault(transport_url(path), []).append(path)
for url, paths in urls.items():
    at = url.rsplit('@', 1)[-1].rstrip('/')
    try:
        word, detail = look(url)
    except amqp.AccessRefused as error:
        word, detail = 'refused', f'{at} {error}'
    except OSError as error:
        # The library's own word for a connection that ends without an answer is an error without a number.
        word = 'dropped' if isinstance(error, ConnectionResetError) or 'closed connection' in str(error) else 'unreachable'
        detail = f'{at} {error}'
    except Exception as error:
        word, detail = 'failed', f'{at} {type(error).__name__} {error}'
    print(word, ','.join(paths), ' '.join(detail.split()))
