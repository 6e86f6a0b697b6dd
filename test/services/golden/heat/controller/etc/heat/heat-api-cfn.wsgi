from types import SimpleNamespace

from heat.api.aws import ec2token
from heat.httpd.heat_api_cfn import init_application
from keystoneauth1 import loading, session
from oslo_config import cfg

application = init_application()
keystone = session.Session(auth=loading.load_auth_from_conf_options(cfg.CONF, 'keystone_authtoken'))


def post(url, data, headers, **_):
    return keystone.post(url, data=data, headers=headers, raise_exc=False)


ec2token.requests = SimpleNamespace(post=post)
