"""A client program: makes a project and in it a network, a router, an instance, a volume and a floating IP, and removes
all of it. NETWORKS says what the lab has: routed, own or shared. OS_CLIENT_CONFIG_FILE and OS_CLOUD say where it is."""

import contextlib
import os

import openstack

NAME = "api-openstacksdk"
NETWORKS = os.environ["NETWORKS"]


def make_project(admin, cleanups):
    project = admin.identity.create_project(name=NAME)
    cleanups.callback(admin.identity.delete_project, project)
    # Neutron makes the group `default` by itself, and leaves it when the project is deleted.
    cleanups.callback(
        lambda: [
            admin.network.delete_security_group(group)
            for group in admin.network.security_groups(project_id=project.id)
        ]
    )
    role = admin.identity.find_role("admin", ignore_missing=False)
    admin.identity.assign_project_role_to_user(project, admin.current_user_id, role)
    return project


def make_network(own, cleanups):
    if NETWORKS == "shared":
        return own.network.find_network("provider", ignore_missing=False)
    network = own.network.create_network(name=NAME)
    cleanups.callback(own.network.delete_network, network)
    subnet = own.network.create_subnet(name=NAME, network_id=network.id, ip_version=4, cidr="192.0.2.0/24")
    if NETWORKS == "routed":
        outside = own.network.find_network("provider", ignore_missing=False)
        router = own.network.create_router(name=NAME, external_gateway_info={"network_id": outside.id})
        cleanups.callback(own.network.delete_router, router)
        own.network.add_interface_to_router(router, subnet.id)
        cleanups.callback(own.network.remove_interface_from_router, router, subnet.id)
    return network


def make_server(own, network, cleanups):
    server = own.compute.create_server(
        name=NAME,
        image_id=own.image.find_image("duostack-test", ignore_missing=False).id,
        flavor_id=own.compute.find_flavor("m1.nano", ignore_missing=False).id,
        networks=[{"uuid": network.id}],
    )
    cleanups.callback(own.compute.wait_for_delete, server)
    cleanups.callback(own.compute.delete_server, server)
    return own.compute.wait_for_server(server)


def make_volume(own, server, cleanups):
    volume = own.block_storage.create_volume(name=NAME, size=1)
    cleanups.callback(own.block_storage.wait_for_delete, volume)
    cleanups.callback(own.block_storage.delete_volume, volume)
    own.block_storage.wait_for_status(volume, "available")
    own.compute.create_volume_attachment(server, volume)
    cleanups.callback(own.block_storage.wait_for_status, volume, "available")
    cleanups.callback(own.compute.delete_volume_attachment, server, volume)
    own.block_storage.wait_for_status(volume, "in-use")


def make_floating_ip(own, server, cleanups):
    outside = own.network.find_network("provider", ignore_missing=False)
    port = next(own.network.ports(device_id=server.id))
    address = own.network.create_ip(floating_network_id=outside.id, port_id=port.id)
    cleanups.callback(own.network.delete_ip, address)


def list_by_ones(own):
    """Each page leads to the next one by a link in the answer, or by a marker."""
    for kind, listed in (("networks", own.network.networks), ("images", own.image.images), ("flavors", own.compute.flavors)):
        at_once, by_ones = [one.id for one in listed()], [one.id for one in listed(limit=1)]
        assert at_once and sorted(at_once) == sorted(by_ones), f"{kind}: {at_once}, one by one {by_ones}"
        print("listed", len(by_ones), kind, "one by one")


with contextlib.ExitStack() as cleanups:
    admin = openstack.connect()
    own = admin.connect_as_project(make_project(admin, cleanups))
    server = make_server(own, make_network(own, cleanups), cleanups)
    make_volume(own, server, cleanups)
    if NETWORKS == "routed":
        make_floating_ip(own, server, cleanups)
    list_by_ones(own)
    print("made all")
print("done")
