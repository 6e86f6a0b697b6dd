// A client program: makes a project and in it a network, a router, an instance, a volume and a floating IP, and removes
// all of it. NETWORKS says what the lab has: routed, own or shared. OS_CLIENT_CONFIG_FILE and OS_CLOUD say where it is.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/volumeattach"
	"github.com/gophercloud/gophercloud/v2/openstack/config"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/routers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"
)

const name = "api-gophercloud"

var (
	ctx, stop = context.WithTimeout(context.Background(), 5*time.Minute)
	cleanups  []func() error
)

// The last thing made is the first one removed.
func later(what string, remove func() error) {
	fmt.Println("made", what)
	cleanups = append(cleanups, func() error {
		if err := remove(); err != nil {
			return fmt.Errorf("removing %s: %w", what, err)
		}
		fmt.Println("removed", what)
		return nil
	})
}

// Panics are errors of the program's steps; main removes what was made and reports them.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func check(err error) { must(0, err) }

func main() {
	log.SetFlags(0)
	defer stop()
	failed := attempt(work)
	for index := len(cleanups) - 1; index >= 0; index-- {
		if err := cleanups[index](); err != nil {
			failed = err
			log.Println(err)
		}
	}
	if failed != nil {
		log.Fatal("failed: ", failed)
	}
	fmt.Println("done")
}

func attempt(work func()) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%v", cause)
		}
	}()
	work()
	return nil
}

type cloud struct{ identity, compute, network, volume, image *gophercloud.ServiceClient }

func connect(options gophercloud.AuthOptions, endpoints gophercloud.EndpointOpts) (cloud, *gophercloud.ProviderClient) {
	provider := must(config.NewProviderClient(ctx, options))
	return cloud{
		identity: must(openstack.NewIdentityV3(provider, endpoints)),
		compute:  must(openstack.NewComputeV2(provider, endpoints)),
		network:  must(openstack.NewNetworkV2(provider, endpoints)),
		volume:   must(openstack.NewBlockStorageV3(provider, endpoints)),
		image:    must(openstack.NewImageV2(provider, endpoints)),
	}, provider
}

func work() {
	options, endpoints, _, err := clouds.Parse()
	check(err)
	admin, provider := connect(options, endpoints)
	project := makeProject(admin, provider)
	// The same user in the new project.
	options.TenantName, options.TenantID, options.Scope = "", project, &gophercloud.AuthScope{ProjectID: project}
	own, _ := connect(options, endpoints)
	network, subnet := findNetwork(admin, own)
	router := ""
	if os.Getenv("NETWORKS") == "routed" {
		router = makeRouter(admin, own, subnet)
	}
	server := makeServer(own, network)
	makeVolume(own, server)
	if router != "" {
		makeFloatingIP(admin, own, server)
	}
	listByOnes(own)
}

func makeProject(admin cloud, provider *gophercloud.ProviderClient) string {
	project := must(projects.Create(ctx, admin.identity, projects.CreateOpts{Name: name}).Extract())
	later("project", func() error { return projects.Delete(ctx, admin.identity, project.ID).ExtractErr() })
	later("security groups", func() error { return removeGroups(admin, project.ID) })
	user := must(provider.GetAuthResult().(tokens.CreateResult).ExtractUser())
	page := must(roles.List(admin.identity, roles.ListOpts{Name: "admin"}).AllPages(ctx))
	role := must(roles.ExtractRoles(page))[0]
	check(roles.Assign(ctx, admin.identity, role.ID, roles.AssignOpts{UserID: user.ID, ProjectID: project.ID}).ExtractErr())
	return project.ID
}

// Neutron makes the group `default` by itself, and leaves it when the project is deleted.
func removeGroups(admin cloud, project string) error {
	page, err := groups.List(admin.network, groups.ListOpts{ProjectID: project}).AllPages(ctx)
	if err != nil {
		return err
	}
	all, err := groups.ExtractGroups(page)
	for _, group := range all {
		if err := groups.Delete(ctx, admin.network, group.ID).ExtractErr(); err != nil {
			return err
		}
	}
	return err
}

func networkNamed(client cloud, name string) string {
	page := must(networks.List(client.network, networks.ListOpts{Name: name}).AllPages(ctx))
	return must(networks.ExtractNetworks(page))[0].ID
}

func findNetwork(admin, own cloud) (network, subnet string) {
	if os.Getenv("NETWORKS") == "shared" {
		return networkNamed(admin, "provider"), ""
	}
	made := must(networks.Create(ctx, own.network, networks.CreateOpts{Name: name}).Extract())
	later("network", func() error { return networks.Delete(ctx, own.network, made.ID).ExtractErr() })
	options := subnets.CreateOpts{NetworkID: made.ID, Name: name, CIDR: "192.0.2.0/24", IPVersion: gophercloud.IPv4}
	return made.ID, must(subnets.Create(ctx, own.network, options).Extract()).ID
}

