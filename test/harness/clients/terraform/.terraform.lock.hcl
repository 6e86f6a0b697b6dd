# This file is maintained automatically by "terraform init".
# Manual edits may be lost in future updates.

provider "registry.terraform.io/terraform-provider-openstack/openstack" {
  version     = "3.4.0"
  constraints = "3.4.0"
  hashes = [
    "h1:7XJ3FzsMJgi4gcUdRAPZHywm4J0UlhO8/1hcG/H1pCc=",
  ]
}
