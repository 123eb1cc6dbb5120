package internet

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

// buildEpoch is in every database, so that the same world gives the same bytes: 2026-11-18T00:00:00Z.
const buildEpoch = 1794960000

// Databases names the four files that WriteDatabases wrote, each of the MaxMind type of its name.
type Databases struct{ City, ASN, Anonymous, ConnectionType string }

// WriteDatabases writes the internet into dir as GeoLite2-City.mmdb, GeoLite2-ASN.mmdb, GeoIP2-Anonymous-IP.mmdb and
// GeoIP2-Connection-Type.mmdb. The bytes are the same at every call. Errors name the file.
func (in *Internet) WriteDatabases(dir string) (Databases, error) {
	var d Databases
	for _, f := range []struct {
		path   *string
		kind   string
		record func(*Network) mmdbtype.DataType
	}{
		{&d.City, "GeoLite2-City", cityRecord},
		{&d.ASN, "GeoLite2-ASN", asnRecord},
		{&d.Anonymous, "GeoIP2-Anonymous-IP", anonymousRecord},
		{&d.ConnectionType, "GeoIP2-Connection-Type", connectionRecord},
	} {
		*f.path = filepath.Join(dir, f.kind+".mmdb")
		if err := in.write(*f.path, f.kind, f.record); err != nil {
			return Databases{}, fmt.Errorf("write %q: %w", *f.path, err)
		}
	}
	return d, nil
}

func (in *Internet) write(path, kind string, record func(*Network) mmdbtype.DataType) error {
	tree, err := mmdbwriter.New(mmdbwriter.Options{
		DatabaseType: kind, BuildEpoch: buildEpoch, Languages: []string{"en"},
		Description: map[string]string{"en": "synthetic internet of sessionguard's simulator"},
	})
	if err != nil {
		return err
	}
	for i := range in.Networks {
		n := &in.Networks[i]
		r := record(n)
		if r == nil {
			continue
		}
		if err := insert(tree, n, r); err != nil {
			return err
		}
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := tree.WriteTo(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func insert(tree *mmdbwriter.Tree, n *Network, r mmdbtype.DataType) error {
	for _, p := range []netip.Prefix{n.V4, n.V6} {
		if !p.IsValid() {
			continue
		}
		ipNet := &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
		if err := tree.Insert(ipNet, r); err != nil {
			return fmt.Errorf("insert %s: %w", p, err)
		}
	}
	return nil
}

func cityRecord(n *Network) mmdbtype.DataType {
	country := mmdbtype.Map{"iso_code": mmdbtype.String(n.Country), "names": mmdbtype.Map{"en": mmdbtype.String(n.Country)}}
	record := mmdbtype.Map{
		"country":            country,
		"registered_country": country,
		"location": mmdbtype.Map{
			"accuracy_radius": mmdbtype.Uint16(n.RadiusKM),
			"latitude":        mmdbtype.Float64(n.Lat),
			"longitude":       mmdbtype.Float64(n.Lon),
		},
	}
	if n.City >= 0 {
		record["city"] = mmdbtype.Map{"geoname_id": mmdbtype.Uint32(1 + n.City), "names": mmdbtype.Map{"en": mmdbtype.String(Cities[n.City].Name)}}
	}
	return record
}

func asnRecord(n *Network) mmdbtype.DataType {
	return mmdbtype.Map{
		"autonomous_system_number":       mmdbtype.Uint32(n.ASN),
		"autonomous_system_organization": mmdbtype.String(n.Org),
	}
}

func anonymousRecord(n *Network) mmdbtype.DataType {
	flag := map[string]mmdbtype.String{"vpn": "is_anonymous_vpn", "hosting": "is_hosting_provider", "tor": "is_tor_exit_node"}
	f, ok := flag[n.Anonymous()]
	if !ok {
		return nil
	}
	return mmdbtype.Map{"is_anonymous": mmdbtype.Bool(n.Kind == VPN || n.Kind == Tor), f: mmdbtype.Bool(true)}
}

func connectionRecord(n *Network) mmdbtype.DataType {
	if n.Connection() == "" {
		return nil
	}
	return mmdbtype.Map{"connection_type": mmdbtype.String(n.Connection())}
}
