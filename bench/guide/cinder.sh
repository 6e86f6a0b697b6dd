database cinder cinder
register cinder volumev3 cinderv3 'http://controller:8776/v3/%(project_id)s'
openstack role add --project service --user cinder service
F=/etc/cinder/cinder.conf
set_keys $F database "connection=mysql+pymysql://cinder:$PASS@controller/cinder"
set_keys $F DEFAULT "transport_url=rabbit://openstack:$PASS@controller:5672/" auth_strategy=keystone \
  "my_ip=$CONTROLLER" glance_api_servers=http://controller:9292
authtoken $F cinder
set_keys $F service_user send_service_user_token=true
credentials $F service_user cinder
credentials $F nova nova
set_keys $F oslo_concurrency lock_path=/var/lib/cinder/tmp
if [ "$HYPERVISOR" = lxc ]; then
  # No device-mapper, iSCSI or NFS in a container: one directory for all nodes stands in for the share.
  set_keys $F DEFAULT enabled_backends=nfs
  set_keys $F nfs volume_driver=cinder.volume.drivers.nfs.NfsDriver volume_backend_name=nfs \
    nfs_shares_config=/etc/cinder/nfs_shares nas_secure_file_operations=false nas_secure_file_permissions=false
  echo controller:/srv/volumes >/etc/cinder/nfs_shares
  chown root:cinder /etc/cinder/nfs_shares
  chmod 640 /etc/cinder/nfs_shares
else
  pvcreate -q /dev/disk/by-id/virtio-duostack-volumes
  vgcreate -q cinder-volumes /dev/disk/by-id/virtio-duostack-volumes
  set_keys $F DEFAULT enabled_backends=lvm
  set_keys $F lvm volume_driver=cinder.volume.drivers.lvm.LVMVolumeDriver volume_backend_name=lvm \
    volume_group=cinder-volumes target_protocol=iscsi target_helper=tgtadm
  start tgt
fi
as cinder cinder-manage db sync
systemctl restart nova-api
start cinder-api cinder-scheduler cinder-volume
until_true 120 answers http://controller:8776
