package geo

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/oschwald/geoip2-golang/v2"
	"github.com/oschwald/maxminddb-golang/v2"

	"github.com/sessionguard/sessionguard/detector"
)

// source is one open database.
type source struct {
	role    *role
	reading *reading
	path    string
	reader  *geoip2.Reader
	kind    string // the database's type
	built   time.Time
	content [sha256.Size]byte
	file    os.FileInfo // as it was before it was read
}

// role is what a database is wanted for.
type role struct {
	name     string
	wanted   string
	readings []reading // the first that the database's type allows is used
}

// reading adds what a database says of an address to g and gives the network for which it says that.
type reading struct {
	lookup    func(r *geoip2.Reader, a netip.Addr, g *detector.Geo) (netip.Prefix, error)
	alsoFills []string
}

const cityRole = 0

// Enterprise and ISP stand first: the library also lets them be read as the plainer City and ASN.
var roles = [...]role{
	cityRole: {"city", "City or Enterprise", []reading{{readEnterprise, []string{"asn", "connection-type"}}, {readCity, nil}}},
	{"asn", "ASN or ISP", []reading{{readISP, nil}, {readASN, nil}}},
	{"anonymous", "Anonymous-IP or Anonymous-Plus", []reading{{readAnonymousIP, nil}, {readAnonymousPlus, nil}}},
	{"connection-type", "Connection-Type", []reading{{readConnectionType, nil}}},
}

// latestBuild is the last date that YYYY-MM-DD can write; a build after it is a broken one.
var latestBuild = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// openSource reads and checks one database. Its whole search tree and every record are walked, so that what a lookup
// meets later was seen once before.
func openSource(r *role, path string) (s *source, err error) {
	defer func() {
		if p := recover(); p != nil {
			s, err = nil, fmt.Errorf("open geoip %s database %q: broken: %v", r.name, path, p)
		}
	}()
	content, info, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("open geoip %s database %q: %w", r.name, path, err)
	}
	reader, err := openBytes(content)
	if err != nil {
		return nil, fmt.Errorf("open geoip %s database %q: %w", r.name, path, err)
	}
	m := reader.Metadata()
	s = &source{role: r, path: path, reader: reader, kind: m.DatabaseType, file: info,
		built: m.BuildTime().UTC(), content: sha256.Sum256(content)}
	if err := s.check(content); err != nil {
		return nil, fmt.Errorf("open geoip %s database %q: %w", r.name, path, err)
	}
	return s, nil
}

// readFile gives a file's content and what stat said before it was read: a file that is replaced in between is then noticed
// as changed.
func readFile(path string) ([]byte, os.FileInfo, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, bare(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, bare(err)
	}
	var content bytes.Buffer
	content.Grow(int(info.Size()) + bytes.MinRead) // one allocation: a database may have some 100 MB
	if _, err := content.ReadFrom(f); err != nil {
		return nil, nil, bare(err)
	}
	if content.Len() == 0 {
		return nil, nil, errors.New("the file is empty")
	}
	return content.Bytes(), info, nil
}

// bare takes the path off an error of package os: the caller names it.
func bare(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func openBytes(content []byte) (*geoip2.Reader, error) {
	reader, err := geoip2.OpenBytes(content)
	if err == nil {
		return reader, nil
	}
	if reader != nil { // of an unknown type: the library gives the reader beside the error
		reader.Close()
	}
	var unknown geoip2.UnknownDatabaseTypeError
	if errors.As(err, &unknown) {
		return nil, fmt.Errorf("databases of type %q are not read", unknown.DatabaseType)
	}
	return nil, fmt.Errorf("not a MaxMind database, or a broken one: %w", err)
}

// probe is any address: a lookup of it shows whether the library lets a type be read in a certain way.
var probe = netip.AddrFrom4([4]byte{1, 1, 1, 1})

func (s *source) check(content []byte) error {
	if strings.Contains(s.kind, "Country") {
		return fmt.Errorf("it is a country database (%s) and has no coordinates; wanted: %s", s.kind, s.role.wanted)
	}
	if s.built.After(latestBuild) || s.built.Unix() < 0 {
		return errors.New("broken: its build date is not a date")
	}
	if err := s.choose(); err != nil {
		return err
	}
	plain, err := maxminddb.OpenBytes(content)
	if err != nil {
		return fmt.Errorf("broken: %w", err)
	}
	if err := plain.Verify(); err != nil {
		return fmt.Errorf("broken: %w", err)
	}
	return nil
}

func (s *source) choose() error {
	for i := range s.role.readings {
		reading := &s.role.readings[i]
		_, err := reading.lookup(s.reader, probe, new(detector.Geo))
		var wrong geoip2.InvalidMethodError
		if errors.As(err, &wrong) {
			continue
		}
		if err != nil {
			return fmt.Errorf("broken: %w", err)
		}
		s.reading = reading
		return nil
	}
	return fmt.Errorf("it is a %s database; wanted: %s", s.kind, s.role.wanted)
}
