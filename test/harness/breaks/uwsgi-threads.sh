break_it() { edit controller /etc/neutron/neutron-api-uwsgi.ini 's/^threads = 1/threads = 8/'; }
undo() { restore controller /etc/neutron/neutron-api-uwsgi.ini; }
