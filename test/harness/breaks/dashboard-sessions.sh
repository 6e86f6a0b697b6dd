# A settings file that sorts after the lab's own.
file=/etc/openstack-dashboard/local_settings.d/_0200_ours.py
break_it() { on controller "printf '%s\n' 'CACHES = {' \"    'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'},\" '}' > $file; systemctl reload apache2"; }
undo() { on controller "rm $file; systemctl reload apache2"; }
