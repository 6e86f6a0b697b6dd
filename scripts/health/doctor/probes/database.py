# Logs in to each database with the URL from the service's own configuration file. Prints one line for each:
# CODE FILE SECTION USER DETAIL, code 0 where it worked; no password.
import configparser
import os
import sys
from urllib.parse import unquote, urlsplit

import pymysql

SECONDS = int(float(sys.argv[1]))
# FILE:SECTION
PLACES = [place.rsplit(':', 1) for place in sys.argv[2:]]

for path, section in PLACES:
    if not os.path.exists(path):
        continue
    parser = configparser.RawConfigParser(strict=False)
    parser.read(path)
    url = urlsplit(parser.get(section, 'connection', fallback=''))
    if not url.hostname:
        continue
    try:
        pymysql.connect(
            host=url.hostname,
            port=url.port or 3306,
            user=unquote(url.username or ''),
            password=unquote(url.password or ''),
            database=url.path[1:],
            connect_timeout=SECONDS,
            read_timeout=SECONDS,
        ).close()
        code, detail = 0, 'ok'
    except pymysql.MySQLError as error:
        code, detail = error.args[0] or 1, error.args[-1]
        # Sent before the handshake, and the library then cuts off its beginning.
        detail = 'Too many connections' if code == 1040 else detail
    print(code, path, section, url.username, ' '.join(str(detail).split()))
