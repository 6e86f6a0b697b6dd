from neutron.cmd.eventlet.server import main_api_eventlet
from sqlalchemy.orm import configure_mappers

application = main_api_eventlet()
configure_mappers()
