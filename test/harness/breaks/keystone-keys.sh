break_it() { on controller 'mv /etc/keystone/fernet-keys /etc/keystone/fernet-keys.away'; }
undo() { on controller 'mv /etc/keystone/fernet-keys.away /etc/keystone/fernet-keys'; }
