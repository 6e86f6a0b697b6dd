# Asks Keystone for a token with every set of credentials in the configuration files of this node. Prints one line for
# each: STATUS FILE SECTIONS USER ROLES; no password.
import configparser
import json
import os
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

SECONDS = float(sys.argv[1])
FILES = sys.argv[2:]


def ask(keys):
    user = {'name': keys['username'], 'password': keys['password'], 'domain': {'name': keys['user_domain_name']}}
    scope = {'project': {'name': keys['project_name'], 'domain': {'name': keys['project_domain_name']}}}
    body = {'auth': {'identity': {'methods': ['password'], 'password': {'user': user}}, 'scope': scope}}
    url = keys['auth_url'].rstrip('/')
    url += '' if url.endswith('/v3') else '/v3'
    request = Request(url + '/auth/tokens?nocatalog', json.dumps(body).encode(), {'Content-Type': 'application/json'})
    try:
        with urlopen(request, timeout=SECONDS) as answer:
            return answer.status, ','.join(role['name'] for role in json.load(answer)['token']['roles'])
    except HTTPError as error:
        return error.code, '-'
    except OSError as error:
        return 0, str(getattr(error, 'reason', error)).replace(' ', '_')


for path in FILES:
    if not os.path.exists(path):
        continue
    parser = configparser.RawConfigParser(strict=False)
    parser.read(path)
    sets = {}
    for section in parser.sections():
        keys = parser[section]
        if all(key in keys for key in ('auth_url', 'username', 'password', 'project_name')):
            signature = (keys['auth_url'], keys['username'], keys['password'], keys['project_name'])
            sets.setdefault(signature, []).append(section)
    for signature, sections in sets.items():
        status, roles = ask(parser[sections[0]])
        print(status, path, ','.join(sections), signature[1], roles or '-')