func makeRouter(admin, own cloud, subnet string) string {
	gateway := routers.GatewayInfo{NetworkID: networkNamed(admin, "provider")}
	router := must(routers.Create(ctx, own.network, routers.CreateOpts{Name: name, GatewayInfo: &gateway}).Extract())
	later("router", func() error { return routers.Delete(ctx, own.network, router.ID).ExtractErr() })
	must(routers.AddInterface(ctx, own.network, router.ID, routers.AddInterfaceOpts{SubnetID: subnet}).Extract())
	later("router interface", func() error {
		_, err := routers.RemoveInterface(ctx, own.network, router.ID, routers.RemoveInterfaceOpts{SubnetID: subnet}).Extract()
		return err
	})
	return router.ID
}

func makeServer(own cloud, network string) string {
	imagePage := must(images.List(own.image, images.ListOpts{Name: "duostack-test"}).AllPages(ctx))
	flavorPage := must(flavors.ListDetail(own.compute, nil).AllPages(ctx))
	options := servers.CreateOpts{
		Name:     name,
		ImageRef: must(images.ExtractImages(imagePage))[0].ID,
		Networks: []servers.Network{{UUID: network}},
	}
	for _, flavor := range must(flavors.ExtractFlavors(flavorPage)) {
		if flavor.Name == "m1.nano" {
			options.FlavorRef = flavor.ID
		}
	}
	server := must(servers.Create(ctx, own.compute, options, nil).Extract())
	later("instance", func() error {
		if err := servers.Delete(ctx, own.compute, server.ID).ExtractErr(); err != nil {
			return err
		}
		return untilGone(func(ctx context.Context) error { return servers.Get(ctx, own.compute, server.ID).Err })
	})
	check(servers.WaitForStatus(ctx, own.compute, server.ID, "ACTIVE"))
	return server.ID
}

func untilGone(get func(context.Context) error) error {
	return gophercloud.WaitFor(ctx, func(ctx context.Context) (bool, error) {
		err := get(ctx)
		if gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
			return true, nil
		}
		return false, err
	})
}

func volumeIs(own cloud, id, status string) error {
	return gophercloud.WaitFor(ctx, func(ctx context.Context) (bool, error) {
		volume, err := volumes.Get(ctx, own.volume, id).Extract()
		return err == nil && volume.Status == status, err
	})
}

func makeVolume(own cloud, server string) {
	volume := must(volumes.Create(ctx, own.volume, volumes.CreateOpts{Name: name, Size: 1}, nil).Extract())
	later("volume", func() error {
		if err := volumes.Delete(ctx, own.volume, volume.ID, nil).ExtractErr(); err != nil {
			return err
		}
		return untilGone(func(ctx context.Context) error { return volumes.Get(ctx, own.volume, volume.ID).Err })
	})
	check(volumeIs(own, volume.ID, "available"))
	must(volumeattach.Create(ctx, own.compute, server, volumeattach.CreateOpts{VolumeID: volume.ID}).Extract())
	later("attachment", func() error {
		if err := volumeattach.Delete(ctx, own.compute, server, volume.ID).ExtractErr(); err != nil {
			return err
		}
		return volumeIs(own, volume.ID, "available")
	})
	check(volumeIs(own, volume.ID, "in-use"))
}

func makeFloatingIP(admin, own cloud, server string) {
	page := must(ports.List(own.network, ports.ListOpts{DeviceID: server}).AllPages(ctx))
	options := floatingips.CreateOpts{
		FloatingNetworkID: networkNamed(admin, "provider"),
		PortID:            must(ports.ExtractPorts(page))[0].ID,
	}
	address := must(floatingips.Create(ctx, own.network, options).Extract())
	later("floating IP", func() error { return floatingips.Delete(ctx, own.network, address.ID).ExtractErr() })
}

// Each page leads to the next one by a link in the answer.
func listByOnes(own cloud) {
	page := must(networks.List(own.network, networks.ListOpts{Limit: 1}).AllPages(ctx))
	all := must(networks.ExtractNetworks(must(networks.List(own.network, nil).AllPages(ctx))))
	if paged := must(networks.ExtractNetworks(page)); len(paged) != len(all) || len(all) == 0 {
		panic(fmt.Sprintf("%d networks one by one, %d at once", len(paged), len(all)))
	}
	fmt.Println("listed", len(all), "networks one by one")
}
