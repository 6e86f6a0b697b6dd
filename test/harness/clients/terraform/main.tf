# A client program: a project, a network, a router, an instance, a volume and a floating IP. The variable says what the
# lab has: routed, own or shared networks. OS_CLIENT_CONFIG_FILE and OS_CLOUD say where the lab is.

terraform {
  required_providers {
    openstack = {
      source  = "terraform-provider-openstack/openstack"
      version = "3.4.0"
    }
  }
}

provider "openstack" {}

variable "networks" {
  type = string
}

locals {
  name   = "api-terraform"
  own    = var.networks == "shared" ? 0 : 1
  routed = var.networks == "routed" ? 1 : 0
}

data "openstack_networking_network_v2" "provider" {
  name = "provider"
}

data "openstack_images_image_v2" "test" {
  name        = "duostack-test"
  most_recent = true
}

# Nothing is made in it: Neutron would make a security group there, which no resource removes.
resource "openstack_identity_project_v3" "project" {
  name = local.name
}

resource "openstack_networking_network_v2" "network" {
  count = local.own
  name  = local.name
}

resource "openstack_networking_subnet_v2" "subnet" {
  count      = local.own
  name       = local.name
  network_id = openstack_networking_network_v2.network[0].id
  cidr       = "192.0.2.0/24"
}

resource "openstack_networking_router_v2" "router" {
  count               = local.routed
  name                = local.name
  external_network_id = data.openstack_networking_network_v2.provider.id
}

resource "openstack_networking_router_interface_v2" "interface" {
  count     = local.routed
  router_id = openstack_networking_router_v2.router[0].id
  subnet_id = openstack_networking_subnet_v2.subnet[0].id
}

resource "openstack_networking_port_v2" "port" {
  name       = local.name
  network_id = local.own == 1 ? openstack_networking_network_v2.network[0].id : data.openstack_networking_network_v2.provider.id

  # Without a subnet a port would get no address.
  depends_on = [openstack_networking_subnet_v2.subnet]
}

resource "openstack_compute_instance_v2" "server" {
  name        = local.name
  image_id    = data.openstack_images_image_v2.test.id
  flavor_name = "m1.nano"

  network {
    port = openstack_networking_port_v2.port.id
  }
}

resource "openstack_blockstorage_volume_v3" "volume" {
  name = local.name
  size = 1
}

resource "openstack_compute_volume_attach_v2" "attachment" {
  instance_id = openstack_compute_instance_v2.server.id
  volume_id   = openstack_blockstorage_volume_v3.volume.id
}

resource "openstack_networking_floatingip_v2" "address" {
  count = local.routed
  pool  = "provider"
}

resource "openstack_networking_floatingip_associate_v2" "address" {
  count       = local.routed
  floating_ip = openstack_networking_floatingip_v2.address[0].address
  port_id     = openstack_networking_port_v2.port.id
  depends_on  = [openstack_networking_router_interface_v2.interface]
}
