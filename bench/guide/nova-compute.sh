nova_keys "$ADDRESS"
set_keys $F vnc server_listen=0.0.0.0 'server_proxyclient_address=$my_ip' \
  novncproxy_base_url=http://controller:6080/vnc_auto.html
# Nehalem is what emulation can give whole; the comparison asks whether this processor has it.
F=/etc/nova/nova-compute.conf
set_keys $F libvirt virt_type=qemu cpu_mode=custom cpu_models=Nehalem
set_keys $F workarounds skip_cpu_compare_at_startup=true
echo LIBVIRTD_ARGS= >/etc/default/libvirtd
start libvirtd
start nova-compute
