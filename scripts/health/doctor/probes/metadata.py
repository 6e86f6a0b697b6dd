# Asks Nova for an instance's metadata exactly as Neutron's metadata agent would, with the secret from the agent's own
# file. Prints: answer STATUS; same yes|no (is Nova's secret the agent's); proxy VALUE (service_metadata_proxy).
import configparser
import hashlib
import hmac
import subprocess
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

SECONDS = float(sys.argv[1])


def read(path):
    parser = configparser.RawConfigParser(strict=False)
    parser.read(path)
    return parser


agent = read('/etc/neutron/metadata_agent.ini')['DEFAULT']
nova = read('/etc/nova/nova.conf')
secret = agent.get('metadata_proxy_shared_secret', '')
print('same', 'yes' if secret == nova.get('neutron', 'metadata_proxy_shared_secret', fallback='') else 'no')
print('proxy', nova.get('neutron', 'service_metadata_proxy', fallback='unset'))
query = "SELECT uuid, project_id FROM instances WHERE deleted = 0 AND vm_state = 'active' LIMIT 1"
row = subprocess.run(['mariadb', '-N', '-B', 'nova', '-e', query], capture_output=True, text=True).stdout.split()
if row:
    instance, project = row
    headers = {
        'X-Instance-ID': instance,
        'X-Tenant-ID': project,
        'X-Instance-ID-Signature': hmac.new(secret.encode(), instance.encode(), hashlib.sha256).hexdigest(),
        'X-Forwarded-For': '192.0.2.1',
    }
    url = f"http://{agent.get('nova_metadata_host')}:{agent.get('nova_metadata_port', '8775')}/latest/meta-data/"
    try:
        with urlopen(Request(url, headers=headers), timeout=SECONDS) as answer:
            print('answer', answer.status)
    except HTTPError as error:
        print('answer', error.code)
    except OSError as error:
        print('answer', 0, error)
