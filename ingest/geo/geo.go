// Package geo looks addresses up in MaxMind-format databases: where an address is, whose network it is in, how it is
// connected, and whether it hides who is behind it.
//
// # Memory
//
// A database is read into memory, not mapped: a file that is overwritten in place would otherwise kill the process, and
// a build that is named on a decision must not change under it. Memory is the size of the files, and about two and a half times a
// file's size more while it is checked. Nothing is ever closed: a Databases that nobody holds any more is collected.
package geo

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Files names the databases; each may be "". City takes a City or an Enterprise database, ASN an ASN or an ISP database,
// Anonymous an Anonymous-IP or an Anonymous-Plus database.
type Files struct{ City, ASN, Anonymous, ConnectionType string }

// Databases is a set of open databases: one build of geography. It is immutable and safe for concurrent use; a database
// that changed on disk becomes a new Databases (see Watcher). A nil *Databases is one without any file, but for Lookup.
type Databases struct {
	sources []*source // in the order of roles: a later one overrides what an earlier one said
	build   string
	strings interner
}

// Open opens and checks the databases. The error names every file that cannot be used and what is wrong with it. Without any
// file it gives a Databases that knows nothing.
func Open(f Files) (*Databases, error) {
	var sources []*source
	var faults []error
	for i, path := range []string{f.City, f.ASN, f.Anonymous, f.ConnectionType} {
		if path == "" {
			continue
		}
		s, err := openSource(&roles[i], path)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		sources = append(sources, s)
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return assemble(sources), nil
}

func assemble(sources []*source) *Databases {
	return &Databases{sources: sources, build: buildName(sources), strings: interner{known: map[string]string{}}}
}

// Build names the databases: the newest build date as YYYY-MM-DD, and, unless a city database stands alone, "+" and
// eight hexadecimal digits that tell this set of files from any other. "" when there are none.
func (d *Databases) Build() string {
	if d == nil {
		return ""
	}
	return d.build
}

// open lists what is open; a nil Databases has nothing.
func (d *Databases) open() []*source {
	if d == nil {
		return nil
	}
	return d.sources
}

func buildName(sources []*source) string {
	if len(sources) == 0 {
		return ""
	}
	var newest time.Time
	digest := sha256.New()
	for _, s := range sources {
		if s.built.After(newest) {
			newest = s.built
		}
		fmt.Fprintf(digest, "%s %x\n", s.role.name, s.content)
	}
	date := newest.Format(time.DateOnly)
	if len(sources) == 1 && sources[0].role == &roles[cityRole] {
		return date
	}
	return date + "+" + hex.EncodeToString(digest.Sum(nil)[:4])
}

// Opened describes one open database, for start-up lines, readiness and metrics.
type Opened struct {
	Role  string // "city", "asn", "anonymous", "connection-type": the flag is --geoip-ROLE
	File  string
	Type  string // as the database itself says: "GeoLite2-City"
	Built time.Time
}

// Opened lists the open databases.
func (d *Databases) Opened() []Opened {
	list := make([]Opened, len(d.open()))
	for i, s := range d.open() {
		list[i] = Opened{Role: s.role.name, File: s.path, Type: s.kind, Built: s.built}
	}
	return list
}

// Missing lists the roles that no open database fills: what a degraded service says. An Enterprise database also fills
// asn and connection-type.
func (d *Databases) Missing() []string {
	filled := map[string]bool{}
	for _, s := range d.open() {
		filled[s.role.name] = true
		for _, name := range s.reading.alsoFills {
			filled[name] = true
		}
	}
	var missing []string
	for i := range roles {
		if name := roles[i].name; !filled[name] {
			missing = append(missing, name)
		}
	}
	return missing
}
